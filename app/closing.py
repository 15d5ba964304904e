"""Closing a campaign: what each way of ending costs, closing it, opening it again, and what follows for its sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ..collector.contract import Lookup
from ..core.closing import COOLS_FOR, AfterEnd, Phase, phase
from ..core.recheck import DAY, NEVER, Forecast, Recheck, forecast
from ..presentation.posts import Showing
from ..storage import campaigns, rechecks
from ..storage.store import Connection
from .sources import Configured
from .workplace import Workplace

YEAR = 365 * DAY


def closed_on(place: Workplace, connection: Connection, slug: str) -> date | None:
    """The day on which the campaign was closed, in the configuration's zone."""
    return _day(place, campaigns.closed_at(connection, place.ids[slug].campaign_id))


def phase_of(place: Workplace, connection: Connection, slug: str) -> Phase:
    """Of the campaign, today."""
    today = _day(place, place.clock.now())
    assert today is not None
    return phase(closed_on(place, connection, slug), today)


def recheck_in(one: Configured, now_in: Phase) -> Recheck:
    """How the source's posts are looked up again: when the campaign is over, only where they go on being shown."""
    over = now_in is Phase.ENDED and one.source.after_end is not AfterEnd.KEEP
    return replace(one.recheck, steps=NEVER) if over else one.recheck


def showing_in(showing: Showing, after_end: AfterEnd, now_in: Phase) -> Showing:
    """How the source's posts are shown."""
    if now_in is not Phase.ENDED or after_end is AfterEnd.KEEP:
        return showing
    return replace(showing, show="none") if after_end is AfterEnd.REMOVE else replace(showing, bare="closed")


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends for one network. `after_end`: what its sources say, without repetition. `keep`: what a year of looking
    up its published posts takes, beginning when `after_end` takes effect; links and removal take nothing."""

    network: str
    sources: tuple[str, ...]
    posts: int
    after_end: tuple[AfterEnd, ...]
    keep: Forecast


def endings(place: Workplace, connection: Connection, slug: str) -> list[Ending]:
    """By network, in the configuration's order."""
    by_network: dict[str, list[Configured]] = {}
    for one in place.sources:
        if one.campaign.slug == slug:
            by_network.setdefault(one.platform.title, []).append(one)
    return [_ending(place, connection, network, those) for network, those in by_network.items()]


def _ending(place: Workplace, connection: Connection, network: str, those: Sequence[Configured]) -> Ending:
    posts, keep = 0, Forecast()
    for one in those:
        ids, support = place.ids[one.campaign.slug], one.platform.supports(one.config).get(Lookup)
        now = place.clock.now()
        ages = rechecks.ages(connection, ids.sources[one.name], ids.campaign_id, now, published_only=True)
        posts += sum(ages.values())
        if support is not None:
            then = {age + COOLS_FOR: number for age, number in ages.items()}
            own = forecast(one.recheck, then, YEAR, batch=support.batch)
            keep = Forecast(keep.looks + own.looks, keep.calls + own.calls, keep.micros + own.micros)
    return Ending(
        network,
        tuple(one.name for one in those),
        posts,
        tuple(dict.fromkeys(one.source.after_end for one in those)),
        keep,
    )


def close(place: Workplace, slug: str) -> None:
    with place.store.writing() as connection:
        campaigns.close(connection, place.ids[slug].campaign_id, place.clock.now())


def reopen(place: Workplace, slug: str) -> None:
    with place.store.writing() as connection:
        campaigns.reopen(connection, place.ids[slug].campaign_id, place.clock.now())


def _day(place: Workplace, moment: datetime | None) -> date | None:
    return moment.astimezone(place.zone).date() if moment is not None else None
