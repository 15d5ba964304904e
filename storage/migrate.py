"""The schema's versions: bringing a store to the one this program knows.

Alembic is driven from here, without ini file or env.py, inside one writing transaction: on SQLite BEGIN IMMEDIATE, on
PostgreSQL the writers' advisory lock. Both keep a second process waiting, and both undo a migration that fails
half-way, since DDL is transactional on both (https://www.sqlite.org/lang_transaction.html).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from ..core.errors import StoreError, StoreTooNew
from .review_tables import metadata  # all tables, those of the review app too
from .store import Store

VERSION_TABLE = "alembic_version"
HEAD = "head"


def migrate(store: Store, to: str = HEAD) -> None:
    """Brings `store` to the newest schema, or up to revision `to`; a store that is there already is only read. An empty
    one is set up.

    Raises StoreError when the store is newer than this program, belongs to something else or is damaged.
    """
    wanted = newest() if to == HEAD else to
    if current(store) == wanted:
        return
    with store.writing() as connection:
        migrate_within(store, connection, wanted)


def migrate_within(store: Store, connection: Connection, to: str = HEAD) -> None:
    """`migrate` inside the caller's writing transaction."""
    scripts = _scripts()
    wanted = newest() if to == HEAD else to
    if _revision(store, connection, scripts) != wanted:
        _run(connection, scripts, lambda revision, _: scripts._upgrade_revs(wanted, revision))


def downgrade(store: Store, revision: str) -> None:
    """Takes `store` back to `revision` ("base": no tables at all). What newer columns held is lost."""
    scripts = _scripts()
    with store.writing() as connection:
        _revision(store, connection, scripts)
        _run(connection, scripts, lambda now, _: scripts._downgrade_revs(revision, now))


def newest() -> str:
    """The revision that this program works with."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


def current(store: Store) -> str | None:
    """The schema's revision in `store`; None when the store is empty. Raises StoreError as `migrate` does."""
    with store.reading() as connection:
        return _revision(store, connection, _scripts())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def _revision(store: Store, connection: Connection, scripts: ScriptDirectory) -> str | None:
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        if tables:
            raise StoreError(
                f"the database {store.url} holds tables of something else ({', '.join(sorted(tables)[:3])})",
                "Name an empty database or another file under `store:`.",
            )
        return None
    revision = MigrationContext.configure(connection).get_current_revision()
    known = [script.revision for script in scripts.walk_revisions()]
    if revision is not None and revision not in known:
        raise StoreTooNew(
            f"the store {store.url} is newer than this program: it has schema {revision}, this program knows "
            f"{known[0]}",
            "Install the newer tagora, or put the copy made before back: tagora restore FILE --over-newer.",
        )
    return revision


def _run(connection: Connection, scripts: ScriptDirectory, steps: Callable[[Any, Any], Any]) -> None:
    environment = EnvironmentContext(Config(), scripts, fn=steps)
    environment.configure(connection=connection, target_metadata=metadata, fn=steps)
    with environment.begin_transaction():
        environment.run_migrations()
