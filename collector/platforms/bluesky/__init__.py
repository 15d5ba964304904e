"""Bluesky through the AT Protocol. The client library is imported when a source connects."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta

from ....core.clock import Clock
from ....core.recheck import DAY, Recheck, Step
from ...contract import Fetch, Lookup, Meter, Platform, Query, Quotes, Support, Tag, Thread, Walk
from . import mapping
from .address import locate, people
from .config import BlueskyConfig
from .walks import LOOKUP_BATCH


def _supports(config: BlueskyConfig) -> Mapping[type, Support]:
    return {
        # Search hides what is labelled or blocked, and promises neither to find nor to go through everything.
        Tag: Support(Walk.BACKWARD, exhaustive=False),
        Thread: Support(Walk.RESCAN, exhaustive=False),
        Quotes: Support(Walk.RESCAN, exhaustive=False),
        Lookup: Support(Walk.RESCAN, exhaustive=True, batch=LOOKUP_BATCH),
    }


def _recheck(config: BlueskyConfig) -> Recheck:
    """Deletions and the authors' wishes are to be honoured; asking is free, 25 posts a call."""
    return Recheck((Step(DAY, timedelta(days=91)), Step(timedelta(days=7))), grace=timedelta(days=7))


def _connect(
    config: BlueskyConfig,
    secrets: Mapping[str, str],
    clock: Clock,
    base_url: str | None,
    *,
    user_agent: str,
    meter: Meter,
) -> AbstractContextManager[Fetch]:
    from .client import connect

    return connect(config, secrets, clock, base_url, user_agent=user_agent, meter=meter)


def _entry_query(config: BlueskyConfig, tags: tuple[str, ...]) -> Query:
    return Tag(tags)


PLATFORM = Platform(
    name="bluesky",
    title="Bluesky",
    config=BlueskyConfig,
    secrets=("app_password",),
    supports=_supports,
    connect=_connect,
    to_sightings=mapping.to_sightings,
    entry_query=_entry_query,
    locate=locate,
    mapping_version=mapping.VERSION,
    docs="docs/platforms/bluesky.md",
    people=people,
    recheck=_recheck,
)
