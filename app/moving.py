"""Moving the whole collection into another database, of the same or the other kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect

from ..collector.holder import gone
from ..core.errors import StoreLocked, UsageError
from ..storage import rows
from ..storage.copies import copy_to
from ..storage.migrate import migrate
from ..storage.replacing import fill
from ..storage.running import running
from ..storage.store import Store, open_store
from .backups import half_made

Told = Callable[[int], None]


def move(source: Store, to_url: str, now: datetime, begun: Callable[[int], Told]) -> dict[str, int]:
    """Copies one moment of `source` to the empty store at `to_url`, all or nothing; how many rows of each table.
    `begun` is told how many there are, and gives what is told of rows on their way.

    Raises UsageError when something is there already, StoreLocked when `tagora run` is at work on the source.
    """
    target = open_store(to_url)
    with closing(target):
        _refuse_taken(source, target)
        migrate(source)
        with source.reading() as connection:
            other = running(connection, now)
            if other is not None and not gone(other.holder):
                raise StoreLocked(
                    f"`tagora run` is at work on the store: {other.where}",
                    "Stop it first, and the review app: what they write meanwhile would stay behind.",
                )
            there = rows.counted(connection)
        copied = begun(sum(there.values()))
        if target.path is not None:
            return _to_file(source, target.path, copied)
        with source.reading() as reading, target.writing() as connection:
            fill(target, connection, reading, copied)
            return rows.counted(connection)


def _to_file(source: Store, file: Path, copied: Told) -> dict[str, int]:
    with half_made(file.parent) as room:
        held = copy_to(source, room / "store.db", copied)
        os.replace(room / "store.db", file)
    return dict(held.rows)


def _refuse_taken(source: Store, target: Store) -> None:
    if target.path is not None and not target.path.exists():
        return
    with target.reading() as connection:
        taken = bool(inspect(connection).get_table_names())
    if taken:
        same = source.engine.url == target.engine.url
        raise UsageError(
            f"{target.url} is the store that is in use" if same else f"there is something in {target.url} already",
            "Name an empty database, or a file that is not there yet.",
        )
