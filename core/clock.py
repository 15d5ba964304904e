"""The only source of "now". Passed in everywhere, so that no test waits and no page depends on the hour."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> datetime:
        self._now += step
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)


class RunningClock:
    """A clock that goes on from a given moment, as fast as time does."""

    def __init__(self, begins: datetime) -> None:
        self._begins, self._begun = begins.astimezone(UTC), time.monotonic()

    def now(self) -> datetime:
        return self._begins + timedelta(seconds=time.monotonic() - self._begun)
