"""Asks networks that count for us what they counted, and frees what crashed runs had set aside for nothing."""

from __future__ import annotations

from ..collector.budget import reconcile
from ..core.errors import CollectorError, ConfigError
from .checking import Purse
from .collecting import source_id
from .sources import plan
from .workplace import Workplace

DAYS = 7  # looked back: reservations of crashed runs are older than today and younger than this


def reconcile_accounts(place: Workplace) -> list[str]:
    """Once for each account whose network tells its usage; a sentence for each that could not be asked or got
    something back."""
    told: list[str] = []
    asked: set[str] = set()
    for one in place.sources:
        if one.platform.usage is None or one.account in asked:
            continue
        asked.add(one.account)
        try:
            ready = plan(one, place.loaded, place.ids[one.campaign.slug].campaign_id, source_id(place, one), None)
            meter = Purse(place, ready)
            with one.platform.connect(
                one.config, ready.secrets, place.clock, one.base_url, user_agent=ready.user_agent, meter=meter
            ) as fetch:
                usage = one.platform.usage(fetch, DAYS)
            meter.release()
        except (CollectorError, ConfigError) as error:
            told.append(f"{one.account}: its usage could not be asked: {error}")
            continue
        given_back = sum(reconcile(place.store, place.clock, one.account, usage).values())
        if given_back:
            told.append(f"{one.account}: ${given_back / 1_000_000:.2f} set aside by broken runs was not charged")
    return told
