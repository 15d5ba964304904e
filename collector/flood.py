"""The flood brake: far above a source's usual rate it rests, and nothing of the campaign is published unseen. Pure."""

from __future__ import annotations

from datetime import timedelta

FACTOR = 10  # times the usual rate
FLOOR = 120  # posts in one hour that never count as a flood: a small campaign's good evening
REST = timedelta(hours=1)
HALF_LIFE = timedelta(days=2)


def is_flood(last_hour: int, usual_per_hour: int | None) -> bool:
    """Whether `last_hour` posts written within one hour are far too many for a source with this usual rate (in
    thousandths of a post per hour; None: not known yet)."""
    return last_hour > max(FLOOR, FACTOR * (usual_per_hour or 0) / 1000)


def usual_rate(previous: int | None, week_before: int, elapsed: timedelta) -> int:
    """The usual rate in thousandths of a post per hour: the mean of the week before the last hour. A higher earlier
    value (a busier week, a rate that a person called usual) fades by half every two days."""
    mean = round(week_before * 1000 / (7 * 24))
    faded = (previous or 0) * 0.5 ** (max(elapsed, timedelta(0)) / HALF_LIFE)
    return max(mean, round(faded))
