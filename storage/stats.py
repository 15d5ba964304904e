"""How much of what is held: numbers for `tagora status`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, distinct, func, or_, select

from ..core.decisions import WAITING, Status
from .tables import campaign, campaign_post, gap, post, run


@dataclass(frozen=True, slots=True)
class Numbers:
    """One campaign's numbers. `threads`: those with a post of the campaign. `gaps`: posts known to exist and not held
    in these threads. `doubted`: approved posts of which readers get a bare link (docs/rechecks.md). `oldest_pending`:
    since when the longest waiting post waits."""

    campaign_id: int
    posts: int
    threads: int
    new: int
    pending: int
    held: int
    approved: int
    rejected: int
    gaps: int
    doubted: int
    oldest_pending: datetime | None


def numbers(connection: Connection) -> dict[int, Numbers]:
    """By campaign id."""
    belonging = campaign_post.join(post, post.c.id == campaign_post.c.post_id)
    by_status: dict[int, dict[str, int]] = {}
    doubted: dict[int, int] = {}
    in_doubt = func.count(case((post.c.gone.is_(None), post.c.doubt)))
    for campaign_id, status, count, doubts in connection.execute(
        select(campaign_post.c.campaign_id, campaign_post.c.status, func.count(), in_doubt)
        .select_from(belonging)
        .where(post.c.held)
        .group_by(campaign_post.c.campaign_id, campaign_post.c.status)
    ):
        by_status.setdefault(campaign_id, {})[status] = count
        if status == Status.APPROVED:
            doubted[campaign_id] = doubts
    threads = dict(
        connection.execute(
            select(campaign_post.c.campaign_id, func.count(distinct(post.c.thread_id)))
            .select_from(belonging)
            .where(post.c.held)
            .group_by(campaign_post.c.campaign_id)
        ).all()
    )
    oldest = dict(
        connection.execute(
            select(campaign_post.c.campaign_id, func.min(campaign_post.c.added_at))
            .where(campaign_post.c.status.in_(("new", "pending")))
            .group_by(campaign_post.c.campaign_id)
        ).all()
    )
    in_threads = (
        select(post.c.thread_id, campaign_post.c.campaign_id)
        .select_from(belonging)
        .where(post.c.held)
        .distinct()
        .subquery()
    )
    missing = post.alias("missing")
    gaps = dict(
        connection.execute(
            select(in_threads.c.campaign_id, func.count(distinct(gap.c.post_id)))
            .select_from(
                gap.join(missing, missing.c.id == gap.c.post_id).join(
                    in_threads, in_threads.c.thread_id == missing.c.thread_id
                )
            )
            .where(or_(missing.c.held.is_(False), gap.c.kind == "replies"))
            .group_by(in_threads.c.campaign_id)
        ).all()
    )
    found: dict[int, Numbers] = {}
    for campaign_id in connection.execute(select(campaign.c.id).order_by(campaign.c.id)).scalars():
        statuses = by_status.get(campaign_id, {})
        found[campaign_id] = Numbers(
            campaign_id=campaign_id,
            posts=sum(statuses.values()),
            threads=threads.get(campaign_id, 0),
            new=statuses.get("new", 0),
            pending=statuses.get("pending", 0),
            held=statuses.get("held", 0),
            approved=statuses.get("approved", 0),
            rejected=statuses.get("rejected", 0),
            gaps=gaps.get(campaign_id, 0),
            doubted=doubted.get(campaign_id, 0),
            oldest_pending=oldest.get(campaign_id),
        )
    return found


def statuses(connection: Connection) -> dict[tuple[int, str], int]:
    """How many posts there are, by campaign id and status."""
    rows = connection.execute(
        select(campaign_post.c.campaign_id, campaign_post.c.status, func.count()).group_by(
            campaign_post.c.campaign_id, campaign_post.c.status
        )
    )
    return {(campaign_id, status): number for campaign_id, status, number in rows}


def oldest_waiting(connection: Connection) -> dict[int, tuple[int, datetime]]:
    """By campaign id: how many posts wait for a person, and since when the first of them; campaigns without any are
    left out."""
    rows = connection.execute(
        select(campaign_post.c.campaign_id, func.count(), func.min(campaign_post.c.added_at))
        .where(campaign_post.c.status.in_([status.value for status in WAITING]))
        .group_by(campaign_post.c.campaign_id)
    )
    return {campaign_id: (number, oldest_at) for campaign_id, number, oldest_at in rows}


def silent_since(connection: Connection, source_id: int) -> datetime | None:
    """When the source was first asked, if it never brought a post; None when it has brought one or was never asked."""
    row = connection.execute(
        select(func.min(run.c.started_at), func.sum(run.c.new)).where(and_(run.c.source_id == source_id))
    ).one()
    return row[0] if row[0] is not None and not row[1] else None
