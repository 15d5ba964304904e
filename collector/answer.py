"""One HTTP answer as it came, and the bounds within which any network may answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
WHOLE_SECONDS = 120.0  # a server that sends a byte now and then never trips the read time-out
MAX_BYTES = 20_000_000
LONGEST_PAUSE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is the raw bytes; the names in `headers` are found in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ValueError (also for nesting that is too deep)."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def retry_after(answer: Answer, now: datetime) -> datetime | None:
    """When the server wants to be asked again: seconds or a date, within a day."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        until = now + timedelta(seconds=int(value))
    else:
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        until = until.astimezone(UTC) if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until, now), now + LONGEST_PAUSE)
