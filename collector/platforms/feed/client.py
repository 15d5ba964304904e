"""A session with one feed's host and what its entries lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ....core.clock import Clock
from ...contract import Fetch, Meter
from ...outside import Outside
from .config import FeedConfig
from .walks import Blog
from .web import Web

MAX_BYTES = 5_000_000


@contextmanager
def connect(
    config: FeedConfig,
    secrets: Mapping[str, str],
    clock: Clock,
    base_url: str | None,
    *,
    user_agent: str,
    meter: Meter,
) -> Iterator[Fetch]:
    """A session; makes no request."""
    outside = Outside(user_agent, max_bytes=MAX_BYTES, allow_private=config.allow_private, homes=config.homes)
    try:
        yield Blog(Web(outside, clock, meter), config, clock)
    finally:
        outside.close()
