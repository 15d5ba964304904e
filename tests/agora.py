"""A campaign in a store, for tests of what happens after collecting: posts come in as a run brings them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tagora.core.records import Sighting
from tagora.review.decide import decide_new
from tagora.storage import campaigns
from tagora.storage.campaigns import CampaignSeed
from tagora.storage.ingest import Incoming, store_page
from tagora.storage.rulesets import add
from tagora.storage.store import Connection

from .make import NOON, sighting


def campaign(connection: Connection, slug: str = "casnocha", *, policy: str = "review_first", rules: str = "") -> int:
    """A campaign without sources; its id. Said again, it changes the policy or adds a version of the rules."""
    campaign_id = campaigns.sync(connection, [CampaignSeed(slug, policy, ())], NOON)[slug].campaign_id
    if rules:
        add(connection, campaign_id, rules, "anna", NOON)
    return campaign_id


def arrive(
    connection: Connection, campaign_id: int, seen: Sequence[Sighting], now: datetime = NOON, via: str = "tag"
) -> list[int]:
    """Stores, admits and decides a page, as a run does in one transaction; the post ids."""
    items = [Incoming(one, "x", "search", b"{}", 1) for one in seen]
    ids = [stored.post_id for stored in store_page(connection, items, now)]
    campaigns.admit(connection, campaign_id, 1, [(post_id, via) for post_id in ids], now)
    decide_new(connection, campaign_id, ids, now)
    return ids


def write(connection: Connection, campaign_id: int, name: str = "1", text: str | None = None, **changes: Any) -> int:
    """One post comes in, under the id `name`; again with another text, it is an edit."""
    now = changes.pop("now", NOON)
    via = changes.pop("via", "tag")
    return arrive(connection, campaign_id, [sighting(name, text=text, **changes)], now, via)[0]
