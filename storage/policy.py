"""How a campaign decides and publishes: its policy, the flood brake as the rules see it, the publication switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from .tables import campaign

REVIEW_FIRST = "review_first"
PUBLISH_FIRST = "publish_first"


@dataclass(frozen=True, slots=True)
class Policy:
    """`policy` is as configured. A flood (`flood_since`) makes publish_first act as review_first."""

    policy: str
    publishing: bool
    flood_since: datetime | None

    @property
    def publish_first(self) -> bool:
        return self.policy == PUBLISH_FIRST and self.flood_since is None


def policy_of(connection: Connection, campaign_id: int) -> Policy:
    columns = (campaign.c.policy, campaign.c.publishing, campaign.c.flood_since)
    return Policy(*connection.execute(select(*columns).where(campaign.c.id == campaign_id)).one())


def set_policy(connection: Connection, campaign_id: int, policy: str) -> None:
    """Posts decided before keep their decisions."""
    connection.execute(update(campaign).where(campaign.c.id == campaign_id).values(policy=policy))


def set_publishing(connection: Connection, campaign_id: int, publishing: bool) -> None:
    """False: the site stays as it is, withdrawals apart, until it is switched on again."""
    connection.execute(update(campaign).where(campaign.c.id == campaign_id).values(publishing=publishing))
