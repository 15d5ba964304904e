"""How the last publication to each place went, and the name by which a published site knows this store again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import orjson
from sqlalchemy import Connection, delete, insert, select

from .restored import lineage
from .tables import meta

STORE = "store id"
_PLACE = "published: "


@dataclass(frozen=True, slots=True)
class Publication:
    """`ok_at`: when everything was as it should be there for the last time; `problem`: why it is not, since
    `failing_since`; `attempts`: failures in a row; `files`: how many stand there."""

    place: str
    at: datetime
    ok_at: datetime | None = None
    files: int = 0
    problem: str | None = None
    failing_since: datetime | None = None
    attempts: int = 0


def store_id(connection: Connection) -> str:
    """The name of this store: another one after it was put back from a copy, which may give numbers again. Made when it
    is first asked for, inside `writing`."""
    found = connection.execute(select(meta.c.value).where(meta.c.key == STORE)).scalar()
    if found is None:
        found = uuid4().hex
        connection.execute(insert(meta).values(key=STORE, value=found))
    return f"{found} {lineage(connection)}".strip()


def publications(connection: Connection, places: Collection[str]) -> list[Publication]:
    """Of those of the places that were published to, in their order."""
    rows = connection.execute(select(meta.c.key, meta.c.value).where(meta.c.key.in_([_PLACE + one for one in places])))
    found = {key.removeprefix(_PLACE): _read(key.removeprefix(_PLACE), value) for key, value in rows}
    return [found[one] for one in places if one in found]


def record_publication(
    connection: Connection, place: str, now: datetime, *, files: int | None, problem: str | None
) -> Publication:
    """Notes how one ended, inside `writing`. `files` is None when it is not known how many stand there."""
    before = next(iter(publications(connection, [place])), Publication(place, now))
    after = replace(
        before,
        at=now,
        ok_at=now if problem is None else before.ok_at,
        files=before.files if files is None else files,
        problem=problem,
        failing_since=None if problem is None else before.failing_since or now,
        attempts=0 if problem is None else before.attempts + 1,
    )
    value = orjson.dumps(after).decode()
    connection.execute(delete(meta).where(meta.c.key == _PLACE + place))
    connection.execute(insert(meta).values(key=_PLACE + place, value=value))
    return after


def _read(place: str, value: str) -> Publication:
    told = orjson.loads(value)
    at, ok_at, since = (
        datetime.fromisoformat(told[name]) if told[name] else None for name in ("at", "ok_at", "failing_since")
    )
    assert at is not None
    return Publication(place, at, ok_at, told["files"], told["problem"], since, told["attempts"])
