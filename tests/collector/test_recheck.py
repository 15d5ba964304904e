"""Held posts are looked up again by age; only a network's word changes what readers see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tagora.collector.contract import Lookup, Thread, Walk
from tagora.core.clock import ManualClock
from tagora.core.errors import AuthError, OutOfBudget, RateLimited, Temporary
from tagora.core.recheck import DAY, Recheck, Step
from tagora.core.records import PostRef
from tagora.storage import campaigns, changes, gaps, rechecks, sources
from tagora.storage.store import Store
from tagora.storage.tables import campaign_post, conversation, post

from .bench import Bench
from .fake_platform import ORIGIN, FakeNetwork, FakePost

STEPS = (Step(DAY, 7 * DAY), Step(7 * DAY))


@pytest.fixture
def bench(store: Store, clock: ManualClock) -> Callable[..., Bench]:
    def make(network: FakeNetwork, **changes: Any) -> Bench:
        return Bench.of(store, clock, network, **{"recheck": Recheck(STEPS), **changes})

    return make


def network(ids: Iterable[int] = range(1, 4), **more: Any) -> FakeNetwork:
    return FakeNetwork([FakePost(i, tagged=True) for i in ids], **{"kinds": (Lookup,), **more})


def looked_up(tried: Bench) -> list[int]:
    """The posts that look-ups asked for since the last time, sorted."""
    calls = list(tried.network.calls)
    tried.network.calls.clear()
    asked = {int(target.ref.native_id) for query, _ in calls if isinstance(query, Lookup) for target in query.targets}
    return sorted(asked)


def approve(tried: Bench, *ids: int) -> None:
    with tried.store.writing() as connection:
        which = select(post.c.id).where(post.c.native_id.in_([str(one) for one in ids])).scalar_subquery()
        connection.execute(update(campaign_post).where(campaign_post.c.post_id.in_(which)).values(status="approved"))


def run_after(tried: Bench, **step: float) -> list[int]:
    tried.later(**step)
    report = tried.run()
    assert report.error is None
    return looked_up(tried)


def test_posts_are_looked_up_daily_while_young_and_weekly_later(bench: Callable[..., Bench]) -> None:
    tried = bench(network())
    tried.run()
    looked_up(tried)
    days = [day for day in range(1, 29) if run_after(tried, days=1)]
    young = [day for day in days if day <= 4]
    assert young == [1, 2, 3, 4]
    assert len(days) < 11
    assert all(later - earlier == 7 for earlier, later in zip(days[-3:], days[-2:], strict=False))


def test_all_that_are_due_share_calls(bench: Callable[..., Bench]) -> None:
    tried = bench(network(range(1, 13), batch=5, page_items=5))
    tried.run()
    tried.network.calls.clear()
    tried.later(days=1)
    tried.run()
    sizes = sorted(len(query.targets) for query, _ in tried.network.calls if isinstance(query, Lookup))
    assert sizes == [2, 5, 5]


def test_one_run_a_day_keeps_up_with_hundreds_of_posts(bench: Callable[..., Bench]) -> None:
    tried = bench(network(range(1, 401), batch=10, page_items=100))
    tried.run()
    looked_up(tried)
    assert len(run_after(tried, days=1)) == 400


def test_another_schedule_holds_at_once(bench: Callable[..., Bench]) -> None:
    tried = bench(network(), recheck=Recheck((Step(30 * DAY),)))
    tried.run()
    assert run_after(tried, days=2) == []
    tried.plan = replace(tried.plan, recheck=Recheck((Step(DAY),)))
    assert run_after(tried, minutes=10) == [1, 2, 3]
    assert run_after(tried, minutes=10) == []


def test_a_source_that_never_looks_again_asks_nothing_and_begins_when_told_to(
    bench: Callable[..., Bench],
) -> None:
    tried = bench(network(), recheck=Recheck(()))
    tried.run()
    assert run_after(tried, days=90) == []
    tried.plan = replace(tried.plan, recheck=Recheck(STEPS))
    assert run_after(tried, minutes=10) == [1, 2, 3]


def test_where_a_look_costs_money_only_published_posts_are_looked_up(bench: Callable[..., Bench]) -> None:
    tried = bench(network(price=1_000), recheck=Recheck(STEPS, micros=1_000))
    tried.run()
    assert run_after(tried, days=1) == []
    approve(tried, 2)
    assert run_after(tried, minutes=10) == [2]
    assert run_after(tried, minutes=10) == []


def test_a_post_that_another_question_brought_needs_no_look_of_its_own(bench: Callable[..., Bench]) -> None:
    posts = [FakePost(1, tagged=True), FakePost(2, reply_to=1)]
    tried = bench(FakeNetwork(posts, kinds=(Thread, Lookup), thread_walk=Walk.RESCAN))
    tried.run()
    tried.later(hours=20)
    tried.run()  # the conversation is asked whole
    looked_up(tried)
    assert run_after(tried, hours=5) == [], "a day after they came, and five hours after they were seen"


@pytest.mark.parametrize(
    "fault", [Temporary("down", ""), AuthError("no", ""), OutOfBudget("empty", ""), RateLimited("slow", "", until=None)]
)
def test_a_look_up_that_fails_withdraws_nothing_and_is_tried_again_within_hours(
    fault: Exception, bench: Callable[..., Bench]
) -> None:
    tried = bench(network())
    tried.run()
    tried.later(days=1)
    tried.network.faults = {len(tried.network.calls) + 1: fault}
    tried.run()
    with tried.store.reading() as connection:
        assert connection.execute(select(post.c.gone)).scalars().all() == [None] * 3
        due = connection.execute(select(conversation.c.due_at).where(conversation.c.kind == "recheck")).scalars().all()
    assert max(due) <= tried.clock.now() + timedelta(hours=2)


def test_what_an_answer_does_not_tell_counts_as_not_looked_up(bench: Callable[..., Bench]) -> None:
    tried = bench(network())
    tried.run()
    tried.network.posts[1] = replace(tried.network.posts[1], bad=True)
    assert run_after(tried, days=1) == [1, 2, 3]
    tried.network.posts[1] = FakePost(2, tagged=True)
    assert run_after(tried, hours=1) == [2]
    assert run_after(tried, hours=1) == []


def test_an_edit_and_a_deletion_are_found(bench: Callable[..., Bench]) -> None:
    tried = bench(network())
    tried.run()
    tried.network.posts = [FakePost(1, tagged=True, text="said otherwise"), FakePost(2, tagged=True)]
    tried.later(days=1)
    assert tried.run().updated == 1
    with tried.store.reading() as connection:
        told = dict(map(tuple, connection.execute(select(post.c.native_id, post.c.gone))))
    assert told == {"1": None, "2": None, "3": "deleted"}


def test_ages_are_counted_by_day_and_without_what_is_gone(bench: Callable[..., Bench]) -> None:
    tried = bench(network(), recheck=Recheck(STEPS, micros=1))
    tried.run()
    approve(tried, 1, 3)
    tried.later(days=9)
    with tried.store.writing() as connection:
        connection.execute(update(post).where(post.c.native_id == "3").values(gone="deleted"))
        paid = rechecks.ages(
            connection, tried.plan.source_id, tried.plan.campaign_id, tried.clock.now(), published_only=True
        )
        free = rechecks.ages(
            connection, tried.plan.source_id, tried.plan.campaign_id, tried.clock.now(), published_only=False
        )
    (age,) = paid
    assert paid == {age: 1}
    assert free == {age: 2}
    assert age == (tried.clock.now() - FakePost(1).published_at) // DAY * DAY


def test_what_a_renamed_source_brought_is_looked_up_by_its_successor(bench: Callable[..., Bench]) -> None:
    tried = bench(network())
    tried.run()
    looked_up(tried)
    with tried.store.writing() as connection:
        seed = campaigns.SourceSeed("other name", "fake", "fake", "1")
        ids = campaigns.sync(connection, [campaigns.CampaignSeed("c", "review_first", (seed,))], tried.clock.now())["c"]
    tried.plan = replace(tried.plan, source_id=ids.sources["other name"], name="other name")
    assert run_after(tried, days=1) == [1, 2, 3]
    assert run_after(tried, hours=12) == []


# --- what was left out -----------------------------------------------------------------------------------------------


def states(tried: Bench) -> dict[int, tuple[str | None, str | None]]:
    """Of each post (doubt, gone)."""
    with tried.store.reading() as connection:
        rows = connection.execute(select(post.c.native_id, post.c.doubt, post.c.gone)).all()
    return {int(row[0]): (row[1], row[2]) for row in rows}


def changed(tried: Bench) -> int:
    with tried.store.reading() as connection:
        return changes.newest(connection)


def test_a_post_left_out_once_is_in_doubt_and_left_out_again_it_is_gone(bench: Callable[..., Bench]) -> None:
    tried = bench(network())
    tried.run()
    tried.network.omits = {2}
    before = changed(tried)
    run_after(tried, days=1)
    assert states(tried) == {1: (None, None), 2: ("omitted", None), 3: (None, None)}
    assert changed(tried) > before, "the next build shows a bare link"
    assert run_after(tried, hours=5) == []
    before = changed(tried)
    assert run_after(tried, hours=1) == [2], "the second look"
    assert states(tried)[2] == ("omitted", "deleted")
    assert changed(tried) > before


def test_a_passing_omission_withdraws_nothing_and_the_post_comes_back_by_itself(bench: Callable[..., Bench]) -> None:
    tried = bench(network())
    tried.run()
    tried.network.omits = {2}
    run_after(tried, days=1)
    tried.network.omits = set()
    before = changed(tried)
    assert run_after(tried, hours=6) == [2]
    assert states(tried)[2] == (None, None)
    assert changed(tried) > before
    assert run_after(tried, hours=12) == []


def test_what_was_gone_comes_back_when_the_network_gives_it_again(bench: Callable[..., Bench]) -> None:
    tried = bench(network())
    tried.run()
    kept = tried.network.posts.pop(1)
    run_after(tried, days=1)
    assert states(tried)[2] == (None, "deleted")
    tried.network.posts.insert(1, kept)
    run_after(tried, days=1)
    assert states(tried)[2] == (None, None)


def test_two_omissions_within_the_hour_are_one(bench: Callable[..., Bench]) -> None:
    tried = bench(network())
    tried.run()
    missing = [(PostRef(ORIGIN, "2"), "omitted")]
    for wait, told in ((0, 1), (30, 0), (31, 1)):
        tried.later(minutes=wait)
        with tried.store.writing() as connection:
            assert gaps.record(connection, missing, tried.clock.now()) == told
    assert states(tried)[2] == ("omitted", "deleted")


# --- what could not be looked up in time -----------------------------------------------------------------------------

GRACE = Recheck(STEPS, grace=3 * DAY)


def fall_back(tried: Bench, recheck: Recheck = GRACE) -> int:
    with tried.store.writing() as connection:
        return rechecks.fall_back(connection, {tried.plan.source_id: recheck}, tried.clock.now())


@pytest.mark.parametrize("fault", [Temporary("down", ""), AuthError("no", ""), OutOfBudget("empty", "")])
def test_published_posts_that_cannot_be_looked_up_fall_back_after_their_turn_and_grace_and_come_back(
    fault: Exception, bench: Callable[..., Bench]
) -> None:
    tried = bench(network(), recheck=GRACE)
    tried.run()
    approve(tried, 1, 3)
    for _ in range(3):
        tried.later(days=1)
        tried.network.faults = dict.fromkeys(range(len(tried.network.calls) + 1, len(tried.network.calls) + 9), fault)
        tried.run()
        assert fall_back(tried) == 0, "nothing before its turn and three days"
    tried.later(days=1, minutes=1)
    before = changed(tried)
    assert fall_back(tried) == 2, "published ones only"
    assert fall_back(tried) == 0
    assert states(tried) == {1: ("overdue", None), 2: (None, None), 3: ("overdue", None)}
    assert changed(tried) > before
    with tried.store.reading() as connection:
        told = {tried.plan.campaign_id: (2, tried.clock.now())}
        assert rechecks.fallen_back(connection, [tried.plan.source_id]) == told
        assert rechecks.fallen_back(connection, []) == {}
    tried.network.faults = {}
    with tried.store.writing() as connection:
        sources.recover(connection, tried.plan.account)
    tried.later(days=1)
    tried.run()
    assert states(tried) == dict.fromkeys((1, 2, 3), (None, None))
    assert fall_back(tried) == 0


def test_older_posts_fall_back_later_as_they_are_looked_up_less_often(bench: Callable[..., Bench]) -> None:
    tried = bench(network([1]), recheck=GRACE)
    tried.later(days=30)
    tried.run()
    approve(tried, 1)
    tried.later(days=10)
    assert fall_back(tried) == 1, "a week and three days"
    assert fall_back(tried, Recheck(())) == 0


def test_a_source_that_never_looks_again_leaves_its_posts_as_they_are(bench: Callable[..., Bench]) -> None:
    tried = bench(network([1]), recheck=Recheck(()))
    tried.run()
    approve(tried, 1)
    tried.later(days=400)
    assert fall_back(tried, Recheck(())) == 0


def test_a_post_left_out_while_overdue_gets_its_second_look_all_the_same(bench: Callable[..., Bench]) -> None:
    tried = bench(network([1]), recheck=GRACE)
    tried.run()
    approve(tried, 1)
    tried.later(days=5)
    assert fall_back(tried) == 1
    tried.network.omits = {1}
    run_after(tried, minutes=1)
    assert states(tried)[1] == ("omitted", None)
    run_after(tried, hours=6)
    assert states(tried)[1] == ("omitted", "deleted")


def test_the_word_that_a_post_is_there_still_counts_as_a_look(bench: Callable[..., Bench]) -> None:
    tried = bench(network([1, 2]), recheck=GRACE)
    tried.run()
    approve(tried, 1, 2)
    tried.later(days=5)
    assert fall_back(tried) == 2
    tried.network.still = {1, 2}
    before = changed(tried)
    assert run_after(tried, minutes=1) == [1, 2]
    assert states(tried) == dict.fromkeys((1, 2), (None, None))
    assert changed(tried) > before
    assert run_after(tried, hours=20) == []
    tried.later(days=3)
    assert fall_back(tried) == 0


def test_an_author_who_now_asks_to_be_left_alone_leaves_the_site_at_the_next_look(bench: Callable[..., Bench]) -> None:
    tried = bench(network())
    tried.run()
    tried.network.posts[0] = replace(tried.network.posts[0], wishes=("noindex",))
    run_after(tried, days=1)
    assert states(tried)[1] == (None, "forbidden")
    tried.network.posts[0] = replace(tried.network.posts[0], wishes=())
    run_after(tried, days=1)
    assert states(tried)[1] == (None, None)
