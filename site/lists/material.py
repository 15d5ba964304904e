"""What lists are planned from, and what they all do with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from ...presentation.formats import Formats
from ...storage.transparency import Noted
from ..newest import Newest
from ..settings import CampaignInfo, SiteSettings
from ..views import Card, CardView, Numbers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Cards = Mapping[str, Sequence[Card]]  # by campaign, oldest thread first


@dataclass(frozen=True, slots=True)
class Material:
    """`cards`: each campaign's threads, by slug. `as_of`: the build's day. `noted`: what became of each campaign's
    posts, `posts`: its newest ones, by slug."""

    settings: SiteSettings
    campaigns: tuple[CampaignInfo, ...]
    cards: Cards
    as_of: date
    noted: Mapping[str, Noted]
    posts: Mapping[str, Sequence[Newest]] = field(default_factory=dict)


def in_order(cards: Iterator[Card]) -> list[Card]:
    """As lists go: by the thread's beginning."""
    return sorted(cards, key=lambda card: (card.started, card.path))


def by_month(cards: Sequence[Card]) -> dict[str, list[Card]]:
    return {month: list(group) for month, group in groupby(cards, key=lambda card: card.month)}


def newest(cards: Sequence[Card]) -> list[Card]:
    return sorted(cards, key=lambda card: (-card.latest, card.path))


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


def numbers(cards: Sequence[Card], formats: Formats) -> Numbers:
    families = tuple(sorted({family for card in cards for family in card.families}))
    latest = max((card.latest for card in cards), default=None)
    return Numbers(
        sum(card.posts for card in cards), len(cards), families, None if latest is None else formats.moment(latest)
    )


def iso(micros: int) -> str:
    return (_EPOCH + timedelta(microseconds=micros)).strftime("%Y-%m-%dT%H:%M:%SZ")
