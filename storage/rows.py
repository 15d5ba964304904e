"""All rows of one store into another, whichever databases they are and whichever revision both have.

Tables and columns are asked of the database itself, so that stores of earlier releases can be copied too. What the
database keeps by itself (SQLite's search index and its shadow tables) is made anew by the target's triggers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, inspect, select

from .migrate import VERSION_TABLE

BATCH = 2_000
SEARCH = "post_fts"  # and its shadow tables, on SQLite


def tables(connection: Connection) -> list[Table]:
    """The store's own tables as they are, those that others refer to first."""
    names = {name for name in inspect(connection).get_table_names() if not name.startswith(SEARCH)}
    seen = MetaData()
    seen.reflect(connection, only=sorted(names - {VERSION_TABLE}))
    return seen.sorted_tables


def counted(connection: Connection) -> dict[str, int]:
    """How many rows each table has, by its name."""
    return {
        str(table.name): connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables(connection)
    }


def copy(source: Connection, target: Connection, copied: Callable[[int], None] = lambda _rows: None) -> dict[str, int]:
    """Copies what `source` sees into the empty tables of `target`, inside the caller's transactions; how many rows of
    each table. `copied` is told after each batch how many it had."""
    done: dict[str, int] = {}
    for table in tables(source):
        done[table.name] = 0
        for rows in _batches(source, table):
            _insert(target, table, rows)
            done[table.name] += len(rows)
            copied(len(rows))
    return done


def _batches(source: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """In the order of the key: as the target wants to write them."""
    ordered = select(table).order_by(*table.primary_key.columns)
    result = source.execute(ordered, execution_options={"stream_results": True, "yield_per": BATCH})
    for rows in result.partitions():
        yield [tuple(row) for row in rows]


def _insert(target: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    if target.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        target.exec_driver_sql(f"INSERT INTO {_named(target, table)} VALUES ({marks})", rows)
        return
    driver: Any = target.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {_named(target, table)} FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def _named(target: Connection, table: Table) -> str:
    quote = target.dialect.identifier_preparer.quote
    return f"{quote(table.name)} ({', '.join(quote(column.name) for column in table.columns)})"
