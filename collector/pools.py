"""Which followed posts can share one question. Pure.

A network that answers newest first down to a mark can be asked about many conversations at once, with one mark for
all. A mark serves a conversation when everything of it at or under the mark is held: its own mark does, and so does
any mark whose post was written before the conversation was last asked to its end. A new conversation is filled alone,
then it joins. Nothing is lost by joining and nothing held is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..storage.conversations import Conversation
from .contract import Support, Walk

# A post is searchable some moments after it was written (X leaves out the last 30 seconds by itself).
INDEX_LAG = timedelta(minutes=2)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pool:
    """Conversations to ask for at once, above `mark` (None: everything)."""

    members: tuple[Conversation, ...]
    mark: str | None = None
    mark_at: datetime | None = None


def pools(due: Sequence[Conversation], support: Support) -> list[Pool]:
    """The due ones, each exactly once, in as few questions as the network and their marks allow."""
    if support.walk is Walk.RESCAN:
        chunks = list(_chunks(due, support.batch))
        return [Pool(tuple(chunk), chunk[0].mark if support.batch == 1 else None) for chunk in chunks]
    found: list[Pool] = []
    waiting = sorted((one for one in due if one.filled), key=lambda one: one.mark_at or _NEVER, reverse=True)
    while waiting:
        first = waiting[0]
        joined = [one for one in waiting if one is first or _serves(first, one)]
        waiting = [one for one in waiting if one not in joined]
        found += [Pool(tuple(chunk), first.mark, first.mark_at) for chunk in _chunks(joined, support.batch)]
    return [*found, *(Pool((one,)) for one in due if not one.filled)]


def _serves(giver: Conversation, other: Conversation) -> bool:
    """Whether the mark of `giver` serves `other`."""
    if giver.mark == other.mark:
        return True
    return giver.mark_at is not None and other.asked_at is not None and giver.mark_at + INDEX_LAG <= other.asked_at


def _chunks(members: Sequence[Conversation], size: int) -> Iterator[Sequence[Conversation]]:
    for at in range(0, len(members), max(1, size)):
        yield members[at : at + max(1, size)]
