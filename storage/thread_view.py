"""A whole thread as moderators see it: every node with where it stands, and what hangs below one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from ..core.decisions import OPEN, WAITING, Status
from .tables import author, campaign_post, post


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


def waiting_branch(connection: Connection, campaign_id: int, post_id: int) -> list[int]:
    """The post, if it is open, and everything below it that waits in the campaign, in the order of publishing; what a
    person put aside below stays aside. Walks without recursion: threads may be many thousands deep."""
    thread_id = thread_of(connection, post_id)
    if thread_id is None:
        return []
    rows = connection.execute(
        select(post.c.id, post.c.link_id, post.c.cut, campaign_post.c.status)
        .outerjoin(
            campaign_post, and_(campaign_post.c.post_id == post.c.id, campaign_post.c.campaign_id == campaign_id)
        )
        .where(post.c.thread_id == thread_id)
        .order_by(post.c.published_at, post.c.id)
    ).all()
    below: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.link_id is not None and not row.cut:
            below[row.link_id].append(row.id)
    branch = {post_id}
    stack = [post_id]
    while stack:
        stack.extend(fresh := [id_ for id_ in below[stack.pop()] if id_ not in branch])
        branch.update(fresh)
    return [row.id for row in rows if row.id in branch and row.status in (OPEN if row.id == post_id else WAITING)]
