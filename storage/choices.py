"""Which post a post answers, quotes and hangs on: the choices of core/threads.py, made again only where something
they depend on changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, or_, select

from ..core.threads import Pointing, pick
from .desk import Desk, Node, chunks
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
    t, s, n, above = sighting.alias(), sighting.alias(), post.alias(), post.alias()
    passed_over = or_(
        and_(pointer.c.kind == REPLY, n.c.parent_id.is_distinct_from(t.c.post_id)),
        and_(pointer.c.kind == QUOTE, n.c.quote_id.is_distinct_from(t.c.post_id)),
        and_(pointer.c.kind == REPOST, n.c.repost_id.is_distinct_from(t.c.post_id)),
        and_(pointer.c.kind == HINT, n.c.parent_id.is_(None), n.c.link_id.is_distinct_from(t.c.post_id)),
    )
    pointing = (
        pointer.join(t, t.c.id == pointer.c.target_id)
        .join(s, s.c.id == pointer.c.sighting_id)
        .join(n, n.c.id == s.c.post_id)
    )
    held: set[int] = set()
    heirs: set[int] = set()
    for part in chunks(id_ for id_ in risen if desk.nodes[id_].before is not None):
        aimed = t.c.post_id.in_(part)
        held.update(
            desk.connection.execute(select(n.c.id).select_from(pointing).where(aimed, n.c.held, passed_over)).scalars()
        )
        heirs.update(
            desk.connection.execute(
                select(above.c.id)
                .select_from(pointing.join(above, above.c.id == n.c.parent_id))
                .where(
                    aimed,
                    pointer.c.kind == HINT,
                    ~above.c.held,
                    above.c.link_id.is_distinct_from(t.c.post_id),
                    above.c.id != t.c.post_id,
                )
                .distinct()
            ).scalars()
        )
    return held, heirs


def _inherited(desk: Desk, placeholders: set[int], dirty: set[int]) -> dict[int, list[Pointing]]:
    """The root hints of all stored children of `placeholders`, and of those on the desk that are dirty."""
    words: dict[int, list[Pointing]] = {id_: [] for id_ in placeholders}
    found: list[tuple[int, int, int]] = []
    n, s = post.c, sighting.c
    for part in chunks(id_ for id_ in placeholders if desk.nodes[id_].before is not None):
        rows: Any = desk.connection.execute(
            select(n.parent_id, n.id, s.authority, pointer.c.target_id)
            .select_from(post.join(sighting, s.post_id == n.id).join(pointer, pointer.c.sighting_id == s.id))
            .where(n.parent_id.in_(part), pointer.c.kind == HINT)
        )
        found += [(parent, authority, target) for parent, child, authority, target in rows if child not in dirty]
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
    """The resolved references of what `node` answers and quotes."""
    desk.load_nodes((node.parent, node.quote))
    parent = desk.nodes[node.parent].ref if node.parent is not None else None
    quote = desk.nodes[node.quote].ref if node.quote is not None else None
    return parent, quote
