"""A run: whatever stops it, nothing is lost, nothing comes twice, and nothing paid for is read again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tagora.collector.admission import Nobody
from tagora.collector.contract import Lookup, Quotes, Tag, Thread, Walk
from tagora.core.clock import ManualClock
from tagora.core.closing import Phase
from tagora.core.errors import AuthError, Gone, OutOfBudget, QueryRefused, RateLimited, Temporary
from tagora.core.recheck import DAY, Recheck, Step
from tagora.core.records import PostRef
from tagora.storage import budget, campaigns, runs, sources
from tagora.storage.budget import Limits
from tagora.storage.store import Store
from tagora.storage.tables import campaign_post, post

from .bench import Bench
from .fake_platform import ORIGIN, FakeNetwork, FakePost

TAGGED = [FakePost(i, tagged=True) for i in range(1, 11)]
DAILY = Recheck((Step(DAY),))
WALKS = [Walk.BACKWARD, Walk.FORWARD, Walk.RESCAN]


@pytest.fixture
def bench(sqlite_store: Store, clock: ManualClock) -> Callable[..., Bench]:
    def make(network: FakeNetwork, **changes: Any) -> Bench:
        return Bench.of(sqlite_store, clock, network, **changes)

    return make


# --- the source's own question ---------------------------------------------------------------------------------------


def test_a_first_run_stores_every_tagged_post_and_has_them_decided(store: Store, clock: ManualClock) -> None:
    bench = Bench.of(store, clock, FakeNetwork([*TAGGED, FakePost(11)], kinds=()))
    report = bench.run()
    assert (report.new, report.seen, report.updated, report.error) == (10, 10, 0, None)
    assert bench.held() == dict.fromkeys(range(1, 11), "tag")
    assert len({post_id for ids in bench.decided for post_id in ids}) == 10
    (window,) = bench.windows()
    assert not window.is_open
    assert window.newest == "10"
    assert window.newest_at == clock.now()


@pytest.mark.parametrize("walk", WALKS)
def test_a_second_run_brings_only_what_is_new(bench: Callable[..., Bench], walk: Walk) -> None:
    tried = bench(FakeNetwork(list(TAGGED), walk=walk, kinds=()))
    tried.run()
    tried.later(minutes=30)
    assert tried.run().new == 0
    tried.network.posts.append(FakePost(5000, tagged=True))
    tried.later(days=2)
    report = tried.run()
    assert report.new == 1
    assert 5000 in tried.held()
    if walk is Walk.BACKWARD:
        assert set(tried.network.billed.values()) == {1}


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("pages", range(5))
def test_a_run_stopped_after_any_page_is_ended_by_the_next(bench: Callable[..., Bench], walk: Walk, pages: int) -> None:
    tried = bench(FakeNetwork(list(TAGGED), walk=walk, kinds=()))
    tried.run(stopped=lambda: len(tried.network.calls) >= pages)
    assert len(tried.held()) == min(10, 3 * pages)
    tried.later(hours=1)
    tried.network.posts.append(FakePost(4320, tagged=True))  # just now
    tried.later(minutes=1)
    report = tried.run()
    assert report.error is None
    assert set(tried.held()) == {*range(1, 11), 4320}
    assert all(not window.is_open for window in tried.windows())
    if walk is not Walk.RESCAN:
        assert set(tried.network.billed.values()) == {1}, "nothing was read twice"


@pytest.mark.parametrize("walk", [Walk.BACKWARD, Walk.FORWARD])
def test_runs_stopped_again_and_again_leave_windows_that_are_ended_later(
    bench: Callable[..., Bench], walk: Walk
) -> None:
    tried = bench(FakeNetwork([FakePost(i, tagged=True) for i in range(1, 30)], walk=walk, kinds=()))
    for at in (4310, 4350, 4390, 4430):
        calls = len(tried.network.calls)
        tried.run(stopped=lambda calls=calls: len(tried.network.calls) >= calls + 2)
        tried.network.posts += [FakePost(at + i, tagged=True) for i in range(8)]
        tried.later(minutes=40)
    tried.run()
    assert set(tried.held()) == {post.id for post in tried.network.posts}
    assert set(tried.network.billed.values()) == {1}
    assert [window.is_open for window in tried.windows()] == [False], "windows that touch are one"


def test_resuming_never_uses_a_token_of_an_earlier_run(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork(list(TAGGED), kinds=()))
    tried.run(stopped=lambda: len(tried.network.calls) >= 1)
    tried.run()
    resumed = [cursor for _, cursor in tried.network.calls if cursor.below == "8"]
    assert resumed[0].token is None


def test_a_forward_source_looks_at_the_last_days_again_once_a_day(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork([FakePost(4000, tagged=True)], walk=Walk.FORWARD, kinds=()))
    tried.run()
    tried.later(minutes=10)
    tried.run()
    tried.network.posts.append(FakePost(3900, tagged=True))  # came late, under its old date
    tried.later(days=1)
    tried.run()
    assert set(tried.held()) == {4000, 3900}
    calls = len(tried.network.calls)
    tried.later(minutes=10)
    tried.run()
    assert len(tried.network.calls) == calls + 1


def test_an_open_window_out_of_reach_becomes_a_hole(bench: Callable[..., Bench]) -> None:
    from tagora.collector.coverage import coverage

    tried = bench(FakeNetwork([FakePost(4000 + i, tagged=True) for i in range(9)], reach=timedelta(days=7), kinds=()))
    tried.run(stopped=lambda: len(tried.network.calls) >= 1)
    (open_,) = coverage(tried.windows(), tried.network.reach)[0].open
    assert open_.unreachable_at == FakePost(4006).published_at + timedelta(days=7)
    tried.later(days=9)
    tried.run()
    (report,) = coverage(tried.windows(), tried.network.reach)
    assert not report.open
    (hole,) = report.holes
    assert hole.since < hole.until == tried.clock.now() - timedelta(days=7)


# --- admission -------------------------------------------------------------------------------------------------------


def test_refused_posts_leave_a_count_and_nothing_else(store: Store, clock: ManualClock) -> None:
    network = FakeNetwork(
        [
            FakePost(1, tagged=True),
            FakePost(2, tagged=True, visibility="private", text="secret words"),
            FakePost(3, tagged=True, wishes=("noindex",), text="leave me out"),
            FakePost(4, tagged=True, author="gone", text="withdrawn words"),
            FakePost(5, tagged=True, bad=True),
            FakePost(6, tagged=True, visibility="unlisted"),
        ],
        kinds=(),
    )
    bench = Bench.of(store, clock, network)

    class Gone(Nobody):
        def __call__(self, names: Collection[tuple[str, str]], /) -> dict[tuple[str, str], str]:
            return {name: "forgotten" for name in names if name == (ORIGIN, "gone")}

    report = bench.run(forgotten=lambda _: Gone())
    assert dict(report.refused) == {"private": 1, "wish": 1, "forgotten": 1, "bad": 1}
    assert bench.all_posts() == {1, 6}
    assert bench.bodies() == 2
    with store.reading() as connection:
        assert not connection.exec_driver_sql("SELECT 1 FROM sighting WHERE native_id IN ('2','3','4','5')").all()
        assert not connection.exec_driver_sql("SELECT 1 FROM author WHERE native_id = 'gone'").all()


def test_a_held_post_that_turns_private_is_marked_and_leaves_the_site(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork([FakePost(1, tagged=True)], kinds=(Lookup,)), recheck=DAILY)
    tried.run()
    tried.network.posts = [FakePost(1, tagged=True, visibility="private")]
    tried.later(days=1)
    tried.run()
    with tried.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT gone FROM post").scalars().all() == ["forbidden"]


def test_on_a_small_budget_rechecks_take_their_share_and_leave_the_rest_to_new_posts(
    bench: Callable[..., Bench],
) -> None:
    tried = bench(FakeNetwork(list(TAGGED), kinds=(Lookup,), price=1_000, batch=3), recheck=DAILY)
    assert tried.run().new == 10
    tried.plan = replace(tried.plan, source_limits=Limits(micros_per_day=8_000), recheck_share=0.5)
    looked_at: list[int] = []
    for day in range(3):
        tried.later(days=1)
        today = FakePost(2_000 + day, tagged=True)
        tried.network.posts.append(today)
        tried.network.billed.clear()
        report = tried.run()
        assert report.error is None, "what re-checks may not spend ends no run"
        assert report.new == 1
        assert tried.network.billed.pop(today.id) == 1
        assert tried.network.billed.total() == 4
        looked_at += tried.network.billed
        assert tried.run().error is None
        assert tried.network.billed.total() == 4, "nothing more on the same day"
    assert set(range(1, 11)) <= set(looked_at), "none waits for ever"


def test_a_cooling_campaign_asks_about_its_conversations_only_and_an_ended_one_looks_again_only(
    store: Store, clock: ManualClock
) -> None:
    network = FakeNetwork([FakePost(1, tagged=True), FakePost(2, reply_to=1)])
    tried = Bench.of(store, clock, network, recheck=DAILY)
    tried.run()
    for phase, day, asked, held in (
        (Phase.COOLING, 1, {Lookup, Thread, Quotes}, 3),
        (Phase.ENDED, 20, {Lookup}, 3),
        (Phase.OPEN, 30, {Lookup, Thread, Quotes, Tag}, 8),
    ):
        tried.plan = replace(tried.plan, phase=phase)
        written = day * 1440 + 4000
        network.posts += [FakePost(written, tagged=True), FakePost(written + 1, reply_to=1)]
        network.calls.clear()
        tried.later(days=day)
        assert tried.run().error is None
        assert {type(query) for query, _ in network.calls} == asked
        assert len(tried.held()) == held


# --- whole conversations ---------------------------------------------------------------------------------------------

CONVERSATION = [
    FakePost(1, tagged=True),
    *(FakePost(10 + i, reply_to=1) for i in range(4)),
    FakePost(20, reply_to=13),
    FakePost(21, reply_to=20),
]


@pytest.mark.parametrize("walk", [Walk.BACKWARD, Walk.RESCAN])
def test_everything_below_a_tagged_root_belongs(store: Store, clock: ManualClock, walk: Walk) -> None:
    bench = Bench.of(store, clock, FakeNetwork(list(CONVERSATION), thread_walk=walk))
    bench.run()
    assert bench.held() == {1: "tag", **{post.id: "conversation" for post in CONVERSATION[1:]}}


@pytest.mark.parametrize("walk", [Walk.BACKWARD, Walk.RESCAN])
def test_a_tagged_reply_brings_its_ancestors_and_what_is_below_it_but_no_siblings(
    bench: Callable[..., Bench], walk: Walk
) -> None:
    posts = [
        FakePost(1),
        *(FakePost(100 + i, reply_to=1) for i in range(20)),  # a celebrity's crowd
        FakePost(2, reply_to=1),
        FakePost(3, reply_to=2, tagged=True),
        FakePost(4, reply_to=3),
        FakePost(5, reply_to=4),
        FakePost(6, reply_to=2),
    ]
    tried = bench(FakeNetwork(posts, thread_walk=walk))
    tried.run()
    assert tried.held() == {1: "context", 2: "context", 3: "tag", 4: "conversation", 5: "conversation"}
    if walk is Walk.BACKWARD:
        assert not any(post_id >= 100 for post_id in tried.network.billed), "the crowd was not paid for"


def test_with_tagged_conversations_only_tagged_posts_belong(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork(list(CONVERSATION)), conversation="tagged")
    tried.run()
    assert tried.held() == {1: "tag"}
    assert all(isinstance(query, Tag) for query, _ in tried.network.calls)


def test_an_opener_is_looked_up_and_its_comments_belong(bench: Callable[..., Bench]) -> None:
    posts = [FakePost(1), FakePost(2, reply_to=1), FakePost(3, reply_to=2)]
    tried = bench(FakeNetwork(posts), openers=(PostRef(ORIGIN, "1"), PostRef(ORIGIN, "99")))
    tried.run()
    assert tried.held() == {1: "opener", 2: "conversation", 3: "conversation"}


def test_a_page_post_that_links_to_the_invitation_belongs_with_its_comments(bench: Callable[..., Bench]) -> None:
    posts = [
        FakePost(1, link="https://www.example.org/guru/?utm=1"),
        FakePost(2, reply_to=1),
        FakePost(3),
        FakePost(4, reply_to=3, tagged=True),
        FakePost(5, reply_to=3),
        FakePost(6),
        FakePost(7, reply_to=6),
    ]
    network = FakeNetwork(posts, feed=True, walk=Walk.RESCAN, thread_walk=Walk.RESCAN, page_items=50, kinds=(Thread,))
    tried = bench(network, invitation_url="https://example.org/guru")
    tried.run()
    assert tried.held() == {1: "page", 2: "conversation", 3: "context", 4: "tag"}


def test_posts_that_quote_a_tagged_one_belong(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork([FakePost(1, tagged=True), FakePost(2, quote_of=1), FakePost(3, reply_to=2)]))
    tried.run()
    assert tried.held() == {1: "tag", 2: "quote"}


def test_a_post_that_is_nowhere_becomes_a_named_gap_and_is_not_asked_for_again_at_once(
    bench: Callable[..., Bench],
) -> None:
    tried = bench(FakeNetwork([FakePost(5, tagged=True, reply_to=4)]))
    assert tried.run().gaps == 1
    assert tried.gaps() == {(4, "post"): "deleted"}
    calls = len(tried.network.calls)
    tried.later(minutes=20)
    tried.run()
    assert not any(isinstance(query, Lookup) for query, _ in tried.network.calls[calls:])


def test_conversations_share_questions_once_they_are_filled(bench: Callable[..., Bench]) -> None:
    posts = [FakePost(i, tagged=True) for i in range(1, 5)] + [FakePost(10 + i, reply_to=i) for i in range(1, 5)]
    tried = bench(FakeNetwork(posts, kinds=(Thread,)))
    tried.run()
    asked = [query for query, _ in tried.network.calls if isinstance(query, Thread)]
    assert [len(query.targets) for query in asked] == [1, 1, 1, 1], "each is filled alone"
    tried.later(days=2)
    tried.network.posts.append(FakePost(5000, reply_to=2))
    calls = len(tried.network.calls)
    tried.later(days=2)
    tried.run()
    asked = [query for query, _ in tried.network.calls[calls:] if isinstance(query, Thread)]
    assert [len(query.targets) for query in asked] == [4], "then they are asked together"
    assert 5000 in tried.held()
    assert set(tried.network.billed.values()) == {1}


def test_a_conversation_stopped_half_way_goes_on_below_what_is_held(bench: Callable[..., Bench]) -> None:
    posts = [FakePost(1, tagged=True), *(FakePost(10 + i, reply_to=1) for i in range(9))]
    tried = bench(FakeNetwork(posts, kinds=(Thread,)))
    tried.run(stopped=lambda: len(tried.network.calls) >= 2)
    assert len(tried.held()) == 4
    tried.later(days=1)
    tried.run()
    assert len(tried.held()) == 10
    assert set(tried.network.billed.values()) == {1}


def test_a_thread_stops_at_its_limit_with_a_gap_that_says_so(bench: Callable[..., Bench]) -> None:
    posts = [FakePost(1, tagged=True), *(FakePost(10 + i, reply_to=1) for i in range(30))]
    tried = bench(FakeNetwork(posts, kinds=(Thread,)), max_posts_per_thread=8)
    report = tried.run()
    assert len(tried.held()) == 8
    assert tried.gaps() == {(1, "replies"): "limit"}
    assert report.refused == {"limit": 2}
    calls = len(tried.network.calls)
    tried.later(days=30)
    tried.run()
    assert not any(isinstance(query, Thread) for query, _ in tried.network.calls[calls:])


def test_replies_older_than_the_networks_reach_are_a_named_gap(bench: Callable[..., Bench]) -> None:
    posts = [FakePost(1), FakePost(2, reply_to=1), FakePost(4000, reply_to=1, tagged=True)]
    tried = bench(FakeNetwork(posts, reach=timedelta(hours=12)), openers=(PostRef(ORIGIN, "1"),))
    tried.run()
    assert tried.held() == {1: "opener", 4000: "tag"}
    assert tried.gaps() == {(1, "replies"): "beyond_window"}


# --- when a network says no ------------------------------------------------------------------------------------------


def test_a_refused_key_rests_the_account_until_a_person_acts(store: Store, clock: ManualClock) -> None:
    bench = Bench.of(store, clock, FakeNetwork(list(TAGGED), faults={2: AuthError("the key is wrong.")}, kinds=()))
    report = bench.run()
    assert report.error == "the key is wrong."
    assert len(bench.held()) == 3, "what was stored stays"
    bench.later(days=30)
    assert bench.run().skipped == "the key is wrong."
    with store.writing() as connection:
        assert sources.due(connection, clock.now()) == []
        assert sources.retry(connection, clock.now()) == ["c/fake"]
    assert bench.run().error is None
    assert len(bench.held()) == 10


def test_a_refused_question_rests_its_source_for_a_day_and_leaves_the_account_alone(
    bench: Callable[..., Bench],
) -> None:
    tried = bench(FakeNetwork(list(TAGGED), faults={2: QueryRefused("the question is refused.")}, kinds=()))
    assert tried.run().error == "the question is refused."
    assert len(tried.held()) == 3, "what was stored stays"
    tried.later(hours=23)
    assert tried.run(when_due=True).skipped == "it is not due yet"
    with tried.store.reading() as connection:
        found = sources.get(connection, tried.plan.source_id)
    assert found is not None and found.ailing_since is None and found.last_error == "the question is refused."
    tried.later(hours=1)
    assert tried.run(when_due=True).error is None
    assert len(tried.held()) == 10


def test_between_two_requests_the_network_has_its_pause(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork(list(TAGGED), pace=timedelta(seconds=5), kinds=()))
    pauses: list[float] = []
    tried.run(wait=pauses.append)
    assert len(tried.network.calls) > 2
    assert pauses == [5.0] * (len(tried.network.calls) - 1)


def test_a_key_that_may_not_ask_for_quotes_still_brings_the_rest(bench: Callable[..., Bench]) -> None:
    posts = [FakePost(1, tagged=True), FakePost(2, reply_to=1), FakePost(3, quote_of=1)]
    tried = bench(FakeNetwork(posts, faults={3: AuthError("this key may not ask for quotes.")}))
    report = tried.run()
    assert report.error == "this key may not ask for quotes."
    assert set(tried.held()) == {1, 2}
    tried.later(minutes=41)
    assert tried.run(when_due=True).error is None, "told once a day"
    tried.later(days=1)
    assert tried.run(when_due=True).error is None
    assert set(tried.held()) == {1, 2, 3}


def test_another_key_ends_the_rest_too(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork(list(TAGGED), faults={1: AuthError("the key is wrong.")}, kinds=()))
    tried.run()
    with tried.store.writing() as connection:
        seed = campaigns.SourceSeed("fake", "fake", "fake", "another")
        campaigns.sync(connection, [campaigns.CampaignSeed("c", "review_first", (seed,))], tried.clock.now())
    assert tried.run(when_due=True).new == 10


def test_a_rate_limit_rests_until_the_network_says(bench: Callable[..., Bench]) -> None:
    until = bench(FakeNetwork()).clock.now() + timedelta(minutes=15)
    tried = bench(FakeNetwork(list(TAGGED), faults={2: RateLimited("slow down.", until=until)}, kinds=()))
    assert tried.run().error == "slow down."
    tried.later(minutes=14)
    assert tried.run().skipped == "slow down."
    tried.later(minutes=1)
    assert tried.run(when_due=True).error is None
    assert len(tried.held()) == 10


def test_nothing_left_to_spend_at_the_network_rests_the_account(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork(list(TAGGED), faults={2: OutOfBudget("no credits left.")}, kinds=()))
    tried.run()
    assert tried.run().skipped == "no credits left."
    tried.later(days=1)
    assert tried.run(when_due=True).new == 7


def test_a_passing_fault_is_tried_again_ever_later(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork(list(TAGGED), faults={i: Temporary("down.") for i in range(1, 5)}, kinds=()))
    pauses = []
    for _ in range(4):
        assert tried.run().error == "down."
        with tried.store.reading() as connection:
            (one,) = sources.every(connection)
        pauses.append(one.due_at - tried.clock.now())
        tried.clock.set(one.due_at)
    assert pauses == sorted(pauses)
    assert tried.run(when_due=True).new == 10


def test_one_conversation_that_is_gone_does_not_stop_the_others(bench: Callable[..., Bench]) -> None:
    posts = [FakePost(i, tagged=True) for i in (1, 2)] + [FakePost(11, reply_to=1), FakePost(12, reply_to=2)]
    tried = bench(FakeNetwork(posts, kinds=(Thread,), faults={2: Gone("not there")}))
    report = tried.run()
    assert report.error is None
    assert len(tried.held()) == 3


def test_nobody_asks_about_what_was_rejected_until_that_is_taken_back(bench: Callable[..., Bench]) -> None:
    posts = [FakePost(i, tagged=True) for i in (1, 2)] + [FakePost(11, reply_to=1), FakePost(12, reply_to=2)]
    tried = bench(FakeNetwork(list(posts)))
    tried.decide = lambda connection, campaign, ids, now: connection.execute(  # type: ignore[method-assign]
        update(campaign_post)
        .where(campaign_post.c.post_id == select(post.c.id).where(post.c.native_id == "1").scalar_subquery())
        .values(status="rejected")
    )
    tried.run()
    assert tried.held() == {1: "tag", 2: "tag", 12: "conversation"}
    asked = len(tried.network.calls)
    tried.later(minutes=10)
    tried.run()
    with tried.store.writing() as connection:
        connection.execute(update(campaign_post).values(status="approved"))
    tried.later(days=1)
    tried.run()
    assert 11 in tried.held() and len(tried.network.calls) > asked


def test_a_bug_is_raised_after_the_run_is_closed(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork(list(TAGGED), faults={2: ZeroDivisionError()}, kinds=()))
    with pytest.raises(ZeroDivisionError):
        tried.run()
    assert len(tried.held()) == 3
    with tried.store.reading() as connection:
        (last,) = runs.last(connection, tried.plan.source_id)
        assert last.error == "the run broke off: ZeroDivisionError"
        assert last.counts.new == 3
        assert last.ended_at is not None
    tried.later(hours=7)
    assert tried.run(when_due=True).new == 7


# --- money and floods ------------------------------------------------------------------------------------------------


def test_spending_stops_at_the_ceiling_and_goes_on_with_the_next_day(store: Store, clock: ManualClock) -> None:
    network = FakeNetwork(list(TAGGED), price=5_000, kinds=())
    bench = Bench.of(store, clock, network, source_limits=Limits(micros_per_day=20_000))
    report = bench.run()
    assert report.new == 4
    assert report.micros == network.charged == 20_000
    assert report.error is not None
    assert "day" in report.error
    bench.later(hours=1)
    assert bench.run().requests == 0
    bench.later(days=1)
    assert bench.run().new == 4
    bench.later(days=1)
    assert bench.run().new == 2
    assert set(network.billed.values()) == {1}


def test_a_call_that_broke_off_counts_at_its_worst(bench: Callable[..., Bench]) -> None:
    network = FakeNetwork(list(TAGGED), price=5_000, kinds=(), faults={1: Temporary("cut")}, late=True)
    tried = bench(network, account_limits=Limits(micros_per_day=50_000))
    tried.run()
    with tried.store.reading() as connection:
        spent = budget.spent(connection, tried.plan.source_id, tried.clock.now(), tried.clock.now())
    assert spent.micros == network.charged == 15_000


def test_the_brake_is_pulled_when_far_more_than_usual_comes_within_an_hour(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tagora.collector.flood.FLOOR", 20)
    network = FakeNetwork([FakePost(1, tagged=True)], page_items=500, kinds=())
    tried = bench(network)
    tried.run()
    network.posts += [FakePost(4320 + i, tagged=True) for i in range(50)]
    tried.later(minutes=50)
    report = tried.run()
    assert report.flood
    assert report.new == 50, "what came is stored, for people to look at"
    assert tried.run(when_due=True).skipped == "it is not due yet"
    with tried.store.writing() as connection:
        assert (found := campaigns.by_slug(connection, "c"))
        assert found.flood_since is not None
        campaigns.release_brake(connection, tried.plan.campaign_id, tried.clock.now())
        assert (found := campaigns.by_slug(connection, "c"))
        assert found.flood_since is None
    network.posts.append(FakePost(4371, tagged=True))
    tried.later(minutes=2)
    assert not tried.run(when_due=True).flood, "what a person released is usual now"


def test_an_unchanged_source_costs_one_question(bench: Callable[..., Bench]) -> None:
    tried = bench(FakeNetwork(list(CONVERSATION)))
    tried.run()
    calls = len(tried.network.calls)
    tried.later(minutes=1)
    tried.run()
    assert len(tried.network.calls) == calls + 1
    assert not any(isinstance(query, Quotes | Thread) for query, _ in tried.network.calls[calls:])
