"""Authors whom a campaign trusts or blocks, and finding authors by what people call them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select

from ..core.conditions import Stands
from ..core.decisions import WAITING, Status
from .tables import author, campaign_post, post, standing


@dataclass(frozen=True, slots=True)
class KnownAuthor:
    """An author as the store knows it."""

    id: int
    origin: str
    native_id: str
    handle: str | None
    display_name: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    author: KnownAuthor
    stands: Stands
    until: datetime | None
    by: str
    at: datetime


_AUTHOR = (author.c.id, author.c.origin, author.c.native_id, author.c.handle, author.c.display_name, author.c.url)


def find_authors(connection: Connection, name: str) -> list[KnownAuthor]:
    """Authors by handle (with or without @, several networks may have it), profile address or native id."""
    handle = name.strip().lstrip("@").casefold()
    query = select(*_AUTHOR).where(
        or_(author.c.handle_folded == handle, author.c.url == name.strip(), author.c.native_id == name.strip())
    )
    return [KnownAuthor(*row) for row in connection.execute(query.order_by(author.c.id))]


def put(
    connection: Connection,
    campaign_id: int,
    author_id: int,
    stands: Stands,
    until: datetime | None,
    by: str,
    at: datetime,
) -> None:
    """Trusts or blocks the author until `until` (None: without end), in place of what held before."""
    lift(connection, campaign_id, author_id)
    connection.execute(
        standing.insert().values(
            campaign_id=campaign_id, author_id=author_id, stands=stands.value, until=until, by=by, at=at
        )
    )


def lift(connection: Connection, campaign_id: int, author_id: int) -> bool:
    """The author is like any other again; whether that changed anything."""
    gone = connection.execute(
        delete(standing).where(standing.c.campaign_id == campaign_id, standing.c.author_id == author_id)
    )
    return gone.rowcount > 0


def standings(connection: Connection, campaign_id: int, now: datetime) -> list[Standing]:
    """Who is trusted or blocked at this moment."""
    rows = connection.execute(
        select(*_AUTHOR, standing.c.stands, standing.c.until, standing.c.by, standing.c.at)
        .join(standing, standing.c.author_id == author.c.id)
        .where(standing.c.campaign_id == campaign_id, or_(standing.c.until.is_(None), standing.c.until > now))
        .order_by(author.c.handle_folded, author.c.id)
    )
    return [Standing(KnownAuthor(*row[: len(_AUTHOR)]), Stands(row.stands), row.until, row.by, row.at) for row in rows]


def author_of(connection: Connection, post_id: int) -> KnownAuthor | None:
    """Who wrote the post; None where that is not known."""
    row = connection.execute(
        select(*_AUTHOR).join(post, post.c.author_id == author.c.id).where(post.c.id == post_id)
    ).first()
    return KnownAuthor(*row) if row else None


def posts_of(connection: Connection, campaign_id: int, author_id: int) -> Sequence[int]:
    """The author's posts in the campaign that its networks show and nobody rejected."""
    query = (
        select(post.c.id)
        .join(campaign_post, campaign_post.c.post_id == post.c.id)
        .where(
            post.c.author_id == author_id,
            post.c.gone.is_(None),
            campaign_post.c.campaign_id == campaign_id,
            campaign_post.c.status != Status.REJECTED,
        )
    )
    return connection.execute(query.order_by(post.c.id)).scalars().all()


def undecided_of(connection: Connection, campaign_id: int, author_id: int) -> Sequence[int]:
    """The author's posts that wait for a decision."""
    query = (
        select(post.c.id)
        .join(campaign_post, campaign_post.c.post_id == post.c.id)
        .where(
            post.c.author_id == author_id,
            campaign_post.c.campaign_id == campaign_id,
            campaign_post.c.status.in_(WAITING),
        )
    )
    return connection.execute(query.order_by(post.c.id)).scalars().all()
