"""A copy of a store at one moment, as an SQLite file, whichever database the store is; and whether one is whole.

SQLite's pages are copied by its online backup (https://www.sqlite.org/backup.html) inside a reading transaction, so
that the copy is of the very moment in which its rows were counted, and no writer waits. Of PostgreSQL the rows are
copied within one snapshot.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, text

from ..core.errors import StoreDamaged, StoreError, StoreFull
from . import rows
from .forget import is_owed, scrub_free_pages
from .migrate import current, migrate, newest
from .store import Store, open_store

SHORT = 10  # of the faults that a check finds, how many it names


@dataclass(frozen=True, slots=True)
class Held:
    """What a copy holds: its schema's revision and how many rows each table has."""

    schema: str
    rows: Mapping[str, int]


def file_store(file: Path) -> Store:
    """The SQLite store in `file`."""
    return open_store(URL.create("sqlite", database=str(file)).render_as_string())


def copy_to(store: Store, file: Path, copied: Callable[[int], None] = lambda _rows: None) -> Held:
    """Copies one moment of `store` into the new SQLite file `file`, and checks it. Nothing of what is withdrawn stays
    in its free pages. `copied` is told of rows on their way. Raises StoreError when the store is empty, or the copy is
    not what was there."""
    missing_file = store.path is not None and not store.path.exists()  # asking for its schema would make it
    schema = None if missing_file else current(store)
    if schema is None:
        raise StoreError(f"the store {store.url} is empty", "There is nothing to copy yet.")
    with store.reading() as connection:
        there = rows.counted(connection)
        if store.is_sqlite:
            _pages(connection, file)
        else:
            _rows(connection, schema, file, copied)
    made = file_store(file)
    try:
        with made.reading() as connection:
            owed = schema == newest() and is_owed(connection)
        if owed:
            scrub_free_pages(made)
    finally:
        made.close()
    found = check(file)
    missing = {name for name in there if there[name] != found.rows.get(name)} - ({"meta"} if owed else set())
    if missing or found.schema != schema:
        raise StoreError(f"the copy of the store {store.url} is not whole: {', '.join(sorted(missing))} differ", "")
    return found


def check(file: Path) -> Held:
    """What the SQLite store in `file` holds, every page and every reference looked at. Raises StoreError when something
    is wrong with it, or when it is newer than this program."""
    store = file_store(file)
    try:
        schema = current(store)
        if schema is None:
            raise StoreError(f"the file {file} holds no store", "")
        with store.reading() as connection:
            faults = [str(row[0]) for row in connection.execute(text(f"PRAGMA integrity_check({SHORT})"))]
            faults = [fault for fault in faults if fault != "ok"]
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            faults += [f"{row[0]} refers to nothing in {row[2]}" for row in broken[:SHORT]]
            if faults:
                raise StoreDamaged(f"the file {file} is damaged: {'; '.join(faults[:3])}", "Use another copy.")
            return Held(schema, rows.counted(connection))
    finally:
        store.close()


def _pages(source: Connection, file: Path) -> None:
    driver: Any = source.connection.driver_connection
    try:
        with closing(sqlite3.connect(file)) as target:
            driver.backup(target)
    except sqlite3.Error as error:
        if "full" in str(error):
            raise StoreFull(
                f"the disk with {file.parent} is full", "Free some space, or name another folder."
            ) from None
        raise StoreError(f"the store could not be copied to {file}: {error}", "") from error


def _rows(source: Connection, schema: str, file: Path, copied: Callable[[int], None]) -> None:
    target = file_store(file)
    try:
        migrate(target, to=schema)
        with target.writing() as connection:
            rows.copy(source, connection, copied)
    finally:
        target.close()
