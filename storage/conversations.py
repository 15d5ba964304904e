"""Which posts a source goes on asking about: their conversation, their quotes, or (not held yet) themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, insert, select, true, update

from ..core.decisions import Status
from ..core.records import PostRef
from . import rechecks
from .batches import Among, Batch
from .tables import campaign_post, conversation, post, sighting, thread

SEEDS = ("opener", "tag", "page", "hand")  # posts whose whole conversation belongs


_FOLLOWED = Among(
    lambda ids: select(conversation.c.post_id, conversation.c.kind).where(
        conversation.c.source_id == bindparam("source"), conversation.c.post_id.in_(ids)
    )
)
_FOLLOW = Batch(insert(conversation), "source_id", "post_id", "kind", "due_at")

# What runs with every page is put together once.
_IDS = bindparam("ids", expanding=True)
_MEMBER = and_(campaign_post.c.post_id == post.c.id, campaign_post.c.campaign_id == bindparam("campaign"))
_BY_IDS = (
    select(conversation, post.c.origin, post.c.native_id, post.c.url, post.c.held, post.c.thread_id,
           post.c.authority, post.c.published_at, post.c.doubt, thread.c.root_id, campaign_post.c.via,
           campaign_post.c.source_id.label("brought_by"), campaign_post.c.status, thread.c.published_as)
    .select_from(
        conversation.join(post, post.c.id == conversation.c.post_id)
        .join(thread, thread.c.id == post.c.thread_id)
        .outerjoin(campaign_post, _MEMBER)
    )
    .where(
        conversation.c.source_id == bindparam("source"),
        conversation.c.kind == bindparam("kind"),
        conversation.c.post_id.in_(_IDS),
    )
)  # fmt: skip
_SEEN_AS = (
    select(sighting.c.post_id, sighting.c.origin, sighting.c.native_id, sighting.c.seen_at)
    .where(sighting.c.post_id.in_(_IDS))
    .order_by(sighting.c.id)
)
_LIVES = (
    select(post.c.thread_id, func.max(post.c.published_at), func.count())
    .where(post.c.thread_id.in_(_IDS), exists().where(_MEMBER))  # as a join, SQLite would walk the whole campaign
    .group_by(post.c.thread_id)
)
_ASKED = (
    update(conversation)
    .where(
        conversation.c.source_id == bindparam("of"),
        conversation.c.post_id == bindparam("on"),
        conversation.c.kind == bindparam("how"),
    )
    .values(due_at=bindparam("next"), asked_at=bindparam("now"), filled=True, attempts=0)
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One post to ask about. `mark`/`mark_at`: everything at or under this mark of the network is held, and when the
    post with that mark was written. `asked_at`: asked to the end at this moment. `filled`: back-filled once.
    `last_at`: when the newest held post of its thread was written; `size`: how many of the campaign's posts it holds.
    `refused`: rejected, in a thread of which nothing is published. `brought_by`: the source that found it first;
    `authority`: of what is held of it (core.records.Authority). `seen_at`: when its network, at any of its places, gave
    it last; `doubt`: why readers get a bare link (tables.post).
    """

    post_id: int
    kind: str  # thread | quotes | lookup | recheck
    ref: PostRef
    seen_as: tuple[PostRef, ...]
    url: str | None
    held: bool
    top: bool
    thread_id: int
    via: str | None
    published_at: datetime | None
    due_at: datetime
    asked_at: datetime | None
    mark: str | None
    mark_at: datetime | None
    filled: bool
    attempts: int
    last_at: datetime | None
    size: int
    brought_by: int | None = None
    authority: int = 0
    refused: bool = False
    seen_at: datetime | None = None
    doubt: str | None = None


def follow(connection: Connection, source_id: int, due_at: Mapping[tuple[int, str], datetime]) -> int:
    """The source will ask about these posts, as (post id, kind), from the moment given on; what it follows already
    stays as it is. Returns how many are new to it."""
    if not due_at:
        return 0
    known = set(map(tuple, _FOLLOWED(connection, (post_id for post_id, _ in due_at), source=source_id)))
    rows = [(source_id, *one, moment) for one, moment in due_at.items() if one not in known]
    _FOLLOW(connection, rows)
    return len(rows)


def below_seeds(connection: Connection, campaign_id: int, post_ids: Collection[int]) -> set[int]:
    """Those of the posts whose thread begins with a post that belongs by itself: its conversation includes theirs."""
    if not post_ids:
        return set()
    rows = connection.execute(
        select(post.c.id)
        .select_from(
            post.join(thread, thread.c.id == post.c.thread_id).join(
                campaign_post,
                and_(campaign_post.c.post_id == thread.c.root_id, campaign_post.c.campaign_id == campaign_id),
            )
        )
        .where(post.c.id.in_(list(post_ids)), thread.c.root_id != post.c.id, campaign_post.c.via.in_(SEEDS))
    )
    return set(rows.scalars())


def unanswered(connection: Connection, reported: Mapping[int, int]) -> list[int]:
    """Of posts with their reported number of direct replies, those with more than are held."""
    if not reported:
        return []
    rows = connection.execute(
        select(post.c.parent_id, func.count())
        .where(post.c.parent_id.in_(list(reported)), post.c.held)
        .group_by(post.c.parent_id)
    )
    held = {key: count for key, count in rows}  # noqa: C416 - rows are no pairs to a type checker
    return [post_id for post_id, count in reported.items() if count > held.get(post_id, 0)]


def due(
    connection: Connection,
    source_id: int,
    campaign_id: int,
    kind: str,
    now: datetime,
    limit: int,
    *,
    whole: bool = True,
    published_only: bool = False,
) -> list[Conversation]:
    """What is to be asked now: posts of published threads first, then the longest waiting. `published_only`: only what
    is approved; the rest goes on waiting. Look-ups of posts held
    meanwhile are dropped on the way, and, where the network gives conversations `whole`, threads that another entry
    includes (`below_seeds`). So: inside `writing`."""
    chosen = list(
        connection.execute(
            select(conversation.c.post_id)
            .select_from(
                conversation.join(post, post.c.id == conversation.c.post_id).join(
                    thread, thread.c.id == post.c.thread_id
                )
            )
            .where(
                conversation.c.source_id == source_id,
                conversation.c.kind == kind,
                conversation.c.due_at <= now,
                rechecks.approved(campaign_id) if published_only else true(),
            )
            .order_by(thread.c.published_as.is_(None), conversation.c.due_at, conversation.c.post_id)
            .limit(limit)
        ).scalars()
    )
    found = by_ids(connection, source_id, campaign_id, kind, chosen)
    if kind == "lookup":
        idle = {one.post_id for one in found if one.held}
    elif kind == "recheck":
        idle = {one.post_id for one in found if not one.held}
    elif kind == "thread" and whole:
        idle = below_seeds(connection, campaign_id, chosen)
    else:
        idle = set()
    drop(connection, source_id, idle, kind)
    return [one for one in found if one.post_id not in idle]


def by_ids(
    connection: Connection, source_id: int, campaign_id: int, kind: str, post_ids: Sequence[int]
) -> list[Conversation]:
    """The followed ones among these posts, in the order given."""
    if not post_ids:
        return []
    asked_for = {"source": source_id, "campaign": campaign_id, "kind": kind, "ids": list(post_ids)}
    rows = connection.execute(_BY_IDS, asked_for)
    found = {
        row.post_id: Conversation(
            post_id=row.post_id,
            kind=row.kind,
            ref=PostRef(row.origin, row.native_id),
            seen_as=(),
            url=row.url,
            held=bool(row.held),
            top=row.root_id == row.post_id,
            thread_id=row.thread_id,
            via=row.via,
            brought_by=row.brought_by,
            authority=row.authority or 0,
            doubt=row.doubt,
            refused=row.status == Status.REJECTED and row.published_as is None,
            published_at=row.published_at,
            due_at=row.due_at,
            asked_at=row.asked_at,
            mark=row.mark,
            mark_at=row.mark_at,
            filled=bool(row.filled),
            attempts=row.attempts,
            last_at=None,
            size=0,
        )
        for row in rows
    }
    seen_as = _seen_as(connection, found)
    lives = _lives(connection, campaign_id, {one.thread_id for one in found.values()})
    return [
        replace(
            found[post_id],
            seen_as=tuple(ref for ref, _ in seen_as[post_id]),
            seen_at=max((at for _, at in seen_as[post_id] if at is not None), default=None),
            last_at=lives.get(found[post_id].thread_id, (None, 0))[0],
            size=lives.get(found[post_id].thread_id, (None, 0))[1],
        )
        for post_id in post_ids
        if post_id in found
    ]


def marked(
    connection: Connection, source_id: int, post_ids: Collection[int], kind: str, mark: str, mark_at: datetime | None
) -> None:
    """The first page of a walk is stored: the next walk starts above this mark (an open window holds the rest)."""
    connection.execute(
        update(conversation).where(*_these(source_id, post_ids, kind)).values(mark=mark, mark_at=mark_at)
    )


def asked(
    connection: Connection, source_id: int, due_at: Mapping[int, datetime], kind: str, asked_at: datetime
) -> None:
    """These were asked to the end at `asked_at` and are due again as given."""
    rows = [
        {"of": source_id, "on": post_id, "how": kind, "next": moment, "now": asked_at}
        for post_id, moment in due_at.items()
    ]
    if rows:
        connection.execute(_ASKED, rows)


def postpone(connection: Connection, source_id: int, due_at: Mapping[int, datetime], kind: str) -> None:
    """These could not be asked, or not be had: later again, and counted."""
    for post_id, moment in due_at.items():
        connection.execute(
            update(conversation)
            .where(*_these(source_id, [post_id], kind))
            .values(due_at=moment, attempts=conversation.c.attempts + 1)
        )


def rest(connection: Connection, source_id: int, due_at: Mapping[int, datetime], kind: str) -> None:
    """These need not be asked before the moments given."""
    for post_id, moment in due_at.items():
        connection.execute(update(conversation).where(*_these(source_id, [post_id], kind)).values(due_at=moment))


def drop(connection: Connection, source_id: int, post_ids: Collection[int], kind: str) -> None:
    if post_ids:
        connection.execute(delete(conversation).where(*_these(source_id, post_ids, kind)))


def _these(source_id: int, post_ids: Collection[int], kind: str) -> tuple[ColumnElement[bool], ...]:
    return (
        conversation.c.source_id == source_id,
        conversation.c.kind == kind,
        conversation.c.post_id.in_(list(post_ids)),
    )


def _seen_as(connection: Connection, post_ids: Collection[int]) -> dict[int, list[tuple[PostRef, datetime | None]]]:
    found: dict[int, list[tuple[PostRef, datetime | None]]] = defaultdict(list)
    rows = connection.execute(_SEEN_AS, {"ids": list(post_ids)})
    for post_id, origin, native_id, seen_at in rows:
        found[post_id].append((PostRef(origin, native_id), seen_at))
    return found


def _lives(
    connection: Connection, campaign_id: int, thread_ids: Collection[int]
) -> dict[int, tuple[datetime | None, int]]:
    rows = connection.execute(_LIVES, {"campaign": campaign_id, "ids": list(thread_ids)})
    return {thread_id: (last_at, count) for thread_id, last_at, count in rows}
