"""Which pictures the site wants copies of, and what became of each. The copies themselves are files (site/pictures/).

Wanted are those of posts that may be shown in a campaign whose source is copied from. What is not wanted any more is
dropped, so that the folder beside the store holds what readers may see and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, or_, select, type_coerce, update

from ..core.pictures import PER_POST, Rendition
from . import publishable
from .batches import chunks
from .changes import touch
from .picture_rows import address, identity, renditions
from .tables import campaign_post, media, picture, post

Copying = Mapping[str, Collection[int]]  # a campaign's slug -> the sources whose pictures are copied


class Wanted(NamedTuple):
    """A picture to be fetched. `source` tells which one it is, whatever its address; `attempts` failed already."""

    post_id: int
    position: int
    source: str
    url: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Wish:
    """`wanted`: to be fetched now. `unwanted`: (post, position) of what is known of pictures nobody may see."""

    wanted: tuple[Wanted, ...]
    unwanted: tuple[tuple[int, int], ...]


def wish(connection: Connection, copying: Copying, now: datetime, threads: Collection[int] | None = None) -> Wish:
    """What is to be done about the pictures of these threads, or of all; and about those that are due again."""
    kept: set[tuple[int, int]] = set()
    wanted: dict[tuple[int, int], Wanted] = {}
    of_slug = publishable.campaigns(connection)
    for slug, sources in copying.items():
        if slug not in of_slug or not sources:
            continue
        for row in _shown(connection, of_slug[slug], sources, now, threads):
            kept.add((row.post_id, row.position))
            if row.known is None or row.known != row.source or (row.due_at is not None and row.due_at <= now):
                attempts = row.attempts if row.known == row.source else 0
                wanted[row.post_id, row.position] = Wanted(row.post_id, row.position, row.source, row.url, attempts)
    known = {key for where in _parts(threads) for key in _known(connection, where)}
    return Wish(tuple(wanted[key] for key in sorted(wanted)), tuple(sorted(known - kept)))


def _shown(
    connection: Connection,
    of: publishable.Campaign,
    sources: Collection[int],
    now: datetime,
    threads: Collection[int] | None,
) -> Iterator[_Row]:
    belongs = and_(picture.c.post_id == media.c.post_id, picture.c.position == media.c.position)
    tables = (
        media.join(post, post.c.id == media.c.post_id)
        .join(campaign_post, campaign_post.c.post_id == post.c.id)
        .outerjoin(picture, belongs)
    )
    query = (
        select(
            media.c.post_id, media.c.position, identity(), address(), picture.c.source, picture.c.attempts,
            picture.c.due_at,
        )
        .select_from(tables)
        .where(
            campaign_post.c.campaign_id == of.id,
            campaign_post.c.source_id.in_(sorted(sources)),
            publishable.is_publishable(of),
            address().is_not(None),
            media.c.position < PER_POST,
        )
    )  # fmt: skip
    for where in _parts(threads):
        yield from map(_Row._make, connection.execute(query.where(where)))
    if threads is not None:
        yield from map(_Row._make, connection.execute(query.where(picture.c.due_at <= now)))


class _Row(NamedTuple):
    post_id: int
    position: int
    source: str
    url: str
    known: str | None  # what the row of `picture` was made from
    attempts: int
    due_at: datetime | None


def _parts(threads: Collection[int] | None) -> Iterator[ColumnElement[bool]]:
    if threads is None:
        yield post.c.id.is_not(None)
    else:
        yield from (post.c.thread_id.in_(part) for part in chunks(sorted(threads)))


def _known(connection: Connection, where: ColumnElement[bool]) -> list[tuple[int, int]]:
    rows = select(picture.c.post_id, picture.c.position).join(post, post.c.id == picture.c.post_id).where(where)
    return [(post_id, position) for post_id, position in connection.execute(rows)]


def is_still_there(connection: Connection, one: Wanted) -> bool:
    """Whether the post is held with this very picture: it may have been withdrawn while the picture was fetched."""
    query = select(media.c.post_id).where(
        media.c.post_id == one.post_id, media.c.position == one.position, identity() == one.source
    )
    return connection.execute(query).first() is not None


def copied(connection: Connection, one: Wanted, copies: Sequence[Rendition], now: datetime) -> bool:
    """These are the picture's copies from now on; the page that shows the post is another. True where there were copies
    of another picture in its place."""
    key = and_(picture.c.post_id == one.post_id, picture.c.position == one.position)
    before = connection.execute(select(picture.c.copies).where(key)).scalar()
    _put(connection, one, copies=[list(copy) for copy in copies], attempts=0, due_at=None, problem=None)
    _touch(connection, [one.post_id], now)
    return before is not None


def failed(connection: Connection, one: Wanted, problem: str, attempts: int, due_at: datetime | None) -> None:
    """It could not be copied, `attempts` times by now. `due_at`: when to try again; None for never, unless it becomes
    another picture."""
    _put(connection, one, copies=None, attempts=attempts, due_at=due_at, problem=problem)


def _put(connection: Connection, one: Wanted, **values: object) -> None:
    key = and_(picture.c.post_id == one.post_id, picture.c.position == one.position)
    connection.execute(delete(picture).where(key))
    connection.execute(insert(picture).values(post_id=one.post_id, position=one.position, source=one.source, **values))


def drop(connection: Connection, keys: Collection[tuple[int, int]]) -> None:
    """Nothing is known any more of the pictures (post, position)."""
    for part in chunks(sorted(keys)):
        alike = (and_(picture.c.post_id == post_id, picture.c.position == position) for post_id, position in part)
        connection.execute(delete(picture).where(or_(*alike)))


def again(connection: Connection, now: datetime) -> int:
    """What was given up is tried once more; how many those are."""
    over = and_(picture.c.copies.is_(None), picture.c.due_at.is_(None))
    return connection.execute(update(picture).where(over).values(attempts=0, due_at=now)).rowcount


def is_any_copied(connection: Connection) -> bool:
    return (
        connection.execute(select(picture.c.post_id).where(picture.c.copies.is_not(None)).limit(1)).first() is not None
    )


def copies(connection: Connection) -> Iterator[tuple[tuple[int, int], tuple[Rendition, ...]]]:
    """All copies that the store knows of, by (post, position)."""
    query = select(picture.c.post_id, picture.c.position, type_coerce(picture.c.copies, picture.c.problem.type))
    for post_id, position, stored in connection.execute(query.where(picture.c.copies.is_not(None))):
        yield (post_id, position), renditions(stored)


def lost(connection: Connection, keys: Collection[tuple[int, int]], now: datetime) -> None:
    """The files of these copies are not there any more: they are fetched again, and until then not shown."""
    for post_id, position in keys:
        key = and_(picture.c.post_id == post_id, picture.c.position == position)
        connection.execute(update(picture).where(key).values(copies=None, attempts=0, due_at=now))
    _touch(connection, {post_id for post_id, _ in keys}, now)


def _touch(connection: Connection, post_ids: Collection[int], now: datetime) -> None:
    for part in chunks(sorted(post_ids)):
        touch(connection, connection.execute(select(post.c.thread_id).where(post.c.id.in_(part))).scalars(), now)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many pictures are copied, will be tried again, could not be copied; and why, by reason."""

    copied: int
    waiting: int
    failed: int
    problems: tuple[tuple[str, int], ...]


def standing(connection: Connection) -> Standing:
    over = case((picture.c.copies.is_(None) & picture.c.due_at.is_(None), 1))
    query = select(func.count(picture.c.copies), func.count(picture.c.due_at), func.count(over))
    done, waiting, given_up = connection.execute(query).one()
    reasons = (
        select(picture.c.problem, func.count())
        .where(picture.c.problem.is_not(None))
        .group_by(picture.c.problem)
        .order_by(func.count().desc(), picture.c.problem)
        .limit(5)
    )
    problems = tuple((problem, number) for problem, number in connection.execute(reasons))
    return Standing(done, waiting, given_up, problems)


def next_due(connection: Connection) -> datetime | None:
    """When the next picture is tried again."""
    return connection.execute(select(func.min(picture.c.due_at))).scalar()
