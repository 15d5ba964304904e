"""What moderators look at: the queue, a whole thread with where its posts stand, notes; finding posts by address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select, tuple_

from ..core.decisions import WAITING, Decision, Status, Verdict, standing
from ..core.rules_yaml import ORIGINS
from .decisions import logs
from .store import next_ids
from .tables import author, campaign, campaign_post, decision, note, post, sighting

Key = tuple[datetime, int]  # where a page of the queue ends: (added_at, post id)


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue is asked for; None asks for all. `network` as rules write it, `author` a handle. The times
    compare with when the post came into the campaign."""

    campaign_id: int | None = None
    statuses: tuple[Status, ...] = (Status.PENDING,)
    network: str | None = None
    language: str | None = None
    author: str | None = None
    tagged: bool | None = None
    rule: str | None = None  # has a decision of this rule on its present content
    flagged: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: Literal["newest", "oldest"] = "oldest"


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A post as moderators need it. `decision` is the one that stands, `marks` are the flags and logs on what the post
    says now; `content_hash` goes back with the moderator's decision."""

    campaign: str
    campaign_id: int
    post_id: int
    thread_id: int
    network: str
    url: str | None
    handle: str | None
    display_name: str | None
    published_at: datetime
    edited_at: datetime | None
    added_at: datetime
    status: Status
    featured: bool
    via: str
    language: str | None
    title: str | None
    warning: str | None
    text: str
    content_hash: str
    decision: Decision | None
    marks: tuple[Decision, ...]
    notes: int

    @property
    def key(self) -> Key:
        return self.added_at, self.post_id


@dataclass(frozen=True, slots=True)
class QueuePage:
    items: tuple[QueueItem, ...]
    after: Key | None  # give it back for the next page; None: this was the last


@dataclass(frozen=True, slots=True)
class ThreadNode:
    """One node of a thread as moderators see it. `above` is the node that it hangs on, None for a root; a node that is
    not held is a gap; `status` is None for a post that is not in the campaign."""

    post_id: int
    above: int | None
    held: bool
    network: str
    native_id: str
    url: str | None
    handle: str | None
    display_name: str | None
    published_at: datetime | None
    edited_at: datetime | None
    title: str | None
    warning: str | None
    text: str
    content_hash: str | None
    gone: str | None
    via: str | None
    status: Status | None
    featured: bool


@dataclass(frozen=True, slots=True)
class Place:
    """One post in one campaign."""

    campaign_id: int
    campaign: str
    post_id: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Note:
    id: int
    post_id: int
    text: str
    by: str
    at: datetime


def queue(connection: Connection, wanted: QueueFilter, *, after: Key | None = None, limit: int = 50) -> QueuePage:
    """One page of the queue, in the order asked for. Pages by key: what is decided meanwhile moves nothing."""
    query = _QUEUE.where(*_conditions(wanted))
    key = tuple_(campaign_post.c.added_at, campaign_post.c.post_id)
    if wanted.order == "oldest":
        query = query.order_by(campaign_post.c.added_at, campaign_post.c.post_id)
        query = query.where(key > after) if after else query
    else:
        query = query.order_by(campaign_post.c.added_at.desc(), campaign_post.c.post_id.desc())
        query = query.where(key < after) if after else query
    rows = connection.execute(query.limit(limit + 1)).all()
    items = _items(connection, rows[:limit])
    return QueuePage(tuple(items), items[-1].key if len(rows) > limit else None)


def queue_items(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> list[QueueItem]:
    """Posts by id as the queue shows them, whatever their status."""
    query = _QUEUE.where(campaign_post.c.campaign_id == campaign_id, campaign_post.c.post_id.in_(post_ids))
    return _items(connection, connection.execute(query.order_by(campaign_post.c.post_id)).all())


def latest_posts(connection: Connection, campaign_id: int, limit: int) -> list[int]:
    """The posts that came into the campaign last, the newest first."""
    query = (
        select(campaign_post.c.post_id)
        .join(post, post.c.id == campaign_post.c.post_id)
        .where(campaign_post.c.campaign_id == campaign_id, post.c.held.is_(True))
        .order_by(campaign_post.c.added_at.desc(), campaign_post.c.post_id.desc())
    )
    return list(connection.execute(query.limit(limit)).scalars())


def waiting(connection: Connection, campaign_id: int) -> list[int]:
    """All posts of the campaign that wait for a decision."""
    query = select(campaign_post.c.post_id).where(
        campaign_post.c.campaign_id == campaign_id, campaign_post.c.status.in_(WAITING)
    )
    return list(connection.execute(query.order_by(campaign_post.c.post_id)).scalars())


def find_posts(connection: Connection, reference: str, campaign_id: int | None = None) -> list[Place]:
    """Held posts by the store's id, their address, or any id or address under which they were seen; one entry for each
    campaign that has them."""
    reference = reference.strip()
    query = (
        select(campaign.c.id, campaign.c.slug, post.c.id, post.c.content_hash)
        .select_from(
            post.join(campaign_post, campaign_post.c.post_id == post.c.id).join(
                campaign, campaign.c.id == campaign_post.c.campaign_id
            )
        )
        .where(post.c.held.is_(True))
        .order_by(campaign.c.slug, post.c.id)
    )
    if campaign_id is not None:
        query = query.where(campaign.c.id == campaign_id)
    bare = reference.lstrip("#")
    if bare.isascii() and bare.isdigit() and len(bare) < 16:
        rows = connection.execute(query.where(post.c.id == int(bare))).all()
        if rows:
            return [Place(*row) for row in rows]
    seen = select(sighting.c.post_id).where(sighting.c.native_id == reference)
    rows = connection.execute(query.where(or_(post.c.url == reference, post.c.id.in_(seen)))).all()
    return [Place(*row) for row in rows]


def thread_of(connection: Connection, post_id: int) -> int | None:
    return connection.execute(select(post.c.thread_id).where(post.c.id == post_id)).scalar()


def thread_nodes(connection: Connection, campaign_id: int, thread_id: int) -> list[ThreadNode]:
    """All nodes of a thread, gaps included, in the order of publishing."""
    rows = connection.execute(
        select(post, author.c.handle, author.c.display_name)
        .add_columns(campaign_post.c.via, campaign_post.c.status, campaign_post.c.featured)
        .outerjoin(author, author.c.id == post.c.author_id)
        .outerjoin(
            campaign_post, and_(campaign_post.c.post_id == post.c.id, campaign_post.c.campaign_id == campaign_id)
        )
        .where(post.c.thread_id == thread_id)
        .order_by(post.c.published_at, post.c.id)
    )
    return [
        ThreadNode(
            row.id,
            None if row.cut else row.link_id,
            bool(row.held),
            row.origin,
            row.native_id,
            row.url,
            row.handle,
            row.display_name,
            row.published_at,
            row.edited_at,
            row.title,
            row.warning,
            row.text or "",
            row.content_hash,
            row.gone,
            row.via,
            Status(row.status) if row.status else None,
            bool(row.featured),
        )
        for row in rows
    ]


def add_note(connection: Connection, campaign_id: int, post_id: int, text: str, by: str, at: datetime) -> int:
    """A remark among moderators; never published."""
    note_id = next_ids(connection, note, 1)[0]
    connection.execute(
        note.insert().values(id=note_id, campaign_id=campaign_id, post_id=post_id, text=text, by=by, at=at)
    )
    return note_id


def notes(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> list[Note]:
    """The remarks on these posts, the oldest first."""
    query = (
        select(note.c.id, note.c.post_id, note.c.text, note.c.by, note.c.at)
        .where(note.c.campaign_id == campaign_id, note.c.post_id.in_(post_ids))
        .order_by(note.c.id)
    )
    return [Note(*row) for row in connection.execute(query)]


_QUEUE: Select[Any] = (
    select(
        campaign.c.slug,
        campaign_post,
        post.c.thread_id,
        post.c.origin,
        post.c.url,
        post.c.published_at,
        post.c.edited_at,
        post.c.lang,
        post.c.title,
        post.c.warning,
        post.c.text,
        post.c.content_hash,
        author.c.handle,
        author.c.display_name,
    )
    .select_from(
        campaign_post.join(campaign, campaign.c.id == campaign_post.c.campaign_id)
        .join(post, post.c.id == campaign_post.c.post_id)
        .outerjoin(author, author.c.id == post.c.author_id)
    )
    .where(post.c.held.is_(True))
)


def _conditions(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [campaign_post.c.status.in_([status.value for status in wanted.statuses])]
    if wanted.campaign_id is not None:
        conditions.append(campaign_post.c.campaign_id == wanted.campaign_id)
    if wanted.network:
        conditions.append(post.c.origin == ORIGINS.get(wanted.network, wanted.network))
    if wanted.language:
        conditions.append(post.c.lang.is_(None) if wanted.language == "unknown" else post.c.lang == wanted.language)
    if wanted.author:
        conditions.append(author.c.handle_folded == wanted.author.strip().lstrip("@").casefold())
    if wanted.tagged is not None:
        conditions.append(campaign_post.c.via == "tag" if wanted.tagged else campaign_post.c.via != "tag")
    if wanted.since:
        conditions.append(campaign_post.c.added_at >= wanted.since)
    if wanted.until:
        conditions.append(campaign_post.c.added_at < wanted.until)
    if wanted.rule:
        conditions.append(_decided_by(decision.c.rule == wanted.rule))
    if wanted.flagged is not None:
        flagged = _decided_by(decision.c.verdict == Verdict.FLAG)
        conditions.append(flagged if wanted.flagged else ~flagged)
    return conditions


def _decided_by(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """There is a decision like this on the post's present content, and no undo aims at it."""
    undo = decision.alias("undo")
    taken_back = exists().where(
        undo.c.campaign_id == decision.c.campaign_id,
        undo.c.post_id == decision.c.post_id,
        undo.c.reverts == decision.c.id,
    )
    return exists().where(
        decision.c.campaign_id == campaign_post.c.campaign_id,
        decision.c.post_id == campaign_post.c.post_id,
        decision.c.content_hash == post.c.content_hash,
        condition,
        ~taken_back,
    )


def _items(connection: Connection, rows: Sequence[Any]) -> list[QueueItem]:
    by_campaign: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        by_campaign[row.campaign_id].append(row.post_id)
    log: dict[tuple[int, int], list[Decision]] = {}
    remarks: dict[tuple[int, int], int] = defaultdict(int)
    for campaign_id, post_ids in by_campaign.items():
        log |= {(campaign_id, post_id): found for post_id, found in logs(connection, campaign_id, post_ids).items()}
        for remark in notes(connection, campaign_id, post_ids):
            remarks[campaign_id, remark.post_id] += 1
    items: list[QueueItem] = []
    for row in rows:
        kept = standing(log.get((row.campaign_id, row.post_id), ()))
        marks = [d for d in kept if d.verdict in (Verdict.FLAG, Verdict.LOG) and d.content_hash == row.content_hash]
        items.append(
            QueueItem(
                row.slug,
                row.campaign_id,
                row.post_id,
                row.thread_id,
                row.origin,
                row.url,
                row.handle,
                row.display_name,
                row.published_at,
                row.edited_at,
                row.added_at,
                Status(row.status),
                bool(row.featured),
                row.via,
                row.lang,
                row.title,
                row.warning,
                row.text or "",
                row.content_hash,
                next((d for d in kept if d.id == row.decision_id), None),
                tuple(marks),
                remarks[row.campaign_id, row.post_id],
            )
        )
    return items
