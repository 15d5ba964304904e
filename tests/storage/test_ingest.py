"""What a page does to the store, told in examples (test_any_order.py says it for all)."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ForeignKey, insert, select, update

from tagora.core.decisions import Draft, Verdict
from tagora.core.records import Authority, Metrics, PostRef, Sighting
from tagora.core.threads import address
from tagora.storage import gaps
from tagora.storage.decisions import rebuild, record, subjects
from tagora.storage.merge import merge
from tagora.storage.store import Store
from tagora.storage.tables import (
    author,
    campaign,
    campaign_post,
    change,
    decision,
    gap,
    metadata,
    metrics,
    note,
    payload,
    payload_subject,
    post,
    thread,
    thread_alias,
)
from tagora.storage.tables import (
    sighting as sighting_table,
)

from .. import make
from ..make import NOON, sighting
from .incoming import keep, shape, view

URI, LOCAL = "activitypub", "activitypub@a"


def uri(name: str) -> PostRef:
    return PostRef(URI, name)


def local(name: str) -> PostRef:
    return PostRef(LOCAL, name)


def column(store: Store, wanted: Any, *where: Any) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(select(wanted).where(*where)).scalars())


def seen(store: Store, ref: PostRef) -> dict[str, Any]:
    with store.reading() as connection:
        return view(connection)[ref]


def admit(store: Store, *post_ids: int, verdict: Verdict | None = Verdict.APPROVE) -> None:
    """Puts posts into the campaign "one" and decides on them."""
    with store.writing() as connection:
        if not connection.execute(select(campaign.c.id)).first():
            connection.execute(insert(campaign).values(id=1, slug="one", created_at=NOON))
        rows = [
            {"campaign_id": 1, "post_id": id_, "via": "tag", "status": "new", "added_at": NOON, "featured": False}
            for id_ in post_ids
        ]
        connection.execute(insert(campaign_post), rows)
        for one in subjects(connection, 1, post_ids).values():
            assert one.content_hash
            drafts = [Draft(verdict, one.content_hash, "mara")] if verdict else []
            record(connection, [(one, drafts)], NOON)


def decided(store: Store) -> dict[str, tuple[str, bool]]:
    """By native id: the status, and whether it was decided on what is there now."""
    with store.reading() as connection:
        rows = connection.execute(
            select(post.c.native_id, campaign_post.c.status, campaign_post.c.decided_hash == post.c.content_hash).join(
                campaign_post, campaign_post.c.post_id == post.c.id
            )
        )
        return {row[0]: (row[1], bool(row[2])) for row in rows}


def assert_the_log_says_the_same(store: Store) -> None:
    with store.writing() as connection:
        assert rebuild(connection, 1, NOON) == 0


# --- contents --------------------------------------------------------------------------------------------------------


def test_a_later_edit_replaces_text_and_its_parts_and_an_earlier_one_does_not(store: Store):
    old = sighting("1", text="as first written")
    new = sighting("1", text="as edited", edited_at=NOON + timedelta(hours=2))
    (first,) = keep(store, old)
    (second,) = keep(store, new)
    (third,) = keep(store, old)
    assert (first.is_new, first.changed) == (True, True)
    assert (second.is_new, second.changed) == (False, True)
    assert (third.is_new, third.changed) == (False, False)
    assert first.content_hash != second.content_hash == third.content_hash
    assert seen(store, make.ref("1"))["text"] == "as edited"


def test_hearsay_never_overwrites_what_the_home_server_says_of_the_same_edit(store: Store):
    home = sighting(make.post(uri("u"), "from home"))
    hearsay = sighting(
        make.post(uri("u"), "cut short"),
        seen_as=local("7"),
        authority=Authority.HEARSAY,
        seen_at=NOON + timedelta(days=1),
    )
    keep(store, home)
    keep(store, hearsay)
    assert seen(store, uri("u"))["text"] == "from home"
    assert seen(store, uri("u"))["ids"] == {uri("u"), local("7")}


@pytest.mark.parametrize("home_first", [True, False])
def test_an_edit_invented_elsewhere_never_overwrites_what_was_seen_at_home(store: Store, home_first: bool):
    told = [
        sighting(make.post(uri("u"), "from home")),
        sighting(
            make.post(uri("u"), "buy now", edited_at=NOON + timedelta(minutes=30)),
            seen_as=local("7"),
            authority=Authority.HEARSAY,
        ),
    ]
    for one in told if home_first else told[::-1]:
        keep(store, one)
    assert seen(store, uri("u"))["text"] == "from home"


@pytest.mark.parametrize("chosen_first", [True, False])
def test_a_server_that_a_post_named_never_outweighs_one_that_was_chosen(store: Store, chosen_first: bool):
    told = [
        sighting(make.post(uri("u"), "as received"), seen_as=local("7"), authority=Authority.HEARSAY),
        sighting(
            make.post(uri("u"), "buy now", edited_at=NOON + timedelta(minutes=30)),
            seen_as=make.ref("9", "activitypub@other.example"),
            authority=Authority.RUMOUR,
        ),
    ]
    for one in told if chosen_first else told[::-1]:
        keep(store, one)
    assert seen(store, uri("u"))["text"] == "as received"


@pytest.mark.parametrize("home_first", [True, False])
def test_what_a_post_answers_is_its_homes_word_if_it_has_one(store: Store, home_first: bool):
    told = [
        sighting(make.post(uri("u1"), reply_to=uri("u0"))),
        sighting(
            make.post(uri("u1"), reply_to=uri("spam")),
            seen_as=local("7"),
            authority=Authority.HEARSAY,
            seen_at=NOON + timedelta(days=1),
        ),
    ]
    keep(store, sighting(make.post(uri("spam"))))
    for one in told if home_first else told[::-1]:
        keep(store, one)
    assert seen(store, uri("u1"))["parent"] == uri("u0")


@pytest.mark.parametrize("chosen_first", [True, False])
def test_a_rumour_moves_no_post_that_a_chosen_server_placed(store: Store, chosen_first: bool):
    told = [
        sighting(make.post(uri("u1"), reply_to=uri("u0")), seen_as=local("7"), authority=Authority.HEARSAY),
        sighting(
            make.post(uri("u1"), reply_to=uri("spam")),
            seen_as=make.ref("9", "activitypub@other.example"),
            authority=Authority.RUMOUR,
        ),
    ]
    keep(store, sighting(make.post(uri("spam"))))
    for one in told if chosen_first else told[::-1]:
        keep(store, one)
    assert seen(store, uri("u1"))["parent"] == uri("u0")


def test_two_items_of_one_page_that_are_one_post_are_reported_new_once(store: Store):
    both = keep(store, sighting(make.post(uri("u"))), sighting(make.post(uri("u")), seen_as=local("7")))
    assert [(one.is_new, one.changed) for one in both] == [(True, True), (False, False)]
    assert both[0].post_id == both[1].post_id


def test_an_author_is_as_last_seen_and_their_threads_are_noted(store: Store):
    keep(store, sighting("1"))
    before = len(column(store, change.c.seq))
    keep(store, sighting("1", author=make.author("anna", handle="Anna_B"), seen_at=NOON + timedelta(days=1)))
    keep(store, sighting("1", author=make.author("anna", handle="older"), seen_at=NOON))
    assert column(store, author.c.handle) == ["Anna_B"]
    assert column(store, author.c.handle_folded) == ["anna_b"]
    assert len(column(store, change.c.seq)) == before + 1


HOME, HEARSAY, RUMOUR = Authority.HOME, Authority.HEARSAY, Authority.RUMOUR


@pytest.mark.parametrize(
    ("told", "handle"),
    [
        (((HOME, 1, "anna"), (HEARSAY, 2, "annie")), "anna"),
        (((HOME, 1, "anna"), (RUMOUR, 2, "mallory")), "anna"),
        (((HEARSAY, 1, "annie"), (RUMOUR, 2, "mallory")), "annie"),
        (((RUMOUR, 2, "mallory"), (HEARSAY, 1, "annie")), "annie"),
        (((HEARSAY, 2, "annie"), (HOME, 1, "anna")), "anna"),
        (((HOME, 1, "anna"), (HOME, 2, "anna_b")), "anna_b"),
    ],
)
def test_who_an_author_is_goes_by_authority_before_time(store: Store, told: Any, handle: str):
    for number, (authority, hour, name) in enumerate(told):
        who, at = make.author("anna", handle=name), NOON + timedelta(hours=hour)
        keep(store, sighting(f"{number}", author=who, authority=authority, seen_at=at))
    assert column(store, author.c.handle) == [handle]
    assert column(store, author.c.handle_folded) == [handle]


def test_a_home_that_says_what_others_said_makes_it_its_own_word(store: Store):
    who = make.author("anna")
    keep(store, sighting("1", author=who, authority=RUMOUR, seen_at=NOON + timedelta(hours=2)))
    before = len(column(store, change.c.seq))
    keep(store, sighting("2", author=who, authority=HOME, seen_at=NOON + timedelta(hours=1)))
    assert len(column(store, change.c.seq)) == before + 1  # the new post's thread: nobody was renamed
    mallory = make.author("anna", handle="mallory")
    keep(store, sighting("3", author=mallory, authority=RUMOUR, seen_at=NOON + timedelta(hours=3)))
    assert column(store, author.c.handle) == ["anna"]


def test_the_newest_counts_hold(store: Store):
    for hour, likes in ((2, 5), (3, 9), (1, 1)):
        keep(store, sighting("1", seen_at=NOON + timedelta(hours=hour), metrics=Metrics(likes=likes)))
    assert column(store, metrics.c.likes) == [9]


def test_a_payload_is_kept_once_compressed_and_found_by_whom_it_names(store: Store):
    one = sighting("1", names=(("x", "id-anna"), ("x", "@Anna"), ("x", "id-bo")))
    keep(store, one)
    keep(store, one)
    (body,) = column(store, payload.c.body)
    assert b"text of 1" in zlib.decompress(body)
    assert set(column(store, payload_subject.c.name)) == {"id-anna", "@anna", "id-bo"}


def test_a_gap_closes_when_its_post_comes(store: Store):
    keep(store, sighting("2", reply_to="1"))
    with store.writing() as connection:
        gaps.record(connection, [(make.ref("1"), "unreachable")], NOON)
    assert column(store, gap.c.reason) == ["unreachable"]
    keep(store, sighting("1"))
    assert column(store, gap.c.reason) == []


def test_a_post_that_the_network_shows_again_is_there_again(store: Store):
    keep(store, sighting("1"))
    with store.writing() as connection:
        gaps.record(connection, [(make.ref("1"), "deleted")], NOON)
    keep(store, sighting("1", seen_at=NOON + timedelta(days=1)))
    assert column(store, post.c.gone) == [None]


# --- decisions -------------------------------------------------------------------------------------------------------


def test_an_edit_needs_a_new_decision(store: Store):
    (one,) = keep(store, sighting("1"))
    admit(store, one.post_id)
    assert decided(store) == {"1": ("approved", True)}
    keep(store, sighting("1", text="something else", edited_at=NOON + timedelta(hours=1)))
    assert decided(store)["1"][1] is False


def test_learning_the_global_id_of_what_is_answered_is_no_edit(store: Store):
    (reply,) = keep(store, sighting(make.post(uri("r"), reply_to=local("7"))))
    admit(store, reply.post_id)
    (parent,) = keep(store, sighting(make.post(uri("p")), seen_as=local("7")))
    assert decided(store) == {"r": ("approved", True)}
    assert seen(store, uri("r"))["parent"] == uri("p")
    assert parent.thread_id == column(store, post.c.thread_id, post.c.id == reply.post_id)[0]
    assert_the_log_says_the_same(store)


def test_two_ids_of_a_missing_parent_becoming_one_is_no_edit(store: Store):
    (one,) = keep(store, sighting(make.post(uri("r1"), reply_to=local("7"))))
    (two,) = keep(store, sighting(make.post(uri("r2"), reply_to=uri("p"))))
    admit(store, one.post_id, two.post_id)
    keep(store, sighting(make.post(uri("p")), seen_as=local("7")))
    assert decided(store) == {"r1": ("approved", True), "r2": ("approved", True)}
    assert shape(store) == {"p": "p", "r1": "p", "r2": "p"}
    assert_the_log_says_the_same(store)


def test_two_held_posts_that_turn_out_to_be_one_keep_what_was_decided(store: Store):
    (one,) = keep(store, sighting(make.post(local("7"), "the same words"), seen_as=local("7")))
    (two,) = keep(store, sighting(make.post(uri("u"), "the same words")))
    admit(store, one.post_id)
    admit(store, two.post_id, verdict=None)
    with store.writing() as connection:
        connection.execute(insert(note).values(id=1, campaign_id=1, post_id=two.post_id, text="hm", by="m", at=NOON))
    late = NOON + timedelta(days=1)
    keep(store, sighting(make.post(uri("u"), "the same words"), also=(local("7"),), seen_at=late))
    assert decided(store) == {"u": ("approved", True)}
    assert column(store, note.c.post_id) == column(store, post.c.id)
    assert column(store, decision.c.post_id) == column(store, post.c.id)
    assert_the_log_says_the_same(store)


def test_answering_something_else_is_an_edit(store: Store):
    keep(store, sighting("1"), sighting("2"))
    (reply,) = keep(store, sighting("3", reply_to="1"))
    admit(store, reply.post_id)
    keep(store, sighting("3", reply_to="2", seen_at=NOON + timedelta(days=1)))
    assert decided(store)["3"][1] is False


def test_merging_knows_every_table_that_speaks_of_posts(store: Store):
    """A new table with a post's id in it must be thought of in storage/merge.py and storage/forget.py."""
    keys = {key for table in metadata.tables.values() for key in table.foreign_keys if key.column is post.c.id}
    assert all(isinstance(key, ForeignKey) for key in keys)
    assert {key.parent.table.name for key in keys} == {
        "campaign_post", "claim", "conversation", "decision", "entity", "fingerprint_band", "gap", "media", "note",
        "picture", "report", "sighting",
    }  # fmt: skip
    assert merge.__doc__


# --- threads and addresses -------------------------------------------------------------------------------------------


def publish(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(update(thread).values(published_as=thread.c.address))


def leads_to(store: Store, name: str) -> str:
    """The root of the thread that readers reach by the address once made from `name`."""
    wanted = address(make.ref(name))
    with store.reading() as connection:
        live = connection.execute(select(thread.c.root_id).where(thread.c.address == wanted)).scalars().all()
        former = connection.execute(
            select(thread.c.root_id)
            .join(thread_alias, thread_alias.c.thread_id == thread.c.id)
            .where(thread_alias.c.address == wanted)
        ).scalars().all()  # fmt: skip
        (root,) = [*live, *former]  # one of the two, never both
        return connection.execute(select(post.c.native_id).where(post.c.id == root)).scalar_one()


def hinted(name: str, reply_to: str, hint: str) -> Sighting:
    return sighting(name, reply_to=reply_to, root_hint=hint)


def test_a_hint_holds_only_while_the_parent_is_a_gap(store: Store):
    keep(store, hinted("3", reply_to="2", hint="false"))
    assert shape(store)["3"] == "false"
    keep(store, sighting("2", reply_to="1"))
    assert shape(store) == {"1": "1", "2": "1", "3": "1", "false": "false"}


def test_a_published_address_leads_to_the_thread_that_swallowed_it(store: Store):
    keep(store, sighting("2"), sighting("3", reply_to="2"))
    publish(store)
    keep(store, sighting("1"), sighting("2", reply_to="1", seen_at=NOON + timedelta(days=1)))
    assert (leads_to(store, "1"), leads_to(store, "2")) == ("1", "1")


def test_an_address_never_published_leaves_no_trace(store: Store):
    keep(store, sighting("2"))
    keep(store, sighting("1"), sighting("2", reply_to="1", seen_at=NOON + timedelta(days=1)))
    assert column(store, thread_alias.c.address) == []


def test_an_alias_never_shadows_a_live_address_and_comes_back_after_it(store: Store):
    keep(store, sighting("1"), sighting("2"))
    publish(store)
    keep(store, sighting("2", reply_to="1", seen_at=NOON + timedelta(days=1)))
    assert leads_to(store, "2") == "1"
    keep(store, sighting("2", seen_at=NOON + timedelta(days=2)))
    assert leads_to(store, "2") == "2"
    keep(store, sighting("2", reply_to="1", seen_at=NOON + timedelta(days=3)))
    assert (leads_to(store, "2"), leads_to(store, "1")) == ("1", "1")


def test_an_address_follows_the_post_it_was_made_from_when_a_thread_splits(store: Store):
    keep(store, sighting("2"), sighting("3", reply_to="2"), *(sighting(f"1{n}", reply_to="1") for n in range(5)))
    publish(store)
    day = [NOON + timedelta(days=n) for n in range(4)]
    keep(store, sighting("2", reply_to="1", seen_at=day[1]))
    keep(store, sighting("2", reply_to="0", seen_at=day[2]))
    assert leads_to(store, "2") == "0"
    assert leads_to(store, "1") == "1"


@pytest.mark.parametrize("oldest_first", [True, False])
def test_a_thread_known_by_local_and_global_ids_is_one(store: Store, oldest_first: bool):
    """A server names parents by its own ids, another by the global ones."""
    told = [
        sighting(make.post(uri("u0")), seen_as=local("0")),
        sighting(make.post(uri("u1"), reply_to=local("0")), seen_as=local("1"), authority=Authority.HEARSAY),
        sighting(make.post(uri("u2"), reply_to=uri("u1"))),
        sighting(make.post(uri("u3"), reply_to=local("1")), seen_as=local("3"), authority=Authority.HEARSAY),
    ]
    for one in told if oldest_first else told[::-1]:
        keep(store, one)
    assert shape(store) == dict.fromkeys(("u0", "u1", "u2", "u3"), "u0")
    assert column(store, thread.c.size) == [4]
    assert len(column(store, sighting_table.c.id)) == 7
