"""Stretches of time that a chart has a place for: days, weeks or months, whichever its length asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from babel.dates import format_date

from ...presentation.formats import Formats

MOST_DAYS, MOST_WEEKS = 45, 100  # places on a chart
TICKS = 6

Every = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Periods:
    """`first`: each one's first day, in order and without holes."""

    every: Every
    first: tuple[date, ...]

    @classmethod
    def of(cls, days: Iterable[str]) -> Periods:
        """From the first of these days (2026-11-23) to the last."""
        known = sorted(map(date.fromisoformat, days))
        if not known:
            return cls("day", ())
        span = (known[-1] - known[0]).days + 1
        every: Every = "day" if span <= MOST_DAYS else "week" if span <= 7 * MOST_WEEKS else "month"
        found = [_begin(every, known[0])]
        while (following := _next(every, found[-1])) <= known[-1]:
            found.append(following)
        return cls(every, tuple(found))

    def begin(self, day: str) -> date:
        """The first day of the period that this one is in."""
        return _begin(self.every, date.fromisoformat(day))

    def labels(self, formats: Formats) -> tuple[str, ...]:
        if self.every == "month":
            return tuple(formats.month(f"{one:%Y-%m}") for one in self.first)
        return tuple(formats.day(one) for one in self.first)

    def ticks(self, language: str) -> tuple[str, ...]:
        """Labels below the axis: some of the periods, in few words."""
        apart = -(-len(self.first) // TICKS)
        pattern = "LLL yy" if self.every == "month" else "d MMM"
        return tuple(
            format_date(one, pattern, locale=language) if place % apart == 0 else ""
            for place, one in enumerate(self.first)
        )


def _begin(every: Every, day: date) -> date:
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


def _next(every: Every, first: date) -> date:
    if every == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if every == "week" else 1)
