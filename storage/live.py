"""Whether readers see a post, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from .publishable import Campaign, is_publishable
from .tables import build, campaign_post, change, decision, post


@dataclass(frozen=True, slots=True)
class Live:
    """`publishable`: a build shows it; `since`: when the first one that does ended, None while there was none;
    `doubted`: readers get a bare link of it."""

    publishable: bool
    since: datetime | None
    doubted: bool = False


def of_posts(connection: Connection, of: Campaign, post_ids: Sequence[int]) -> dict[int, Live]:
    """For those of the posts that are approved in the campaign, by id. A decision touched its thread in the transaction
    that recorded it (storage/changes.py): the post is live with the first build that read the change log so far."""
    change_of_it = (
        select(func.min(change.c.seq))
        .where(change.c.thread_id == post.c.thread_id, change.c.at >= decision.c.at)
        .correlate(post, decision)
        .scalar_subquery()
    )
    touched = (
        select(
            campaign_post.c.post_id,
            is_publishable(of).label("publishable"),
            change_of_it.label("seq"),
            post.c.doubt.is_not(None).label("doubted"),
        )
        .join(post, post.c.id == campaign_post.c.post_id)
        .join(decision, decision.c.id == campaign_post.c.decision_id)
        .where(
            campaign_post.c.campaign_id == of.id,
            campaign_post.c.post_id.in_(post_ids),
            campaign_post.c.status == "approved",
        )
        .subquery()
    )
    first_build = (
        select(build.c.ended_at)
        .where(build.c.seq >= touched.c.seq, build.c.ended_at.is_not(None))
        .order_by(build.c.seq, build.c.id)
        .limit(1)
        .correlate(touched)
        .scalar_subquery()
    )
    rows = connection.execute(select(touched.c.post_id, touched.c.publishable, first_build, touched.c.doubted))
    return {row[0]: Live(bool(row[1]), row[2] if row[1] else None, bool(row[3])) for row in rows}
