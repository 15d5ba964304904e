"""Remarks among moderators, never published, and the questions among them: a note may ask one colleague."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, select, tuple_, update

from .batches import Among, chunks, write
from .store import next_ids
from .tables import campaign_post, note


@dataclass(frozen=True, slots=True)
class Note:
    """`asks`: whose view is asked for, open until `answered_at`."""

    id: int
    campaign_id: int
    post_id: int
    text: str
    by: str
    at: datetime
    asks: str | None = None
    answered_at: datetime | None = None

    @property
    def open_for(self) -> str | None:
        """Whose answer is still waited for."""
        return self.asks if self.answered_at is None else None


def add_note(
    connection: Connection, campaign_id: int, post_id: int, text: str, by: str, at: datetime, asks: str | None = None
) -> int:
    """A remark on a post; its id."""
    note_id = next_ids(connection, note, 1)[0]
    connection.execute(
        note.insert().values(id=note_id, campaign_id=campaign_id, post_id=post_id, text=text, by=by, at=at, asks=asks)
    )
    return note_id


def notes(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> list[Note]:
    """The remarks on these posts, the oldest first."""
    query = _NOTE.where(note.c.campaign_id == campaign_id).order_by(note.c.id)
    rows = (row for part in chunks(post_ids) for row in connection.execute(query.where(note.c.post_id.in_(part))))
    return sorted((Note(*row) for row in rows), key=lambda one: one.id)


def questions(connection: Connection, asks: str, campaign_id: int | None = None) -> list[Note]:
    """What this person was asked and has not answered, the oldest first."""
    query = _NOTE.where(note.c.asks == asks, note.c.asks.is_not(None), note.c.answered_at.is_(None))
    if campaign_id is not None:
        query = query.where(note.c.campaign_id == campaign_id)
    return [Note(*row) for row in connection.execute(query.order_by(note.c.id))]


def close_questions(
    connection: Connection, campaign_id: int, post_ids: Sequence[int], at: datetime, asks: str | None = None
) -> None:
    """The open questions on these posts, to `asks` or to anybody, are answered."""
    open_ones = _OPEN_QUESTIONS(connection, post_ids, campaign=campaign_id)
    write(connection, _CLOSE, [{"b_id": row[0], "answered_at": at} for row in open_ones if asks in (None, row[1])])


def close_question(connection: Connection, campaign_id: int, note_id: int, at: datetime) -> bool:
    """One question is answered; whether there is such a question."""
    asked = select(note.c.id).where(note.c.id == note_id, note.c.campaign_id == campaign_id, note.c.asks.is_not(None))
    if connection.execute(asked).first() is None:
        return False
    open_one = update(note).where(note.c.id == note_id, note.c.answered_at.is_(None))
    connection.execute(open_one.values(answered_at=at))
    return True


def asked_of(asks: str) -> ColumnElement[bool]:
    """The condition that a row of campaign_post has an open question to this person."""
    return tuple_(campaign_post.c.campaign_id, campaign_post.c.post_id).in_(
        select(note.c.campaign_id, note.c.post_id).where(
            note.c.asks == asks, note.c.asks.is_not(None), note.c.answered_at.is_(None)
        )
    )


_NOTE = select(
    note.c.id, note.c.campaign_id, note.c.post_id, note.c.text, note.c.by, note.c.at, note.c.asks, note.c.answered_at
)
_OPEN_QUESTIONS = Among(
    lambda ids: select(note.c.id, note.c.asks).where(
        note.c.campaign_id == bindparam("campaign"),
        note.c.post_id.in_(ids),
        note.c.asks.is_not(None),
        note.c.answered_at.is_(None),
    )
)
_CLOSE = update(note).where(note.c.id == bindparam("b_id"))
