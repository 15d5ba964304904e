"""What of a source's time was asked, what is still open and until when, and which holes stay. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ..storage.windows import Window
from .contract import Cursor, Query, Tag

SILENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time that was asked. `since` None: as far back as the network keeps. `exhaustive` False: the
    network ranks or drops, so posts may be missing all the same (best effort)."""

    since: datetime | None
    until: datetime
    exhaustive: bool
    items: int


@dataclass(frozen=True, slots=True)
class OpenStretch:
    """A stretch that a walk did not finish; it goes on at the next run. `unreachable_at`: from when the network no
    longer answers for any of it (None: it always will)."""

    since: datetime | None
    until: datetime | None
    unreachable_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch that was never asked and can no longer be."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    question: str
    asked: tuple[Stretch, ...]
    open: tuple[OpenStretch, ...]
    holes: tuple[Hole, ...]


def coverage(windows: Sequence[Window], reach: timedelta | None) -> list[Coverage]:
    """Per question of one source (its own question and followed threads with a walk under way), newest first.
    `reach`: how far back the network answers."""
    questions: dict[str, list[Window]] = {}
    for window in windows:
        questions.setdefault(window.query, []).append(window)
    return [_of_question(question, found, reach) for question, found in sorted(questions.items())]


def silence_hint(query: Query, asked_since: datetime | None, last_new_at: datetime | None, now: datetime) -> str | None:
    """A sentence when a source was asked for a week and brought nothing for a week: perhaps the tag is mistyped."""
    if asked_since is None or now - max(asked_since, last_new_at or asked_since) < SILENCE:
        return None
    if isinstance(query, Tag):
        tags = " or ".join(f"#{tag}" for tag in query.tags)
        return f"No post in {SILENCE.days} days: is {tags} spelled so?"
    return f"No post in {SILENCE.days} days: is this the right page or feed?"


def _of_question(question: str, windows: Sequence[Window], reach: timedelta | None) -> Coverage:
    ordered = sorted(windows, key=lambda window: window.newest_at, reverse=True)
    asked = tuple(
        Stretch(window.oldest_at, window.newest_at, window.exhaustive, window.items)
        for window in ordered
        if not window.is_open or window.oldest_at is not None
    )
    open_ = tuple(_open(window, reach) for window in ordered if window.is_open)
    return Coverage(question, asked, open_, _holes(ordered))


def _open(window: Window, reach: timedelta | None) -> OpenStretch:
    upwards = Cursor.from_json(window.cursor or {}).below is None and window.floor_at is not None
    top = None if upwards else window.oldest_at
    lost_at = (top or window.newest_at) + reach if reach is not None else None
    return OpenStretch(window.floor_at, top, lost_at)


def _holes(ordered: Sequence[Window]) -> tuple[Hole, ...]:
    """What lies between two windows' stretches and under no open one."""
    found: list[Hole] = []
    for upper, lower in pairwise(ordered):
        if not upper.is_open and upper.oldest_at is not None and upper.oldest_at > lower.newest_at:
            found.append(Hole(lower.newest_at, upper.oldest_at))
    return tuple(found)
