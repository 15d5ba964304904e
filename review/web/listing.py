"""The list of the queue put together for its page: tabs, filters with counts, groups, who has what open."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...core.decisions import Status
from ...core.moderators import Moderator
from ...presentation.networks import family_of
from ...storage import counts, near, saved_filters
from ...storage.claims import Claim, claims
from ...storage.counts import QueueCounts
from ...storage.queue import QueueItem, queue, queue_items, read_key
from ...storage.saved_filters import SavedFilter
from ...storage.store import Connection
from .filters import AGES, ALL, ORDERS, WAITING, Asked, queue_filter
from .sentences import Speaker
from .surroundings import Campaign

PAGE = 40
KEPT = timedelta(seconds=10)  # for so long counts are not asked for again


class Counter:
    """Counts of a campaign's queue, asked of the store at most every few seconds, whoever looks."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[datetime, QueueCounts]] = {}
        self._counting = threading.Lock()

    def __call__(self, connection: Connection, campaign_id: int, now: datetime) -> QueueCounts:
        kept = self._kept.get(campaign_id)
        if kept is not None and timedelta() <= now - kept[0] < KEPT:
            return kept[1]
        if not self._counting.acquire(blocking=kept is None) and kept is not None:
            return kept[1]  # somebody counts already; nobody waits for that
        try:
            found = counts.of_queue(connection, campaign_id)
            self._kept[campaign_id] = (now, found)
            return found
        finally:
            self._counting.release()

    def moved(self, campaign_id: int, moves: Iterable[tuple[Status, Status]]) -> None:
        """Posts went from one status to another: whoever decided sees it at once, without all being counted again."""
        kept = self._kept.get(campaign_id)
        if kept is not None:
            self._kept[campaign_id] = (kept[0], kept[1].moved(moves))

    def forget(self, campaign_id: int) -> None:
        """Much may be otherwise now: the next one who looks has it counted."""
        self._kept.pop(campaign_id, None)


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    label: str
    query: str
    here: bool
    count: int


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    count: int | None
    here: bool


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the list: a post, and those that say nearly the same."""

    item: QueueItem
    name: str
    others: tuple[QueueItem, ...]
    claimed: Claim | None

    @property
    def decision_id(self) -> int | None:
        return self.item.decision.id if self.item.decision else None


@dataclass(frozen=True, slots=True)
class Listing:
    """`query` is the filter as it stands in addresses; `next` the address of what comes after, None at the end."""

    asked: Asked
    query: str
    narrowed: int
    tabs: tuple[Tab, ...]
    facets: tuple[Facet, ...]
    ages: tuple[tuple[str, str], ...]
    orders: tuple[tuple[str, str], ...]
    saved: tuple[SavedFilter, ...]
    items: tuple[Row, ...]
    next: str | None
    one_status: bool
    counts: QueueCounts


def list_queue(
    connection: Connection,
    campaign: Campaign,
    who: Moderator,
    said: Asked,
    after: str | None,
    counted: QueueCounts,
    speaker: Speaker,
    now: datetime,
) -> Listing:
    """One page of the queue. Raises UsageError for an `after` that is none."""
    wanted = queue_filter(said, campaign.id, who, now)
    page = queue(connection, wanted, after=read_key(after) if after else None, limit=PAGE)
    groups = near.groups(connection, campaign.id, [item.post_id for item in page.items])
    folded = {id_ for members in groups.values() for id_ in members}
    known = {item.post_id: item for item in page.items}
    missing = sorted(folded - known.keys())
    known |= {item.post_id: item for item in queue_items(connection, campaign.id, missing)}
    held = claims(connection, campaign.id, list(known), now)
    rows = tuple(
        Row(
            item,
            _name(item, speaker),
            tuple(known[id_] for id_ in groups.get(item.post_id, ()) if id_ in known),
            claim if (claim := held.get(item.post_id)) and claim.by != who.name else None,
        )
        for item in page.items
        if item.post_id not in folded
    )
    following = None
    if page.after is not None:
        following = "&".join(part for part in (said.query, f"after={page.after.written}") if part)
    return Listing(
        asked=said,
        query=said.query,
        narrowed=said.narrowed,
        tabs=_tabs(said, counted, speaker),
        facets=_facets(said, who, counted, speaker),
        ages=(("", speaker.tell("any time")), *((age, _age(age, speaker)) for age in AGES)),
        orders=_orders(speaker),
        saved=tuple(saved_filters.of(connection, who.id, campaign.id)),
        items=rows,
        next=following,
        one_status=(said.status or WAITING) != "any",
        counts=counted,
    )


def counted_json(counted: QueueCounts, held: Mapping[int, str]) -> dict[str, Any]:
    """Counts by tab and facet, and who has which post open."""
    return {
        "statuses": _by_tab(counted),
        "networks": dict(counted.networks),
        "languages": {language or "unknown": number for language, number in counted.languages.items()},
        "rules": dict(counted.rules),
        "flagged": counted.flagged,
        "claims": {str(post_id): by for post_id, by in held.items()},
    }


def _by_tab(counted: QueueCounts) -> dict[str, int]:
    at = counted.statuses
    return {
        WAITING: at.get(Status.NEW, 0) + at.get(Status.PENDING, 0),
        "held": at.get(Status.HELD, 0),
        "approved": at.get(Status.APPROVED, 0),
        "rejected": at.get(Status.REJECTED, 0),
    }


def _tabs(said: Asked, counted: QueueCounts, speaker: Speaker) -> tuple[Tab, ...]:
    tell = speaker.tell
    labels = {
        WAITING: tell("Waiting"),
        "held": tell("Held"),
        "approved": tell("Approved"),
        "rejected": tell("Rejected"),
    }
    numbers = _by_tab(counted)
    here = said.status or WAITING
    return tuple(
        Tab(key, label, said.turned(status="" if key == WAITING else key).query, key == here, numbers[key])
        for key, label in labels.items()
    )


def _facets(said: Asked, who: Moderator, counted: QueueCounts, speaker: Speaker) -> tuple[Facet, ...]:
    tell = speaker.tell
    languages = [
        Choice(language or "unknown", language or tell("unknown"), number, said.language == (language or "unknown"))
        for language, number in _most(counted.languages)
    ]
    if who.languages:
        mine = ", ".join(who.languages)
        languages.insert(0, Choice(ALL, tell("every language"), None, said.language == ALL))
        languages.insert(0, Choice("", tell("yours (%(languages)s)") % {"languages": mine}, None, not said.language))
    return (
        Facet(
            "network",
            tell("Network"),
            tuple(Choice(one, family_of(one), number, said.network == one) for one, number in _most(counted.networks)),
        ),
        Facet("language", tell("Language"), tuple(languages)),
        Facet(
            "rule",
            tell("Rule"),
            tuple(Choice(one, one, number, said.rule == one) for one, number in _most(counted.rules)),
        ),
        Facet(
            "tagged",
            tell("Tag"),
            (
                Choice("1", tell("with the tag"), None, said.tagged == "1"),
                Choice("0", tell("without the tag"), None, said.tagged == "0"),
            ),
        ),
        Facet(
            "flagged",
            tell("Flagged"),
            (
                Choice("1", tell("by a rule"), counted.flagged, said.flagged == "1"),
                Choice("0", tell("not flagged"), None, said.flagged == "0"),
            ),
        ),
        Facet("asked", tell("Questions"), (Choice("1", tell("to me"), None, said.asked == "1"),)),
    )


def _most(numbers: Mapping[Any, int]) -> Sequence[tuple[Any, int]]:
    return sorted(numbers.items(), key=lambda one: (-one[1], str(one[0])))[:30]


def _age(age: str, speaker: Speaker) -> str:
    number = int(age[:-1])
    if age.endswith("h"):
        return speaker.count("%(num)d hour", "%(num)d hours", number) % {"num": number}
    return speaker.count("%(num)d day", "%(num)d days", number) % {"num": number}


def _orders(speaker: Speaker) -> tuple[tuple[str, str], ...]:
    tell = speaker.tell
    labels = {"urgent": tell("most urgent first"), "oldest": tell("oldest first"), "newest": tell("newest first")}
    return tuple(("" if order == ORDERS[0] else order, labels[order]) for order in ORDERS)


def _name(item: QueueItem, speaker: Speaker) -> str:
    if item.display_name and item.handle:
        return f"{item.display_name} (@{item.handle.lstrip('@')})"
    return item.display_name or (f"@{item.handle}" if item.handle else speaker.tell("unknown"))
