"""The log of what a reader could see change, by thread: a build plans from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Transaction, bindparam, func, select, update

from .batches import add, write
from .store import next_ids
from .tables import change, thread


def touch(connection: Connection, thread_ids: Iterable[int], now: datetime) -> None:
    """Notes that these threads changed at `now`; threads that no longer are may be among them. Everything that alters
    what a page could show calls it, in the transaction that does so."""
    noted = _noted(connection)
    ids = sorted(set(thread_ids) - noted)
    if not ids:
        return
    noted.update(ids)
    seqs = next_ids(connection, change, len(ids))
    rows = [{"seq": seq, "thread_id": thread_id, "at": now} for seq, thread_id in zip(seqs, ids, strict=True)]
    add(connection, change, rows)
    write(connection, _REVISE, [{"b_id": row["thread_id"], "revision": row["seq"]} for row in rows])


_REVISE = update(thread).where(thread.c.id == bindparam("b_id"))
_noted_in: WeakKeyDictionary[Transaction, set[int]] = WeakKeyDictionary()


def _noted(connection: Connection) -> set[int]:
    """The threads noted in this transaction already: nobody else sees it in parts, so once is enough."""
    transaction = connection.get_transaction()
    return set() if transaction is None else _noted_in.setdefault(transaction, set())


def newest(connection: Connection) -> int:
    """The number of the latest change; 0 when there was none."""
    return connection.execute(select(func.max(change.c.seq))).scalar() or 0
