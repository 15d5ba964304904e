"""What was told to whom outside, and what is new since: for webhooks and mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select

from ..core.decisions import WAITING, Verdict
from .tables import author, campaign_post, decision, meta, post


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one receiver was told. `told`: the number of the last decision it knows of; `at`: when it was told last;
    `attempts`: failures in a row; `due`: not before then."""

    told: int = 0
    at: datetime | None = None
    attempts: int = 0
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post that was put before people by decision number `decision`, and waits still."""

    decision: int
    post_id: int
    network: str
    url: str | None
    handle: str | None
    language: str | None
    via: str
    published_at: datetime
    added_at: datetime


def progress(connection: Connection, key: str) -> Progress | None:
    """None for a receiver that was never told anything."""
    value = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    if value is None:
        return None
    told: dict[str, Any] = orjson.loads(value)
    at, due = (datetime.fromisoformat(told[name]) if told[name] else None for name in ("at", "due"))
    return Progress(told["told"], at, told["attempts"], due)


def set_progress(connection: Connection, key: str, now: Progress) -> None:
    """Inside `writing`."""
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=orjson.dumps(now).decode()))


def newest_decision(connection: Connection) -> int:
    return connection.execute(select(func.max(decision.c.id))).scalar() or 0


def new_pending(connection: Connection, campaign_id: int, since: int, limit: int) -> tuple[list[NewPost], int]:
    """What was put before people after decision number `since`, at most `limit` of them and without those that wait no
    longer; and the number up to which this tells all."""
    rows = connection.execute(
        select(
            decision.c.id,
            decision.c.post_id,
            post.c.origin,
            post.c.url,
            author.c.handle,
            post.c.lang,
            campaign_post.c.via,
            post.c.published_at,
            campaign_post.c.added_at,
            campaign_post.c.status,
        )
        .select_from(decision)
        .join(post, post.c.id == decision.c.post_id)
        .join(
            campaign_post,
            (campaign_post.c.post_id == decision.c.post_id) & (campaign_post.c.campaign_id == decision.c.campaign_id),
        )
        .outerjoin(author, author.c.id == post.c.author_id)
        # read by number, not by the index that begins with the campaign
        .where(
            decision.c.id > since, decision.c.campaign_id + 0 == campaign_id, decision.c.verdict == Verdict.PEND.value
        )
        .order_by(decision.c.id)
        .limit(limit)
    ).all()
    latest = {row.post_id: row for row in rows}  # put there twice, a post is told once
    waiting = sorted(row.id for row in latest.values() if row.status in WAITING)
    found = [NewPost(*row[:-1]) for row in rows if row.id in waiting]
    return found, rows[-1].id if rows else since
