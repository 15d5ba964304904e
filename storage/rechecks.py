"""Held posts that are looked up again: which of them, when, and which could not be in time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    true,
    type_coerce,
    update,
)

from ..core.recheck import Recheck, Step, spoken_steps
from . import changes
from .tables import campaign_post, conversation, meta, post, sighting, source
from .types import MICROSECOND, Moment, microseconds

KIND = "recheck"
DAY = timedelta(days=1)
BATCH = 500


def approved(campaign_id: int | ColumnElement[int]) -> ColumnElement[bool]:
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


def adopt(connection: Connection, source_id: int, campaign_id: int, platform: str) -> int:
    """What a source of the same network and campaign brought that was switched off, renamed or taken out of the
    configuration, this one looks up from now on; how many posts."""
    off = select(source.c.id).where(
        source.c.campaign_id == campaign_id, source.c.platform == platform, source.c.enabled.is_(False)
    )
    own = conversation.alias("own")
    held_here = exists().where(
        own.c.source_id == source_id, own.c.kind == KIND, own.c.post_id == conversation.c.post_id
    )
    moved = connection.execute(
        update(conversation)
        .where(conversation.c.source_id.in_(off), conversation.c.kind == KIND, ~held_here)
        .values(source_id=source_id)
    )
    return moved.rowcount


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
    days = (literal(microseconds(now), BigInteger) - born) / literal(DAY // MICROSECOND, BigInteger)
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


def still_there(connection: Connection, post_id: int, now: datetime) -> None:
    """Its network said that the post is there unchanged, and no more: it was seen now, and is in no doubt."""
    seen = sighting.c.post_id == post_id
    connection.execute(update(sighting).where(seen, sighting.c.seen_at.is_not(None)).values(seen_at=now))
    doubted = update(post).where(post.c.id == post_id, post.c.doubt.is_not(None)).values(doubt=None, doubted_at=None)
    changes.touch(connection, connection.execute(doubted.returning(post.c.thread_id)).scalars().all(), now)


def fall_back(connection: Connection, rechecks: Mapping[int, Recheck], now: datetime) -> int:
    """Published posts whose last look is longer ago than their source's steps and grace allow come into doubt: readers
    get a bare link, until a page brings them again (storage/ingest.py). `rechecks` by source id. How many it were.
    Posts that no source looks up (typed in by hand) are left alone."""
    found = overdue(connection, rechecks, now)
    for at in range(0, len(found), BATCH):
        ids = [post_id for post_id, _ in found[at : at + BATCH]]
        connection.execute(update(post).where(post.c.id.in_(ids)).values(doubt="overdue", doubted_at=now))
    changes.touch(connection, {thread_id for _, thread_id in found}, now)
    return len(found)


def fallen_back(connection: Connection, source_ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    """By campaign id: how many published posts that these sources brought are bare links because nobody could look them
    up in time, and since when the first of them; campaigns without any are left out."""
    rows = connection.execute(
        select(campaign_post.c.campaign_id, func.count(), func.min(post.c.doubted_at))
        .select_from(post.join(campaign_post, campaign_post.c.post_id == post.c.id))
        .where(
            post.c.doubt.is_not(None),
            post.c.doubt == "overdue",
            post.c.gone.is_(None),
            campaign_post.c.status == "approved",
            campaign_post.c.source_id.in_(source_ids),
        )
        .group_by(campaign_post.c.campaign_id)
    )
    return {campaign_id: (number, since) for campaign_id, number, since in rows}


def overdue(connection: Connection, rechecks: Mapping[int, Recheck], now: datetime) -> list[tuple[int, int]]:
    """What `fall_back` brings into doubt, as (post id, thread id). Reads those posts that are due, and those that could
    not be looked up and are put off."""
    found: set[tuple[int, int]] = set()
    for source_id, recheck in rechecks.items():
        if recheck.steps:
            for query in _overdue(recheck):
                rows = connection.execute(query, {"source": source_id, "now": now, "micros": microseconds(now)})
                found |= {(row[0], row[1]) for row in rows}
    return sorted(found)


@lru_cache(maxsize=64)
def _overdue(recheck: Recheck) -> tuple[Select[Any, Any], Select[Any, Any]]:
    """Put together once: every build asks."""
    now = bindparam("now", type_=Moment)
    seen = (
        select(func.max(type_coerce(sighting.c.seen_at, BigInteger)))
        .where(sighting.c.post_id == post.c.id)
        .scalar_subquery()
    )
    grace = literal(recheck.grace // MICROSECOND, BigInteger)
    born = func.coalesce(type_coerce(post.c.published_at, BigInteger), seen)
    campaign_id = select(source.c.campaign_id).where(source.c.id == bindparam("source")).scalar_subquery()
    query = (
        select(post.c.id, post.c.thread_id)
        .select_from(conversation.join(post, post.c.id == conversation.c.post_id))
        .where(
            conversation.c.source_id == bindparam("source"),
            conversation.c.kind == literal_column(f"'{KIND}'"),  # a partial index is of no use to a parameter
            approved(campaign_id),
            post.c.held,
            post.c.gone.is_(None),
            post.c.doubt.is_(None),
            seen + _every(recheck, seen - born) + grace <= bindparam("micros", type_=BigInteger),
        )
    )
    return query.where(conversation.c.due_at <= now), query.where(conversation.c.attempts > literal_column("0"))
