"""The purse's book: whatever happens in whatever order, no ceiling is passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tagora.storage import budget, campaigns
from tagora.storage.budget import Limits, Purse
from tagora.storage.store import Store

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
_accounts = count(1)


@pytest.fixture
def sources(store: Store) -> tuple[int, int]:
    with store.writing() as connection:
        seeds = tuple(campaigns.SourceSeed(name, "fake", "purse", "1") for name in ("one", "two"))
        ids = campaigns.sync(connection, [campaigns.CampaignSeed("c", "review_first", seeds)], NOON)
    return ids["c"].sources["one"], ids["c"].sources["two"]


def test_a_reservation_counts_as_spent_until_it_is_settled(store: Store, sources: tuple[int, int]) -> None:
    purse = Purse("purse", sources[0], account_limits=Limits(micros_per_day=100))
    with store.writing() as connection:
        first = budget.reserve(connection, purse, 1, 60, "me", NOON)
        assert first is not None
        assert budget.reserve(connection, purse, 1, 60, "me", NOON) is None
        budget.settle(connection, first, 1, 10, "me")
        assert budget.reserve(connection, purse, 1, 60, "me", NOON) is not None


def test_an_accounts_ceiling_holds_for_all_its_sources_together(store: Store, sources: tuple[int, int]) -> None:
    one, two = (Purse("purse", source, Limits(requests_per_day=2)) for source in sources)
    with store.writing() as connection:
        assert budget.reserve(connection, one, 1, 0, "me", NOON)
        assert budget.reserve(connection, two, 1, 0, "me", NOON)
        assert budget.reserve(connection, one, 1, 0, "me", NOON) is None
        assert budget.reserve(connection, one, 1, 0, "me", NOON + timedelta(days=1))


def test_a_months_ceiling_outlives_the_day_and_ends_with_the_month(store: Store, sources: tuple[int, int]) -> None:
    purse = Purse("purse", sources[0], source_limits=Limits(micros_per_month=100))
    with store.writing() as connection:
        assert budget.reserve(connection, purse, 1, 100, "me", NOON)
        assert budget.reserve(connection, purse, 1, 1, "me", NOON + timedelta(days=1)) is None
        assert budget.reserve(connection, purse, 1, 1, "me", NOON + timedelta(days=2))


def test_rechecks_have_a_share_of_every_ceiling_and_count_like_anything_else(
    store: Store, sources: tuple[int, int]
) -> None:
    purse = Purse("purse", sources[0], Limits(micros_per_month=100), Limits(requests_per_day=8), recheck_share=0.25)
    with store.writing() as connection:
        first = budget.reserve(connection, purse, 1, 20, "me", NOON, recheck=True)
        assert first is not None
        assert budget.reserve(connection, purse, 1, 6, "me", NOON, recheck=True) is None, "a quarter of the money"
        assert budget.settle(connection, first, 1, 5, "me")
        assert budget.reserve(connection, purse, 1, 20, "me", NOON, recheck=True)
        assert budget.reserve(connection, purse, 1, 0, "me", NOON, recheck=True) is None, "a quarter of the requests"
        shares = [one for one in budget.ceilings(connection, purse, NOON, recheck=True) if one.for_rechecks]
        assert [(one.unit, one.limit, one.spent) for one in shares] == [("micros", 25, 25), ("requests", 2, 2)]
        assert budget.reserve(connection, purse, 6, 75, "me", NOON), "the rest is left to everything else"
        assert budget.reserve(connection, purse, 0, 1, "me", NOON) is None


def test_settled_calls_of_a_day_are_one_row_and_rechecks_another(store: Store, sources: tuple[int, int]) -> None:
    purse = Purse("purse", sources[0])
    with store.writing() as connection:
        for number in range(5):
            entry = budget.reserve(connection, purse, 1, 10, "me", NOON, recheck=number > 2)
            assert entry is not None
            assert budget.settle(connection, entry, 1, 7, "me")
        assert budget.spent(connection, sources[0], NOON, NOON) == budget.Spent(5, 35)
        assert connection.exec_driver_sql("SELECT requests FROM budget_entry ORDER BY 1").scalars().all() == [2, 3]


def test_nobody_settles_or_releases_anothers_reservation(store: Store, sources: tuple[int, int]) -> None:
    purse = Purse("purse", sources[0])
    with store.writing() as connection:
        entry = budget.reserve(connection, purse, 1, 10, "me", NOON)
        assert entry is not None
        assert not budget.settle(connection, entry, 1, 0, "you")
        budget.release(connection, entry, "you")
        assert budget.spent(connection, sources[0], NOON, NOON).micros == 10


def test_orphans_count_until_the_networks_own_count_settles_them(store: Store, sources: tuple[int, int]) -> None:
    purse = Purse("purse", sources[0], Limits(micros_per_month=100))
    with store.writing() as connection:
        budget.reserve(connection, purse, 1, 40, "dead", NOON)
        budget.reserve(connection, purse, 1, 50, "alive", NOON)
        settled = budget.reserve(connection, purse, 1, 10, "dead", NOON)
        assert settled is not None
        budget.settle(connection, settled, 1, 10, "dead")
        # the network counted 25: 10 are settled, so 15 of the orphan's 40 were charged
        assert budget.reconcile(connection, "purse", "2026-11-29", 25, {"alive"}) == 25
        assert budget.spent(connection, sources[0], NOON, NOON).micros == 10 + 15 + 50
        assert budget.orphans(connection, "purse", {"alive"}) == []


_LIMIT = st.none() | st.integers(0, 60)
_STEP = st.one_of(
    st.tuples(st.just("reserve"), st.integers(0, 1), st.integers(0, 30)),
    st.tuples(st.just("settle"), st.integers(0, 9), st.floats(0, 1)),
    st.tuples(st.just("release"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("crash"), st.just(0), st.just(0)),
    st.tuples(st.just("next day"), st.just(0), st.just(0)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(_STEP, max_size=30),
    limits=st.builds(Limits, _LIMIT, _LIMIT, _LIMIT, _LIMIT),
    own=st.builds(Limits, _LIMIT, _LIMIT, _LIMIT, _LIMIT),
)
def test_no_interleaving_passes_a_ceiling(
    store: Store, sources: tuple[int, int], steps: list[tuple[str, int, float]], limits: Limits, own: Limits
) -> None:
    account = f"account-{next(_accounts)}"
    purses = [Purse(account, source, limits, own) for source in sources]
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM budget_entry")
    now, alive, open_entries = NOON, 1, []
    for what, which, amount in steps:
        with store.writing() as connection:
            if what == "reserve":
                entry = budget.reserve(connection, purses[which], 1, int(amount), f"p{alive}", now)
                open_entries += [(entry, int(amount))] if entry is not None else []
            elif what == "settle" and open_entries:
                entry, worst = open_entries.pop(which % len(open_entries))
                budget.settle(connection, entry, 1, int(worst * amount), f"p{alive}")
            elif what == "release" and open_entries:
                budget.release(connection, open_entries.pop(which % len(open_entries))[0], f"p{alive}")
            elif what == "crash":
                alive, open_entries = alive + 1, []
            elif what == "next day":
                now += timedelta(days=1)
            for purse in purses:
                for ceiling in budget.ceilings(connection, purse, now):
                    assert ceiling.spent <= ceiling.limit
