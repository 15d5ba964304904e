"""Held posts that are looked up again: which of them, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    true,
    type_coerce,
    update,
)

from ..core.recheck import Recheck, Step, spoken_steps
from .tables import campaign_post, conversation, meta, post
from .types import EPOCH, MICROSECOND, Moment

KIND = "recheck"
DAY = timedelta(days=1)


def approved(campaign_id: int) -> ColumnElement[bool]:
    """Of a row of `conversation`: its post is approved in the campaign."""
    return exists().where(
        campaign_post.c.campaign_id == campaign_id,
        campaign_post.c.post_id == conversation.c.post_id,
        campaign_post.c.status == "approved",
    )


def keep_to(connection: Connection, source_id: int, recheck: Recheck) -> None:
    """When the source's steps are others than before, every post of it is due by the new ones at once."""
    key, steps = f"recheck:{source_id}", spoken_steps(recheck.steps)
    if connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar() == steps:
        return
    first_seen = (
        select(func.min(type_coerce(campaign_post.c.added_at, BigInteger)))
        .where(campaign_post.c.post_id == conversation.c.post_id)
        .scalar_subquery()
    )
    written = (
        select(type_coerce(post.c.published_at, BigInteger))
        .where(post.c.id == conversation.c.post_id)
        .scalar_subquery()
    )
    looked_at = func.coalesce(type_coerce(conversation.c.asked_at, BigInteger), first_seen)
    due_at = func.coalesce(
        looked_at + _every(recheck, looked_at - func.coalesce(written, looked_at)), conversation.c.due_at
    )
    connection.execute(
        update(conversation)
        .where(conversation.c.source_id == source_id, conversation.c.kind == KIND)
        .values(due_at=type_coerce(due_at, Moment))
    )
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=steps))


def _every(recheck: Recheck, age: ColumnElement[int]) -> ColumnElement[int]:
    """Recheck.every, in microseconds."""
    young = [(age < literal(one.until // MICROSECOND, BigInteger), _micros(one)) for one in recheck.steps if one.until]
    oldest = _micros(recheck.steps[-1])
    return case(*young, else_=oldest) if young else oldest


def _micros(step: Step) -> ColumnElement[int]:
    return literal(step.every // MICROSECOND, BigInteger)


def ages(
    connection: Connection, source_id: int, campaign_id: int, now: datetime, *, published_only: bool
) -> dict[timedelta, int]:
    """How many posts of each age, in whole days, the source has to look up again; those that their network withdrew
    apart."""
    born = type_coerce(post.c.published_at, BigInteger)
    days = (literal((now - EPOCH) // MICROSECOND, BigInteger) - born) / literal(DAY // MICROSECOND, BigInteger)
    rows = connection.execute(
        select(days.label("days"), func.count())
        .select_from(conversation.join(post, post.c.id == conversation.c.post_id))
        .where(
            conversation.c.source_id == source_id,
            conversation.c.kind == KIND,
            post.c.held,
            post.c.gone.is_(None),
            post.c.published_at.is_not(None),
            approved(campaign_id) if published_only else true(),
        )
        .group_by("days")
    )
    found: dict[timedelta, int] = {}
    for age, count in rows:
        key = max(int(age), 0) * DAY
        found[key] = found.get(key, 0) + count
    return found
