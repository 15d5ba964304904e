"""Blogs by their feeds: RSS, Atom, JSON Feed. What reads them is imported when a source connects."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta

from ....core.clock import Clock
from ....core.recheck import DAY, Recheck, Step
from ...contract import Feed, Fetch, Lookup, Meter, Platform, Probe, Query, Support, Thread, Walk
from . import mapping
from .address import locate
from .config import FeedConfig

LOOKUP_BATCH = 10  # pages looked at in one question
EVERY = timedelta(minutes=30)  # blogs are not chats, and their servers small


def _recheck(config: FeedConfig) -> Recheck:
    """A page for each post is asked for, also while the feed shows it, for its robots words stand there: seldom, as
    articles stay. That a comment is gone its page does not always tell, so that those that are not found there become
    bare links in time."""
    steps = (Step(DAY, timedelta(days=14)), Step(timedelta(days=7)))
    return Recheck(steps, grace=timedelta(days=14), tells_more=True)


def _supports(config: FeedConfig) -> Mapping[type, Support]:
    """A feed holds its newest entries only: best effort."""
    return {
        Feed: Support(Walk.RESCAN, exhaustive=False),
        Thread: Support(Walk.RESCAN, exhaustive=False),
        Lookup: Support(Walk.RESCAN, exhaustive=True, batch=LOOKUP_BATCH),
    }


def _connect(
    config: FeedConfig,
    secrets: Mapping[str, str],
    clock: Clock,
    base_url: str | None,
    *,
    user_agent: str,
    meter: Meter,
) -> AbstractContextManager[Fetch]:
    from .client import connect

    return connect(config, secrets, clock, base_url, user_agent=user_agent, meter=meter)


def _entry_query(config: FeedConfig, tags: tuple[str, ...]) -> Query:
    """The feed; which entries belong is decided afterwards."""
    return Feed(config.url, whole=config.filter == "none")


def _remark(config: FeedConfig, mark: str) -> str | None:
    from .web import Known

    known = Known.of(mark, config.url)
    if known.url == config.url:
        return None
    return f"It moved for good and is asked at its new address. Set `url` to {known.url}"


def _probe(fetch: Fetch, query: Query) -> Probe:
    from .probe import probe

    return probe(fetch, query)


PLATFORM = Platform(
    name="feed",
    title="Feed",
    config=FeedConfig,
    secrets=(),
    supports=_supports,
    connect=_connect,
    to_sightings=mapping.to_sightings,
    entry_query=_entry_query,
    locate=locate,
    mapping_version=mapping.VERSION,
    docs="docs/platforms/feed.md",
    probe=_probe,
    every=EVERY,
    recheck=_recheck,
    remark=_remark,
)
