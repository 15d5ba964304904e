"""Threads with all that is shown of them, as they stand at one moment: every function reads inside the caller's one
`reading`. What of them the site may show is told by publishable.py."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, insert, or_, select, type_coerce, update

from ..core.pictures import Rendition
from .picture_rows import is_copy, renditions
from .publishable import Campaign, in_batches, is_publishable
from .tables import (
    author,
    campaign_post,
    change,
    entity,
    gap,
    media,
    metrics,
    picture,
    post,
    sighting,
    source,
    thread,
    thread_alias,
)


class Writer(NamedTuple):
    """The account behind a post, as it described itself."""

    id: int
    native_id: str
    handle: str | None
    display_name: str | None
    url: str | None
    wishes: tuple[str, ...]


class Mark(NamedTuple):
    """An entity as stored: a stretch of the text in code points."""

    start: int
    end: int
    kind: str
    target: str
    display: str | None


class Attachment(NamedTuple):
    """A medium, with the copies of it that the site may show."""

    kind: str
    alt: str | None
    copies: tuple[Rendition, ...] = ()


class Node(NamedTuple):
    """One place in a thread, as one campaign sees it: a named tuple with times in microseconds since 1970, as stored,
    since a full build reads a hundred thousand of them. `above` is the node it hangs on; `status` is None outside the
    campaign."""

    id: int
    thread_id: int
    origin: str
    native_id: str
    held: bool
    above: int | None
    quote_id: int | None
    repost: bool
    gone: str | None
    withheld: bool
    url: str | None
    published_at: int | None
    edited_at: int | None
    title: str | None
    text: str
    lang: str | None
    warning: str | None
    sensitive: bool
    status: str | None
    source: str | None
    featured: bool
    publishable: bool
    writer: Writer | None
    marks: tuple[Mark, ...] = ()
    media: tuple[Attachment, ...] = ()
    gap: str | None = None  # why it is not held
    missing_below: tuple[str, int | None] | None = None  # why some replies to it are not held, and how many
    doubted: bool = False  # readers get a bare link
    reported: int | None = None  # direct replies, as the network said last


@dataclass(frozen=True, slots=True)
class Thread:
    """`former`: the addresses it was published under before. `quoted`: posts of other threads that its posts quote."""

    id: int
    address: str
    former: tuple[str, ...]
    nodes: tuple[Node, ...]
    quoted: Mapping[int, Node]


def seq(connection: Connection) -> int:
    """The number of the latest change to a thread; 0 when there was none."""
    return connection.execute(select(func.max(change.c.seq))).scalar() or 0


def changed(connection: Connection, since: int) -> set[int]:
    """The threads changed after `since`, gone ones included, and those that quote a post of theirs."""
    ids = select(change.c.thread_id).where(change.c.seq > since).distinct()
    touched = set(connection.execute(ids).scalars())
    quoted, quoting = post.alias("quoted"), post.alias("quoting")
    for batch in in_batches(sorted(touched)):
        rows = connection.execute(
            select(quoting.c.thread_id)
            .select_from(quoted.join(quoting, quoting.c.quote_id == quoted.c.id))
            .where(quoted.c.thread_id.in_(batch))
            .distinct()
        ).scalars()
        touched = touched.union(rows)
    return touched


def threads(connection: Connection, of: Campaign, thread_ids: Sequence[int]) -> Iterator[Thread]:
    """The threads with these ids, whole, as the campaign sees them; read in batches, so that memory stays flat."""
    for batch in in_batches(thread_ids):
        yield from _read(connection, of, batch)


def nodes(connection: Connection, of: Campaign, post_ids: Sequence[int]) -> Iterator[Node]:
    """These places alone, wherever they are, as the campaign sees them."""
    for batch in in_batches(post_ids):
        yield from _nodes(connection, of, post.c.id.in_(batch))


def unrecorded(connection: Connection, thread_ids: Collection[int]) -> list[int]:
    """Those of the threads that readers know under no address yet, or under another one than they have now."""
    found: list[int] = []
    differs = or_(thread.c.published_as.is_(None), thread.c.published_as != thread.c.address)
    for batch in in_batches(sorted(thread_ids)):
        found += connection.execute(select(thread.c.id).where(thread.c.id.in_(batch), differs)).scalars()
    return found


def record_published(connection: Connection, thread_ids: Collection[int]) -> None:
    """Notes, inside `writing`, that readers know these threads under their present addresses; the addresses they knew
    before become former ones."""
    for batch in in_batches(sorted(thread_ids)):
        rows = connection.execute(
            select(thread.c.id, thread.c.address, thread.c.published_as).where(
                thread.c.id.in_(batch), thread.c.published_as.is_not(None), thread.c.published_as != thread.c.address
            )
        ).all()
        known = set(
            connection.execute(
                select(thread_alias.c.address).where(thread_alias.c.address.in_([row.published_as for row in rows]))
            ).scalars()
        )
        fresh = [{"address": row.published_as, "thread_id": row.id} for row in rows if row.published_as not in known]
        if fresh:
            connection.execute(insert(thread_alias), fresh)
        connection.execute(update(thread).where(thread.c.id.in_(batch)).values(published_as=thread.c.address))


def _columns(of: Campaign) -> list[Any]:
    return [
        post.c.id,
        post.c.thread_id,
        post.c.origin,
        post.c.native_id,
        post.c.held,
        post.c.link_id,
        post.c.cut,
        post.c.quote_id,
        post.c.repost_id,
        post.c.gone,
        post.c.doubt,
        type_coerce(post.c.withheld, post.c.text.type),
        post.c.url,
        type_coerce(post.c.published_at, BigInteger),
        type_coerce(post.c.edited_at, BigInteger),
        post.c.title,
        post.c.text,
        post.c.lang,
        post.c.warning,
        post.c.sensitive,
        campaign_post.c.status,
        source.c.name,
        campaign_post.c.featured,
        is_publishable(of),
        author.c.id,
        author.c.native_id,
        author.c.handle,
        author.c.display_name,
        author.c.url,
        type_coerce(author.c.wishes, author.c.handle.type),
    ]


def _rows(connection: Connection, of: Campaign, where: ColumnElement[bool]) -> Sequence[Any]:
    belongs = and_(campaign_post.c.post_id == post.c.id, campaign_post.c.campaign_id == of.id)
    tables = (
        post.outerjoin(campaign_post, belongs)
        .outerjoin(source, source.c.id == campaign_post.c.source_id)
        .outerjoin(author, author.c.id == post.c.author_id)
    )
    return connection.execute(select(*_columns(of)).select_from(tables).where(where)).all()


@dataclass(frozen=True, slots=True)
class _Around:
    """What belongs to the posts of one batch, by post id."""

    marks: Mapping[int, list[Mark]]
    media: Mapping[int, list[Attachment]]
    gaps: Mapping[tuple[int, str], tuple[str, int | None]]
    reported: Mapping[int, int]


def _around(connection: Connection, where: ColumnElement[bool]) -> _Around:
    marks: dict[int, list[Mark]] = {}
    for post_id, *values in connection.execute(
        select(entity.c.post_id, entity.c.start, entity.c.end, entity.c.kind, entity.c.target, entity.c.display)
        .select_from(entity.join(post, post.c.id == entity.c.post_id))
        .where(where)
        .order_by(entity.c.post_id, entity.c.position)
    ).all():
        marks.setdefault(post_id, []).append(Mark._make(values))
    attached: dict[int, list[Attachment]] = {}
    for post_id, kind, alt, copies in connection.execute(
        select(media.c.post_id, media.c.kind, media.c.alt, type_coerce(picture.c.copies, media.c.alt.type))
        .select_from(media.join(post, post.c.id == media.c.post_id).outerjoin(picture, is_copy()))
        .where(where)
        .order_by(media.c.post_id, media.c.position)
    ).all():
        attached.setdefault(post_id, []).append(Attachment(kind, alt, renditions(copies) if copies else ()))
    gaps = {
        (post_id, kind): (reason, missing)
        for post_id, kind, reason, missing in connection.execute(
            select(gap.c.post_id, gap.c.kind, gap.c.reason, gap.c.missing)
            .select_from(gap.join(post, post.c.id == gap.c.post_id))
            .where(where)
        ).all()
    }
    # the authoritative sighting's word; the latest one where two are equally believed
    seen = post.join(sighting, sighting.c.post_id == post.c.id).join(metrics, metrics.c.sighting_id == sighting.c.id)
    rows = connection.execute(
        select(sighting.c.post_id, metrics.c.replies)
        .select_from(seen)
        .where(where, sighting.c.authority == post.c.authority, metrics.c.replies.is_not(None))
        .order_by(metrics.c.seen_at, metrics.c.replies)
    ).all()
    reported: dict[int, int] = dict(map(tuple, rows))
    return _Around(marks, attached, gaps, reported)


@lru_cache(maxsize=256)
def _wishes(stored: str | None) -> tuple[str, ...]:
    return tuple(orjson.loads(stored)) if stored else ()


def _nodes(connection: Connection, of: Campaign, where: ColumnElement[bool]) -> Iterator[Node]:
    around = _around(connection, where)
    marks, attached, gaps, reported = around.marks, around.media, around.gaps, around.reported
    writers: dict[int, Writer] = {}
    for (
        id_, thread_id, origin, native_id, held, link_id, cut, quote_id, repost_id, gone, doubt, withheld, url,
        published_at, edited_at, title, text, lang, warning, sensitive, status, source_name, featured, publishable,
        author_id, account_id, handle, display_name, author_url, wishes,
    ) in _rows(connection, of, where):  # fmt: skip
        writer = writers.get(author_id)
        if writer is None and author_id is not None:
            writer = writers[author_id] = Writer(
                author_id, account_id, handle, display_name, author_url, _wishes(wishes)
            )
        yield Node(
            id_,
            thread_id,
            origin,
            native_id,
            bool(held),
            None if cut else link_id,
            quote_id,
            repost_id is not None,
            gone,
            withheld is not None and withheld != "[]",
            url,
            published_at,
            edited_at,
            title,
            text or "",
            lang,
            warning,
            bool(sensitive),
            status,
            source_name,
            bool(featured),
            bool(publishable),
            writer,
            tuple(marks[id_]) if id_ in marks else (),
            tuple(attached[id_]) if id_ in attached else (),
            gaps[id_, "post"][0] if (id_, "post") in gaps else None,
            gaps.get((id_, "replies")),
            doubt is not None,
            reported.get(id_),
        )


def _read(connection: Connection, of: Campaign, ids: Sequence[int]) -> Iterator[Thread]:
    addresses = {
        row.id: (row.address, row.published_as)
        for row in connection.execute(
            select(thread.c.id, thread.c.address, thread.c.published_as).where(thread.c.id.in_(ids))
        )
    }
    former: dict[int, set[str]] = {}
    for row in connection.execute(
        select(thread_alias.c.thread_id, thread_alias.c.address).where(thread_alias.c.thread_id.in_(ids))
    ):
        former.setdefault(row.thread_id, set()).add(row.address)
    nodes: dict[int, list[Node]] = {}
    held: dict[int, Node] = {}
    for node in _nodes(connection, of, post.c.thread_id.in_(ids)):
        nodes.setdefault(node.thread_id, []).append(node)
        held[node.id] = node
    wanted = {node.quote_id for node in held.values() if node.quote_id is not None and node.publishable}
    elsewhere: dict[int, Node] = {}
    for batch in in_batches(sorted(wanted - held.keys())):
        elsewhere.update((node.id, node) for node in _nodes(connection, of, post.c.id.in_(batch)))
    for thread_id in ids:
        if thread_id not in addresses:
            continue
        address, published_as = addresses[thread_id]
        before = former.get(thread_id, set()) | ({published_as} if published_as else set())
        members = tuple(nodes.get(thread_id, ()))
        quoted: dict[int, Node] = {}
        for node in members:
            if node.quote_id is not None:
                target = held.get(node.quote_id) or elsewhere.get(node.quote_id)
                if target is not None and target.thread_id != thread_id:
                    quoted[node.quote_id] = target
        yield Thread(thread_id, address, tuple(sorted(before - {address})), members, quoted)
