"""Lists longer than a page, cut so that old pages stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

MOST = 20  # on a page that is full for good; the newest one holds up to twice as many, less one

T = TypeVar("T")


class Part(NamedTuple, Generic[T]):
    """`path`: the page's address; `earlier`, `later`: those of its neighbours."""

    path: str
    entries: Sequence[T]
    earlier: str | None
    later: str | None


def parts(entries: Sequence[T], newest: str, numbered: str, most: int = MOST) -> Iterator[Part[T]]:
    """`entries` come newest first. The newest stand at `newest`; the others, full pages, at `numbered` with a number
    that counts from the oldest: a page that is full never changes its number or what is on it."""
    full = max(len(entries) // most - 1, 0)

    def address(number: int) -> str | None:
        if 1 <= number <= full:
            return f"{numbered}{number}/"
        return newest if number == full + 1 else None

    yield Part(newest, entries[: len(entries) - full * most], address(full), None)
    for number in range(full, 0, -1):
        start = len(entries) - number * most
        path = f"{numbered}{number}/"
        yield Part(path, entries[start : start + most], address(number - 1), address(number + 1))
