"""When posts are looked up again: by age, and never less often than their network asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.core.recheck import DAY, NEVER, STEADY, Recheck, Step, forecast, read_steps, spoken_steps

from ..make import NOON

ages = st.integers(0, 2000).map(lambda days: days * DAY)
lengths = st.integers(1, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Step, ...]:
    untils = sorted(draw(st.sets(lengths, max_size=3)))
    return (*(Step(draw(lengths), until) for until in untils), Step(draw(lengths)))


@pytest.mark.parametrize(("age", "every"), [(0, 1), (6, 1), (7, 7), (90, 7), (91, 30), (4000, 30)])
def test_daily_in_the_first_week_weekly_in_the_first_quarter_then_monthly(age: int, every: int) -> None:
    assert Recheck(STEADY).every(age * DAY) == every * DAY
    assert Recheck(STEADY).due(NOON, NOON - age * DAY) == NOON + every * DAY


def test_a_post_without_a_time_is_looked_up_like_a_new_one_and_never_means_never() -> None:
    assert Recheck(STEADY).due(NOON, None) == NOON + DAY
    assert Recheck(NEVER).due(NOON, NOON) is None


@given(schedules())
def test_what_is_spoken_is_read_back(steps: tuple[Step, ...]) -> None:
    assert read_steps(spoken_steps(steps).split(", ")) == steps


@pytest.mark.parametrize(
    "written",
    [
        [],
        ["1d until 7d"],
        ["30d", "1d until 7d"],
        ["1d until 7d", "2d until 7d", "30d"],
        ["1d until 9d", "2d until 7d", "30d"],
        ["1d", "30d"],
        "often",
        "0d",
        "30s",
        ["1d until", "30d"],
        7,
        {"1d": "7d"},
    ],
)
def test_what_leaves_an_age_open_or_cannot_be_read_is_refused_with_a_model(written: object) -> None:
    with pytest.raises(ValueError, match="write"):
        read_steps(written)


def test_a_duty_is_the_floor_of_steps_and_grace() -> None:
    month = timedelta(days=30)
    assert Recheck(STEADY, grace=7 * DAY, duty=month).objection is None
    assert Recheck(NEVER).objection is None
    for wrong, part in (
        (Recheck(NEVER, duty=month), "steps"),
        (Recheck((Step(DAY, 7 * DAY), Step(31 * DAY)), duty=month), "steps"),
        (Recheck(STEADY, grace=31 * DAY, duty=month), "grace"),
    ):
        assert wrong.objection is not None
        assert wrong.objection[0] == part
        assert "30d" in wrong.objection[1]


@given(schedules(), ages, st.integers(1, 400))
def test_the_forecast_is_what_following_the_schedule_takes(steps: tuple[Step, ...], age: timedelta, days: int) -> None:
    recheck, born, end = Recheck(steps), NOON - age, NOON + days * DAY
    if min(one.every for one in steps) < timedelta(hours=6):
        steps = tuple(one._replace(every=one.every + timedelta(hours=6)) for one in steps)
        recheck = Recheck(steps)
    counted, at = 0, recheck.due(NOON, born)
    while at is not None and at <= end:
        counted, at = counted + 1, recheck.due(at, born)
    told = forecast(recheck, {age: 1}, days * DAY, batch=100).looks
    assert abs(told - counted) <= len(steps) * (1 + max(one.every for one in steps) / min(one.every for one in steps))


def test_a_forecast_adds_up_posts_and_money_and_counts_a_call_a_day_where_calls_are_not_full() -> None:
    recheck = Recheck((Step(DAY),), micros=15_000)
    told = forecast(recheck, {timedelta(0): 150, 400 * DAY: 50}, 30 * DAY, batch=100)
    assert (told.looks, told.calls, told.micros) == (6000, 60, 90_000_000)
    few = forecast(recheck, {timedelta(0): 2}, 30 * DAY, batch=100)
    assert (few.looks, few.calls) == (60, 30)
    assert forecast(recheck, {}, DAY, batch=100).calls == 0
