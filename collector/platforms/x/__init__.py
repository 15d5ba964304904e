"""X through its API v2. The SDK is imported only when a connection is opened (client.py)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta

from ....core.clock import Clock
from ....core.recheck import STEADY, Recheck
from ...contract import (
    Estimate,
    Fetch,
    Lookup,
    Meter,
    Platform,
    Query,
    Quotes,
    Support,
    Tag,
    Thread,
    Usage,
    Walk,
)
from .config import XConfig
from .ids import locate, people
from .mapping import MAPPING_VERSION, to_sightings
from .queries import pool_size
from .walks import LOOKUP_BATCH, XSession

ARCHIVE_PACE = timedelta(seconds=1)  # X answers one full-archive search a second


def supports(config: XConfig) -> Mapping[type, Support]:
    """Searches go newest first and are complete within their reach; posts are looked up by the hundred."""

    def search(batch: int = 1) -> Support:
        pace = ARCHIVE_PACE if config.search == "all" else None
        return Support(Walk.BACKWARD, exhaustive=True, batch=batch, reach=config.reach, pace=pace)

    return {
        Tag: search(),
        Thread: search(pool_size(Thread, config.max_query_length)),
        Quotes: search(pool_size(Quotes, config.max_query_length)),
        Lookup: Support(Walk.RESCAN, exhaustive=True, batch=LOOKUP_BATCH),
    }


def recheck(config: XConfig) -> Recheck:
    """X wants what is shown to be what its API gives now; each look costs what reading the post does."""
    month = timedelta(days=30)
    return Recheck(STEADY, grace=timedelta(days=7), duty=month, micros=config.worst_item_micros)


def entry_query(config: XConfig, tags: tuple[str, ...]) -> Query:
    """All posts with one of the campaign's tags."""
    return Tag(tags)


def _connect(
    config: XConfig,
    secrets: Mapping[str, str],
    clock: Clock,
    base_url: str | None,
    *,
    user_agent: str,
    meter: Meter,
) -> AbstractContextManager[Fetch]:
    from .client import connect

    return connect(config, secrets, clock, base_url, user_agent=user_agent, meter=meter)


def _estimate(fetch: Fetch, query: Query) -> Estimate:
    return _session(fetch).estimate(query)


def _usage(fetch: Fetch, days: int) -> Usage:
    return _session(fetch).usage(days)


def _session(fetch: Fetch) -> XSession:
    if not isinstance(fetch, XSession):
        raise TypeError("not a session that X's connect opened")
    return fetch


PLATFORM = Platform(
    name="x",
    title="X",
    config=XConfig,
    secrets=("bearer_token",),
    supports=supports,
    connect=_connect,
    to_sightings=to_sightings,
    entry_query=entry_query,
    locate=locate,
    mapping_version=MAPPING_VERSION,
    docs="docs/platforms/x.md",
    people=people,
    estimate=_estimate,
    usage=_usage,
    recheck=recheck,
)
