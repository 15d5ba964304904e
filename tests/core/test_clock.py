"""Clocks that are not the machine's."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tagora.core.clock import RunningClock


def test_a_running_clock_goes_on_from_its_moment_as_time_does(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([1_000.0, 1_000.0, 1_090.5])
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    clock = RunningClock(datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=1))))
    assert clock.now() == datetime(2026, 11, 21, 11, tzinfo=UTC)
    assert clock.now() == datetime(2026, 11, 21, 11, 1, 30, 500_000, tzinfo=UTC)
