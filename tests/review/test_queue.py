"""The queue: filters, orders, pages, and the thread in view."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tagora.core.decisions import FLAGGED, WAS_SHOWN, Status, Verdict
from tagora.core.errors import UsageError
from tagora.core.records import PostRef
from tagora.review.deciding import decide, undo
from tagora.storage.queue import Key, QueueFilter, matching_ids, next_key, queue, queue_items, read_key
from tagora.storage.store import Connection, Store
from tagora.storage.tables import post
from tagora.storage.thread_view import thread_nodes, thread_of

from ..agora import arrive, campaign, write
from ..make import NOON, author, sighting


def filled(c: Connection) -> int:
    agora = campaign(c, rules="[{name: mark, when: {words: [segno]}, then: flag}]")
    write(c, agora, "1", "uno segno", lang="it", now=NOON)
    write(c, agora, "2", "due", author=author("mario"), now=NOON + timedelta(minutes=1), via="conversation")
    write(c, agora, PostRef("activitypub", "https://m.uno/3"), "tre", lang="en", now=NOON + timedelta(minutes=2))
    approved = write(c, agora, "4", "quattro", now=NOON + timedelta(minutes=3))
    decide(c, agora, [approved], Verdict.APPROVE, "anna", NOON)
    return agora


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        ({}, ["uno segno", "due", "tre"]),
        ({"order": "newest"}, ["tre", "due", "uno segno"]),
        ({"statuses": (Status.APPROVED,)}, ["quattro"]),
        ({"statuses": (Status.APPROVED, Status.PENDING), "order": "newest"}, ["quattro", "tre", "due", "uno segno"]),
        ({"network": "mastodon"}, ["tre"]),
        ({"languages": ("it",)}, ["uno segno"]),
        ({"languages": ("unknown", "en")}, ["due", "tre"]),
        ({"author": "@Mario"}, ["due"]),
        ({"tagged": False}, ["due"]),
        ({"rule": "mark"}, ["uno segno"]),
        ({"flagged": False}, ["due", "tre"]),
        ({"since": NOON + timedelta(minutes=2)}, ["tre"]),
        ({"until": NOON + timedelta(minutes=1)}, ["uno segno"]),
    ],
)
def test_the_queue_shows_what_is_asked_for(sqlite_store: Store, asked: dict[str, object], texts: list[str]) -> None:
    with sqlite_store.writing() as c:
        wanted = QueueFilter(filled(c), **asked)  # type: ignore[arg-type]
        assert [item.text for item in queue(c, wanted).items] == texts


def hurried(c: Connection) -> tuple[int, list[int]]:
    """A campaign with eight open posts, two each of every urgency, and their ids, the most urgent and oldest first."""
    agora = campaign(c, rules="[{name: mark, when: {words: [segno]}, then: flag}]")
    texts = ["uno", "segno", "due", "segno", "tre", "segno", "quattro", "segno"]
    ids = [write(c, agora, str(n), text, now=NOON + timedelta(minutes=n)) for n, text in enumerate(texts)]
    shown = (0, 1, 6, 7)
    decide(c, agora, [ids[n] for n in shown], Verdict.APPROVE, "anna", NOON)
    later = NOON + timedelta(hours=2)
    for n in shown:
        write(c, agora, str(n), f"{texts[n]} corretto", edited_at=later, seen_at=later, now=later)
    decide(c, agora, [ids[3], ids[2]], Verdict.HOLD, "anna", NOON)
    return agora, [ids[n] for n in (1, 7, 3, 5, 0, 6, 2, 4)]


OPEN_ONES = (Status.NEW, Status.PENDING, Status.HELD)


def test_the_urgent_come_first_and_the_oldest_among_equals(store: Store) -> None:
    with store.writing() as c:
        agora, ids = hurried(c)
        items = queue(c, QueueFilter(agora, OPEN_ONES, order="urgent")).items
        assert [item.post_id for item in items] == ids
        both = FLAGGED | WAS_SHOWN
        assert [item.urgency for item in items] == [both, both, FLAGGED, FLAGGED, WAS_SHOWN, WAS_SHOWN, 0, 0]
        flagged = queue(c, QueueFilter(agora, OPEN_ONES, flagged=True, order="newest")).items
        assert [item.post_id for item in flagged] == sorted(ids[:4], reverse=True)


@pytest.mark.parametrize("order", ["newest", "oldest", "urgent"])
@pytest.mark.parametrize("flagged", [None, True, False])
def test_from_every_post_there_is_a_way_to_the_next_and_back(store: Store, order: str, flagged: bool | None) -> None:
    with store.writing() as c:
        agora, _ = hurried(c)
        wanted = QueueFilter(agora, OPEN_ONES, flagged=flagged, order=order)  # type: ignore[arg-type]
        keys = [item.key for item in queue(c, wanted).items]
        assert len(keys) == (8 if flagged is None else 4)
        there: list[Key] = []
        place = next_key(c, wanted, None, "anna", NOON)
        while place is not None and len(there) < 10:
            there.append(place)
            place = next_key(c, wanted, place, "anna", NOON)
        back = [next_key(c, wanted, key, "anna", NOON, backwards=True) for key in keys]
        assert (there, back) == (keys, [None, *keys[:-1]])
        assert matching_ids(c, wanted, [key.post_id for key in keys[1:3]]) == {k.post_id: k for k in keys[1:3]}


def test_the_way_goes_on_from_a_post_that_was_decided(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora, ids = hurried(c)
        wanted = QueueFilter(agora, OPEN_ONES, order="urgent")
        opened = queue(c, wanted).items[1].key
        decide(c, agora, ids[1:3], Verdict.APPROVE, "anna", NOON)
        following = next_key(c, wanted, read_key(opened.written), "anna", NOON)
        assert following is not None and following.post_id == ids[3]


@pytest.mark.parametrize("text", ["", "1.2", "a.b.c", "1.2.3.4", "-1.2.3", "1." + "9" * 30 + ".1", "1.²2.3", "0.9e9.1"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no key"):
        read_key(text)


def test_posts_that_their_network_no_longer_shows_wait_for_nobody(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        one, two = arrive(c, agora, [sighting("1"), sighting("2")])
        c.execute(update(post).where(post.c.id == one).values(gone="deleted"))
        assert [item.post_id for item in queue(c, QueueFilter(agora)).items] == [two]
        assert [item.gone for item in queue_items(c, agora, [two, one])] == [None, "deleted"]


def test_all_campaigns_are_one_queue_where_none_is_named(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        first, second = campaign(c), campaign(c, "other")
        ids = [write(c, first if n % 2 else second, str(n), now=NOON + timedelta(minutes=n)) for n in range(4)]
        items = queue(c, QueueFilter()).items
        assert [(item.post_id, item.campaign_id) for item in items] == [
            (post_id, first if n % 2 else second) for n, post_id in enumerate(ids)
        ]


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_of_the_queue_miss_and_repeat_nothing_while_decisions_go_on(store: Store, order: str) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting(str(n)) for n in range(7)])
        wanted = QueueFilter(agora, order=order)  # type: ignore[arg-type]
        met: list[int] = []
        after = None
        while True:
            page = queue(c, wanted, after=after, limit=2)
            met += [item.post_id for item in page.items]
            decide(c, agora, [page.items[0].post_id], Verdict.APPROVE, "anna", NOON)
            after = page.after
            if after is None:
                break
        assert met == (ids if order == "oldest" else ids[::-1])


def test_an_item_tells_the_decision_that_stands_and_the_marks(store: Store) -> None:
    with store.writing() as c:
        agora = filled(c)
        item = queue(c, QueueFilter(agora)).items[0]
        assert item.decision is not None and (item.decision.rule, item.decision.verdict) == ("policy", Verdict.PEND)
        assert [(mark.rule, mark.matched) for mark in item.marks] == [("mark", (4, 9))]
        undo(c, "anna", NOON, decision_id=item.marks[0].id)
        assert queue(c, QueueFilter(agora)).items[0].marks == ()
        assert queue(c, QueueFilter(agora, flagged=True)).items == ()


def test_a_thread_is_shown_whole_with_gaps_and_where_each_post_stands(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting("2", reply_to="1", minutes=1), sighting("3", reply_to="2", minutes=2)])
        decide(c, agora, ids[1:], Verdict.APPROVE, "anna", NOON)
        thread_id = thread_of(c, ids[0])
        assert thread_id is not None
        nodes = {node.native_id: node for node in thread_nodes(c, agora, thread_id)}
        assert (nodes["1"].held, nodes["1"].above, nodes["1"].status) == (False, None, None)
        assert (nodes["2"].above, nodes["2"].status) == (nodes["1"].post_id, Status.PENDING)
        assert (nodes["3"].above, nodes["3"].status) == (nodes["2"].post_id, Status.APPROVED)
