"""What was written ahead of now, because the machine's clock stood wrong and was set back since, is brought back to
now: else what is due then would rest until then, and what is seen now would count as older than what is held."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select, update

from .rank import seen_at_instead
from .tables import account, author, conversation, metrics, payload, post, run, sighting, source, window

TOLERANCE = timedelta(minutes=5)  # by which the clocks of machines on one store may differ
LONGEST = timedelta(days=7)  # no conversation rests longer (collector/schedule.py)
LATELY = 50  # runs looked at; who asks anything leaves one


def stands_ahead(connection: Connection, now: datetime) -> bool:
    """Whether a late run began or ended after now."""
    lately = select(run.c.started_at, run.c.ended_at).order_by(run.c.id.desc()).limit(LATELY).subquery()
    latest = connection.execute(select(func.max(lately.c.started_at), func.max(lately.c.ended_at))).one()
    return any(moment is not None and moment > now + TOLERANCE for moment in latest)


def bring_back(connection: Connection, now: datetime) -> None:
    """Moments of asking and seeing that lie ahead become `now`; leases and rests that end ahead end now, and whatever
    was to be asked after such a moment is due now. What the networks said of their own posts stays."""
    for table, column in (
        (run, run.c.started_at),
        (run, run.c.ended_at),
        (source, source.c.due_at),
        (source, source.c.last_ok_at),
        (source, source.c.last_new_at),
        (source, source.c.lease_until),
        (account, account.c.ailing_since),
        (account, account.c.rests_until),
        (window, window.c.newest_at),
        (window, window.c.oldest_at),
        (window, window.c.floor_at),
        (window, window.c.closed_at),
        (author, author.c.seen_at),
        (metrics, metrics.c.seen_at),
        (payload, payload.c.seen_at),
    ):
        connection.execute(update(table).where(column > now).values({column: now}))
    put_off = or_(
        conversation.c.asked_at > now,
        conversation.c.asked_at.is_(None),
        conversation.c.attempts > 0,  # could not be had then: tried again within hours of that moment
        and_(conversation.c.kind != "recheck", conversation.c.due_at > now + LONGEST),
    )
    connection.execute(update(conversation).where(conversation.c.due_at > now, put_off).values(due_at=now))
    connection.execute(update(conversation).where(conversation.c.asked_at > now).values(asked_at=now))
    for table in (post, sighting):
        rank = seen_at_instead(table.c.rank, now)
        connection.execute(update(table).where(table.c.seen_at > now).values(seen_at=now, rank=rank))
