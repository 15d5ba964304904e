"""What the store knows of references when a page is admitted: reads only, in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, and_, bindparam, select

from ..core.records import PostRef
from .tables import campaign_post, post, sighting

_CHUNK = 500  # values in one IN (…)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Known:
    """A reference that the store has met. `via`: why its post belongs to the campaign, None: it does not (yet)."""

    post_id: int
    thread_id: int
    held: bool
    via: str | None


_OF_CAMPAIGN = and_(campaign_post.c.post_id == post.c.id, campaign_post.c.campaign_id == bindparam("campaign"))
_KNOWN = (
    select(sighting.c.native_id, post.c.id, post.c.thread_id, post.c.held, campaign_post.c.via)
    .select_from(sighting.join(post, post.c.id == sighting.c.post_id).outerjoin(campaign_post, _OF_CAMPAIGN))
    .where(sighting.c.origin == bindparam("origin"), sighting.c.native_id.in_(bindparam("ids", expanding=True)))
)
_POINTS_UP = (post.c.parent_id, post.c.link_id, post.c.quote_id)
# An outer join, so that SQLite begins with the few posts: without statistics it would walk the whole campaign instead.
_BELOW = {
    column.name: select(column, campaign_post.c.via)
    .select_from(post.outerjoin(campaign_post, _OF_CAMPAIGN))
    .where(column.in_(bindparam("ids", expanding=True)))
    for column in _POINTS_UP
}
_ABOVE = select(*_POINTS_UP).where(post.c.id.in_(bindparam("ids", expanding=True)))
_NOT_HELD = select(post.c.id).where(post.c.id.in_(bindparam("ids", expanding=True)), post.c.held.is_(False))


def known(connection: Connection, campaign_id: int, refs: Collection[PostRef]) -> dict[PostRef, Known]:
    """What is known of these references; those never met are left out."""
    by_origin: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        by_origin[ref.origin].add(ref.native_id)
    found: dict[PostRef, Known] = {}
    for origin, native_ids in by_origin.items():
        for chunk in _chunks(sorted(native_ids)):
            rows = connection.execute(_KNOWN, {"campaign": campaign_id, "origin": origin, "ids": chunk})
            for native_id, post_id, thread_id, held, via in rows:
                found[PostRef(origin, native_id)] = Known(post_id, thread_id, bool(held), via)
    return found


def wanted(connection: Connection, campaign_id: int, post_ids: Collection[int]) -> dict[int, set[str]]:
    """Which of these posts the campaign's posts stand below (`via` of those), or are quoted by them ("quoted" for a
    post that carries the tag itself)."""
    found: dict[int, set[str]] = defaultdict(set)
    for chunk in _chunks(sorted(post_ids)):
        for column, below in _BELOW.items():
            for post_id, via in connection.execute(below, {"campaign": campaign_id, "ids": chunk}):
                if via is None:
                    continue
                if column != post.c.quote_id.name:
                    found[post_id].add(via)
                elif via in ("tag", "opener", "page"):
                    found[post_id].add("quoted")
    return found


def not_held_above(connection: Connection, post_ids: Collection[int]) -> list[int]:
    """Posts that these answer, hang on or quote and that are known by reference only."""
    above: set[int] = set()
    for chunk in _chunks(sorted(post_ids)):
        for row in connection.execute(_ABOVE, {"ids": chunk}):
            above.update(post_id for post_id in row if post_id is not None)
    found: set[int] = set()
    for chunk in _chunks(sorted(above)):
        found.update(connection.execute(_NOT_HELD, {"ids": chunk}).scalars())
    return sorted(found)


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
