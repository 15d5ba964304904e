"""Words among moderators: a remark on a post, a question to a colleague. Inside the caller's writing transaction."""

from __future__ import annotations

from datetime import datetime

from ..core.errors import UsageError
from ..core.normalise import clean_text
from ..storage.decisions import subjects
from ..storage.notes import add_note, close_question, close_questions
from ..storage.store import Connection
from .names import person

MAX_NOTE = 5_000


def remark(
    connection: Connection,
    campaign_id: int,
    post_id: int,
    text: str,
    by: str,
    now: datetime,
    *,
    asks: str | None = None,
) -> int:
    """A note on a post; its id. With `asks` it is a question to that colleague, open until they remark or decide on
    the post, or anybody approves or rejects it. Raises UsageError for an empty one, a question to oneself, or a post
    not in the campaign."""
    by = person(by)
    cleaned = clean_text(text, MAX_NOTE).strip()
    if not cleaned:
        raise UsageError("the note is empty")
    if not subjects(connection, campaign_id, [post_id]):
        raise UsageError(f"post #{post_id} is not held in this campaign")
    if asks is not None and person(asks) == by:
        raise UsageError("this question would go to yourself", "Choose a colleague, or leave a note.")
    close_questions(connection, campaign_id, [post_id], now, asks=by)
    return add_note(connection, campaign_id, post_id, cleaned, by, now, None if asks is None else person(asks))


def answered(connection: Connection, campaign_id: int, note_id: int, now: datetime) -> None:
    """A question needs no answer any more; said twice, it is done once. Raises UsageError where there is no such."""
    if not close_question(connection, campaign_id, note_id, now):
        raise UsageError(f"there is no question {note_id} in this campaign")
