"""Windows that touch are one; holes stay holes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tagora.storage import campaigns, windows
from tagora.storage.store import Store

DAY = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def source(store: Store) -> int:
    seed = campaigns.SourceSeed("one", "fake", "fake", "1")
    with store.writing() as connection:
        ids = campaigns.sync(connection, [campaigns.CampaignSeed("c", "review_first", (seed,))], DAY)
    return ids["c"].sources["one"]


def at(hour: int) -> datetime:
    return DAY + timedelta(hours=hour)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)), max_size=12))
def test_closed_windows_cover_what_was_asked_and_never_touch(
    store: Store, source: int, stretches: list[tuple[int, int]]
) -> None:
    asked: set[int] = set()
    with store.writing() as connection:
        connection.exec_driver_sql('DELETE FROM "window"')
        for start, length in stretches:
            asked.update(range(2 * start, 2 * (start + length) + 1))
            done = {"newest": str(start), "newest_at": at(start + length), "oldest_at": at(start)}
            window_id = windows.begin(
                connection, source, "tag:x", cursor={}, floor_at=None, exhaustive=True, items=0, **done
            )
            windows.close(connection, window_id, items=1, now=at(99), **done)
        held = windows.of_query(connection, source, "tag:x")
    covered: set[int] = set()
    for window in held:
        assert window.oldest_at is not None
        low, high = (int((moment - DAY) / timedelta(hours=0.5)) for moment in (window.oldest_at, window.newest_at))
        assert not covered.intersection(range(low, high + 1)), "two windows that touch are one"
        covered.update(range(low, high + 1))
    assert covered == asked
    assert sum(window.items for window in held) == len(stretches)


def test_a_window_given_up_keeps_what_it_asked_and_its_mark(store: Store, source: int) -> None:
    with store.writing() as connection:
        windows.begin(
            connection,
            source,
            "tag:x",
            cursor={"mark": "5", "below": "7"},
            newest=None,
            newest_at=at(10),
            oldest_at=at(8),
            floor_at=at(3),
            exhaustive=True,
            items=3,
        )
        (one,) = windows.of_query(connection, source, "tag:x")
        windows.give_up(connection, one, at(20))
        (one,) = windows.of_query(connection, source, "tag:x")
    assert (one.is_open, one.newest, one.oldest_at) == (False, "5", at(8))
