"""Filters of the queue that a moderator keeps under a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from ..core.errors import UsageError
from .review_tables import saved_filter

MAX_NAME = 60
MOST = 40


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """`query`: the queue's address behind the question mark."""

    name: str
    query: str


def of(connection: Connection, moderator_id: int, campaign_id: int) -> list[SavedFilter]:
    """What this person keeps in the campaign, by name."""
    query = select(saved_filter.c.name, saved_filter.c.query).where(
        saved_filter.c.moderator_id == moderator_id, saved_filter.c.campaign_id == campaign_id
    )
    return [SavedFilter(*row) for row in connection.execute(query.order_by(func.lower(saved_filter.c.name)))]


def save(connection: Connection, moderator_id: int, campaign_id: int, name: str, query: str, at: datetime) -> None:
    """Keeps a filter, in place of one of the same name. Raises UsageError when there are too many."""
    drop(connection, moderator_id, campaign_id, name)
    if len(of(connection, moderator_id, campaign_id)) >= MOST:
        raise UsageError(f"you keep {MOST} filters already", "Drop one of them first.")
    connection.execute(
        saved_filter.insert().values(
            moderator_id=moderator_id, campaign_id=campaign_id, name=name[:MAX_NAME], query=query, made_at=at
        )
    )


def drop(connection: Connection, moderator_id: int, campaign_id: int, name: str) -> None:
    connection.execute(
        delete(saved_filter).where(
            saved_filter.c.moderator_id == moderator_id,
            saved_filter.c.campaign_id == campaign_id,
            saved_filter.c.name == name[:MAX_NAME],
        )
    )
