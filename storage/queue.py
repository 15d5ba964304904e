"""The queue: posts by where they stand, filtered, in an order, page by page and from one to the next.

A page is asked for in parts, one for each status (and, where the order or the filter asks for it, each urgency), that
each follow an index and stop at the page's size: the first page costs the same however many posts wait.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    exists,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from ..core.decisions import FLAGGED, OPEN, WAITING, WAS_SHOWN, Decision, Seen, Status, Verdict, standing
from ..core.errors import UsageError
from ..core.rules_yaml import ORIGINS
from .claims import claimed_by_others
from .decisions import logs
from .notes import Note, asked_of, notes
from .search import matching
from .tables import author, campaign, campaign_post, decision, post
from .types import EPOCH, MICROSECOND

Order = Literal["newest", "oldest", "urgent"]
URGENCIES = (FLAGGED | WAS_SHOWN, FLAGGED, WAS_SHOWN, 0)  # the most urgent first


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue is asked for; None and () ask for all. `network` as rules write it; `languages` are codes, and
    "unknown"; `author` a handle; `words` as people type them into a search box; `asked` the name of the person whose
    view somebody wants. The times compare with when the post came into the campaign. The order "urgent" is by urgency,
    the oldest first among equals."""

    campaign_id: int | None = None
    statuses: tuple[Status, ...] = (Status.PENDING,)
    network: str | None = None
    languages: tuple[str, ...] = ()
    author: str | None = None
    tagged: bool | None = None
    rule: str | None = None  # has a decision of this rule on its present content
    flagged: bool | None = None
    asked: str | None = None
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: Order = "oldest"


class Key(NamedTuple):
    """A place in the queue, which stays where it is whatever happens to the post."""

    urgency: int
    added_at: datetime
    post_id: int

    @property
    def written(self) -> str:
        """For addresses and command lines; `read_key` takes it back."""
        return f"{self.urgency}.{(self.added_at - EPOCH) // MICROSECOND}.{self.post_id}"


def read_key(text: str) -> Key:
    """Raises UsageError for what is no key."""
    parts = text.split(".")
    try:
        urgency, moment, post_id = (int(part) if len(part) < 18 and part.isascii() else -1 for part in parts)
        if min(urgency, moment, post_id) < 0:
            raise ValueError
        return Key(urgency, EPOCH + timedelta(microseconds=moment), post_id)
    except (ValueError, OverflowError):
        raise UsageError("this is no key of the queue", "Copy it from the end of the last page.") from None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A post as moderators need it. `decision` is the one that stands, `marks` are the flags and logs on what the post
    says now; `seen` goes back with the moderator's decision."""

    campaign: str
    campaign_id: int
    post_id: int
    thread_id: int
    network: str
    url: str | None
    author_id: int | None
    handle: str | None
    display_name: str | None
    published_at: datetime
    edited_at: datetime | None
    added_at: datetime
    status: Status
    urgency: int
    featured: bool
    via: str
    language: str | None
    title: str | None
    warning: str | None
    text: str
    content_hash: str
    gone: str | None
    decision: Decision | None
    marks: tuple[Decision, ...]
    remarks: tuple[Note, ...]

    @property
    def notes(self) -> int:
        return len(self.remarks)

    @property
    def key(self) -> Key:
        return Key(self.urgency, self.added_at, self.post_id)

    @property
    def seen(self) -> Seen:
        return Seen(self.post_id, self.content_hash, self.decision.id if self.decision else None)


@dataclass(frozen=True, slots=True)
class QueuePage:
    items: tuple[QueueItem, ...]
    after: Key | None  # give it back for the next page; None: this was the last


def queue(connection: Connection, wanted: QueueFilter, *, after: Key | None = None, limit: int = 50) -> QueuePage:
    """One page of the queue, in the order asked for. Pages by key: what is decided meanwhile moves nothing."""
    places = _places(connection, wanted, after, limit + 1)
    items = _items(connection, places[:limit])
    return QueuePage(tuple(items), places[limit - 1].key if len(places) > limit else None)


def next_key(
    connection: Connection, wanted: QueueFilter, key: Key | None, by: str, now: datetime, *, backwards: bool = False
) -> Key | None:
    """The place of the post after `key` (None: the first) that nobody but `by` has open, or before it; None at the
    end. The post that `key` came from need not be in the queue any more."""
    found = _places(connection, wanted, key, 1, backwards=backwards, free=~claimed_by_others(by, now))
    return found[0].key if found else None


def matching_ids(connection: Connection, wanted: QueueFilter, post_ids: Sequence[int]) -> dict[int, Key]:
    """Those of the posts that the filter lets through, with their places."""
    found = _places(connection, wanted, None, len(post_ids), free=campaign_post.c.post_id.in_(post_ids))
    return {place.key.post_id: place.key for place in found}


def queue_items(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> list[QueueItem]:
    """Posts by id as the queue shows them, whatever their status, in the order given."""
    return _items(connection, [_Place(campaign_id, Key(0, EPOCH, post_id)) for post_id in dict.fromkeys(post_ids)])


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


# --- finding the places ----------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    campaign_id: int
    key: Key


def _places(
    connection: Connection,
    wanted: QueueFilter,
    start: Key | None,
    limit: int,
    *,
    backwards: bool = False,
    free: ColumnElement[bool] | None = None,
) -> list[_Place]:
    """The first places behind `start` in the order asked for, or before it."""
    conditions = [*_conditions(connection, wanted), *([] if free is None else [free])]
    ascending = (wanted.order != "newest") != backwards
    parts = [
        _part(campaign_id, status, urgency, conditions, bound, ascending, limit)
        for campaign_id in _campaigns(connection, wanted)
        for status in wanted.statuses
        for urgency, bound in _steps(wanted, status, start, backwards)
    ]
    if not parts:
        return []
    rows = connection.execute(parts[0] if len(parts) == 1 else union_all(*(select(part.subquery()) for part in parts)))
    places = [_Place(row[0], Key(row[1], row[2], row[3])) for row in rows]

    def by_order(place: _Place) -> tuple[Any, ...]:
        return (-place.key.urgency if wanted.order == "urgent" else 0, place.key.added_at, place.key.post_id)

    places.sort(key=by_order, reverse=not ascending)
    return places[:limit]


def _steps(
    wanted: QueueFilter, status: Status, start: Key | None, backwards: bool
) -> Iterator[tuple[int | None, Key | None]]:
    """The urgencies (None: whichever) that have to be looked through from `start` on, and where in each."""
    if status not in OPEN or (wanted.order != "urgent" and wanted.flagged is None):
        yield None, start
        return
    for urgency in URGENCIES:
        if wanted.flagged is not None and bool(urgency & FLAGGED) is not wanted.flagged:
            continue
        if wanted.order != "urgent" or start is None or urgency == start.urgency:
            yield urgency, start
        elif (urgency < start.urgency) is not backwards:
            yield urgency, None


def _part(
    campaign_id: int,
    status: Status,
    urgency: int | None,
    conditions: Sequence[ColumnElement[bool]],
    start: Key | None,
    ascending: bool,
    limit: int,
) -> Select[int, int, datetime, int]:
    at = campaign_post.c
    query = _PLACE.where(at.campaign_id == campaign_id, at.status == status.value, *conditions)
    if status in OPEN:
        query = query.where(post.c.gone.is_(None))  # nothing is left to decide
    place, begin = (at.added_at, at.post_id), start[1:] if start else None
    if urgency:
        # a range and not "=", as the order has it: SQLite (3.40) follows the index ix_campaign_post_urgent only so
        query = query.where(at.urgency > literal_column("0"), at.urgency >= urgency, at.urgency <= urgency)
        place, begin = (at.urgency, *place), (urgency, *begin) if begin else None
    elif urgency is not None:
        query = query.where(at.urgency == 0)
    if begin is not None:
        query = query.where(tuple_(*place) > begin if ascending else tuple_(*place) < begin)
    order = place if ascending else tuple(column.desc() for column in place)
    return query.order_by(*order).limit(limit)


_PLACE = (
    select(campaign_post.c.campaign_id, campaign_post.c.urgency, campaign_post.c.added_at, campaign_post.c.post_id)
    .join(post, post.c.id == campaign_post.c.post_id)
    .where(post.c.held.is_(True))
)


def _campaigns(connection: Connection, wanted: QueueFilter) -> Sequence[int]:
    if wanted.campaign_id is not None:
        return [wanted.campaign_id]
    return connection.execute(select(campaign.c.id).order_by(campaign.c.id)).scalars().all()


def _conditions(connection: Connection, wanted: QueueFilter) -> list[ColumnElement[bool]]:
    """What the filter asks of a row of campaign_post joined with post, status and urgency apart."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.network:
        conditions.append(post.c.origin == ORIGINS.get(wanted.network, wanted.network))
    if wanted.languages:
        known = post.c.lang.in_([code for code in wanted.languages if code != "unknown"])
        conditions.append(or_(known, post.c.lang.is_(None)) if "unknown" in wanted.languages else known)
    if wanted.author:
        named = select(author.c.id).where(author.c.handle_folded == wanted.author.strip().lstrip("@").casefold())
        conditions.append(post.c.author_id.in_(named))
    if wanted.tagged is not None:
        conditions.append(campaign_post.c.via == "tag" if wanted.tagged else campaign_post.c.via != "tag")
    if wanted.since:
        conditions.append(campaign_post.c.added_at >= wanted.since)
    if wanted.until:
        conditions.append(campaign_post.c.added_at < wanted.until)
    if wanted.rule:
        conditions.append(_decided_by(decision.c.rule == wanted.rule))
    if wanted.flagged is not None and not set(wanted.statuses) <= set(OPEN):
        flagged = _decided_by(decision.c.verdict == Verdict.FLAG)
        conditions.append(flagged if wanted.flagged else ~flagged)
    if wanted.asked:
        conditions.append(asked_of(wanted.asked))
    if wanted.words and (found := matching(connection, wanted.words)) is not None:
        conditions.append(found)
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


# --- what stands at the places ---------------------------------------------------------------------------------------


def _items(connection: Connection, places: Sequence[_Place]) -> list[QueueItem]:
    by_campaign: dict[int, list[int]] = defaultdict(list)
    for place in places:
        by_campaign[place.campaign_id].append(place.key.post_id)
    items: dict[tuple[int, int], QueueItem] = {}
    for campaign_id, post_ids in by_campaign.items():
        query = _ITEM.where(campaign_post.c.campaign_id == campaign_id, campaign_post.c.post_id.in_(post_ids))
        log = logs(connection, campaign_id, post_ids)
        remarks: dict[int, list[Note]] = defaultdict(list)
        for remark in notes(connection, campaign_id, post_ids):
            remarks[remark.post_id].append(remark)
        for row in connection.execute(query):
            id_ = row.post_id
            items[campaign_id, id_] = _item(row, standing(log.get(id_, ())), tuple(remarks.get(id_, ())))
    return [items[found] for place in places if (found := (place.campaign_id, place.key.post_id)) in items]


def _item(row: Any, kept: Sequence[Decision], remarks: tuple[Note, ...]) -> QueueItem:
    marks = [d for d in kept if d.verdict in (Verdict.FLAG, Verdict.LOG) and d.content_hash == row.content_hash]
    return QueueItem(
        row.slug,
        row.campaign_id,
        row.post_id,
        row.thread_id,
        row.origin,
        row.url,
        row.author_id,
        row.handle,
        row.display_name,
        row.published_at,
        row.edited_at,
        row.added_at,
        Status(row.status),
        row.urgency,
        bool(row.featured),
        row.via,
        row.lang,
        row.title,
        row.warning,
        row.text or "",
        row.content_hash,
        row.gone,
        next((d for d in kept if d.id == row.decision_id), None),
        tuple(marks),
        remarks,
    )


_ITEM: Select[Any] = (
    select(
        campaign.c.slug,
        campaign_post,
        *(post.c[name] for name in ("thread_id", "origin", "url", "author_id", "published_at", "edited_at", "lang")),
        *(post.c[name] for name in ("title", "warning", "text", "content_hash", "gone")),
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
