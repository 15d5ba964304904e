"""After a withdrawal the words, the name and the handle stand nowhere, and everything else stands where it stood."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from tagora.core.decisions import Draft, Verdict
from tagora.core.errors import StoreLocked
from tagora.core.records import Entity, EntityKind, PostRef
from tagora.storage import store as stores
from tagora.storage.changes import newest
from tagora.storage.decisions import record, subjects
from tagora.storage.forget import forget, is_owed, plan, scrub_free_pages
from tagora.storage.store import Store, open_store
from tagora.storage.tables import author as author_table
from tagora.storage.tables import campaign, campaign_post, metadata, note
from tagora.storage.tables import post as post_table
from tagora.storage.tombstones import is_forgotten, veil

from ..make import NOON, author, post, sighting
from .incoming import keep, shape, view

CARLA = author("carlabruni")
WORDS = "words that Carla takes back"


def digest_of(origin: str, name: str) -> bytes:
    return hmac.new(b"secret", f"{origin}\x1f{name}".encode(), hashlib.sha256).digest()


def discussion(store: Store) -> None:
    """Anna asks; Carla answers; Bo answers Carla by name, and Dora writes elsewhere."""
    to_carla = "@CarlaBruni you are right, see https://example.net/carlabruni today"
    bo = post(
        "3",
        to_carla,
        reply_to="2",
        author=author("bo"),
        entities=(
            Entity(0, 11, EntityKind.MENTION, "https://example.net/carlabruni"),
            Entity(62, 67, EntityKind.HASHTAG, "today"),
        ),
        html="<p>@CarlaBruni …</p>",
    )
    names = (("x", "id-bo"), ("x", "@bo"), ("x", "id-carlabruni"), ("x", "@carlabruni"))
    keep(
        store,
        sighting("1", text="What do you think?"),
        sighting(post("2", WORDS, reply_to="1", author=CARLA, html=f"<p>{WORDS}</p>", title="Carla's title")),
        sighting(bo, names=names),
        sighting("4", text="nothing of that", author=author("dora")),
    )
    with store.writing() as connection:
        connection.execute(insert(campaign).values(id=1, slug="one", created_at=NOON))
        ids = dict(connection.execute(select(post_table.c.native_id, post_table.c.id)).all())
        for post_id in ids.values():
            connection.execute(
                insert(campaign_post).values(campaign_id=1, post_id=post_id, via="tag", status="new", added_at=NOON)
            )
        for one in subjects(connection, 1, list(ids.values())).values():
            assert one.content_hash
            why = (
                "Carla again" if one.post_id == ids["2"] else "said to @carlabruni" if one.post_id == ids["3"] else None
            )
            draft = Draft(Verdict.APPROVE, one.content_hash, "mara", reason=why, matched=(0, 5))
            record(connection, [(one, [draft])], NOON)
        connection.execute(
            insert(note).values(id=1, campaign_id=1, post_id=ids["2"], text="Carla, really?", by="mara", at=NOON)
        )


def withdraw(store: Store, target: str) -> None:
    with store.writing() as connection:
        forget(connection, plan(connection, target), digest_of, NOON + timedelta(days=1))
    scrub_free_pages(store)


def statuses(store: Store) -> dict[str, tuple[str, bool]]:
    """By native id: the status in the campaign, and whether what was decided on is what is there."""
    with store.reading() as connection:
        rows = connection.execute(
            select(
                post_table.c.native_id,
                campaign_post.c.status,
                campaign_post.c.decided_hash == post_table.c.content_hash,
            ).join(campaign_post, campaign_post.c.post_id == post_table.c.id)
        )
        return {row[0]: (row[1], bool(row[2])) for row in rows}


def everything(store: Store) -> str:
    """All values of all tables, as text."""
    with store.reading() as connection:
        return "\n".join(str(row) for table in metadata.sorted_tables for row in connection.execute(select(table)))


def test_a_plan_says_what_would_go_and_changes_nothing(store: Store):
    discussion(store)
    before = everything(store)
    with store.reading() as connection:
        found = plan(connection, "@carlabruni")
    assert (len(found.posts), len(found.people), found.for_good) == (1, 1, True)
    assert (found.campaigns, len(found.mentions), len(found.payloads)) == (("one",), 1, 2)
    assert everything(store) == before


def test_what_is_not_here_makes_an_empty_plan(store: Store):
    discussion(store)
    with store.reading() as connection:
        assert plan(connection, "@nobody").is_empty
        assert plan(connection, "https://example.net/x/99").is_empty


@pytest.mark.parametrize(
    "target", ["@carlabruni", "@CarlaBruni", "https://example.net/carlabruni", "https://example.net/x/2"]
)
def test_nothing_that_names_the_person_stays_in_any_table(store: Store, target: str):
    discussion(store)
    withdraw(store, target)
    left = everything(store).lower()
    assert "carla" not in left
    assert WORDS.lower() not in left


def test_no_byte_of_the_files_holds_text_name_or_handle(sqlite_store: Store):
    discussion(sqlite_store)
    path = sqlite_store.path
    assert path
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]

    def held() -> bytes:
        return b"".join(file.read_bytes() for file in files if file.exists()).lower()

    assert b"carla" in held()
    withdraw(sqlite_store, "@carlabruni")
    assert b"carla" not in held()
    assert WORDS.lower().encode() not in held()


def test_replies_keep_their_place_and_their_decisions(store: Store):
    discussion(store)
    withdraw(store, "@carlabruni")
    opaque = digest_of("x", "2").hex()
    assert shape(store) == {"1": "1", opaque: "1", "3": "1", "4": "4"}
    with store.reading() as connection:
        seen = view(connection)
    assert seen[PostRef("x", "3")]["parent"] == PostRef("forgotten", opaque)
    assert seen[PostRef("forgotten", opaque)]["gone"] == "forgotten"
    assert statuses(store) == {
        "1": ("approved", True),
        opaque: ("rejected", True),
        "3": ("approved", True),
        "4": ("approved", True),
    }


def test_in_other_peoples_words_only_the_name_becomes_unreadable(store: Store):
    discussion(store)
    withdraw(store, "@carlabruni")
    with store.reading() as connection:
        bo = view(connection)[PostRef("x", "3")]
    assert bo["text"] == "@… you are right, see @… today"
    assert [(part[1], part[2], part[4]) for part in bo["parts"]] == [(25, 30, "today")]
    assert bo["html"] is None


def test_the_withdrawn_are_known_again_by_digest(store: Store):
    discussion(store)
    withdraw(store, "@carlabruni")
    withdrawn = {digest_of("x", name) for name in ("2", "@carlabruni", "id-carlabruni")}
    with store.reading() as connection:
        assert is_forgotten(connection, [*withdrawn, digest_of("x", "1"), digest_of("x", "@bo")]) == withdrawn


def test_a_withdrawn_post_does_not_bar_its_author(store: Store):
    discussion(store)
    withdraw(store, "https://example.net/x/2")
    with store.reading() as connection:
        assert not is_forgotten(connection, [digest_of("x", "@carlabruni")])
        assert is_forgotten(connection, [digest_of("x", "2")])


def test_an_author_with_other_posts_stays_when_one_is_withdrawn(store: Store):
    discussion(store)
    keep(store, sighting("5", text="another of mine", author=CARLA))
    withdraw(store, "https://example.net/x/2")
    with store.reading() as connection:
        assert "carlabruni" in connection.execute(select(author_table.c.handle)).scalars().all()
    assert WORDS not in everything(store)


def test_later_replies_find_the_place_and_bring_no_name_back(store: Store):
    discussion(store)
    withdraw(store, "@carlabruni")
    names = (("x", "id-eve"), ("x", "@eve"), ("x", "id-carlabruni"), ("x", "@carlabruni"))
    late = sighting(post("6", "@carlabruni me too", reply_to="2", author=author("eve")), names=names)
    other = sighting("7", reply_to="1")
    with store.writing() as connection:
        veiled = veil(connection, [late, other], digest_of)
    assert veiled[1] is other
    keep(store, *veiled)
    assert shape(store)["6"] == "1"
    with store.reading() as connection:
        assert view(connection)[PostRef("x", "6")]["parent"] == PostRef("forgotten", digest_of("x", "2").hex())
    assert "carla" not in everything(store).lower()


def test_forgetting_twice_is_forgetting_once(store: Store):
    discussion(store)
    withdraw(store, "@carlabruni")
    before = everything(store)
    withdraw(store, "@carlabruni")
    assert everything(store) == before


def test_the_threads_are_noted_as_changed(store: Store):
    discussion(store)
    with store.reading() as connection:
        before = newest(connection)
    withdraw(store, "@carlabruni")
    with store.reading() as connection:
        assert newest(connection) > before


def test_a_withdrawal_killed_before_the_files_are_scrubbed_is_finished_later(sqlite_store: Store):
    discussion(sqlite_store)
    with sqlite_store.writing() as connection:
        forget(connection, plan(connection, "@carlabruni"), digest_of, NOON)
    with sqlite_store.reading() as connection:
        assert is_owed(connection)
    scrub_free_pages(sqlite_store)
    with sqlite_store.reading() as connection:
        assert not is_owed(connection)


def test_a_reader_in_the_way_is_named_and_the_scrubbing_stays_owed(sqlite_store: Store, monkeypatch):
    monkeypatch.setattr(stores, "BUSY_TIMEOUT_SECONDS", 0)
    discussion(sqlite_store)
    impatient = open_store(sqlite_store.engine.url.render_as_string())
    with sqlite_store.reading() as reader:
        reader.execute(text("SELECT count(*) FROM post")).scalar()
        with impatient.writing() as connection:
            forget(connection, plan(connection, "@carlabruni"), digest_of, NOON)
        with pytest.raises(StoreLocked, match="is being read"):
            scrub_free_pages(impatient)
    with impatient.reading() as connection:
        assert is_owed(connection)
    impatient.close()


def test_people_of_one_name_on_two_servers_are_told_apart(store: Store):
    one = author(
        "anna@a.example", origin="activitypub", native_id="https://a.example/users/anna", url="https://a.example/@anna"
    )
    two = replace(
        one,
        handle="anna@b.example",
        display_name="Anna",
        native_id="https://b.example/users/anna",
        url="https://b.example/@anna",
    )
    there = "https://{}.example/users/anna/statuses/1"
    keep(
        store,
        sighting(post(PostRef("activitypub", there.format("a")), author=one)),
        sighting(post(PostRef("activitypub", there.format("b")), author=two)),
    )
    with store.reading() as connection:
        assert plan(connection, "@anna").is_empty
        assert len(plan(connection, "@anna@a.example").posts) == 1
    withdraw(store, "@anna@a.example")
    left = everything(store)
    assert "a.example" not in left
    assert "https://b.example/@anna" in left
