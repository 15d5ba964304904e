"""What the store knows of references when a page is admitted: reads only, in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, select, union_all

from ..core.records import PostRef
from .batches import Among
from .tables import campaign_post, post, sighting


@dataclass(frozen=True, slots=True)
class Known:
    """A reference that the store has met. `via`: why its post belongs to the campaign, None: it does not (yet)."""

    post_id: int
    thread_id: int
    held: bool
    via: str | None


_OF_CAMPAIGN = and_(campaign_post.c.post_id == post.c.id, campaign_post.c.campaign_id == bindparam("campaign"))
_KNOWN = Among(
    lambda names: (
        select(sighting.c.native_id, post.c.id, post.c.thread_id, post.c.held, campaign_post.c.via)
        .select_from(sighting.join(post, post.c.id == sighting.c.post_id).outerjoin(campaign_post, _OF_CAMPAIGN))
        .where(sighting.c.origin == bindparam("origin"), sighting.c.native_id.in_(names))
    )
)
# Asked of each post by itself: SQLite has no statistics, and would walk the whole campaign for a join.
_VIA = select(campaign_post.c.via).where(_OF_CAMPAIGN).scalar_subquery()
_BELOW, _QUOTING = (
    Among(lambda ids, columns=columns: union_all(*(select(column, _VIA).where(column.in_(ids)) for column in columns)))
    for columns in ((post.c.parent_id, post.c.link_id), (post.c.quote_id,))
)
_ABOVE = Among(lambda ids: select(post.c.parent_id, post.c.link_id, post.c.quote_id).where(post.c.id.in_(ids)))
_NOT_HELD = Among(lambda ids: select(post.c.id).where(post.c.id.in_(ids), post.c.held.is_(False)))


def known(connection: Connection, campaign_id: int, refs: Collection[PostRef]) -> dict[PostRef, Known]:
    """What is known of these references; those never met are left out."""
    by_origin: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        by_origin[ref.origin].add(ref.native_id)
    found: dict[PostRef, Known] = {}
    for origin, native_ids in by_origin.items():
        for native_id, post_id, thread_id, held, via in _KNOWN(
            connection, native_ids, origin=origin, campaign=campaign_id
        ):
            found[PostRef(origin, native_id)] = Known(post_id, thread_id, held, via)
    return found


def via(connection: Connection, campaign_id: int, post_id: int) -> str | None:
    """Why the post belongs to the campaign; None: it does not."""
    return connection.execute(
        select(campaign_post.c.via).where(
            campaign_post.c.campaign_id == campaign_id, campaign_post.c.post_id == post_id
        )
    ).scalar()


def wanted(connection: Connection, campaign_id: int, post_ids: Collection[int]) -> dict[int, set[str]]:
    """Which of these posts the campaign's posts stand below (`via` of those), or are quoted by them ("quoted" for a
    post that carries the tag itself)."""
    found: dict[int, set[str]] = defaultdict(set)
    for post_id, via in _BELOW(connection, post_ids, campaign=campaign_id):
        if via is not None:
            found[post_id].add(via)
    for post_id, via in _QUOTING(connection, post_ids, campaign=campaign_id):
        if via in ("tag", "opener", "page"):
            found[post_id].add("quoted")
    return found


def not_held_above(connection: Connection, post_ids: Collection[int]) -> list[int]:
    """Posts that these answer, hang on or quote and that are known by reference only."""
    above = {post_id for row in _ABOVE(connection, post_ids) for post_id in row if post_id is not None}
    return sorted(row[0] for row in _NOT_HELD(connection, above))
