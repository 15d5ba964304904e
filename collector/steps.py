"""Walks that ask the same few things each time: what is left of them after a crash is begun again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .contract import Cost, Cursor, Page


def counted(pages: Iterator[Page]) -> Iterator[Page]:
    """The pages with the step as cursor, and a free one at the end: no step knows whether it is the last before the
    next is made."""
    for number, page in enumerate(pages, start=1):
        yield replace(page, cursor=Cursor(token=str(number)))
    yield Page((), None, cost=Cost(0))
