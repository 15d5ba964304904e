"""From single measurements to what charts show: places on a time axis, in the campaign's time zone. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from ..storage.figures import Hourly, Sample

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SHORT = 7  # days, up to which the axis goes by the hour


@dataclass(frozen=True, slots=True)
class Span:
    """The last `days` days, today included, cut into hours or days."""

    days: int
    until: datetime
    zone: ZoneInfo

    @property
    def by_hour(self) -> bool:
        return self.days <= SHORT

    @property
    def since(self) -> datetime:
        first = self.until.astimezone(self.zone).date() - timedelta(days=self.days - 1)
        return datetime(first.year, first.month, first.day, tzinfo=self.zone).astimezone(UTC)

    @property
    def places(self) -> list[datetime | date]:
        """What stands on the axis: beginnings of hours, or days."""
        if not self.by_hour:
            return [*self.dates]
        hours = int((self.until - self.since) / HOUR) + 1
        return [self.since + n * HOUR for n in range(hours)]

    @property
    def dates(self) -> list[date]:
        first = self.since.astimezone(self.zone).date()
        return [first + timedelta(days=n) for n in range(self.days)]

    def place(self, at: datetime) -> datetime | date:
        """Where on the axis a moment belongs."""
        if not self.by_hour:
            return at.astimezone(self.zone).date()
        return self.since + int((at - self.since) / HOUR) * HOUR


@dataclass(frozen=True, slots=True)
class Ages:
    """How long the posts decided in one place had waited."""

    median: timedelta
    worst: timedelta
    posts: int


def queue_lengths(samples: Sequence[Sample], span: Span) -> list[tuple[int, int] | None]:
    """(waiting, held) at each place of the axis, the longest where it was measured several times; None where it was
    not."""
    longest: dict[datetime | date, tuple[int, int]] = {}
    for sample in samples:
        place = span.place(sample.at)
        longest[place] = max(longest.get(place, (0, 0)), (sample.pending, sample.held))
    return [longest.get(place) for place in span.places]


def decided(hours: Sequence[Hourly], span: Span) -> list[tuple[int, int, int]]:
    """(approved, rejected, held) by people at each place of the axis."""
    sums: dict[datetime | date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for hour in hours:
        at = sums[span.place(max(hour.at, span.since))]
        for number, value in enumerate((hour.approved, hour.rejected, hour.held)):
            at[number] += value
    found = [sums.get(place, [0, 0, 0]) for place in span.places]
    return [(approved, rejected, held) for approved, rejected, held in found]


def busiest(hours: Sequence[Hourly]) -> int:
    """The most that was decided within one hour."""
    return max((hour.decided for hour in hours), default=0)


def ages(waited: Sequence[tuple[datetime, timedelta]], span: Span) -> list[Ages | None]:
    """By day of the decision, for every day of the span; None where nothing was decided."""
    by_day: dict[date, list[timedelta]] = defaultdict(list)
    for at, age in waited:
        by_day[at.astimezone(span.zone).date()].append(age)
    return [_ages(by_day[day]) if day in by_day else None for day in span.dates]


def _ages(found: Sequence[timedelta]) -> Ages:
    return Ages(timedelta(seconds=median(one.total_seconds() for one in found)), max(found), len(found))
