"""All held posts of a campaign that their networks still show, flat, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, select

from .tables import author, campaign_post, post, thread

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class ExportedPost:
    """`reply_to` and `root` are the native ids of the other posts, held or not."""

    origin: str
    native_id: str
    url: str | None
    reply_to: str | None
    root: str | None
    author: str | None
    display_name: str | None
    published_at: datetime
    edited_at: datetime | None
    language: str | None
    text: str
    hashtags: tuple[str, ...]
    via: str
    status: str


def exported(connection: Connection, campaign_id: int) -> Iterator[ExportedPost]:
    """In the order of the store's ids; read in batches by key, so that any size fits in memory. Of posts in doubt
    neither words nor author."""

    def sure(column: ColumnElement[str]) -> ColumnElement[str]:
        return case((post.c.doubt.is_(None), column))

    parent, root = post.alias("parent"), post.alias("root")
    query = (
        select(
            post.c.id,
            post.c.origin,
            post.c.native_id,
            post.c.url,
            parent.c.native_id,
            root.c.native_id,
            sure(author.c.handle),
            sure(author.c.display_name),
            post.c.published_at,
            post.c.edited_at,
            post.c.lang,
            sure(post.c.text),
            post.c.hashtags,
            campaign_post.c.via,
            campaign_post.c.status,
        )
        .select_from(
            campaign_post.join(post, post.c.id == campaign_post.c.post_id)
            .join(thread, thread.c.id == post.c.thread_id)
            .outerjoin(root, root.c.id == thread.c.root_id)
            .outerjoin(parent, parent.c.id == post.c.parent_id)
            .outerjoin(author, author.c.id == post.c.author_id)
        )
        .where(campaign_post.c.campaign_id == campaign_id, post.c.held, post.c.gone.is_(None))
        .order_by(post.c.id)
        .limit(BATCH)
    )
    last = 0
    while rows := connection.execute(query.where(post.c.id > last)).all():
        last = rows[-1][0]
        for row in rows:
            values: list[Any] = list(row[1:])
            values[10], values[11] = values[10] or "", tuple(values[11] or ())
            yield ExportedPost(*values)
