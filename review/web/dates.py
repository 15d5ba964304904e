"""Days as people write them in forms and addresses, in the campaign's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ...core.errors import UsageError


def start_of(written: str, timezone: str) -> datetime:
    """When the day written as 2026-12-31 begins. Raises UsageError."""
    try:
        day = datetime.strptime(written.strip(), "%Y-%m-%d")  # noqa: DTZ007 - the zone comes next
        return day.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError("that is no date", "Write one like 2026-12-31.") from None


def end_of(written: str, timezone: str) -> datetime:
    """When that day is over. Raises UsageError."""
    zone = ZoneInfo(timezone)
    try:
        return (start_of(written, timezone).astimezone(zone) + timedelta(days=1)).astimezone(UTC)
    except OverflowError:
        raise UsageError("that is no date", "Write one like 2026-12-31.") from None
