"""Which stretches of a question to walk next, and what a page did to them. Pure: windows in, legs and progress out.

A walk that stops (budget, limit, crash) leaves an open window. The next run first asks what is newer than everything
held, as a window of its own, then goes on strictly below the oldest item of each open window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..storage.windows import Window
from .contract import Cursor, Feed, Lookup, Page, Query, Quotes, Support, Tag, Thread, Walk

# A server may learn of an old post late and file it under its old date, under a mark that was passed already: the
# last days are walked again once a day.
OVERLAP = timedelta(days=3)
OVERLAP_EVERY = timedelta(days=1)
AGAIN = "again:"


@dataclass(frozen=True, slots=True)
class Leg:
    """One stretch to walk. `window`: the open window that it goes on with. `upwards`: pages come oldest first.
    `floor_at`: it is to reach down to here, because below is asked already. `stop_at`: enough once here. `followed`:
    over followed posts, not a source's own question."""

    key: str
    cursor: Cursor
    window: Window | None = None
    upwards: bool = False
    floor_at: datetime | None = None
    stop_at: datetime | None = None
    followed: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a leg stands: `newest_at` and `newest` its upper end, `oldest_at` its lower one as far as committed."""

    newest: str | None
    newest_at: datetime
    oldest_at: datetime | None
    done: bool = False


def question(query: Query) -> str:
    """The name under which a source's own question keeps its windows."""
    if isinstance(query, Tag):
        return "tag:" + "+".join(sorted(tag.casefold() for tag in query.tags))
    if isinstance(query, Feed):
        return f"feed:{query.name}"
    kinds: dict[type, str] = {Thread: "thread", Quotes: "quotes", Lookup: "lookup"}
    return kinds[type(query)]


def legs(key: str, windows: Sequence[Window], support: Support) -> list[Leg]:
    """What to walk for the question `key`, in the order of spending. `windows` are those of this question, newest
    first, without the `lost` ones."""
    newest = windows[0] if windows else None
    resumed = [resume(window, support.walk) for window in windows if window.is_open]
    if support.walk is Walk.RESCAN:  # what was begun is ended first, or a rest would never be reached
        ended = next((window for window in windows if not window.is_open), None)
        return [*reversed(resumed), Leg(key, Cursor(mark=ended.mark if ended else None))]
    if newest is None or newest.mark is None:
        # nothing was ever found: the same question from the start costs nothing
        return resumed if any(leg.window is newest for leg in resumed) else [Leg(key, Cursor()), *resumed]
    if support.walk is Walk.FORWARD:
        if resumed and resumed[0].window is newest and resumed[0].upwards:
            return resumed
        return [Leg(key, Cursor(mark=newest.mark), upwards=True, floor_at=newest.newest_at), *resumed]
    return [Leg(key, Cursor(mark=newest.mark), floor_at=newest.newest_at), *resumed]


def overlap(key: str, windows: Sequence[Window], again: Sequence[Window], now: datetime) -> Leg | None:
    """The daily second look at the last days of a forward walk, when it is time. `again`: its own windows."""
    first_at = min((window.closed_at for window in windows if window.closed_at is not None), default=None)
    if first_at is None:
        return None
    for window in again:
        if window.is_open:
            leg = resume(window, Walk.BACKWARD)
            return replace(leg, stop_at=window.newest_at - OVERLAP)
    if now - (again[0].newest_at if again else first_at) < OVERLAP_EVERY:
        return None
    return Leg(AGAIN + key, Cursor(), stop_at=now - OVERLAP)


def lost(windows: Sequence[Window], support: Support, now: datetime) -> list[Window]:
    """Open windows whose rest the network no longer answers for."""
    return [
        window
        for window in windows
        if window.is_open
        and support.reach is not None
        and Cursor.from_json(window.cursor or {}).below is not None
        and (window.oldest_at or window.newest_at) + support.reach <= now
    ]


def start(leg: Leg, now: datetime) -> Progress:
    """Before the first page of a leg. A walk that begins now reaches up to now."""
    if leg.window is None:
        return Progress(None, now, None)
    return Progress(leg.window.newest, leg.window.newest_at, leg.window.oldest_at)


def after(leg: Leg, progress: Progress, page: Page, support: Support, asked_at: datetime) -> Progress:
    """The progress once `page`, asked at `asked_at`, is stored."""
    far_enough = leg.stop_at is not None and page.oldest_at is not None and page.oldest_at <= leg.stop_at
    done = page.cursor is None or far_enough
    if leg.upwards:
        newest = page.newest or progress.newest
        if not done:  # up to which moment is known only at the end
            return Progress(newest, leg.floor_at or progress.newest_at, None)
        return Progress(newest or leg.cursor.mark, asked_at, leg.floor_at, done=True)
    newest = progress.newest or page.newest
    oldest_at = page.oldest_at or progress.oldest_at
    if not done:
        return Progress(newest, progress.newest_at, oldest_at)
    return Progress(newest or leg.cursor.mark, progress.newest_at, _bottom(leg, page, support, asked_at), done=True)


def _bottom(leg: Leg, page: Page, support: Support, asked_at: datetime) -> datetime | None:
    """Down to which moment a finished walk has asked; None: as far as the network keeps."""
    if leg.stop_at is not None:
        return leg.stop_at if page.cursor is None else page.oldest_at
    horizon = asked_at - support.reach if support.reach is not None else None
    if leg.floor_at is None or horizon is None:
        return leg.floor_at or horizon
    return max(leg.floor_at, horizon)


def resume(window: Window, walk: Walk, *, followed: bool = False) -> Leg:
    """The leg that goes on with an open window."""
    cursor = Cursor.from_json(window.cursor or {})
    if walk is not Walk.RESCAN and (cursor.below or cursor.mark):
        cursor = replace(cursor, token=None)  # by ids, never by a token that may have expired
    upwards = walk is Walk.FORWARD and cursor.below is None
    return Leg(window.query, cursor, window, upwards, window.floor_at, followed=followed)
