"""Windows: which stretches of a source's time were asked. A window with a cursor is open: its rest is still to ask.

Closed windows that touch are one window: there are never more rows than holes and interrupted walks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from .store import next_ids
from .tables import window


@dataclass(frozen=True, slots=True)
class Window:
    """`newest`/`newest_at`: asked up to this mark and moment. `oldest_at`: and down to this moment (None in a closed
    window: as far as the network keeps). `floor_at`: where it is meant to end. `cursor`: where the walk goes on."""

    id: int
    source_id: int
    query: str
    cursor: Mapping[str, str] | None
    newest: str | None
    newest_at: datetime
    oldest_at: datetime | None
    floor_at: datetime | None
    exhaustive: bool
    items: int
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def mark(self) -> str | None:
        """Everything above this is newer than the window."""
        return self.newest or (self.cursor or {}).get("mark")


_COLUMNS = (
    window.c.id,
    window.c.source_id,
    window.c.query,
    window.c.cursor,
    window.c.newest,
    window.c.newest_at,
    window.c.oldest_at,
    window.c.floor_at,
    window.c.exhaustive,
    window.c["items"],
    window.c.closed_at,
)


def of_query(connection: Connection, source_id: int, query: str) -> list[Window]:
    """The windows of one question, newest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(window.c.source_id == source_id, window.c.query == query)
        .order_by(window.c.newest_at.desc(), window.c.id.desc())
    )
    return [Window(*row) for row in rows]


def of_source(connection: Connection, source_id: int) -> list[Window]:
    """All windows of a source, by question, newest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(window.c.source_id == source_id)
        .order_by(window.c.query, window.c.newest_at.desc(), window.c.id.desc())
    )
    return [Window(*row) for row in rows]


def still_open(connection: Connection, source_id: int, prefix: str) -> list[Window]:
    """Open windows whose question starts with `prefix`, oldest first."""
    return sorted(
        (w for w in of_source(connection, source_id) if w.is_open and w.query.startswith(prefix)), key=lambda w: w.id
    )


def begin(
    connection: Connection,
    source_id: int,
    query: str,
    *,
    cursor: Mapping[str, str],
    newest: str | None,
    newest_at: datetime,
    oldest_at: datetime | None,
    floor_at: datetime | None,
    exhaustive: bool,
    items: int,
) -> int:
    """A window whose first page is stored and whose walk is not at its end."""
    window_id = next_ids(connection, window, 1)[0]
    connection.execute(
        insert(window).values(
            id=window_id,
            source_id=source_id,
            query=query,
            cursor=dict(cursor),
            newest=newest,
            newest_at=newest_at,
            oldest_at=oldest_at,
            floor_at=floor_at,
            exhaustive=exhaustive,
            items=items,
        )
    )
    return window_id


def advance(
    connection: Connection,
    window_id: int,
    *,
    cursor: Mapping[str, str],
    newest: str | None,
    oldest_at: datetime | None,
    items: int,
) -> None:
    """One more page is stored. None leaves `newest` and `oldest_at` as they are."""
    values: dict[str, object] = {"cursor": dict(cursor), "items": window.c["items"] + items}
    if newest is not None:
        values["newest"] = newest
    if oldest_at is not None:
        values["oldest_at"] = oldest_at
    connection.execute(update(window).where(window.c.id == window_id).values(**values))


def close(
    connection: Connection,
    window_id: int,
    *,
    newest: str | None,
    newest_at: datetime,
    oldest_at: datetime | None,
    items: int,
    now: datetime,
) -> None:
    """The walk reached its end; the window becomes one with the closed ones that it touches."""
    connection.execute(
        update(window)
        .where(window.c.id == window_id)
        .values(
            cursor=None,
            newest=newest,
            newest_at=newest_at,
            oldest_at=oldest_at,
            items=window.c["items"] + items,
            closed_at=now,
        )
    )
    _join_closed(connection, window_id)


def done_at_once(
    connection: Connection,
    source_id: int,
    query: str,
    *,
    newest: str | None,
    newest_at: datetime,
    oldest_at: datetime | None,
    exhaustive: bool,
    items: int,
    now: datetime,
) -> None:
    """A walk of a single page: begun and ended by it."""
    window_id = begin(
        connection,
        source_id,
        query,
        cursor={},
        newest=newest,
        newest_at=newest_at,
        oldest_at=oldest_at,
        floor_at=None,
        exhaustive=exhaustive,
        items=0,
    )
    close(connection, window_id, newest=newest, newest_at=newest_at, oldest_at=oldest_at, items=items, now=now)


def give_up(connection: Connection, given_up: Window, now: datetime) -> None:
    """The rest of an open window can no longer be had: what it asked stays, the rest is a hole."""
    if given_up.oldest_at is None:
        drop(connection, given_up.id)
        return
    connection.execute(
        update(window).where(window.c.id == given_up.id).values(cursor=None, closed_at=now, newest=given_up.mark)
    )


def drop(connection: Connection, window_id: int) -> None:
    connection.execute(delete(window).where(window.c.id == window_id))


def _join_closed(connection: Connection, window_id: int) -> None:
    mine = next((w for w in _same_query(connection, window_id) if w.id == window_id), None)
    if mine is None:
        return
    for other in _same_query(connection, window_id):
        if other.id == mine.id or other.is_open or other.exhaustive != mine.exhaustive or not _touch(mine, other):
            continue
        upper, lower = (mine, other) if mine.newest_at >= other.newest_at else (other, mine)
        oldest_at = None if None in (upper.oldest_at, lower.oldest_at) else min(_bottoms(upper, lower))
        mine = Window(
            id=mine.id,
            source_id=mine.source_id,
            query=mine.query,
            cursor=None,
            newest=upper.newest or lower.newest,
            newest_at=upper.newest_at,
            oldest_at=oldest_at,
            floor_at=None,
            exhaustive=mine.exhaustive,
            items=mine.items + other.items,
            closed_at=min(moment for moment in (mine.closed_at, other.closed_at) if moment is not None),
        )
        drop(connection, other.id)
    connection.execute(
        update(window)
        .where(window.c.id == mine.id)
        .values(
            newest=mine.newest,
            newest_at=mine.newest_at,
            oldest_at=mine.oldest_at,
            items=mine.items,
            closed_at=mine.closed_at,
        )
    )


def _same_query(connection: Connection, window_id: int) -> list[Window]:
    row = connection.execute(select(window.c.source_id, window.c.query).where(window.c.id == window_id)).first()
    return of_query(connection, row.source_id, row.query) if row else []


def _touch(one: Window, other: Window) -> bool:
    """Whether their stretches overlap or meet."""
    return (one.oldest_at is None or one.oldest_at <= other.newest_at) and (
        other.oldest_at is None or other.oldest_at <= one.newest_at
    )


def _bottoms(one: Window, other: Window) -> list[datetime]:
    return [moment for moment in (one.oldest_at, other.oldest_at) if moment is not None]
