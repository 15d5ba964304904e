"""How a campaign publishes, as the rules and the moderators' switch see it."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, case, func, select, update

from .batches import read
from .tables import campaign, decision

PUBLISH_FIRST = "publish_first"


def publishes_first(connection: Connection, campaign_id: int) -> bool:
    """Whether what no rule objects to is published unseen: as configured, but never while the flood brake is on."""
    ((policy, flood_since),) = read(connection, _POLICY, campaign=campaign_id)
    return policy == PUBLISH_FIRST and flood_since is None


_POLICY = select(campaign.c.policy, campaign.c.flood_since).where(campaign.c.id == bindparam("campaign"))


def set_publishing(connection: Connection, campaign_id: int, publishing: bool) -> None:
    """False: the site stays as it is, withdrawals apart, until it is switched on again."""
    latest = select(func.coalesce(func.max(decision.c.id), 0)).scalar_subquery()
    # pressed twice, the first time counts
    stopped_after = None if publishing else case((campaign.c.publishing, latest), else_=campaign.c.stopped_after)
    connection.execute(
        update(campaign).where(campaign.c.id == campaign_id).values(publishing=publishing, stopped_after=stopped_after)
    )


def set_back(connection: Connection, campaign_id: int, last: int) -> None:
    """Stops publishing as if it had been stopped after decision number `last`; an earlier stop stands."""
    earlier = case((campaign.c.publishing | (campaign.c.stopped_after > last), last), else_=campaign.c.stopped_after)
    connection.execute(
        update(campaign).where(campaign.c.id == campaign_id).values(publishing=False, stopped_after=earlier)
    )
