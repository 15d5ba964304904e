"""Mastodon and the servers that answer like it. The client library is imported when a source connects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta

from ....core.clock import Clock
from ....core.recheck import DAY, Recheck, Step
from ....core.records import PostRef
from ...contract import Fetch, Lookup, Meter, Platform, Probe, Query, Quotes, Support, Tag, Thread, Walk
from . import mapping
from .address import ORIGIN, host_of_url, locate, own_host, people
from .config import MastodonConfig

LOOKUP_BATCH = 20


def _supports(config: MastodonConfig) -> Mapping[type, Support]:
    only_mastodon_calls = config.family in ("auto", "mastodon")
    supports = {
        Tag: Support(Walk.FORWARD, exhaustive=True),
        # A server knows only the replies that reached it, and cuts its answer for those without a token.
        Thread: Support(Walk.RESCAN, exhaustive=False),
        Lookup: Support(Walk.RESCAN, exhaustive=True, batch=LOOKUP_BATCH),
    }
    return {**supports, Quotes: Support(Walk.RESCAN, exhaustive=False)} if only_mastodon_calls else supports


def _recheck(config: MastodonConfig) -> Recheck:
    """Deletions and edits are to be followed. Many servers are small and run by volunteers: asked less as posts age,
    and away for days at times."""
    steps = (Step(DAY, timedelta(days=30)), Step(timedelta(days=7), timedelta(days=365)), Step(timedelta(days=30)))
    return Recheck(steps, grace=timedelta(days=14))


def _connect(
    config: MastodonConfig,
    secrets: Mapping[str, str],
    clock: Clock,
    base_url: str | None,
    *,
    user_agent: str,
    meter: Meter,
) -> AbstractContextManager[Fetch]:
    from .client import connect

    return connect(config, secrets, clock, base_url, user_agent=user_agent, meter=meter)


def _probe(fetch: Fetch, query: Query) -> Probe:
    from .probe import probe

    return probe(fetch, query)


def _is_home(config: MastodonConfig, base_url: str | None, refs: Sequence[PostRef]) -> bool:
    """Whether the post's uri stands on the source's own server."""
    own = own_host(base_url or "", config.homes)
    return any(host_of_url(ref.native_id) == own for ref in refs if ref.origin == ORIGIN)


def _entry_query(config: MastodonConfig, tags: tuple[str, ...]) -> Query:
    return Tag(tags)


PLATFORM = Platform(
    name="mastodon",
    title="Mastodon",
    config=MastodonConfig,
    secrets=("token",),
    supports=_supports,
    connect=_connect,
    to_sightings=mapping.to_sightings,
    entry_query=_entry_query,
    locate=locate,
    mapping_version=mapping.VERSION,
    docs="docs/platforms/mastodon.md",
    people=people,
    is_home=_is_home,
    probe=_probe,
    recheck=_recheck,
)
