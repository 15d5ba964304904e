"""What was built: up to which change the site shows the store, and since when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from .store import next_ids
from .tables import build, change


@dataclass(frozen=True, slots=True)
class Built:
    """One build that ended well. `seq`: the number of the last change that it shows; `as_of`: the day it tells of."""

    started_at: datetime
    ended_at: datetime
    as_of: str
    seq: int

    @property
    def lasted(self) -> timedelta:
        return self.ended_at - self.started_at


def record_build(connection: Connection, built: Built, report: dict[str, Any]) -> None:
    """Notes a build, inside `writing`."""
    id_ = next_ids(connection, build, 1)[0]
    connection.execute(
        insert(build).values(
            id=id_,
            started_at=built.started_at,
            ended_at=built.ended_at,
            as_of=built.as_of,
            seq=built.seq,
            report=report,
        )
    )


def last_build(connection: Connection) -> Built | None:
    """The latest build that ended; None before the first."""
    row = connection.execute(
        select(build.c.started_at, build.c.ended_at, build.c.as_of, build.c.seq)
        .where(build.c.ended_at.is_not(None))
        .order_by(build.c.id.desc())
        .limit(1)
    ).first()
    return Built(*row) if row else None


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier build by its number, with the pages it wrote and removed."""

    number: int
    built: Built
    written: int
    removed: int


def builds(connection: Connection, *, number: int | None = None, until: datetime | None = None) -> Iterator[Past]:
    """Builds that ended, the newest first: all, the one with this number, or those that began by then. They are read as
    they are asked for."""
    query = (
        select(build.c.id, build.c.started_at, build.c.ended_at, build.c.as_of, build.c.seq, build.c.report)
        .where(build.c.ended_at.is_not(None))
        .order_by(build.c.id.desc())
    )
    if number is not None:
        query = query.where(build.c.id == number)
    if until is not None:
        query = query.where(build.c.started_at <= until)
    for id_, started_at, ended_at, as_of, seq, report in connection.execute(query):
        told = report or {}
        yield Past(id_, Built(started_at, ended_at, as_of, seq), told.get("written", 0), told.get("removed", 0))


def unshown_since(connection: Connection) -> datetime | None:
    """When the first change was made that no build shows; None where all are shown."""
    last = last_build(connection)
    first = select(func.min(change.c.seq)).where(change.c.seq > (last.seq if last else 0)).scalar_subquery()
    return connection.execute(select(change.c.at).where(change.c.seq == first)).scalar()
