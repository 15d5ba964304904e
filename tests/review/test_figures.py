"""Measurements find their place on the axis, also where clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tagora.review.figures import Ages, Span, ages, busiest, decided, queue_lengths
from tagora.storage.figures import Hourly, Sample

ROME = ZoneInfo("Europe/Rome")
HOUR = timedelta(hours=1)


def test_a_week_goes_by_the_hour_and_a_month_by_the_day() -> None:
    now = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    week, month = Span(7, now, ROME), Span(30, now, ROME)
    assert week.since == datetime(2026, 11, 16, 23, 0, tzinfo=UTC)
    assert len(week.places) == 6 * 24 + 14
    assert (month.places[0], month.places[-1], len(month.places)) == (date(2026, 10, 25), date(2026, 11, 23), 30)


def test_the_day_on_which_clocks_change_has_its_25_hours() -> None:
    span = Span(2, datetime(2026, 10, 25, 22, 59, tzinfo=UTC), ROME)
    assert len(span.places) == 24 + 25
    month = Span(30, datetime(2026, 11, 23, 12, 0, tzinfo=UTC), ROME)
    assert month.place(datetime(2026, 10, 25, 22, 59, tzinfo=UTC)) == date(2026, 10, 25)
    assert month.place(datetime(2026, 10, 25, 23, 0, tzinfo=UTC)) == date(2026, 10, 26)


def test_the_longest_queue_of_a_day_is_shown_and_gaps_stay_gaps() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    samples = [Sample(now - 30 * HOUR, 5, 1, None), Sample(now - 29 * HOUR, 9, 0, None), Sample(now, 2, 2, None)]
    assert queue_lengths(samples, Span(10, now, ROME))[-3:] == [None, (9, 0), (2, 2)]
    assert [one for one in queue_lengths(samples, Span(3, now, ROME)) if one] == [(5, 1), (9, 0), (2, 2)]


def test_decisions_are_added_up() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    hours = [Hourly(now - 25 * HOUR, 1, 2, 3), Hourly(now - 2 * HOUR, 4, 0, 0), Hourly(now - HOUR, 1, 1, 0)]
    assert decided(hours, Span(10, now, ROME))[-2:] == [(1, 2, 3), (5, 1, 0)]
    assert decided(hours, Span(1, now, ROME))[-3:] == [(4, 0, 0), (1, 1, 0), (0, 0, 0)]
    assert (busiest(hours), busiest([])) == (6, 0)


def test_an_hour_that_began_before_the_span_counts_for_its_first_place() -> None:
    half = ZoneInfo("Asia/Kolkata")  # its days begin at half past
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    span = Span(1, now, half)
    assert decided([Hourly(datetime(2026, 11, 22, 18, 0, tzinfo=UTC), 1, 0, 0)], span)[0] == (1, 0, 0)


def test_ages_are_told_by_the_day_with_median_and_worst() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    waited = [(now - 26 * HOUR, HOUR), (now - HOUR, 2 * HOUR), (now, 9 * HOUR), (now, 4 * HOUR)]
    assert ages(waited, Span(3, now, ROME)) == [None, Ages(HOUR, HOUR, 1), Ages(4 * HOUR, 9 * HOUR, 3)]
