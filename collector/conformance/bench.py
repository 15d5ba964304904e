"""What an adapter is held to: itself, beside a server that can be broken, and walks over it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum

from ...core.clock import Clock
from ...core.errors import AuthError, CollectorError, Gone, OutOfBudget, RateLimited, Temporary
from ...core.records import PostRef
from ..contract import (  # fmt: skip
    Connect,
    Cursor,
    Fetch,
    FreeMeter,
    Meter,
    Page,
    Platform,
    PlatformConfig,
    Query,
    Raw,
)

USER_AGENT = "tagora-conformance (+mailto:conformance@example.org)"
MAX_PAGES = 500  # a walk over a bench that takes more never ends


class Fault(StrEnum):
    """What a network can do to a collector. REPEATED_PAGE: each answer is the first page again."""

    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    RATE_LIMITED = "429 with a reset time"
    RATE_LIMITED_SILENT = "429 without a reset time"
    PAYMENT_REQUIRED = "402"
    SERVER_ERROR = "5xx"
    HANG = "hang"
    CUT_BODY = "cut body"
    HTML = "HTML instead of JSON"
    WRONG_SHAPE = "JSON of another shape"
    REPEATED_PAGE = "repeated page"


EXPECTED: Mapping[Fault, tuple[type[CollectorError], ...]] = {
    Fault.UNAUTHORIZED: (AuthError,),
    Fault.FORBIDDEN: (AuthError,),
    Fault.NOT_FOUND: (Gone, Temporary),
    Fault.RATE_LIMITED: (RateLimited,),
    Fault.RATE_LIMITED_SILENT: (RateLimited,),
    Fault.PAYMENT_REQUIRED: (OutOfBudget,),
    Fault.SERVER_ERROR: (Temporary,),
    Fault.HANG: (Temporary,),
    Fault.CUT_BODY: (Temporary,),
    Fault.HTML: (Temporary,),
    Fault.WRONG_SHAPE: (Temporary,),
    Fault.REPEATED_PAGE: (Temporary,),
}


@dataclass(frozen=True)
class Bench:
    """A platform beside a server that can be broken.

    `queries`   what to ask, the query that finds new posts first: it must answer in at least three pages, and the
                faults are tried on it
    `requests`  how many requests have arrived at the server so far
    `fault`     a context in which every answer of the server is broken in the given way
    `expected`  where this network differs from EXPECTED; an empty tuple: the fault does not exist there
    `secrets`   the keys, which must be unlike any other text of the bench
    `examples`  how many damaged items are tried on the mapping
    """

    platform: Platform
    config: PlatformConfig
    queries: tuple[Query, ...]
    requests: Callable[[], int]
    fault: Callable[[Fault], AbstractContextManager[None]]
    clock: Clock
    secrets: Mapping[str, str] = field(default_factory=dict)
    base_url: str | None = None
    expected: Mapping[Fault, tuple[type[CollectorError], ...]] = field(default_factory=dict)
    connect: Connect | None = None
    examples: int = 200

    def open(self, meter: Meter | None = None) -> AbstractContextManager[Fetch]:
        connect = self.connect or self.platform.connect
        return connect(
            self.config, self.secrets, self.clock, self.base_url, user_agent=USER_AGENT, meter=meter or FreeMeter()
        )

    def errors_for(self, fault: Fault) -> tuple[type[CollectorError], ...]:
        return self.expected.get(fault, EXPECTED[fault])


def through_json(cursor: Cursor) -> Cursor:
    """The cursor as it comes back from the store."""
    return Cursor.from_json(json.loads(json.dumps(cursor.to_json())))


def walk(bench: Bench, query: Query, cursor: Cursor | None = None, pages: int = MAX_PAGES) -> list[Page]:
    """The first `pages` pages of a walk from `cursor`, asked in a session of its own."""
    got: list[Page] = []
    with bench.open() as fetch:
        for page in fetch(query, cursor or Cursor()):
            got.append(page)
            assert len(got) < MAX_PAGES, f"{query} did not end after {MAX_PAGES} pages"
            if len(got) >= pages:
                break
    return got


def seen(pages: list[Page]) -> set[PostRef]:
    return {raw.seen_as for page in pages for raw in page.items}


def raws(bench: Bench) -> list[Raw]:
    found = [raw for query in bench.queries for page in walk(bench, query) for raw in page.items]
    assert found, "the bench gave no item at all"
    return found
