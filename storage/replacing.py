"""Putting a copy in a store's place. Either all of it is there afterwards or nothing has happened, whenever the process
ends; what was there before is kept aside."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from sqlalchemy import Connection, inspect

from ..core.errors import StoreError, StoreLocked
from . import rows
from .copies import file_store
from .migrate import migrate_within
from .store import Store

PATIENCE = 2  # seconds until who has the store open must have let go of it


def replace(store: Store, copy: Path, now: datetime) -> str | None:
    """Puts the SQLite store in the file `copy` (of the newest schema, nobody's) into the place of `store`; where the
    former one is kept, None when there was none. Raises StoreLocked when another process has it open."""
    store.close()
    name = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if store.is_sqlite:
        return _file(store, copy, f"before-restore-{name}")
    return _schema(store, copy, f"before_restore_{name.lower()}")


def fill(
    store: Store, connection: Connection, source: Connection, copied: Callable[[int], None] = lambda _rows: None
) -> None:
    """Makes the tables of the newest schema in the empty database behind `connection` and fills them with the rows of
    `source`, which has the same schema; inside the caller's transactions. Raises StoreError when a row is missing."""
    migrate_within(store, connection)
    if rows.copy(source, connection, copied) != rows.counted(connection):
        raise StoreError(f"not every row arrived in {store.url}", "Nothing was changed.")


def _file(store: Store, copy: Path, suffix: str) -> str | None:
    living = store.path
    assert living is not None
    aside: Path | None = None
    if living.exists():
        _let_go(living)
        aside = living.with_name(_free(f"{living.name}.{suffix}", {file.name for file in living.parent.iterdir()}))
        try:
            os.link(living, aside)  # the store's own name is never without a file
        except OSError:  # a file system without hard links
            shutil.copy2(living, aside)
    else:
        _log_of(living).unlink(missing_ok=True)
    _let_go(copy)  # so that it is one file
    _sync(copy)
    os.replace(copy, living)
    _sync(living.parent)
    return str(aside) if aside else None


def _let_go(file: Path) -> None:
    """Writes the file's log back into it and ends the log, which would else be taken for the next file's. Leaving WAL
    works only for who is alone with the file (https://www.sqlite.org/wal.html#persistence_of_wal_mode); of one that is
    damaged SQLite at least takes the log away, if nobody else has it open."""
    mode = "wal"
    with closing(sqlite3.connect(file, timeout=PATIENCE)) as connection, suppress(sqlite3.DatabaseError):
        mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    if mode == "wal" and (not _damaged(file) or _log_of(file).exists()):
        raise StoreLocked(
            f"the store {file} is open in another process",
            "Stop every tagora that works with it (run, review), then try again.",
        )


def _damaged(file: Path) -> bool:
    with closing(sqlite3.connect(file, timeout=PATIENCE)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            return "locked" not in str(error)
    return False


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _schema(store: Store, copy: Path, aside: str) -> str | None:
    """In one transaction: the former tables go into a schema of their own, new ones are made and filled."""
    source = file_store(copy)
    try:
        with source.reading() as reading, store.writing() as connection:
            names = inspect(connection).get_table_names()
            if names:
                quote = connection.dialect.identifier_preparer.quote
                aside = _free(aside, inspect(connection).get_schema_names())
                connection.exec_driver_sql(f"CREATE SCHEMA {quote(aside)}")
                for name in names:
                    connection.exec_driver_sql(f"ALTER TABLE {quote(name)} SET SCHEMA {quote(aside)}")
            fill(store, connection, reading)
    finally:
        source.close()
    return f"the schema {aside} of the same database" if names else None


def _free(name: str, taken: Collection[str]) -> str:
    """`name`, or with a number after it where that is taken: restored twice in a second, or killed and called again."""
    return next(one for one in chain([name], (f"{name}_{number}" for number in count(2))) if one not in taken)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
