"""When to ask next: pure functions of what is known. Active things sooner, quiet ones later, never beyond quota or
budget."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..storage.budget import Ceiling, day_end, month_end
from .contract import Quota

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
QUIET_FACTOR = 4  # a quiet source is asked at most this much later than `every`
QUOTA_RESERVE = 0.1  # of an allowance, kept for others who use the same key

REFUSED_REST = timedelta(days=1)  # a question that the network refuses waits for a person; asking costs nothing

MIN_REVISIT = timedelta(minutes=10)
MAX_REVISIT = timedelta(days=7)
PART_REVISIT = timedelta(days=1)
RETRY_MISSING = timedelta(days=1)
FIRST_RETRY = timedelta(hours=1)
LONGEST_RETRY = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Money:
    """What a source may still spend this month (None: no ceiling), spent today, and what its last run cost;
    all in millionths of a dollar."""

    left_this_month: int | None = None
    spent_today: int = 0
    last_run: int = 0


def next_due(
    now: datetime,
    every: timedelta,
    *,
    last_new_at: datetime | None = None,
    quota: Quota | None = None,
    money: Money = Money(),
) -> datetime:
    """When a source whose run went well is due again.

    While posts come it is asked every `every`; the longer none came, the later, up to four times `every`. A nearly
    used quota waits for its reset; a month's money is spread over the month's days.
    """
    quiet = (now - last_new_at) if last_new_at is not None else QUIET_FACTOR * every
    due = now + min(max(quiet / 6, every), QUIET_FACTOR * every)
    if quota is not None and quota.remaining is not None and quota.resets_at is not None:
        reserve = (quota.limit or 0) * QUOTA_RESERVE
        if quota.remaining <= reserve:
            due = max(due, quota.resets_at)
    return max(due, _affordable(now, money))


def _affordable(now: datetime, money: Money) -> datetime:
    """The moment from which another run like the last fits into today's share of the month's money."""
    if money.left_this_month is None or money.last_run <= 0:
        return now
    days_left = -(-(month_end(now) - now) // timedelta(days=1))
    share = (money.left_this_month + money.spent_today) // max(1, days_left)
    runs_left = (share - money.spent_today) // money.last_run
    if runs_left < 1:
        return day_end(now)
    return now + (day_end(now) - now) / (runs_left + 1)


def after_failure(now: datetime, attempts: int, seed: str, *, every: timedelta = FIRST_PAUSE) -> datetime:
    """When to try again after `attempts` failures in a row (1 or more): doubling, capped, spread by up to a quarter
    either way so that many sources do not knock together. The same seed gives the same moment."""
    base = min(max(FIRST_PAUSE, every / 10), LONGEST_PAUSE)
    pause = min(base * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return now + pause * (0.75 + 0.5 * _fraction(f"{seed}:{attempts}"))


def money_of(ceilings: Sequence[Ceiling], spent_today: int, last_run: int) -> Money:
    """The tightest month's ceiling in money, if there is one."""
    left = [max(0, one.left) for one in ceilings if one.unit == "micros" and one.period == "month"]
    return Money(min(left, default=None), spent_today, last_run)


def conversation_due(
    now: datetime, last_at: datetime | None, *, every: timedelta, reach: timedelta | None, part: bool = False
) -> datetime:
    """When a conversation that was just asked is due again: an eighth of the time since its last post, at least
    `every` and ten minutes, at most a week and half of what the network lets us look back. A `part` of a conversation
    that is asked for as a whole too: at least a day."""
    longest = min(MAX_REVISIT, reach / 2) if reach is not None else MAX_REVISIT
    if last_at is None:
        return now + longest
    shortest = min(max(every, PART_REVISIT if part else MIN_REVISIT), longest)
    return now + min(max((now - last_at) / 8, shortest), longest)


def missing_due(now: datetime, attempts: int) -> datetime:
    """When a post that could not be had is asked for again (it may have been private, or its server down)."""
    return now + min(RETRY_MISSING * 2 ** min(attempts, 10), LONGEST_RETRY)


def recheck_retry(now: datetime, attempts: int) -> datetime:
    """When a held post that could not be looked up is asked for again: its grace is days."""
    return now + min(FIRST_RETRY * 2 ** min(attempts, 10), RETRY_MISSING)


def end_of_rest(now: datetime, until: datetime | None) -> datetime:
    """When to go on after a network said that nothing is left: when it says, or with the next UTC day."""
    return until if until is not None and until > now else day_end(now.astimezone(UTC))


def _fraction(seed: str) -> float:
    return int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=4).digest()) / 2**32
