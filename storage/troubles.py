"""Since when troubles are known, and how far each way of telling people (a channel) told of them. Kept in `meta`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select

from .tables import meta

KEY = "troubles"
CHANNEL = "troubles told by "


@dataclass(frozen=True, slots=True)
class Noticed:
    """`gone_at`: since when the trouble is not seen any more; it may come back."""

    since: datetime
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One trouble as it is told, in words. `key`: by which it is known. `passes` False: it happened once."""

    key: str
    kind: str
    about: str
    severity: str
    since: datetime | None
    what: str
    loss: str = ""
    repair: str = ""
    passes: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """What is about to be told: written down before it is sent, so that after a kill the very same is sent again.
    `lasting`: what was told before and holds still."""

    number: int
    made_at: datetime
    begun: tuple[Line, ...] = ()
    ended: tuple[Line, ...] = ()
    lasting: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """`told`: what the receivers believe to hold, by key. `sent_at`: when they were told last. `notice`: what is being
    told at this moment. `attempts`: failures in a row; `due`: no try before then; `failing_since` and `problem`: of
    these failures."""

    told: Mapping[str, Line] = field(default_factory=dict)
    number: int = 0
    sent_at: datetime | None = None
    notice: Notice | None = None
    attempts: int = 0
    due: datetime | None = None
    failing_since: datetime | None = None
    problem: str | None = None


def known(connection: Connection) -> dict[str, Noticed]:
    """The troubles that were noticed, by their keys."""
    value = _read(connection, KEY)
    return {key: Noticed(_moment(since), _perhaps(gone)) for key, (since, gone) in (value or {}).items()}


def set_known(connection: Connection, now_known: Mapping[str, Noticed]) -> None:
    """Inside `writing`."""
    _write(connection, KEY, {key: [one.since, one.gone_at] for key, one in now_known.items()})


def noticed(connection: Connection) -> dict[str, datetime]:
    """Since when each trouble is known."""
    return {key: one.since for key, one in known(connection).items()}


def channel(connection: Connection, name: str) -> Channel:
    value = _read(connection, CHANNEL + name)
    return _channel(value) if value is not None else Channel()


def channels(connection: Connection) -> dict[str, Channel]:
    """Those that were ever used, by name."""
    rows = connection.execute(select(meta.c.key).where(meta.c.key.startswith(CHANNEL, autoescape=True)))
    names = sorted(key.removeprefix(CHANNEL) for key in rows.scalars())
    return {name: channel(connection, name) for name in names}


def set_channel(connection: Connection, name: str, now: Channel) -> None:
    """Inside `writing`."""
    _write(connection, CHANNEL + name, now)


def _read(connection: Connection, key: str) -> dict[str, Any] | None:
    value = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return None if value is None else orjson.loads(value)


def _write(connection: Connection, key: str, value: object) -> None:
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=orjson.dumps(value).decode()))


def _channel(value: dict[str, Any]) -> Channel:
    notice = value["notice"]
    return Channel(
        told={key: _line(line) for key, line in value["told"].items()},
        number=value["number"],
        sent_at=_perhaps(value["sent_at"]),
        notice=_notice(notice) if notice is not None else None,
        attempts=value["attempts"],
        due=_perhaps(value["due"]),
        failing_since=_perhaps(value["failing_since"]),
        problem=value["problem"],
    )


def _notice(value: dict[str, Any]) -> Notice:
    begun, ended, lasting = (tuple(map(_line, value[name])) for name in ("begun", "ended", "lasting"))
    return Notice(value["number"], _moment(value["made_at"]), begun, ended, lasting)


def _line(value: dict[str, Any]) -> Line:
    return Line(**{**value, "since": _perhaps(value["since"])})


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _perhaps(value: str | None) -> datetime | None:
    return None if value is None else _moment(value)
