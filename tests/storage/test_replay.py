"""A store that is put back from before a withdrawal is brought to where the withdrawal left it, by digests alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from tagora.storage.changes import newest
from tagora.storage.forget import forget, is_owed, plan, scrub_free_pages
from tagora.storage.replay import Replayed, replay
from tagora.storage.store import Store
from tagora.storage.tables import meta, metadata
from tagora.storage.tombstones import Tombstone, every

from ..make import NOON, author, post, sighting
from .incoming import keep
from .test_forget import WORDS, digest_of, discussion, everything, statuses

LATER = NOON + timedelta(days=1)


def withdrawn(store: Store, target: str) -> list[Tombstone]:
    """Withdraws, and gives what is noted of it outside."""
    with store.writing() as connection:
        return forget(connection, plan(connection, target), digest_of, LATER)


def replayed(store: Store, tombstones: list[Tombstone]) -> Replayed | None:
    with store.writing() as connection:
        return replay(connection, tombstones, digest_of, LATER)


def noted(store: Store) -> list[Tombstone]:
    with store.reading() as connection:
        return every(connection)


@pytest.mark.parametrize("target", ["@carlabruni", "https://example.net/x/2"])
def test_replaying_a_withdrawal_equals_having_made_it(store: Store, target: str) -> None:
    discussion(store)
    with store.writing() as connection:
        withdrawal = connection.begin_nested()
        tombstones = forget(connection, plan(connection, target), digest_of, LATER)
        expected = _rows(connection)
        withdrawal.rollback()
    assert "Carla" in everything(store)
    assert replayed(store, tombstones) == Replayed(len(tombstones), 1, int(target.startswith("@")), 1)
    with store.reading() as connection:
        assert _rows(connection) == expected
        assert is_owed(connection)
    assert "carla" not in everything(store).lower()


def _rows(connection: Connection) -> list[str]:
    return [
        f"{table.name}: {row}"
        for table in metadata.sorted_tables
        for row in connection.execute(select(table).order_by(*table.primary_key.columns))
    ]


def test_what_is_known_already_changes_nothing(store: Store) -> None:
    discussion(store)
    tombstones = withdrawn(store, "@carlabruni")
    before = everything(store)
    assert replayed(store, tombstones) is None
    assert everything(store) == before


def test_what_the_older_store_never_held_is_known_afterwards_and_not_taken(store: Store) -> None:
    discussion(store)
    strangers = [Tombstone(LATER, "post", digest_of("x", "99")), Tombstone(LATER, "author", digest_of("x", "@zoe"))]
    with store.reading() as connection:
        changes = newest(connection)
    assert replayed(store, strangers) == Replayed(2, 0, 0, 0)
    with store.reading() as connection:
        assert newest(connection) == changes
    assert sorted(noted(store)) == sorted(strangers)
    assert "Carla" in everything(store)


def test_a_person_who_is_only_named_by_others_is_struck_out_too(store: Store) -> None:
    names = (("x", "id-bo"), ("x", "@bo"), ("x", "id-zoe"), ("x", "@zoe"))
    keep(store, sighting(post("1", "@zoe what do you say?", author=author("bo")), names=names))
    done = replayed(store, [Tombstone(LATER, "author", digest_of("x", name)) for name in ("id-zoe", "@zoe")])
    assert done == Replayed(2, 0, 0, 1)
    assert "zoe" not in everything(store).lower()
    with store.reading() as connection:
        assert is_owed(connection)


def test_an_account_alone_with_a_withdrawn_post_goes_and_is_not_barred(store: Store) -> None:
    discussion(store)
    done = replayed(store, [Tombstone(LATER, "post", digest_of("x", "2"))])
    assert done is not None and (done.posts, done.people) == (1, 0)
    assert WORDS not in everything(store)
    assert [one.kind for one in noted(store)] == ["post"]


def test_the_log_says_that_they_were_withdrawn(store: Store) -> None:
    discussion(store)
    replayed(store, [Tombstone(LATER, "post", digest_of("x", "2"))])
    assert statuses(store)[digest_of("x", "2").hex()] == ("rejected", True)
    scrub_free_pages(store)
    with store.reading() as connection:
        assert connection.execute(select(meta.c.key)).scalars().all() == []
