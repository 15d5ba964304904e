"""A process may be killed at any moment: the next one repairs it. Nothing lost, nothing double, nothing overspent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tagora.collector.contract import Walk
from tagora.core.clock import ManualClock
from tagora.storage import budget, campaigns, sources
from tagora.storage.budget import Limits
from tagora.storage.store import Store, open_store

from .bench import Bench
from .fake_platform import FakeNetwork, FakePost

CEILING = 150_000
POSTS = [
    *(FakePost(i, tagged=True) for i in range(1, 8)),
    FakePost(20, reply_to=1),
    FakePost(21, reply_to=20),
    FakePost(22, reply_to=1),
    FakePost(30, quote_of=2),
    FakePost(41, tagged=True, reply_to=40),  # 40 is nowhere
    FakePost(51),
    FakePost(52, tagged=True, reply_to=51),
]


class Killed(BaseException):
    """Nothing of ours may catch it."""


@contextmanager
def mortal(store: Store, network: FakeNetwork, at: int | None) -> Iterator[list[str]]:
    """Counts every statement, commit and answer as a step; dies at step `at`, and whatever is tried after that by
    the dead (clean-up, closing) does not happen either."""
    steps: list[str] = []
    answer = network._answer

    def step(name: str) -> None:
        steps.append(name)
        if at is not None and len(steps) > at:
            raise Killed

    def executes(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        step(statement.split(None, 1)[0])

    def commits(_connection: Any) -> None:
        step("COMMIT")

    def answers(*args: Any) -> Any:
        page = answer(*args)
        network.charged += network.price * len(page.items)
        step("answer")
        network.charged -= network.price * len(page.items)
        return page

    event.listen(store.engine, "before_cursor_execute", executes)
    event.listen(store.engine, "commit", commits)
    network._answer = answers  # type: ignore[method-assign]
    try:
        yield steps
    finally:
        event.remove(store.engine, "before_cursor_execute", executes)
        event.remove(store.engine, "commit", commits)
        network._answer = answer  # type: ignore[method-assign]


def _bench(store: Store, clock: ManualClock, walk: Walk) -> Bench:
    network = FakeNetwork(list(POSTS), walk=walk, price=1_000, page_items=3)
    return Bench.of(store, clock, network, account_limits=Limits(micros_per_day=CEILING))


def _story(bench: Bench) -> dict[str, Any]:
    return {
        "held": bench.held(),
        "gaps": bench.gaps(),
        "bodies": bench.bodies(),
        "followed": bench.followed(),
        "windows": [(one.query, one.is_open) for one in bench.windows()],
        "decided": {post_id for ids in bench.decided for post_id in ids} if bench.decided else set(),
    }


@pytest.mark.parametrize("walk", [Walk.BACKWARD, Walk.FORWARD])
@pytest.mark.parametrize("part", range(7))
def test_a_run_killed_at_any_step_is_repaired_by_the_next(
    sqlite_store: Store, clock: ManualClock, walk: Walk, part: int
) -> None:
    _killed_and_repaired(sqlite_store, clock, walk, (part + 0.3 * (walk is Walk.FORWARD)) / 7)


@pytest.mark.parametrize("part", range(2))
def test_a_run_killed_on_postgresql_is_repaired_by_the_next(
    postgres_store: Store, clock: ManualClock, part: int
) -> None:
    _killed_and_repaired(postgres_store, clock, Walk.BACKWARD, (part + 0.7) / 2)


# Steps of one undisturbed run, and what it leaves: found once.
_undisturbed: dict[Walk, tuple[int, dict[str, Any]]] = {}


def _expected(walk: Walk, clock: ManualClock) -> tuple[int, dict[str, Any]]:
    if walk not in _undisturbed:
        from tagora.storage.migrate import migrate

        memory = open_store("sqlite:///:memory:")
        migrate(memory)
        bench = _bench(memory, ManualClock(clock.now()), walk)
        with mortal(memory, bench.network, None) as steps:
            assert bench.run().error is None
        count = len(steps)
        bench.later(minutes=11)
        bench.run()
        _undisturbed[walk] = count, _story(bench)
    return _undisturbed[walk]


def _killed_and_repaired(store: Store, clock: ManualClock, walk: Walk, part: float) -> None:
    count, expected = _expected(walk, clock)
    bench = _bench(store, clock, walk)
    with mortal(store, bench.network, int(count * part)), pytest.raises(Killed):
        bench.run()
    bench.later(minutes=11)  # the dead one's lease runs out
    for _ in range(2):
        report = bench.run()
        assert report.error is None
        assert report.skipped is None
    found = _story(bench)
    assert found == expected
    read_twice = [post_id for post_id, times in bench.network.billed.items() if times > 1]
    assert len(read_twice) <= bench.network.page_items, "at most the one page that was paid for and not stored"
    with store.reading() as connection:
        spent = budget.spent(connection, bench.plan.source_id, clock.now(), clock.now())
    assert bench.network.charged <= spent.micros <= CEILING


@pytest.mark.parametrize("ceiling", [4_000, 7_000, 11_000])
def test_killed_again_and_again_it_never_spends_more_than_the_ceiling(
    sqlite_store: Store, clock: ManualClock, ceiling: int
) -> None:
    network = FakeNetwork(list(POSTS), price=1_000, page_items=3)
    bench = Bench.of(sqlite_store, clock, network, source_limits=Limits(micros_per_day=ceiling))
    today = clock.now().replace(hour=0, minute=0)
    clock.set(today)
    for at in range(40, 240, 50):
        with mortal(sqlite_store, network, at), suppress(Killed):
            bench.run()
        bench.later(minutes=11)
        assert network.charged <= ceiling
    assert clock.now().date() == today.date()


# --- leases ----------------------------------------------------------------------------------------------------------


def test_two_collectors_at_once_never_ask_the_same_source(store: Store, clock: ManualClock) -> None:
    bench = Bench.of(store, clock, FakeNetwork([FakePost(i, tagged=True) for i in range(1, 20)], price=10, kinds=()))
    other = open_store(store.engine.url.render_as_string(hide_password=False))
    started = threading.Barrier(2)
    reports = []

    def collect(with_store: Store) -> None:
        started.wait()
        mine = Bench(with_store, clock, bench.network, bench.plan)
        reports.append(mine.run(when_due=True))

    threads = [threading.Thread(target=collect, args=(each,)) for each in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sum(1 for report in reports if report.skipped) == 1
    assert set(bench.network.billed.values()) == {1}
    assert len(bench.held()) == 19


def test_a_lease_is_kept_while_working_and_runs_out_with_its_holder(store: Store, clock: ManualClock) -> None:
    bench = Bench.of(store, clock, FakeNetwork([FakePost(i, tagged=True) for i in range(1, 20)], kinds=()))
    seen: list[str | None] = []

    def a_slow_page() -> bool:
        clock.advance(timedelta(minutes=6))  # seven pages: far more than one lease
        with store.writing() as connection:
            taken = sources.take(
                connection, bench.plan.source_id, "you", clock.now(), clock.now() + timedelta(minutes=10)
            )
            seen.append(taken.reason if isinstance(taken, sources.NotTaken) else None)
        return False

    assert bench.run(holder="me", stopped=a_slow_page).error is None
    assert seen == ["it is being asked by me"] * len(seen)
    assert len(bench.held()) == 19


def test_who_lost_the_lease_neither_pays_nor_stores(store: Store, clock: ManualClock) -> None:
    bench = Bench.of(store, clock, FakeNetwork([FakePost(i, tagged=True) for i in range(1, 20)], price=10, kinds=()))

    def sleeps_too_long() -> bool:
        if len(bench.network.calls) == 2:
            clock.advance(timedelta(hours=1))
            with store.writing() as connection:
                sources.take(connection, bench.plan.source_id, "you", clock.now(), clock.now() + timedelta(hours=1))
        return False

    report = bench.run(holder="me", stopped=sleeps_too_long)
    assert report.error is not None
    assert "another process took the source over" in report.error
    assert len(bench.network.calls) == 2
    assert len(bench.held()) == 6
    with store.reading() as connection:
        (found,) = sources.every(connection)
        assert found.lease_by == "you", "the other's lease is left alone"


def test_removed_sources_are_switched_off_and_come_back_with_their_id(store: Store, clock: ManualClock) -> None:
    seeds = tuple(campaigns.SourceSeed(name, "fake", name, "1") for name in ("a", "b"))

    def sync(*names: str) -> dict[str, int]:
        chosen = tuple(seed for seed in seeds if seed.name in names)
        with store.writing() as connection:
            ids = campaigns.sync(connection, [campaigns.CampaignSeed("c", "review_first", chosen)], clock.now())
        return dict(ids["c"].sources)

    first = sync("a", "b")
    assert sync("b") == {"b": first["b"]}
    with store.reading() as connection:
        assert [one.enabled for one in sources.every(connection)] == [False, True]
        assert sources.due(connection, clock.now()) == [first["b"]]
    assert sync("a", "b") == first
