"""All of a campaign's discussions, a page for each month, and for each day of a very full one: a month or a day that is
over is never numbered anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby

from ...presentation.formats import Formats
from ..pages import Later, Page, digest
from ..plan import campaign_feeds, head, home
from ..settings import CampaignInfo
from ..views import Card, Link, MonthLink, MonthPage
from .material import Material, card_view, spoken

MOST = 2_000  # discussions on one page: some 90 kB compressed


def months(material: Material, campaign: CampaignInfo, formats: Formats) -> Iterator[Page]:
    """In one language of the interface."""
    inside = material.gathered[campaign.slug].months
    top = f"{campaign.slug}/"
    plan = _Pages(material, campaign, formats)
    names = [(formats.month(name), f"{top}{name}/") for name in inside]
    for at, month in enumerate(inside.values()):
        if len(month.cards) <= MOST:
            yield plan.listing(names, at, month.cards, month.digest)
            continue
        of_day = {day: list(some) for day, some in groupby(month.cards, partial(_day, formats))}
        days = [(formats.day(day), f"{names[at][1]}{day:%d}/") for day in of_day]
        yield plan.days(names, at, month.cards, list(zip(days, of_day.values(), strict=True)))
        for place, cards in enumerate(of_day.values()):
            yield plan.listing(days, place, cards, digest([tuple(card) for card in cards]), of=names[at])


Named = tuple[str, str]  # a month or a day, and the address of its page below the language's own


class _Pages:
    """Of one campaign in one language."""

    def __init__(self, material: Material, campaign: CampaignInfo, formats: Formats) -> None:
        self._settings, self._campaign, self._formats = material.settings, campaign, formats
        self._home = home(material.settings, formats.language)

    def listing(
        self, names: Sequence[Named], at: int, cards: Sequence[Card], basis: str, of: Named | None = None
    ) -> Page:
        """All discussions that began in a month, or in a day `of` one. `basis`: the digest of their cards."""
        bare = self._page(names, at, cards, of)

        def whole() -> MonthPage:
            return replace(bare, cards=tuple(card_view(card, self._formats) for card in reversed(cards)))

        return self._made(Later((self._settings.timezone, basis, bare), whole), bare, spoken(cards))

    def days(
        self, names: Sequence[Named], at: int, cards: Sequence[Card], days: Sequence[tuple[Named, Sequence[Card]]]
    ) -> Page:
        """The days of a month, the latest first."""
        links = [MonthLink(label, f"{self._home}{path}", len(some), _posts(some)) for (label, path), some in days]
        page = replace(self._page(names, at, cards, None), days=tuple(reversed(links)))
        return self._made(page, page, ())

    def _page(self, names: Sequence[Named], at: int, cards: Sequence[Card], of: Named | None) -> MonthPage:
        def link(to: int) -> Link | None:
            return self._link(names[to]) if 0 <= to < len(names) else None

        label, path = names[at]
        return MonthPage(
            head=head(
                self._settings,
                "month",
                f"{self._home}{path}",
                self._formats.language,
                f"{label} · {self._campaign.title}",
                "",
                everywhere=path,
                feeds=campaign_feeds(self._campaign),
            ),
            campaign=self._link((self._campaign.title, f"{self._campaign.slug}/")),
            month=self._link(of) if of else None,
            label=label,
            cards=(),
            days=(),
            discussions=len(cards),
            posts=_posts(cards),
            earlier=link(at - 1),
            later=link(at + 1),
        )

    def _link(self, named: Named) -> Link:
        return Link(named[0], f"{self._home}{named[1]}")

    def _made(self, data: MonthPage | Later, page: MonthPage, shown: tuple[int, ...]) -> Page:
        return Page(f"{page.head.path}index.html", "month.html", self._formats.language, data, shown=shown)


def _posts(cards: Sequence[Card]) -> int:
    return sum(card.posts for card in cards)


def _day(formats: Formats, card: Card) -> date:
    return formats.local(card.started).date()
