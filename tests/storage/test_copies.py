"""A copy holds what the store held at one moment, on whichever database, and what is wrong with a file is found."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from tagora.core.errors import StoreError
from tagora.storage import rows
from tagora.storage.copies import check, copy_to, file_store
from tagora.storage.forget import forget, is_owed, plan
from tagora.storage.migrate import current, downgrade, newest
from tagora.storage.store import Store
from tagora.storage.tables import change, meta, metadata

from ..make import NOON
from .test_forget import WORDS, digest_of, discussion, everything


def test_every_table_is_among_those_that_are_copied(store: Store) -> None:
    with store.reading() as connection:
        assert {table.name for table in rows.tables(connection)} == set(metadata.tables)


def test_a_copy_holds_what_the_store_holds_and_counts_it(store: Store, tmp_path: Path) -> None:
    discussion(store)
    held = copy_to(store, tmp_path / "copy.db")
    copied = file_store(tmp_path / "copy.db")
    assert everything(copied) == everything(store)
    assert (held.schema, held.rows["post"], held.rows["decision"]) == (newest(), 4, 4)
    with copied.reading() as connection:
        found = connection.exec_driver_sql("SELECT rowid FROM post_fts WHERE post_fts MATCH 'carla'").all()
    assert found, "what is searched is there too"
    copied.close()


def test_a_copy_is_of_one_moment_while_others_write(store: Store, tmp_path: Path) -> None:
    discussion(store)
    ended = threading.Event()

    def write() -> None:
        number = 1_000
        while not ended.is_set():
            number += 1
            with store.writing() as connection:
                connection.execute(insert(meta).values(key=str(number), value="one"))
                connection.execute(insert(change).values(seq=number, thread_id=1, at=NOON))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(4):
            held = copy_to(store, tmp_path / f"{number}.db")
            with closing(sqlite3.connect(tmp_path / f"{number}.db")) as copied:
                pairs = copied.execute("SELECT count(*) FROM meta WHERE value = 'one'").fetchone()[0]
                changes = copied.execute("SELECT count(*) FROM change WHERE seq > 1000").fetchone()[0]
            assert pairs == changes
            assert held.rows["change"] >= changes
    finally:
        ended.set()
        writer.join()


def test_the_words_of_a_withdrawal_that_is_not_scrubbed_yet_are_not_in_the_copy(store: Store, tmp_path: Path) -> None:
    discussion(store)
    with store.writing() as connection:
        forget(connection, plan(connection, "@carlabruni"), digest_of, NOON + timedelta(days=1))
    with store.reading() as connection:
        assert is_owed(connection)
    copy_to(store, tmp_path / "copy.db")
    content = (tmp_path / "copy.db").read_bytes().lower()
    assert b"carla" not in content
    assert WORDS.lower().encode() not in content


def test_a_store_of_an_earlier_release_is_copied_as_it_is(store: Store, tmp_path: Path) -> None:
    discussion(store)
    downgrade(store, "0004")
    assert copy_to(store, tmp_path / "copy.db").schema == "0004"
    copied = file_store(tmp_path / "copy.db")
    assert current(copied) == "0004"
    copied.close()


def test_an_empty_database_is_not_copied(tmp_path: Path) -> None:
    store = file_store(tmp_path / "empty.db")
    with pytest.raises(StoreError, match=r"empty.*nothing to copy"):
        copy_to(store, tmp_path / "copy.db")


def test_a_copy_with_a_flipped_page_or_a_missing_end_is_found_out(sqlite_store: Store, tmp_path: Path) -> None:
    discussion(sqlite_store)
    good = tmp_path / "good.db"
    copy_to(sqlite_store, good)
    whole = good.read_bytes()
    cut, flipped = tmp_path / "cut.db", tmp_path / "flipped.db"
    cut.write_bytes(whole[: len(whole) // 2])
    middle = whole.index(b"What do you think?") // 4096 * 4096
    flipped.write_bytes(whole[:middle] + b"\xff" * 4096 + whole[middle + 4096 :])
    check(good)
    for file in (cut, flipped):
        with pytest.raises(StoreError, match="damaged"):
            check(file)


def test_a_copy_in_which_a_reference_leads_nowhere_is_found_out(sqlite_store: Store, tmp_path: Path) -> None:
    discussion(sqlite_store)
    copy_to(sqlite_store, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copied, copied:
        copied.execute("DELETE FROM thread")
    with pytest.raises(StoreError, match="damaged: post refers to nothing in thread"):
        check(tmp_path / "copy.db")


def test_rows_that_got_lost_on_the_way_are_missed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    discussion(store)
    real, calls = rows.counted, iter((7, 8))
    monkeypatch.setattr(rows, "counted", lambda connection: real(connection) | {"note": next(calls)})
    with pytest.raises(StoreError, match="not whole: note"):
        copy_to(store, tmp_path / "copy.db")


def test_a_copy_is_searched_and_changed_like_any_store(store: Store, tmp_path: Path) -> None:
    discussion(store)
    copy_to(store, tmp_path / "copy.db")
    copied = file_store(tmp_path / "copy.db")
    with copied.writing() as connection:
        connection.execute(delete(meta))
        connection.execute(insert(meta).values(key="mine", value="now"))
    with copied.reading() as connection:
        assert connection.execute(select(meta.c.value)).scalars().all() == ["now"]
    copied.close()
