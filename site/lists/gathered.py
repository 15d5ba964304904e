"""What a campaign's discussions say together, told once for all lists in all languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from ..pages import digest
from ..views import Card


@dataclass(frozen=True, slots=True)
class Month:
    """The discussions that began in it, oldest first. `digest`: of all that is on their cards."""

    cards: Sequence[Card]
    posts: int
    digest: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """`latest`: the last post's time, None without posts. `networks`, `languages`: discussions with a post there, or in
    it. `months`: oldest first. `days`: posts a day, oldest first. `newest`: the cards, by their last post."""

    posts: int
    discussions: int
    latest: int | None
    networks: Mapping[str, int]
    languages: Mapping[str, int]
    months: Mapping[str, Month]
    days: Mapping[str, int]
    newest: Sequence[Card]

    @property
    def digest(self) -> str:
        """Of all that is on the cards."""
        return digest([month.digest for month in self.months.values()])


def gather(cards: Sequence[Card]) -> Gathered:
    """Of cards that are oldest first."""
    newest = sorted(cards, key=lambda card: card.path)
    newest.sort(key=lambda card: card.latest, reverse=True)
    months = {month: list(some) for month, some in groupby(cards, key=lambda card: card.month)}
    days: dict[str, int] = {}
    for card in cards:
        for day, posts in card.days.items():
            days[day] = days.get(day, 0) + posts
    return Gathered(
        posts=sum(card.posts for card in cards),
        discussions=len(cards),
        latest=newest[0].latest if newest else None,
        networks=_counted(card.families for card in cards),
        languages=_counted(card.languages for card in cards),
        months={
            month: Month(some, sum(card.posts for card in some), digest([tuple(card) for card in some]))
            for month, some in months.items()
        },
        days=dict(sorted(days.items())),
        newest=newest,
    )


def _counted(names: Iterable[Sequence[str]]) -> dict[str, int]:
    """By name, in the order of the names."""
    return dict(sorted(Counter(chain.from_iterable(names)).items()))
