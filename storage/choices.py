"""Which post a post answers, quotes and hangs on: the choices of core/threads.py, made again only where something
they depend on changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, or_, select

from ..core.threads import Pointing, pick
from .batches import Among
from .desk import Desk, Node
from .forest import Ground
from .tables import pointer, post, sighting

REPLY, HINT, QUOTE, REPOST = "reply_to", "root_hint", "quote_of", "repost_of"


def settle(desk: Desk, ground: Ground, dirty: set[int], risen: set[int], lost: set[int]) -> set[int]:
    """Makes the choices of all nodes concerned and relinks them. Returns the held ones that were asked again.

    dirty: held nodes about which something new was said; risen: nodes that are held now, or under one more id, so
    that what points at them may be believed now; lost: placeholders that may have lost a root hint.
    """
    also_dirty, heirs = _concerned(desk, risen)
    dirty = dirty | also_dirty
    desk.load_nodes(dirty | heirs | lost)
    known = {id_ for id_ in dirty if not desk.nodes[id_].was_held and id_ not in desk.complete}
    for id_ in known:
        desk.of_node[id_] = []
    for seen in desk.seen.values():
        if seen.node_id in known and seen.authority > 0:
            desk.of_node[seen.node_id].append(seen)
    desk.complete |= known
    desk.load_sayings(dirty)
    desk.load_nodes(former for id_ in dirty for former in (desk.nodes[id_].parent, desk.nodes[id_].quote))

    again = heirs | lost
    gained: dict[int, list[Pointing]] = {}
    links: dict[int, int | None] = {}
    for id_ in dirty:
        node = desk.nodes[id_]
        former = node.parent
        node.parent = pick(id_, desk.said(id_, REPLY), desk.held)
        node.quote = pick(id_, desk.said(id_, QUOTE), desk.held)
        node.repost = pick(id_, desk.said(id_, REPOST), desk.held)
        if former is not None and (former != node.parent or node.was_held):
            again.add(former)
        if node.parent is None:
            links[id_] = pick(id_, desk.said(id_, HINT), desk.held)
        else:
            links[id_] = node.parent
            if not desk.nodes[node.parent].held:
                gained.setdefault(node.parent, []).extend(desk.said(id_, HINT))
    for id_, words in gained.items():
        above = desk.nodes[id_]
        if above.link is None:
            links[id_] = pick(id_, words, desk.held)
        elif any(word.target not in (above.link, id_) for word in words):
            again.add(id_)
    again = {id_ for id_ in again if id_ in desk.nodes and not desk.nodes[id_].held}
    for id_, words in _inherited(desk, again, dirty).items():
        links[id_] = pick(id_, words, desk.held)

    ground.relink_all(links)
    return dirty


def _concerned(desk: Desk, risen: Iterable[int]) -> tuple[set[int], set[int]]:
    """Stored nodes that point at a risen one without having chosen it: (held ones, placeholders whose inherited hint
    may be another now)."""
    stored = [id_ for id_ in risen if desk.nodes[id_].before is not None]
    held = {row[0] for row in _PASSING_OVER(desk.connection, stored)}
    heirs = {row[0] for row in _HEIRS(desk.connection, stored)}
    return held, heirs


_t, _s, _n, _above = sighting.alias(), sighting.alias(), post.alias(), post.alias()
_POINTING = (
    pointer.join(_t, _t.c.id == pointer.c.target_id)
    .join(_s, _s.c.id == pointer.c.sighting_id)
    .join(_n, _n.c.id == _s.c.post_id)
)
_PASSED_OVER = or_(
    and_(pointer.c.kind == REPLY, _n.c.parent_id.is_distinct_from(_t.c.post_id)),
    and_(pointer.c.kind == QUOTE, _n.c.quote_id.is_distinct_from(_t.c.post_id)),
    and_(pointer.c.kind == REPOST, _n.c.repost_id.is_distinct_from(_t.c.post_id)),
    and_(pointer.c.kind == HINT, _n.c.parent_id.is_(None), _n.c.link_id.is_distinct_from(_t.c.post_id)),
)
_PASSING_OVER = Among(
    lambda ids: select(_n.c.id).select_from(_POINTING).where(_t.c.post_id.in_(ids), _n.c.held, _PASSED_OVER)
)
_HEIRS = Among(
    lambda ids: (
        select(_above.c.id)
        .select_from(_POINTING.join(_above, _above.c.id == _n.c.parent_id))
        .where(
            _t.c.post_id.in_(ids),
            pointer.c.kind == HINT,
            ~_above.c.held,
            _above.c.link_id.is_distinct_from(_t.c.post_id),
            _above.c.id != _t.c.post_id,
        )
        .distinct()
    )
)
_HINTS_BELOW = Among(
    lambda ids: (
        select(post.c.parent_id, post.c.id, sighting.c.authority, pointer.c.target_id)
        .select_from(
            post.join(sighting, sighting.c.post_id == post.c.id).join(pointer, pointer.c.sighting_id == sighting.c.id)
        )
        .where(post.c.parent_id.in_(ids), pointer.c.kind == HINT)
    )
)


def _inherited(desk: Desk, placeholders: set[int], dirty: set[int]) -> dict[int, list[Pointing]]:
    """The root hints of all stored children of `placeholders`, and of those on the desk that are dirty."""
    words: dict[int, list[Pointing]] = {id_: [] for id_ in placeholders}
    stored = [id_ for id_ in placeholders if desk.nodes[id_].before is not None]
    rows = _HINTS_BELOW(desk.connection, stored)
    found = [(parent, authority, target) for parent, child, authority, target in rows if child not in dirty]
    found = list(dict.fromkeys(found))
    desk.load_sightings(target for _, _, target in found)
    for parent, authority, target in found:
        seen = desk.seen[target]
        words[parent].append(Pointing(authority, seen.ref, seen.node_id))
    for id_ in dirty:
        parent = desk.nodes[id_].parent
        if parent in words:
            words[parent] += desk.said(id_, HINT)
    return words


def node_refs(desk: Desk, node: Node) -> tuple[Any, Any]:
    """The resolved references of what `node` answers and quotes, which are on the desk."""
    parent = desk.nodes[node.parent].ref if node.parent is not None else None
    quote = desk.nodes[node.quote].ref if node.quote is not None else None
    return parent, quote
