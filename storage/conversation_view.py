"""A conversation as moderators look at it: the shape of the whole, and the posts around the one that is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, select, type_coerce

from . import snapshot
from .batches import Among
from .publishable import Campaign
from .snapshot import Node
from .tables import campaign_post, media, post


class Place(NamedTuple):
    """One place of a thread, without what stands there. `above`: what it hangs on; `status` is None outside the
    campaign."""

    id: int
    above: int | None
    published_at: int | None
    origin: str
    native_id: str
    status: str | None
    author_id: int | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A medium with its addresses: shown to moderators when they ask for it."""

    kind: str
    alt: str | None
    url: str | None
    preview_url: str | None


def shape(connection: Connection, campaign_id: int, thread_id: int) -> list[Place]:
    """Every place of the thread, in no order."""
    belongs = (campaign_post.c.post_id == post.c.id) & (campaign_post.c.campaign_id == campaign_id)
    rows = connection.execute(
        select(
            post.c.id,
            post.c.link_id,
            post.c.cut,
            type_coerce(post.c.published_at, BigInteger),
            post.c.origin,
            post.c.native_id,
            campaign_post.c.status,
            post.c.author_id,
        )
        .outerjoin(campaign_post, belongs)
        .where(post.c.thread_id == thread_id)
    )
    return [Place(row[0], None if row[2] else row[1], *row[3:]) for row in rows]


def nodes(connection: Connection, of: Campaign, post_ids: Collection[int]) -> dict[int, Node]:
    """These posts as the campaign sees them, by id, in a fixed number of queries."""
    return {node.id: node for node in snapshot.nodes(connection, of, sorted(post_ids))}


def pictures(connection: Connection, post_ids: Collection[int]) -> Mapping[int, Sequence[Picture]]:
    """The media of these posts with their addresses."""
    found: dict[int, list[Picture]] = {}
    for post_id, *values in _PICTURES(connection, post_ids):
        found.setdefault(post_id, []).append(Picture(*values))
    return found


_PICTURES = Among(
    lambda ids: (
        select(media.c.post_id, media.c.kind, media.c.alt, media.c.url, media.c.preview_url)
        .where(media.c.post_id.in_(ids))
        .order_by(media.c.post_id, media.c.position)
    )
)
