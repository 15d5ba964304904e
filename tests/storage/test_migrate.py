from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from tagora.core.decisions import FLAGGED, WAS_SHOWN, Verdict
from tagora.core.errors import StoreError
from tagora.core.records import Authority
from tagora.review.deciding import decide
from tagora.storage.decisions import rebuild, subjects
from tagora.storage.migrate import current, downgrade, migrate
from tagora.storage.store import Store, open_store
from tagora.storage.tables import author, fingerprint_band, metadata, post

from .. import make
from ..agora import campaign, write
from ..conftest import create_database
from ..make import sighting
from .incoming import keep

_numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_store(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/empty.db"
    else:
        url = create_database(request.getfixturevalue("postgres_url"), f"empty_{next(_numbers)}")
    store = open_store(url)
    yield store
    store.close()


def schema(store: Store) -> dict[str, Any]:
    """All that the database itself says of its tables."""
    with store.reading() as connection:
        seen = inspect(connection)
        return {
            table: {
                "columns": [
                    (c["name"], repr(c["type"]), c["nullable"], c["default"], c.get("autoincrement"))
                    for c in seen.get_columns(table)
                ],
                "key": seen.get_pk_constraint(table),
                "unique": sorted(seen.get_unique_constraints(table), key=str),
                "indexes": sorted(
                    [
                        {**index, "dialect_options": {k: str(v) for k, v in index.get("dialect_options", {}).items()}}
                        for index in seen.get_indexes(table)
                    ],
                    key=str,
                ),
                "foreign": sorted(seen.get_foreign_keys(table), key=str),
            }
            for table in seen.get_table_names()
            if table != "alembic_version"
        }


def test_migrations_make_the_schema_that_the_tables_declare(empty_store: Store):
    migrate(empty_store)
    migrated = schema(empty_store)
    downgrade(empty_store, "base")
    with empty_store.writing() as connection:
        metadata.create_all(connection)
    assert migrated == schema(empty_store)


def test_going_up_down_and_up_again_ends_where_it_began(empty_store: Store):
    migrate(empty_store)
    first, head = schema(empty_store), current(empty_store)
    downgrade(empty_store, "base")
    assert schema(empty_store) == {}
    assert current(empty_store) is None
    migrate(empty_store)
    assert (schema(empty_store), current(empty_store)) == (first, head)


def test_authors_known_before_their_authority_was_kept_have_that_of_their_best_post(empty_store: Store):
    migrate(empty_store)
    keep(empty_store, sighting("1", author=make.author("anna"), authority=Authority.HOME))
    keep(empty_store, sighting("2", author=make.author("anna"), authority=Authority.RUMOUR))
    keep(empty_store, sighting("3", author=make.author("bo"), authority=Authority.HEARSAY))
    downgrade(empty_store, "0001")
    migrate(empty_store)
    with empty_store.reading() as connection:
        known = connection.execute(select(author.c.handle, author.c.authority).order_by(author.c.handle)).all()
    assert [tuple(row) for row in known] == [("anna", Authority.HOME), ("bo", Authority.HEARSAY)]


def test_posts_that_waited_before_urgency_was_kept_have_the_one_that_their_log_gives_them(empty_store: Store):
    migrate(empty_store)
    with empty_store.writing() as connection:
        agora = campaign(connection, rules="[{name: mark, when: {words: [segno]}, then: flag}]")
        texts = ("uno", "segno", "due", "tre")
        ids = [write(connection, agora, str(number), text) for number, text in enumerate(texts)]
        decide(connection, agora, ids[2:4], Verdict.APPROVE, "anna", make.NOON)
        later = make.NOON + timedelta(hours=2)
        for name in ("2", "3"):
            text_now = "segno dopo" if name == "3" else "dopo"
            write(connection, agora, name, text_now, edited_at=later, seen_at=later, now=later)
    downgrade(empty_store, "0002")
    migrate(empty_store)
    with empty_store.writing() as connection:
        kept = [one.state.urgency for one in subjects(connection, agora, ids).values()]
        assert kept == [0, FLAGGED, WAS_SHOWN, FLAGGED | WAS_SHOWN]
        assert rebuild(connection, agora, make.NOON) == 0


def test_bands_written_before_the_fingerprint_stood_beside_them_get_it(empty_store: Store):
    migrate(empty_store)
    keep(empty_store, sighting("1", text="five different words stand here"), sighting("2", text="too short"))
    downgrade(empty_store, "0005")
    migrate(empty_store)
    with empty_store.reading() as connection:
        (own,) = connection.execute(select(post.c.fingerprint).where(post.c.native_id == "1")).scalars()
        assert own and connection.execute(select(fingerprint_band.c.fingerprint)).scalars().all() == [own] * 4


def test_migrating_a_store_that_is_there_already_writes_nothing(sqlite_store: Store):
    path = sqlite_store.path
    assert path
    before = path.read_bytes()
    migrate(sqlite_store)
    assert path.read_bytes() == before


def test_a_newer_store_is_refused_naming_both_versions(store: Store):
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer than this program.*9999.*knows 0012.*newer tagora"):
        migrate(store)


def test_a_database_of_something_else_is_left_alone(empty_store: Store):
    with empty_store.writing() as connection:
        connection.execute(text("CREATE TABLE recipes (id INTEGER)"))
    with pytest.raises(StoreError, match=r"recipes.*empty database"):
        migrate(empty_store)


def test_a_damaged_file_is_told_in_one_sentence(tmp_path: Path):
    path = tmp_path / "store.db"
    path.write_bytes(b"no database at all " * 1000)
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="damaged or is no SQLite store"):
        migrate(store)


def test_a_folder_that_is_not_writable_is_told_in_one_sentence(tmp_path: Path):
    (tmp_path / "taken").mkdir()
    store = open_store(f"sqlite:///{tmp_path}/taken")
    with pytest.raises(StoreError, match="taken"):
        migrate(store)


@pytest.mark.processes
def test_two_processes_may_migrate_at_once(empty_store: Store):
    url = empty_store.engine.url.render_as_string(hide_password=False)
    program = "import sys; from tagora.storage.store import open_store; from tagora.storage.migrate import migrate; "
    command = [sys.executable, "-c", program + "migrate(open_store(sys.argv[1]))", url]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(process.wait(), process.stderr.read() if process.stderr else b"") for process in both] == [(0, b"")] * 2
    assert current(empty_store) == "0012"
