"""What X would charge for."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

PRICES = {"posts": 5_000, "users": 10_000, "counts/recent": 5_000, "counts/all": 10_000}  # millionths of a dollar


@dataclass(frozen=True, slots=True)
class Bill:
    """What was read so far, by UTC day; the same post or user twice in a day counts once."""

    posts: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    counts_recent: int = 0
    counts_all: int = 0

    def micros(self, *, users: bool = True) -> int:
        """The price in millionths of a dollar; whether X bills users that come by expansion is not known."""
        total = sum(self.posts.values()) * PRICES["posts"]
        total += sum(self.users.values()) * PRICES["users"] if users else 0
        return total + self.counts_recent * PRICES["counts/recent"] + self.counts_all * PRICES["counts/all"]


class Meter:
    """Counts what is billed."""

    def __init__(self) -> None:
        self._posts: dict[str, set[str]] = {}
        self._users: dict[str, set[str]] = {}
        self._counts = {"recent": 0, "all": 0}
        self._lock = threading.Lock()

    def read(self, day: str, posts: Iterable[str], users: Iterable[str]) -> None:
        with self._lock:
            self._posts.setdefault(day, set()).update(posts)
            self._users.setdefault(day, set()).update(users)

    def counted(self, which: str) -> None:
        with self._lock:
            self._counts[which] += 1

    @property
    def bill(self) -> Bill:
        with self._lock:
            return Bill(
                {day: len(found) for day, found in self._posts.items() if found},
                {day: len(found) for day, found in self._users.items() if found},
                self._counts["recent"],
                self._counts["all"],
            )
