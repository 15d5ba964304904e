"""When to ask next, and what counts as a flood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector import flood, schedule
from tagora.collector.contract import Feed, Quota, Tag
from tagora.collector.coverage import silence_hint
from tagora.collector.language import with_language
from tagora.collector.schedule import Money
from tagora.core.records import Entity, EntityKind
from tests.make import post

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVERY = timedelta(minutes=10)


def test_a_busy_source_is_asked_at_its_pace_and_a_quiet_one_up_to_four_times_later() -> None:
    busy = schedule.next_due(NOW, EVERY, last_new_at=NOW)
    quiet = schedule.next_due(NOW, EVERY, last_new_at=NOW - timedelta(days=3))
    assert busy == NOW + EVERY
    assert quiet == NOW + 4 * EVERY


def test_a_used_up_quota_waits_for_its_reset() -> None:
    quota = Quota(limit=300, remaining=10, resets_at=NOW + timedelta(hours=1))
    assert schedule.next_due(NOW, EVERY, last_new_at=NOW, quota=quota) == quota.resets_at
    plenty = Quota(limit=300, remaining=200, resets_at=NOW + timedelta(hours=1))
    assert schedule.next_due(NOW, EVERY, last_new_at=NOW, quota=plenty) == NOW + EVERY


@given(left=st.integers(0, 10**8), spent=st.integers(0, 10**7), run=st.integers(1, 10**6), hour=st.integers(0, 23))
def test_a_months_money_is_spread_over_its_days(left: int, spent: int, run: int, hour: int) -> None:
    """Running like the last time at every due moment of the day never spends more than the day's share."""
    now, start = NOW.replace(hour=hour), spent
    days_left = 8  # 23 to 30 November
    while now.day == NOW.day and left > 0:
        due = schedule.next_due(now, timedelta(hours=1), last_new_at=now, money=Money(left, spent, run))
        assert due > now
        now = due
        if now.day == NOW.day:
            left, spent = left - run, spent + run
            assert spent - start == 0 or spent <= (left + spent) // days_left + 1


@given(st.integers(1, 60), st.text(max_size=5))
def test_failures_are_retried_later_and_later_but_at_least_every_few_hours(attempts: int, seed: str) -> None:
    pause = schedule.after_failure(NOW, attempts, seed) - NOW
    assert timedelta(seconds=45) <= pause <= 1.25 * schedule.LONGEST_PAUSE
    assert pause == schedule.after_failure(NOW, attempts, seed) - NOW
    assert attempts > 8 or schedule.after_failure(NOW, attempts + 2, seed) - NOW > pause


def test_young_conversations_are_asked_soon_and_old_ones_within_the_networks_reach() -> None:
    reach = timedelta(days=7)
    due = [
        schedule.conversation_due(NOW, NOW - timedelta(hours=age), every=EVERY, reach=reach) - NOW
        for age in (0, 2, 24, 24 * 365)
    ]
    assert due == [EVERY, timedelta(minutes=15), timedelta(hours=3), reach / 2]


@pytest.mark.parametrize(
    ("last_hour", "usual", "flooded"),
    [(100, None, False), (121, None, True), (121, 20_000, False), (201, 20_000, True)],
)
def test_a_flood_is_far_above_the_usual_and_above_a_floor(last_hour: int, usual: int | None, flooded: bool) -> None:
    assert flood.is_flood(last_hour, usual) is flooded


def test_the_usual_rate_follows_the_week_and_forgets_slowly() -> None:
    assert flood.usual_rate(None, 168, timedelta(0)) == 1_000
    assert flood.usual_rate(50_000, 168, timedelta(days=2)) == 25_000
    assert flood.usual_rate(50_000, 168, timedelta(days=60)) == 1_000


def test_a_week_of_silence_asks_whether_the_tag_is_spelled_so() -> None:
    tag = Tag(("mmgCasnoca",))
    assert silence_hint(tag, NOW - timedelta(days=6), None, NOW) is None
    assert silence_hint(tag, NOW - timedelta(days=9), NOW - timedelta(days=6), NOW) is None
    assert silence_hint(tag, NOW - timedelta(days=7), None, NOW) == "No post in 7 days: is #mmgCasnoca spelled so?"
    assert "page" in (silence_hint(Feed("1"), NOW - timedelta(days=9), None, NOW) or "")


def test_a_missing_language_is_guessed_from_the_words_alone_and_marked() -> None:
    tagged = "#mmgCasnocha Secondo me una rete di persone si costruisce con la fiducia, giorno dopo giorno."
    guessed = with_language(post(text=tagged, entities=(Entity(0, 12, EntityKind.HASHTAG, "mmgcasnocha"),)))
    assert (guessed.lang, guessed.lang_guessed) == ("it", True)
    short = with_language(post(text="#mmgCasnocha ok!", entities=(Entity(0, 12, EntityKind.HASHTAG, "mmgcasnocha"),)))
    assert (short.lang, short.lang_guessed) == (None, False)
    told = with_language(post(text=tagged, lang="en"))
    assert (told.lang, told.lang_guessed) == ("en", False)
