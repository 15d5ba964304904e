"""Which `tagora run` works on the store: one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from .tables import meta

KEY = "running"
REFUSED = "configuration refused"
SILENCE = timedelta(seconds=60)  # a process that has not been heard for so long is gone


@dataclass(frozen=True, slots=True)
class Running:
    """Who runs: a name for people ("host, process 123") and since when; `beat` is its last sign of life."""

    holder: str
    where: str
    since: datetime
    beat: datetime


def running(connection: Connection, now: datetime) -> Running | None:
    """Who is at work, if anybody is."""
    found = _read(connection)
    # a beat that lies ahead is of a clock that was set back
    return found if found is not None and abs(now - found.beat) < SILENCE else None


def silent(connection: Connection, now: datetime) -> Running | None:
    """Who was at work, did not say that it ended, and has given no sign of life for too long."""
    found = _read(connection)
    return found if found is not None and now - found.beat >= SILENCE else None


def take(
    connection: Connection, holder: str, where: str, now: datetime, gone: Callable[[str], bool] = lambda _holder: False
) -> Running | None:
    """Makes `holder` the one that runs; or says who is at work already, and changes nothing. `gone` says of a holder
    whether it surely is no more: then nobody waits for its silence to last."""
    other = running(connection, now)
    if other is not None and other.holder != holder and not gone(other.holder):
        return other
    connection.execute(delete(meta).where(meta.c.key == KEY))
    connection.execute(insert(meta).values(key=KEY, value=_written(Running(holder, where, now, now))))
    return None


def beat(connection: Connection, holder: str, now: datetime) -> bool:
    """A sign of life. False when another process took over meanwhile."""
    found = _read(connection)
    if found is None or found.holder != holder:
        return False
    value = _written(Running(holder, found.where, found.since, now))
    connection.execute(update(meta).where(meta.c.key == KEY).values(value=value))
    return True


def leave(connection: Connection, holder: str) -> None:
    found = _read(connection)
    if found is not None and found.holder == holder:
        connection.execute(delete(meta).where(meta.c.key == KEY))


def note_refusal(connection: Connection, words: str | None) -> None:
    """Why the configuration as it is now was refused, while the former stays in force; None: it is in force. Inside
    `writing`."""
    connection.execute(delete(meta).where(meta.c.key == REFUSED))
    if words is not None:
        connection.execute(insert(meta).values(key=REFUSED, value=words))


def refusal(connection: Connection) -> str | None:
    return connection.execute(select(meta.c.value).where(meta.c.key == REFUSED)).scalar()


def _read(connection: Connection) -> Running | None:
    value = connection.execute(select(meta.c.value).where(meta.c.key == KEY)).scalar()
    if value is None:
        return None
    told = orjson.loads(value)
    since, last = datetime.fromisoformat(told["since"]), datetime.fromisoformat(told["beat"])
    return Running(told["holder"], told["where"], since, last)


def _written(one: Running) -> str:
    told = {"holder": one.holder, "where": one.where, "since": one.since.isoformat(), "beat": one.beat.isoformat()}
    return orjson.dumps(told).decode()
