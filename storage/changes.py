"""The change log: which threads may look different to readers since a build."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from .store import next_ids
from .tables import change, thread


def touch(connection: Connection, thread_ids: Iterable[int], now: datetime) -> None:
    """Notes that a page could show these threads differently now; each thread's revision is its latest change."""
    ids = sorted(set(thread_ids))
    if not ids:
        return
    entries = list(zip(next_ids(connection, change, len(ids)), ids, strict=True))
    connection.execute(change.insert(), [{"seq": seq, "thread_id": thread_id, "at": now} for seq, thread_id in entries])
    connection.execute(
        update(thread).where(thread.c.id == bindparam("of_thread")).values(revision=bindparam("seq")),
        [{"of_thread": thread_id, "seq": seq} for seq, thread_id in entries],
    )
