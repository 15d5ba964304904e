"""Opening a store and the two kinds of transaction: `reading` sees one moment, `writing` is alone.

SQLite: the driver's own transaction handling is off and BEGIN is ours, or two reads in one transaction could see two
moments; every write is BEGIN IMMEDIATE, since a deferred one that turns into a write fails at once when another
process wrote meanwhile (https://www.sqlite.org/isolation.html, https://docs.sqlalchemy.org/en/20/dialects/sqlite.html
"Serializable isolation / Savepoints / Transactional DDL"). PostgreSQL: reads are REPEATABLE READ READ ONLY; writers
take one advisory lock, since two of them joining threads from two sides would lose a join.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ..core.errors import ConfigError, StoreDamaged, StoreError, StoreFull, StoreLocked
from .batches import read

BUSY_TIMEOUT_SECONDS = 30
WRITER_LOCK = 0x7A60_8A11  # any constant; the same for every Tagora process on one database


class Store:
    """One store, by its URL (sqlite:///path or postgresql+psycopg://…). Cheap to make; connects on first use."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"

    @property
    def url(self) -> str:
        """The address without its password, for people."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def path(self) -> Path | None:
        """The file of an SQLite store."""
        database = self.engine.url.database
        return Path(database) if self.is_sqlite and database and database != ":memory:" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment and writes nothing."""
        with _in_words(self), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.execute(text("BEGIN DEFERRED"))
            else:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is the only writing one. Commits at the end, rolls back on any exception."""
        with _in_words(self), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.execute(text("BEGIN IMMEDIATE"))
            else:
                connection.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at `url`, not yet checked for its schema: see storage.migrate. Raises ConfigError for a bad URL and
    StoreError when the folder of an SQLite file cannot be made."""
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        raise ConfigError(
            "the store's address cannot be read",
            "Write sqlite:///var/tagora.db or postgresql+psycopg://user@host/database.",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            try:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"the folder of the store {parsed.database} cannot be made: {error.strerror}",
                    "Choose another place under `store:`.",
                ) from error
        engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
    elif parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    else:
        raise ConfigError(
            f"a store of the kind {parsed.get_backend_name()!r} is not known", "Use SQLite or PostgreSQL."
        )
    return Store(engine)


def next_ids(connection: Connection, table: Table, count: int) -> range:
    """`count` free ids of `table`. Only inside `writing`: nobody else can take them."""
    first = (read(connection, _highest_id(table))[0][0] or 0) + 1
    return range(first, first + count)


@cache
def _highest_id(table: Table) -> Select[int | None]:
    return select(func.max(next(iter(table.primary_key.columns))))


def _prepare_sqlite(driver_connection: Any, _record: object) -> None:
    driver_connection.isolation_level = None  # BEGIN is ours
    cursor = driver_connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=FAST"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def _in_words(store: Store) -> Iterator[None]:
    """Turns the database's failures into one sentence."""
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
        if "locked" in reason or "busy" in reason:
            raise StoreLocked(
                f"the store {store.url} was kept locked by another process for {BUSY_TIMEOUT_SECONDS} s",
                "Look which tagora is running and try again.",
            ) from error
        if "disk is full" in reason or "No space left" in reason:
            raise StoreFull(
                f"the disk with the store {store.url} is full",
                "Free some space and run again; nothing that was stored is lost.",
            ) from error
        if "not a database" in reason or "malformed" in reason:
            raise StoreDamaged(
                f"the file {store.url} is damaged or is no SQLite store ({reason})",
                "Restore the last copy of it (tagora restore latest), or name another file under `store:`.",
            ) from error
        if "unable to open" in reason:
            raise StoreError(
                f"the file of the store {store.url} cannot be opened",
                "See that it is a file and that you may write to it and its folder.",
            ) from error
        if "connection failed" in reason or "could not connect" in reason or "could not translate" in reason:
            raise StoreError(
                f"the database {store.url} cannot be reached: {reason}", "See that it runs and that `store:` is right."
            ) from error
        raise StoreError(f"the store {store.url} did not do as asked: {reason}", "Nothing half was written.") from error
