"""Counting requests in fixed windows of scripted time, as the networks do."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the headers say: how many in a window, how many are left, when it starts anew. `allowed` is False for
    the request that went beyond."""

    limit: int
    remaining: int
    resets_at: datetime
    allowed: bool = True


class Limiter:
    """One counter per name (token and endpoint). Without `enforce` the window never fills."""

    def __init__(self, *, enforce: bool = True) -> None:
        self._enforce = enforce
        self._used: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def take(self, name: str, limit: int, window: timedelta, now: datetime) -> Allowance:
        number = int(now.timestamp() // window.total_seconds())
        resets_at = datetime.fromtimestamp((number + 1) * window.total_seconds(), UTC)
        with self._lock:
            used = self._used.get((name, number), 0)
            if used >= limit:
                return Allowance(limit, 0, resets_at, allowed=False)
            if self._enforce or used == 0:
                used = self._used[name, number] = used + 1
        return Allowance(limit, limit - used, resets_at)
