"""What `sqlite3` alone needs for the same rows: every table's rows of a store, grouped in the pages that brought them,
upserted by executemany into the same tables with the same indexes, triggers and settings, one transaction a page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tagora.storage.tables import metadata

from .measure import Stopwatch

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=FAST")  # as storage/store.py
NUMBERED = {"post": "id", "sighting": "id", "payload": "id", "decision": "id", "change": "seq"}
# Rows that come with another table's row: by which column.
PARTS = {
    "fingerprint_band": ("post_id", "post"),
    "entity": ("post_id", "post"),
    "media": ("post_id", "post"),
    "gap": ("post_id", "post"),
    "campaign_post": ("post_id", "post"),
    "conversation": ("post_id", "post"),
    "pointer": ("sighting_id", "sighting"),
    "metrics": ("sighting_id", "sighting"),
    "payload_subject": ("payload_id", "payload"),
}
# Rows that come with the first row that refers to them, or the last that they refer to, so that no foreign key is
# broken on the way: their rowid and that other row's number.
PLACED = {
    "thread": ("post", "SELECT thread_id AS at, min(id) AS k FROM post GROUP BY thread_id"),
    "author": ("post", "SELECT author_id AS at, min(id) AS k FROM post GROUP BY author_id"),
    "pointer": ("sighting", "SELECT rowid AS at, max(sighting_id, target_id) AS k FROM pointer"),
}

Marks = Mapping[str, int]  # the highest id of each table at the end of a page


def marks(connection: sqlite3.Connection) -> Marks:
    """Where each numbered table stands now."""
    return {
        name: connection.execute(f"SELECT coalesce(max({column}), 0) FROM {name}").fetchone()[0]
        for name, column in NUMBERED.items()
    }


def upsert(source: Path, target: Path, pages: Sequence[Marks]) -> tuple[Stopwatch, int]:
    """Writes all rows of the store `source` into a new file; the watch has a lap for each page. Returns it with the
    number of rows."""
    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writing = sqlite3.connect(target, isolation_level=None)
    try:
        for statement in _schema(reading):
            writing.execute(statement)
        for pragma in PRAGMAS:
            writing.execute(f"PRAGMA {pragma}")
        statements = {table.name: _upsert(writing, table.name) for table in metadata.sorted_tables}
        watch, count = Stopwatch(), 0
        for batch in _batches(reading, pages):
            watch.start()
            writing.execute("BEGIN IMMEDIATE")
            for name, rows in batch:
                writing.executemany(statements[name], rows)
            writing.execute("COMMIT")
            watch.lap()
            count += sum(len(rows) for _, rows in batch)
        held = sum(writing.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in statements)
        wanted = sum(reading.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in statements)
        if not held == wanted == count:
            raise RuntimeError(f"{wanted} rows were to be copied, {count} were written and {held} are there")
        return watch, count
    finally:
        reading.close()
        writing.close()


def _schema(connection: sqlite3.Connection) -> list[str]:
    """What makes all tables, indexes and triggers; the tables in which the search index keeps itself come with it."""
    made = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    virtual = tuple(f"{name}_" for _, name, sql in made if sql.startswith("CREATE VIRTUAL TABLE"))
    return [sql for kind, name, sql in made if not (kind == "table" and name.startswith(virtual))]


def _upsert(connection: sqlite3.Connection, name: str) -> str:
    columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
    names = [f'"{column[1]}"' for column in columns]
    key = [f'"{column[1]}"' for column in columns if column[5]]
    rest = [column for column in names if column not in key]
    insert = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    if not key:
        return insert
    change = f"UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in rest)}" if rest else "NOTHING"
    return f"{insert} ON CONFLICT ({', '.join(key)}) DO {change}"


Batch = list[tuple[str, list[Any]]]


def _batches(reading: sqlite3.Connection, pages: Sequence[Marks]) -> Iterator[Batch]:
    """The rows of each page, parents before what refers to them; rows of no page come with the first, and what came
    after the last page with the last."""
    for name, (_, query) in PLACED.items():
        reading.execute(f"CREATE TEMP TABLE placed_{name} AS {query} ORDER BY k")
        reading.execute(f"CREATE INDEX placed_{name}_k ON placed_{name} (k)")
    before: Marks = dict.fromkeys(NUMBERED, 0)
    last: Marks = dict.fromkeys(NUMBERED, 2**62)
    for number, page in enumerate([*pages[:-1], last]):
        batch: Batch = []
        for table in metadata.sorted_tables:
            rows = _rows(reading, table.name, before, page, first=number == 0)
            if rows:
                batch.append((table.name, rows))
        before = page
        yield batch


def _rows(reading: sqlite3.Connection, name: str, after: Marks, upto: Marks, *, first: bool) -> list[Any]:
    if name in PLACED:
        numbered = PLACED[name][0]
        query = (
            f"SELECT {name}.* FROM placed_{name} JOIN {name} ON {name}.rowid = placed_{name}.at "
            "WHERE k > ? AND k <= ? ORDER BY placed_{0}.at".format(name)
        )
    elif name in PARTS or name in NUMBERED:
        column, numbered = PARTS.get(name) or (NUMBERED[name], name)
        query = f"SELECT * FROM {name} WHERE {column} > ? AND {column} <= ?"
    else:
        return reading.execute(f"SELECT * FROM {name}").fetchall() if first else []
    return reading.execute(query, (after[numbered], upto[numbered])).fetchall()
