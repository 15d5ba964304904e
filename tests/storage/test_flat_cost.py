"""Deep chains, wide threads, circles: no recursion, and a page costs the same however much is there. Counted in
statements and rows, never in time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, func, select

from tagora.core.recheck import Recheck
from tagora.core.records import PostRef, Sighting
from tagora.core.threads import address, arrange
from tagora.review.decide import decide_new
from tagora.storage import campaigns, conversations, membership, publishable, rechecks, snapshot
from tagora.storage.campaigns import CampaignSeed, SourceSeed
from tagora.storage.ingest import store_page
from tagora.storage.store import Store
from tagora.storage.tables import post, thread

from ..make import NOON, sighting
from .incoming import item, keep, shape

PAGE = 500
DEEP, WIDE = 10_000, 5_000


def chain(length: int, hint: bool) -> list[Sighting]:
    """Each post answers the one before it."""
    return [
        sighting(str(n), reply_to=str(n - 1) if n else None, root_hint="0" if hint and n else None, author=None)
        for n in range(length)
    ]


def crowd(size: int, hint: bool) -> list[Sighting]:
    """One post and many direct replies to it."""
    replies = [sighting(str(n), reply_to="0", root_hint="0" if hint else None, author=None) for n in range(1, size)]
    return [sighting("0", author=None), *replies]


def ordered(posts: list[Sighting], order: str) -> list[Sighting]:
    if order == "newest first":
        return posts[::-1]
    return random.Random(7).sample(posts, len(posts)) if order == "random" else posts


@contextmanager
def counting(store: Store) -> Iterator[dict[str, int]]:
    """Counts statements sent, and rows read and changed by them."""
    seen = {"statements": 0, "rows": 0}

    def after(_connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        seen["statements"] += 1
        seen["rows"] += max(cursor.rowcount, 0)

    event.listen(store.engine, "after_cursor_execute", after)
    try:
        yield seen
    finally:
        event.remove(store.engine, "after_cursor_execute", after)


def keep_counted(store: Store, posts: Sequence[Sighting]) -> list[dict[str, int]]:
    """Stores the posts page by page; what each page cost."""
    costs: list[dict[str, int]] = []
    for start in range(0, len(posts), PAGE):
        with counting(store) as cost:
            keep(store, *posts[start : start + PAGE])
        costs.append(cost)
    return costs


def threads_and_sizes(store: Store) -> list[tuple[int, int]]:
    """(the size each thread says, the posts that say they are in it)"""
    with store.reading() as connection:
        counted = select(post.c.thread_id, func.count().label("posts")).group_by(post.c.thread_id).subquery()
        rows = connection.execute(
            select(thread.c.size, counted.c.posts).join(counted, counted.c.thread_id == thread.c.id)
        )
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("hint", [False, True], ids=["without hints", "with hints"])
@pytest.mark.parametrize("order", ["oldest first", "newest first", "random"])
def test_a_chain_of_ten_thousand_is_one_thread_at_a_flat_cost(sqlite_store: Store, order: str, hint: bool):
    costs = keep_counted(sqlite_store, ordered(chain(DEEP, hint), order))
    assert threads_and_sizes(sqlite_store) == [(DEEP, DEEP)]
    statements = [cost["statements"] for cost in costs]
    assert max(statements) <= (100 if order == "random" else 60)
    if order != "random":
        rows = [cost["rows"] for cost in costs]
        assert max(rows[5:]) <= 1.2 * max(rows[:5])


@pytest.mark.parametrize("hint", [False, True], ids=["without hints", "with hints"])
@pytest.mark.parametrize("order", ["oldest first", "newest first"])
def test_five_thousand_replies_are_one_thread_at_a_flat_cost(sqlite_store: Store, order: str, hint: bool):
    costs = keep_counted(sqlite_store, ordered(crowd(WIDE, hint), order))
    assert threads_and_sizes(sqlite_store) == [(WIDE, WIDE)]
    assert max(cost["statements"] for cost in costs) <= 60
    rows = [cost["rows"] for cost in costs]
    assert max(rows[2:]) <= 1.2 * max(rows[:2])


def test_five_thousand_orphans_of_five_thousand_parents_are_so_many_threads(sqlite_store: Store):
    orphans = [sighting(f"child{n}", reply_to=f"parent{n}", author=None) for n in range(WIDE)]
    costs = keep_counted(sqlite_store, orphans)
    assert threads_and_sizes(sqlite_store) == [(2, 2)] * WIDE
    assert len({cost["statements"] for cost in costs[1:]}) == 1


def test_a_page_costs_the_same_in_a_full_store_as_in_an_empty_one(store: Store):
    keep(store, *(sighting(f"first{n}", reply_to=f"first{n - n % 10}") for n in range(100)))
    with counting(store) as early:
        keep(store, *(sighting(f"second{n}", reply_to=f"second{n - n % 10}") for n in range(100)))
    for k in range(10):
        keep(store, *(sighting(f"more{k}-{n}", reply_to=f"more{k}-{n - n % 10}") for n in range(100)))
    with counting(store) as late:
        keep(store, *(sighting(f"last{n}", reply_to=f"last{n - n % 10}") for n in range(100)))
    assert late == early


def test_no_question_about_some_posts_walks_the_whole_campaign(sqlite_store: Store):
    """SQLite without statistics holds a campaign for small: how it means to answer is asked of it."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    source = SourceSeed("x", "x", "x", "1")
    with sqlite_store.writing() as connection:
        ids = campaigns.sync(connection, [CampaignSeed("one", "review_first", (source,))], NOON)["one"]
        own, asks = ids.campaign_id, ids.sources["x"]
        stored = store_page(connection, [item(seen) for seen in crowd(200, hint=False)], NOON)
        posts = [one.post_id for one in stored]
        campaigns.admit(connection, own, asks, [(post_id, "tag") for post_id in posts], NOON)
        event.listen(sqlite_store.engine, "before_cursor_execute", note)
        conversations.follow(connection, asks, {(post_id, "thread"): NOON for post_id in posts})
        membership.known(connection, own, [PostRef("x", str(n)) for n in range(200)])
        membership.wanted(connection, own, posts)
        membership.not_held_above(connection, posts)
        campaigns.sizes(connection, own, posts)
        campaigns.published_since(connection, asks, own, NOON)
        conversations.below_seeds(connection, own, posts)
        conversations.unanswered(connection, dict.fromkeys(posts, 5))
        of = publishable.campaigns(connection)["one"]
        publishable.newest_ids(connection, of, posts, 48)
        list(snapshot.nodes(connection, of, posts))
        conversations.due(connection, asks, own, "thread", NOON, 200)
        conversations.due(connection, asks, own, "recheck", NOON, 200, published_only=True)
        rechecks.overdue(connection, {asks: Recheck()}, NOON)
        rechecks.fallen_back(connection, [asks])
        decide_new(connection, own, posts, NOON)
        event.remove(sqlite_store.engine, "before_cursor_execute", note)
        walks = [
            (step, statement)
            for statement, parameters in asked
            for *_, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            if step.startswith(("SCAN post", "SCAN campaign_post", "SCAN sighting", "SCAN conversation"))
            or "(campaign_id=?)" in step
            or "(campaign_id=? AND status=?)" in step
        ]
    assert [walk for walk in walks if "ruleset" not in walk[0]] == []


def test_an_unchanged_page_writes_no_post_and_notes_no_change(store: Store):
    page = [sighting(str(n), reply_to="0") for n in range(50)]
    keep(store, *page)
    with store.reading() as connection:
        before = connection.execute(select(func.max(thread.c.revision))).scalar()
    assert not any(stored.changed or stored.is_new for stored in keep(store, *page))
    with store.reading() as connection:
        assert connection.execute(select(func.max(thread.c.revision))).scalar() == before


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_a_circle_is_cut_at_its_smallest_reference(store: Store, size: int):
    names = [f"{n:02d}" for n in range(size)]
    circle = [sighting(name, reply_to=names[(n + 1) % size]) for n, name in enumerate(names)]
    tail = sighting("tail", reply_to=names[-1])
    for one in ordered([*circle, tail], "random"):
        keep(store, one)
    assert set(shape(store).values()) == {"00"}
    with store.reading() as connection:
        assert connection.execute(select(thread.c.address)).scalars().all() == [address(PostRef("x", "00"))]
        cut = connection.execute(select(post.c.native_id).where(post.c.cut)).scalars().all()
    assert cut == ([] if size == 1 else ["00"])  # a post that answers itself answers nothing


def test_the_pure_function_does_not_recurse():
    deep = 200_000
    links = {n: n - 1 if n else None for n in range(deep)}
    refs = {n: PostRef("x", str(n)) for n in range(deep)}
    root, cut = arrange(links, refs)
    assert set(root.values()) == {0} and not cut
    root, cut = arrange({**links, 0: deep - 1}, refs)
    assert set(root.values()) == {0} == set(cut)
