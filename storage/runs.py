"""Runs: what each asking of a source brought, also the broken ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from .store import next_ids
from .tables import run


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run, or one page of it, brought. `refused`: how many items were not admitted, by reason."""

    seen: int = 0
    new: int = 0
    updated: int = 0
    gaps: int = 0
    requests: int = 0
    micros: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        refused = dict(self.refused)
        for reason, count in other.refused.items():
            refused[reason] = refused.get(reason, 0) + count
        return Counts(
            self.seen + other.seen,
            self.new + other.new,
            self.updated + other.updated,
            self.gaps + other.gaps,
            self.requests + other.requests,
            self.micros + other.micros,
            refused,
        )


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    source_id: int
    started_at: datetime
    ended_at: datetime | None
    counts: Counts
    error: str | None


def begin(connection: Connection, source_id: int, now: datetime) -> int:
    """A run starts. Runs of this source that were left open belonged to a process that is no more: only the holder of
    the source's lease calls this."""
    connection.execute(
        update(run)
        .where(run.c.source_id == source_id, run.c.ended_at.is_(None))
        .values(ended_at=now, error="the process stopped before the run's end")
    )
    run_id = next_ids(connection, run, 1)[0]
    connection.execute(insert(run).values(id=run_id, source_id=source_id, started_at=now))
    return run_id


_RECORD = update(run).where(run.c.id == bindparam("this"))


def record(connection: Connection, run_id: int, counts: Counts) -> None:
    """The run's counts so far; part of each page's transaction, so that they never tell more than is stored."""
    connection.execute(_RECORD, {"this": run_id, **_values(counts)})


def end(connection: Connection, run_id: int, counts: Counts, error: str | None, now: datetime) -> None:
    connection.execute(update(run).where(run.c.id == run_id).values(**_values(counts), error=error, ended_at=now))


def last(connection: Connection, source_id: int, limit: int = 1) -> list[Run]:
    """The newest runs of a source, newest first."""
    rows = connection.execute(select(run).where(run.c.source_id == source_id).order_by(run.c.id.desc()).limit(limit))
    return [
        Run(
            row.id,
            row.source_id,
            row.started_at,
            row.ended_at,
            Counts(row.seen, row.new, row.updated, row.gaps, row.requests, row.micros, row.refused or {}),
            row.error,
        )
        for row in rows
    ]


def failing_since(connection: Connection, source_id: int) -> datetime | None:
    """When the first of the failed runs began that follow the last good one; None while the last one was good."""
    good = select(func.max(run.c.id)).where(
        run.c.source_id == source_id, run.c.ended_at.is_not(None), run.c.error.is_(None)
    )
    bad = select(func.min(run.c.started_at)).where(
        run.c.source_id == source_id, run.c.error.is_not(None), run.c.id > func.coalesce(good.scalar_subquery(), 0)
    )
    return connection.execute(bad).scalar()


@dataclass(frozen=True, slots=True)
class Totals:
    """All runs of one source so far. `failed`: those that ended with an error."""

    runs: int
    failed: int
    new: int
    requests: int
    micros: int


def totals(connection: Connection) -> dict[int, Totals]:
    """By source id."""
    rows = connection.execute(
        select(
            run.c.source_id,
            func.count(),
            func.count(run.c.error),
            func.sum(run.c.new),
            func.sum(run.c.requests),
            func.sum(run.c.micros),
        )
        .where(run.c.ended_at.is_not(None))
        .group_by(run.c.source_id)
    )
    return {row[0]: Totals(*(int(number or 0) for number in row[1:])) for row in rows}


def _values(counts: Counts) -> dict[str, object]:
    return {
        "seen": counts.seen,
        "new": counts.new,
        "updated": counts.updated,
        "gaps": counts.gaps,
        "requests": counts.requests,
        "micros": counts.micros,
        "refused": dict(counts.refused),
    }
