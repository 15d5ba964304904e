"""Facebook Pages through the Graph API. The SDK is imported only when a connection is opened (client.py)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta

from ....core.clock import Clock
from ....core.recheck import DAY, Recheck, Step
from ...contract import Feed, Fetch, Lookup, Meter, Platform, Probe, Query, Support, Thread, Walk
from .address import locate
from .config import FacebookConfig
from .mapping import MAPPING_VERSION, to_sightings

LOOKUP_BATCH = 50  # ids in one `?ids=` question


def supports(config: FacebookConfig) -> Mapping[type, Support]:
    """The feed is ranked and about 600 posts a year deep: best effort. There is no search for tags."""
    return {
        Feed: Support(Walk.RESCAN, exhaustive=False),
        Thread: Support(Walk.RESCAN, exhaustive=True),
        Lookup: Support(Walk.RESCAN, exhaustive=True, batch=LOOKUP_BATCH),
    }


def recheck(config: FacebookConfig) -> Recheck:
    """Data may be kept while access lasts; asking is free, and limited by the hour."""
    return Recheck((Step(DAY, timedelta(days=91)), Step(timedelta(days=7))), grace=timedelta(days=7))


def entry_query(config: FacebookConfig, tags: tuple[str, ...]) -> Query:
    """The Page's feed; which posts belong is decided afterwards."""
    return Feed(config.page)


def own_account(config: FacebookConfig) -> str:
    """The Page itself: what it writes is signed with its number."""
    return config.page


def _connect(
    config: FacebookConfig,
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
    from .access import probe

    return probe(fetch, query)


PLATFORM = Platform(
    name="facebook",
    title="Facebook",
    config=FacebookConfig,
    secrets=("token",),
    supports=supports,
    connect=_connect,
    to_sightings=to_sightings,
    entry_query=entry_query,
    locate=locate,
    mapping_version=MAPPING_VERSION,
    docs="docs/platforms/facebook.md",
    own_account=own_account,
    probe=_probe,
    recheck=recheck,
)
