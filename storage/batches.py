"""Statements that run with every page, compiled once and run in batches.

SQLAlchemy's own way through a statement (its cache key, its expanded lists, its way to every parameter) cost more than
the database did: half the time of a page. So SQL and conversions are asked of SQLAlchemy once, and the driver gets
values that need no more work. Rows that come back are plain rows, converted as SQLAlchemy would have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Boolean, Connection, Delete, Dialect, Insert, SelectBase, Table, Update, bindparam
from sqlalchemy.types import TypeEngine

CHUNK = 2_000  # values in one IN (…); both databases take some 32,000 parameters
LENGTHS = (4, 16, 64, 128, 256, 512, 1_024, CHUNK)  # of such lists: shorter ones are filled up, for few statements

T = TypeVar("T")
Convert = Callable[[Any], Any]
_LISTED = tuple(f"listed_{number}" for number in range(CHUNK))  # the names of a list's parameters


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """`values`, without doubles, in lists that fit one statement."""
    whole = list(dict.fromkeys(values))
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]


def write(connection: Connection, statement: Insert | Update | Delete, rows: Sequence[Mapping[str, Any]]) -> None:
    """Runs `statement`, which is made once in the program, with all `rows`, which all have the same keys; nothing when
    there are none."""
    if rows:
        _run_many(connection, _compiled(_alike(connection.dialect), statement, tuple(rows[0])), rows)


def add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts `rows`, which all have the same keys; nothing when there are none."""
    if rows:
        _run_many(connection, _compiled(_alike(connection.dialect), _insert(table), tuple(rows[0])), rows)


def read(connection: Connection, statement: SelectBase, **values: Any) -> list[Any]:
    """The rows of a SELECT that is made once in the program, with `values` for its parameters."""
    return _rows(connection, _compiled(_alike(connection.dialect), statement, ()), values)


class Batch:
    """An INSERT, UPDATE or DELETE for very many rows; made once in the program. `names`: its parameters, in the order
    in which rows give their values."""

    def __init__(self, statement: Insert | Update | Delete, *names: str) -> None:
        self._statement = statement
        self._names = names

    def __call__(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Runs the statement with all rows; nothing when there are none."""
        if rows:
            compiled = _compiled(_alike(connection.dialect), self._statement, self._names)
            _execute(connection, compiled, dict(zip(self._names, zip(*rows, strict=True), strict=True)), len(rows))


class Among:
    """A SELECT with a list of values: `query` makes it from the list's parameters. Made once in the program."""

    def __init__(self, query: Callable[[list[BindParameter[Any]]], SelectBase]) -> None:
        self._query = query
        self._by_length: dict[int, SelectBase] = {}

    def __call__(self, connection: Connection, listed: Iterable[Any], **values: Any) -> list[Any]:
        """The rows for all of `listed`, with `values` for the other parameters; none when nothing is listed."""
        found: list[Any] = []
        for part in chunks(listed):
            length = next(length for length in LENGTHS if length >= len(part))
            part += part[-1:] * (length - len(part))
            given = {**dict(zip(_LISTED, part, strict=False)), **values}
            statement = self._by_length.get(length)
            if statement is None:
                statement = self._query([bindparam(name) for name in _LISTED[:length]])
                self._by_length[length] = statement
            found += _rows(connection, _compiled(_alike(connection.dialect), statement, ()), given)
        return found


# --- compiled statements ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Compiled:
    """`names`: of the parameters, in their order where the driver takes them by position; `binds`: conversions of those
    that the driver does not take as they are; `constants`: those that the statement itself gives, converted.
    `results`: conversions of the columns that need one, by index."""

    sql: str
    by_position: bool
    names: tuple[str, ...]
    binds: Mapping[str, Convert]
    constants: Mapping[str, Any]
    results: tuple[tuple[int, Convert], ...]


_dialects: dict[str, Dialect] = {}


def _alike(dialect: Dialect) -> Dialect:
    """One for all connections to databases of a kind: every opened store has a dialect of its own."""
    return _dialects.setdefault(dialect.name, dialect)


@lru_cache(1_000)
def _compiled(dialect: Dialect, statement: SelectBase | Insert | Update | Delete, keys: tuple[str, ...]) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys or None)
    own = {name: parameter for parameter, name in compiled.bind_names.items()}
    names = tuple(compiled.positiontup if compiled.positional else own)
    processors = {name: _bind(parameter.type, dialect) for name, parameter in own.items()}
    binds = {name: convert for name, convert in processors.items() if convert is not None}
    given = {name: parameter.effective_value for name, parameter in own.items() if not parameter.required}
    constants = {name: binds[name](value) if name in binds else value for name, value in given.items()}
    columns = statement.selected_columns if isinstance(statement, SelectBase) else ()
    results = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    converted = tuple((index, convert) for index, convert in enumerate(results) if convert is not None)
    return _Compiled(str(compiled), compiled.positional, names, binds, constants, converted)


def _bind(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """Both drivers take truth values as they are."""
    return None if isinstance(type_, Boolean) else type_.dialect_impl(dialect).bind_processor(dialect)


@lru_cache(100)
def _insert(table: Table) -> Insert:
    return table.insert()


def _run_many(connection: Connection, compiled: _Compiled, rows: Sequence[Mapping[str, Any]]) -> None:
    given = {name: [row[name] for row in rows] for name in compiled.names if name not in compiled.constants}
    _execute(connection, compiled, given, len(rows))


def _execute(connection: Connection, compiled: _Compiled, given: Mapping[str, Sequence[Any]], count: int) -> None:
    """Runs a statement with `count` rows, given as columns."""
    columns: dict[str, Sequence[Any]] = {name: [value] * count for name, value in compiled.constants.items()}
    for name, values in given.items():
        convert = compiled.binds.get(name)
        columns[name] = values if convert is None else [convert(value) for value in values]
    rows = zip(*map(columns.__getitem__, compiled.names), strict=True)
    if compiled.by_position:
        connection.exec_driver_sql(compiled.sql, list(rows))
    else:
        connection.exec_driver_sql(compiled.sql, [dict(zip(compiled.names, row, strict=True)) for row in rows])


def _rows(connection: Connection, compiled: _Compiled, given: Mapping[str, Any]) -> list[Any]:
    values = {**compiled.constants, **given}
    for name, convert in compiled.binds.items():
        if name in given:
            values[name] = convert(given[name])
    parameters: Any = tuple(map(values.__getitem__, compiled.names)) if compiled.by_position else values
    rows = connection.exec_driver_sql(compiled.sql, parameters).all()
    if not compiled.results:
        return list(rows)
    return [_converted(row, compiled.results) for row in rows]


def _converted(row: Sequence[Any], results: Sequence[tuple[int, Convert]]) -> tuple[Any, ...]:
    values = [*row]
    for index, convert in results:
        values[index] = convert(values[index])
    return tuple(values)
