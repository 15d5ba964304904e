"""What a store must know when it was put back from a copy: the world went on without it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from .rechecks import KIND as RECHECK
from .review_tables import invite, session
from .running import KEY as RUNNING
from .tables import change, conversation, decision, meta, run, source

LINEAGE = "lineage"


def lineage(connection: Connection) -> str:
    """Changes whenever the store was put back or moved: what was made from it before may be newer than it is. Empty for
    one that never was."""
    return connection.execute(select(meta.c.value).where(meta.c.key == LINEAGE)).scalar() or ""


def begin_anew(connection: Connection, now: datetime) -> None:
    """Marks the store as put back at `now`: the next build looks at every page, what was published is looked up again
    first, every source is due, no lease holds, what was published from it speaks of other posts, and everybody signs in
    again (a session that was ended since would live again)."""
    connection.execute(delete(meta).where(meta.c.key.in_((LINEAGE, RUNNING))))
    connection.execute(insert(meta).values(key=LINEAGE, value=now.isoformat()))
    c = conversation.c
    connection.execute(update(conversation).where(c.kind == RECHECK, c.due_at > now).values(due_at=now))
    connection.execute(update(source).values(due_at=now, lease_by=None, lease_until=None))
    connection.execute(delete(session))
    connection.execute(delete(invite))


def newest_moment(connection: Connection) -> datetime | None:
    """When something was last noted in the store: a change, a decision, a run. Works on earlier schemas too."""
    columns = (change.c.at, decision.c.at, run.c.started_at, run.c.ended_at)
    moments = [connection.execute(select(func.max(column))).scalar() for column in columns]
    return max((moment for moment in moments if moment is not None), default=None)
