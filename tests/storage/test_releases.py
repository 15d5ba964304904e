"""One store is kept from every form that the schema ever had, made by the program of that time: each opens today, with
everything that was in it, on both databases, and goes back to where it was."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import datetime
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tagora.app.withdrawal_key import digest_with
from tagora.core.clock import SystemClock
from tagora.storage import rows
from tagora.storage.copies import file_store
from tagora.storage.migrate import current, downgrade, migrate, newest
from tagora.storage.store import Store, open_store
from tagora.storage.tombstones import is_forgotten

from ..conftest import create_database, drop_database
from ..folder import Folder
from .releases.make import KEY

HERE = Path(__file__).with_name("releases")
VERSIONS = sorted((Path(__file__).parents[2] / "storage" / "migrations" / "versions").glob("0*.py"))
REVISIONS = [re.match(r"\d+", file.name).group() for file in VERSIONS]  # type: ignore[union-attr]
ORIGIN = {"x": "x", "mastodon": "activitypub", "facebook": "facebook"}
_numbers = count(1)
Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


def test_a_store_is_kept_from_every_form_that_the_schema_had() -> None:
    kept = [file.name.removesuffix(".db.gz") for file in sorted(HERE.glob("*.db.gz"))]
    assert kept == REVISIONS, "one was added: python tests/storage/releases/make.py tests/storage/releases"


@pytest.fixture(params=["sqlite", "postgresql"])
def on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
    else:
        server, name = request.getfixturevalue("postgres_url"), f"release_{next(_numbers)}"
        yield create_database(server, name)
        drop_database(server, name)


def unpacked(revision: str, on: str, room: Path) -> Store:
    """The store as it was; on PostgreSQL its rows in the schema of that time."""
    store = open_store(on)
    file = store.path or room / "then.db"
    file.write_bytes(gzip.decompress((HERE / f"{revision}.db.gz").read_bytes()))
    if store.path is None:
        migrate(store, to=revision)
        then = file_store(file)
        with then.reading() as source, store.writing() as connection:
            rows.copy(source, connection)
        then.close()
    return store


def held(store: Store) -> Rows:
    """Every row, by table, with the names of its columns."""
    with store.reading() as connection:
        return {
            table.name: (
                [column.name for column in table.columns],
                [tuple(row) for row in connection.execute(select(table))],
            )
            for table in rows.tables(connection)
        }


def missing(then: Rows, now: Rows) -> list[str]:
    """The rows that are no longer there as they were, as far as their tables and columns still are."""
    found: list[str] = []
    for table, (names, old) in then.items():
        if table not in now:
            continue
        kept = [name for name in names if name in now[table][0]]
        places = [[columns.index(name) for name in kept] for columns in (names, now[table][0])]
        there = {tuple(row[at] for at in places[1]) for row in now[table][1]}
        lost = [row for row in old if tuple(row[at] for at in places[0]) not in there]
        found += [f"{table}: {row}" for row in lost]
    return found


@pytest.mark.parametrize("revision", REVISIONS)
def test_it_opens_with_everything_that_was_in_it_and_goes_back(revision: str, on: str, tmp_path: Path) -> None:
    store = unpacked(revision, on, tmp_path)
    try:
        assert current(store) == revision
        then = held(store)
        assert len(then["post"][1]) > 10
        migrate(store)
        now = held(store)
        assert current(store) == newest()
        assert missing(then, now) == []
        downgrade(store, revision)
        assert current(store) == revision
        back = held(store)
        assert missing(then, back) == []
        assert {table: names for table, (names, _) in back.items()} == {
            table: names for table, (names, _) in then.items()
        }
        migrate(store)
        assert missing(now, held(store)) == []
    finally:
        store.close()


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_program_of_today_says_the_same_of_it(
    revision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = json.loads((HERE / f"{revision}.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(SystemClock, "now", lambda _self: datetime.fromisoformat(said["at"]))
    folder = Folder(tmp_path / "talk", said["config"])
    (folder.path / "withdrawals.key").write_text(KEY)
    unpacked(revision, f"sqlite:///{folder.path}/tagora.db", tmp_path).close()
    assert folder("export").lines == said["export"]
    assert folder("build").status == 0
    shown = b"".join(content for path, content in folder.site().items() if path.endswith(".html")).decode()
    assert len(said["shown"]) > 5
    assert [post["url"] for post in said["export"] if escape(post["url"]) in shown] == said["shown"]
    store = open_store(f"sqlite:///{folder.path}/tagora.db")
    platform, native_id = said["withdrawn"]
    digest = digest_with(bytes.fromhex(KEY))(ORIGIN[platform], native_id)
    with store.reading() as connection:
        assert is_forgotten(connection, [digest]) == {digest}, "who was withdrawn then is known today"
    store.close()
