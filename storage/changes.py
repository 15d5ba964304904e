"""The log of what a reader could see change, by thread: a build plans from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from .desk import write
from .store import next_ids
from .tables import change, thread


def touch(connection: Connection, thread_ids: Iterable[int], now: datetime) -> None:
    """Notes that these threads changed at `now`; threads that no longer are may be among them. Everything that alters
    what a page could show calls it, in the transaction that does so."""
    ids = sorted(set(thread_ids))
    if not ids:
        return
    seqs = next_ids(connection, change, len(ids))
    rows = [{"seq": seq, "thread_id": thread_id, "at": now} for seq, thread_id in zip(seqs, ids, strict=True)]
    write(connection, insert(change), rows)
    write(
        connection,
        update(thread).where(thread.c.id == bindparam("b_id")),
        [{"b_id": row["thread_id"], "revision": row["seq"]} for row in rows],
    )


def newest(connection: Connection) -> int:
    """The number of the latest change; 0 when there was none."""
    return connection.execute(select(func.max(change.c.seq))).scalar() or 0
