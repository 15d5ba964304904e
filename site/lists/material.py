"""What lists are planned from, and what they all do with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from ...presentation.formats import Formats
from ...storage.transparency import Noted
from ..newest import Newest
from ..settings import CampaignInfo, SiteSettings
from ..tallies import Figures
from ..views import Card, CardView, Numbers
from .gathered import Gathered, gather

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Cards = Mapping[str, Sequence[Card]]  # by campaign, oldest thread first


@dataclass(frozen=True)
class Material:
    """`cards`: each campaign's threads, by slug. `as_of`: the build's day. `noted`: what became of each campaign's
    posts, `posts`: its newest ones, by slug; `figures`: what its discussions add up to."""

    settings: SiteSettings
    campaigns: tuple[CampaignInfo, ...]
    cards: Cards
    as_of: date
    noted: Mapping[str, Noted]
    posts: Mapping[str, Sequence[Newest]] = field(default_factory=dict)
    figures: Mapping[str, Figures] = field(default_factory=dict)

    @cached_property
    def gathered(self) -> Mapping[str, Gathered]:
        """Each campaign's threads together, by slug."""
        return {slug: gather(cards) for slug, cards in self.cards.items()}


def in_order(cards: Iterator[Card]) -> list[Card]:
    """As lists go: by the thread's beginning."""
    return sorted(cards, key=lambda card: (card.started, card.path))


def spoken(cards: Iterable[Card]) -> tuple[int, ...]:
    """The posts whose words these cards show."""
    return tuple(card.first_id for card in cards if card.first_id is not None)


def card_view(card: Card, formats: Formats) -> CardView:
    return CardView(
        card.path,
        formats.moment(card.started),
        formats.moment(card.latest),
        card.posts,
        card.families,
        card.author,
        card.title,
        card.excerpt,
        card.warning,
        card.lang,
        card.featured,
    )


def numbers(of: Gathered, formats: Formats) -> Numbers:
    latest = None if of.latest is None else formats.moment(of.latest)
    return Numbers(of.posts, of.discussions, tuple(of.networks), latest)


def iso(micros: int) -> str:
    return (_EPOCH + timedelta(microseconds=micros)).strftime("%Y-%m-%dT%H:%M:%SZ")
