"""From SQLite to PostgreSQL and back: everything arrives, in one moment, or nothing does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from tagora.app.moving import move
from tagora.app.workplace import open_workplace
from tagora.collector.holder import holder_name
from tagora.core.clock import ManualClock
from tagora.core.errors import UsageError
from tagora.sandbox import Sandbox
from tagora.storage import rows, running
from tagora.storage.store import Store, open_store
from tagora.storage.tables import meta

from ..conftest import create_database, drop_database
from ..folder import Folder
from ..make import NOON
from ..storage.test_forget import discussion, everything

_numbers = count(1)


@pytest.fixture
def empty(postgres_url: str) -> Iterator[str]:
    """An empty database on PostgreSQL."""
    name = f"moved_{next(_numbers)}"
    yield create_database(postgres_url, name)
    drop_database(postgres_url, name)


def test_there_and_back_with_equal_exports_and_an_equal_site(
    folder: Callable[..., Folder], box: Sandbox, now: ManualClock, empty: str
) -> None:
    campaign = folder()
    assert campaign("collect", "--once").status == 0
    assert campaign("forget", box.post_url("x2"), "--yes").status == 0
    exported, site = campaign("export").out, campaign.site()
    assert len(exported.splitlines()) > 5
    moved = campaign("move-store", empty)
    assert (moved.status, moved.err) == (0, "")
    assert f"  store: {empty.replace('postgres:@', 'postgres@')}\n" in moved.out
    campaign.config["store"] = empty
    campaign.write()
    assert campaign("export").out == exported
    assert campaign("build").status == 0
    assert campaign.site() == site
    back = campaign("move-store", "sqlite:///back.db", "--json")
    assert back.json["rows"]["post"] >= len(exported.splitlines())
    with closing(open_store(empty)) as there, closing(open_store(f"sqlite:///{campaign.path}/back.db")) as here:
        assert everything(here) == everything(there)
    campaign.config["store"] = "sqlite:///back.db"
    campaign.write()
    assert campaign("export").out == exported
    assert campaign("build").status == 0
    assert campaign.site() == site
    assert campaign("collect", "--once").status == 0


def test_search_works_where_the_store_moved(store: Store, tmp_path: Path, empty: str) -> None:
    discussion(store)
    to = empty if store.is_sqlite else f"sqlite:///{tmp_path}/moved.db"
    move(store, to, NOON, lambda _total: lambda _rows: None)
    with closing(open_store(to)) as moved, moved.reading() as connection:
        query = (
            "SELECT count(*) FROM post WHERE to_tsvector('simple', text) @@ to_tsquery('simple', 'today')"
            if store.is_sqlite
            else "SELECT count(*) FROM post_fts WHERE post_fts MATCH 'today'"
        )
        assert connection.execute(text(query)).scalar() == 1


def test_no_table_counts_for_itself_so_no_counter_needs_to_be_set(postgres_store: Store) -> None:
    """Ids are given by the writer (docs/decisions.md)."""
    with postgres_store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_sequences")).scalar() == 0


def test_it_tells_how_far_it_is(store: Store, tmp_path: Path, empty: str) -> None:
    discussion(store)
    told: list[int] = []
    totals: list[int] = []

    def begun(total: int) -> Callable[[int], None]:
        totals.append(total)
        return told.append

    to = empty if store.is_sqlite else f"sqlite:///{tmp_path}/moved.db"
    moved = move(store, to, NOON, begun)
    assert totals == [sum(told)] == [sum(moved.values())]


def test_what_is_written_meanwhile_is_there_whole_or_not_at_all(store: Store, tmp_path: Path, empty: str) -> None:
    discussion(store)
    ended = threading.Event()

    def write() -> None:
        for number in count():
            if ended.is_set():
                return
            with store.writing() as connection:
                connection.execute(insert(meta).values(key=f"one {number}", value="pair"))
                connection.execute(insert(meta).values(key=f"two {number}", value="pair"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        to = empty if store.is_sqlite else f"sqlite:///{tmp_path}/moved.db"
        move(store, to, NOON, lambda _total: lambda _rows: None)
    finally:
        ended.set()
        writer.join()
    with closing(open_store(to)) as moved, moved.reading() as connection:
        pairs = "SELECT count(*) FROM meta WHERE value = 'pair'"
        assert connection.execute(text(pairs)).scalar_one() % 2 == 0


def test_one_that_was_cut_short_leaves_nothing_and_is_called_again(
    store: Store, tmp_path: Path, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    discussion(store)
    to = empty if store.is_sqlite else f"sqlite:///{tmp_path}/moved.db"

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(rows, "_insert", cut)
        with pytest.raises(KeyboardInterrupt):
            move(store, to, NOON, lambda _total: lambda _rows: None)
    assert sorted(tmp_path.glob("moved*")) == []
    assert move(store, to, NOON, lambda _total: lambda _rows: None)["post"] == 4


def test_something_that_is_there_already_is_left_alone(store: Store, tmp_path: Path, empty: str) -> None:
    discussion(store)
    to = empty if store.is_sqlite else f"sqlite:///{tmp_path}/moved.db"
    move(store, to, NOON, lambda _total: lambda _rows: None)
    with closing(open_store(to)) as target:
        before = everything(target)
        with pytest.raises(UsageError, match=r"something in .* already"):
            move(store, to, NOON, lambda _total: lambda _rows: None)
        assert everything(target) == before
    own = store.engine.url.render_as_string(hide_password=False)
    with pytest.raises(UsageError, match="is the store that is in use"):
        move(store, own, NOON, lambda _total: lambda _rows: None)


def test_not_while_tagora_runs_on_it(lonely: Folder, clock: ManualClock) -> None:
    lonely.write()
    with open_workplace(lonely.file) as place, place.store.writing() as connection:
        running.take(connection, holder_name(), "this machine, process 1", place.clock.now())
    refused = lonely("move-store", "sqlite:///moved.db")
    assert refused.status == 3
    assert "`tagora run` is at work on the store: this machine, process 1. Stop it first" in refused.err
    assert not (lonely.path / "moved.db").exists()


def test_a_password_is_used_and_not_written_down(lonely: Folder, empty: str) -> None:
    assert lonely("status").status == 0
    moved = lonely("move-store", empty.replace("postgres:@", "postgres:secret@"))
    assert moved.status == 0, moved.err
    assert "secret" not in moved.out
    assert f"  store: {empty.replace('postgres:@', 'postgres@')}" in moved.out
    assert "PGPASSWORD" in moved.out


def test_what_is_no_address_is_told(lonely: Folder) -> None:
    assert lonely("status").status == 0
    for to, words in (("nothing", "address cannot be read"), ("mysql://host/db", "'mysql' is not known")):
        refused = lonely("move-store", to)
        assert (refused.status, words in refused.err) == (2, True)
