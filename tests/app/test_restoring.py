"""The worst day: the store is lost, a backup takes its place, and nothing that was withdrawn comes back."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tagora.app import backups, withdrawals_file
from tagora.app.building import build_site
from tagora.app.reconciling import reconcile_accounts
from tagora.app.workplace import open_workplace
from tagora.collector.holder import holder_name
from tagora.core.clock import ManualClock, SystemClock
from tagora.sandbox import Sandbox
from tagora.storage import running
from tagora.storage.copies import file_store
from tagora.storage.migrate import downgrade, newest
from tagora.storage.restored import begin_anew
from tagora.storage.store import Store, open_store

from ..conftest import create_database, drop_database
from ..folder import Folder
from .conftest import MINUTE

on_both = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
LATER = MINUTE + 600
NEXT_DAY = LATER + 24 * 60
WORDS = "E tu come fai?"  # of x2, which is withdrawn


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the store is: SQLite where a test does not say `on_both`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield "sqlite:///tagora.db"
    else:
        server = request.getfixturevalue("postgres_url")
        yield create_database(server, "restoring")
        drop_database(server, "restoring")


def lose(folder: Folder) -> None:
    """The store, its log and the site are gone."""
    if folder.config["store"].startswith("sqlite"):
        for file in folder.path.glob("tagora.db*"):
            file.unlink()
    else:
        store = open_store(folder.config["store"])
        with store.writing() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        store.close()
    shutil.rmtree(folder.path / "site", ignore_errors=True)


def damage(folder: Folder) -> None:
    file = folder.path / "tagora.db"
    file.write_bytes(b"\xff" * 4096 + file.read_bytes()[4096:])


def copied(folder: Folder, to: Path) -> Folder:
    shutil.copytree(folder.path, to)
    return Folder(to, folder.config)


def reserved(store: Store) -> int:
    with store.reading() as connection:
        query = "SELECT coalesce(sum(micros), 0) FROM budget_entry WHERE state = 'reserved'"
        return int(connection.execute(text(query)).scalar_one())


# --- the drill -------------------------------------------------------------------------------------------------------


@on_both
def test_after_a_loss_the_site_is_what_it_would_have_been_without_what_was_withdrawn(
    folder: Callable[..., Folder], box: Sandbox, now: ManualClock, tmp_path: Path, url: str
) -> None:
    lucky = folder()
    unlucky = copied(lucky, tmp_path / "unlucky")
    unlucky.config["store"] = url
    unlucky.write()
    for each in (lucky, unlucky):
        assert each("collect", "--once").status == 0
        assert each("build").status == 0
        assert each("backup").status == 0
    now.set(box.set_time(MINUTE + 10))
    for each in (lucky, unlucky):
        assert any(WORDS.encode() in content for content in each.site().values())
        assert each("forget", box.post_url("x2"), "--yes").status == 0
    lose(unlucky)
    now.set(box.set_time(LATER))
    done = unlucky("restore", "latest")
    assert (done.status, done.err) == (0, "")
    assert "Restored from" in done.out and "withdrawn since then, and kept out: 1 post, 0 accounts" in done.out
    assert not any(WORDS.encode() in content for content in unlucky.site().values())
    resting = unlucky("collect", "--once")
    assert "money for this day" in resting.err, "what was spent since the backup is not known: X waits for the next day"
    now.set(box.set_time(NEXT_DAY))
    with open_workplace(unlucky.file, now) as place:
        assert reserved(place.store) > 0
        assert any("was not charged" in line for line in reconcile_accounts(place))
        assert reserved(place.store) == 0, "X was asked what it counted"
    for each in (lucky, unlucky):
        assert each("collect", "--once").status == 0
        assert each("build").status == 0
    assert unlucky.site() == lucky.site()
    assert sorted(unlucky("export").lines, key=str) == sorted(lucky("export").lines, key=str)
    assert not any(WORDS in post["text"] for post in unlucky("export").lines)


# --- what is in its place, and what is not ----------------------------------------------------------------------------


@pytest.fixture
def today(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    monkeypatch.setattr(SystemClock, "now", lambda _self: clock.now())
    return clock


@pytest.fixture
def backed_up(lonely: Folder, today: ManualClock, url: str) -> Folder:
    """A folder without networks: a person added one post, a backup was made, and a second post came later."""
    lonely.config["store"] = url
    lonely.config["backup"] = {"folder": "copies"}
    lonely.write()
    add(lonely, "1", "the first")
    assert lonely("backup").status == 0
    today.advance(timedelta(hours=1))
    add(lonely, "2", "the second")
    return lonely


def add(folder: Folder, name: str, words: str) -> None:
    added = folder(
        "add", f"https://example.net/{name}", "--text", words, "--author", "Anna", "--date", "2026-11-20",
        "--permission", "asked by mail", "--by", "mara",
    )  # fmt: skip
    assert added.status == 0, added.err


def texts(folder: Folder) -> list[str]:
    return sorted(post["text"] for post in folder("export").lines)


@on_both
def test_over_a_store_that_knows_later_things_only_when_told_and_it_is_kept_aside(backed_up: Folder) -> None:
    refused = backed_up("restore", "latest")
    assert refused.status == 2
    assert "the store that is there is newer" in refused.err and "--over-newer" in refused.err
    assert texts(backed_up) == ["the first", "the second"]
    done = backed_up("restore", "latest", "--over-newer", "--json")
    assert (done.status, done.err) == (0, "")
    assert done.json["posts"] == 1
    assert texts(backed_up) == ["the first"]
    aside = done.json["kept_aside"]
    if aside.startswith("the schema"):
        store = open_store(backed_up.config["store"])
        with store.reading() as connection:
            kept = connection.execute(text(f"SELECT count(*) FROM {aside.split()[2]}.post WHERE held")).scalar()
        store.close()
    else:
        with closing(sqlite3.connect(aside)) as former:
            kept = former.execute("SELECT count(*) FROM post WHERE held").fetchone()[0]
    assert kept == 2


@on_both
def test_restoring_the_newest_state_again_needs_no_word_and_twice_in_a_second_keeps_both(backed_up: Folder) -> None:
    assert backed_up("backup").status == 0
    aside = [backed_up("restore", "latest", "--json").json["kept_aside"] for _ in range(3)]
    assert len(set(aside)) == 3
    assert texts(backed_up) == ["the first", "the second"]


def test_a_backup_of_sqlite_is_restored_on_postgresql(backed_up: Folder, postgres_url: str) -> None:
    backed_up.config["store"] = create_database(postgres_url, "restored_here")
    backed_up.write()
    done = backed_up("restore", "latest", "--json")
    assert (done.status, done.json["kept_aside"]) == (0, None)
    assert texts(backed_up) == ["the first"]
    drop_database(postgres_url, "restored_here")


def test_a_file_from_anywhere_is_restored_and_its_missing_facts_are_told(backed_up: Folder, tmp_path: Path) -> None:
    (made,) = backups.good(backed_up.path / "copies")
    shutil.copyfile(made.file, tmp_path / "carried.db.gz")
    lose(backed_up)
    done = backed_up("restore", tmp_path / "carried.db.gz")
    assert done.status == 0
    assert "its checksum could not be compared" in done.out
    assert texts(backed_up) == ["the first"]


@on_both
def test_a_backup_of_an_earlier_release_is_brought_up_to_date(backed_up: Folder, tmp_path: Path) -> None:
    (made,) = backups.good(backed_up.path / "copies")
    old = tmp_path / "old.db"
    backups.unpack(made.file, old)
    store = file_store(old)
    downgrade(store, "0003")
    clock = ManualClock(made.at)
    of_old = backups.make(store, tmp_path / "old", clock)
    store.close()
    lose(backed_up)
    done = backed_up("restore", of_old.file)
    assert done.status == 0, done.err
    assert f"brought from schema 0003 to {newest()}" in done.out
    assert texts(backed_up) == ["the first"]


def test_everybody_signs_in_again(backed_up: Folder, today: ManualClock) -> None:
    assert backed_up("moderators", "add", "mara").status == 0
    assert backed_up("backup").status == 0
    assert backed_up("restore", "latest").status == 0
    with open_workplace(backed_up.file, today) as place, place.store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM invite")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM moderator")).scalar() == 1


def test_the_next_build_looks_at_every_page_since_what_was_published_may_be_newer(
    backed_up: Folder, today: ManualClock
) -> None:
    assert backed_up("approve", "https://example.net/1", "--by", "mara").status == 0
    assert backed_up("build").status == 0
    with open_workplace(backed_up.file, today) as place:
        with place.store.writing() as connection:  # as another history of this store would have it
            connection.execute(text("UPDATE post SET text = 'otherwise'"))
        assert build_site(place).written == 0
        with place.store.writing() as connection:
            begin_anew(connection, today.now())
        assert build_site(place).written > 0
    assert any(b"otherwise" in content for content in backed_up.site().values())


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_damaged_backup_changes_nothing(backed_up: Folder) -> None:
    (made,) = backups.good(backed_up.path / "copies")
    whole = made.file.read_bytes()
    made.file.write_bytes(whole[: len(whole) // 2] + b"??" + whole[len(whole) // 2 + 2 :])
    answer = backed_up("restore", made.file, "--over-newer")
    assert answer.status == 3
    assert "damaged" in answer.err or "SHA-256" in answer.err
    assert texts(backed_up) == ["the first", "the second"]
    assert not list(backed_up.path.glob(f"{backups.HALF}*"))


def test_with_the_wrong_key_or_without_one_only_when_told(backed_up: Folder) -> None:
    lose(backed_up)
    key = backed_up.path / "withdrawals.key"
    right = key.read_text()
    key.unlink()
    gone = backed_up("restore", "latest")
    assert (gone.status, "is not there, and the backup needs it" in gone.err) == (2, True)
    assert not key.exists(), "no new one was made"
    key.write_text("ab" * 32)
    wrong = backed_up("restore", "latest")
    assert (wrong.status, "not the one that this backup was made with" in wrong.err) == (2, True)
    assert backed_up("restore", "latest", "--new-key").status == 0
    assert texts(backed_up) == ["the first"]
    key.write_text(right)
    refused = backed_up("status")
    assert (refused.status, "not the one that" in refused.err) == (2, True)
    key.unlink()
    refused = backed_up("status")
    assert (refused.status, "is not there. Put the right one back" in refused.err) == (2, True)
    assert not key.exists(), "no new one was made"


@on_both
def test_over_a_store_that_a_newer_release_made_when_told(backed_up: Folder, today: ManualClock) -> None:
    with open_workplace(backed_up.file, today) as place, place.store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "tagora restore FILE --over-newer" in backed_up("status").err
    refused = backed_up("restore", "latest")
    assert (refused.status, "made by a later version" in refused.err) == (2, True)
    assert backed_up("restore", "latest", "--over-newer").status == 0
    assert texts(backed_up) == ["the first"]


@on_both
def test_not_while_tagora_runs_on_the_store(backed_up: Folder, today: ManualClock) -> None:
    holder = holder_name()
    with open_workplace(backed_up.file, today) as place, place.store.writing() as connection:
        running.take(connection, holder, "this machine, process 1", today.now())
    refused = backed_up("restore", "latest", "--over-newer")
    assert refused.status == 3
    assert "`tagora run` is at work on this store: this machine, process 1" in refused.err
    assert texts(backed_up) == ["the first", "the second"]


def test_there_must_be_a_backup(lonely: Folder, tmp_path: Path) -> None:
    assert "there is no backup in" in lonely("restore", "latest").err
    assert "there is no file" in lonely("restore", tmp_path / "none.db.gz").err


# --- SQLite's file ----------------------------------------------------------------------------------------------------


def test_not_while_another_process_has_the_file_open(backed_up: Folder) -> None:
    with closing(sqlite3.connect(backed_up.path / "tagora.db")) as other:
        other.execute("SELECT count(*) FROM post").fetchone()
        refused = backed_up("restore", "latest", "--over-newer")
    assert refused.status == 3
    assert "is open in another process. Stop every tagora" in refused.err
    assert texts(backed_up) == ["the first", "the second"]


def test_a_damaged_store_is_replaced_and_its_log_is_not_taken_for_the_new_ones(backed_up: Folder) -> None:
    file, log = (backed_up.path / name for name in ("tagora.db", "tagora.db-wal"))
    with closing(sqlite3.connect(file)) as other:
        other.execute("UPDATE post SET text = 'from the log'")
        other.commit()
        damage(backed_up)
        assert log.stat().st_size > 0
        refused = backed_up("restore", "latest", "--over-newer")
        assert (refused.status, "open in another process" in refused.err) == (3, True)
        kept = log.read_bytes()
    damage(backed_up)
    log.write_bytes(kept)
    assert backed_up("restore", "latest", "--over-newer").status == 0
    assert texts(backed_up) == ["the first"]


def test_what_is_no_store_at_all_is_told_with_the_way_out_and_replaced(backed_up: Folder) -> None:
    damage(backed_up)
    assert "tagora restore latest" in backed_up("status").err
    done = backed_up("restore", "latest", "--json")
    assert (done.status, done.err) == (0, "")
    assert Path(done.json["kept_aside"]).read_bytes()[:4096] == b"\xff" * 4096
    assert texts(backed_up) == ["the first"]


# --- withdrawals beside the store -------------------------------------------------------------------------------------


def test_a_copy_put_back_by_hand_learns_of_later_withdrawals_at_the_next_command(
    backed_up: Folder, tmp_path: Path
) -> None:
    (made,) = backups.good(backed_up.path / "copies")
    assert backed_up("forget", "https://example.net/1", "--yes").status == 0
    lose(backed_up)
    backups.unpack(made.file, backed_up.path / "tagora.db")
    assert texts(backed_up) == ["the first"]
    assert backed_up("build").status == 0
    assert texts(backed_up) == []


def test_withdrawals_are_noted_beside_the_store_and_beside_the_backups(backed_up: Folder) -> None:
    assert backed_up("forget", "https://example.net/1", "--yes").status == 0
    beside_store = withdrawals_file.read(backed_up.path / "var" / "withdrawals.txt")
    assert [one.kind for one in beside_store] == ["post"]
    assert withdrawals_file.read(backed_up.path / "copies" / "withdrawals.txt") == beside_store


def test_a_withdrawal_that_cannot_be_noted_does_not_happen(backed_up: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        refused = backed_up("forget", "https://example.net/1", "--yes")
    assert refused.status == 3
    assert "cannot be noted in" in refused.err and "nothing was withdrawn" in refused.err
    assert texts(backed_up) == ["the first", "the second"]
