"""From sightings to posts and threads: one page of a network's answer, in one transaction, in a fixed number of
batched statements.

What the store holds in the end is a function of the set of sightings, whatever order they came in and however they
were cut into pages (core/threads.py says which function):

- every reference ever met is a row of `sighting`; those that one sighting names as ids of its post are one node;
- observations are compared by rank (authority, edit or publication time, when seen, mapping, digest): the highest of
  a post gives its content, the highest of a sighting its pointers;
- a target known by reference only is a placeholder node, which holds the place until it is held or merged.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ..core.content_hash import bind, body_hash
from ..core.fingerprint import fingerprint
from ..core.records import PostRef, Sighting
from . import changes
from .authors import threads_of_authors, write_authors
from .batches import Among, Batch
from .choices import HINT, QUOTE, REPLY, REPOST, node_refs, settle
from .contents import CONTENT, OBSERVED, carry_decisions, said_row, write_parts
from .decisions import refold
from .desk import PLACE, Desk, Node, Seen
from .forest import Ground
from .merge import merge
from .rank import rank_of, told_alike
from .tables import gap, metrics, payload, payload_subject, pointer, post, sighting

COMPRESSION = 1  # zlib: level 6 saves a tenth more and takes twice as long
_COUNTS = ("likes", "replies", "reposts", "quotes", "views")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One mapped and admitted item. `body`: the canonical JSON of {"body", "context"}, not yet compressed."""

    sighting: Sighting
    platform: str
    endpoint: str
    body: bytes
    mapping_version: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one item. `is_new`: the post was not held before; `changed`: its content hash is another than
    before (new ones included). Of several items that are one post, the first says so."""

    post_id: int
    thread_id: int
    is_new: bool
    changed: bool
    content_hash: str
    fingerprint: int


@dataclass(slots=True)
class _Work:
    """What has been found out about a page so far, by node or sighting id."""

    dirty: set[int]  # held nodes about which something new was said
    risen: set[int]  # nodes that what points at them may see with other eyes
    told: dict[int, Incoming]  # nodes whose content another observation gives now
    same: set[int]  # of these: the ones whose content is as stored, only seen later
    measured: dict[int, Sighting]
    new: list[bool]
    certain: set[int] = field(default_factory=set)  # nodes that were in doubt, and that their network gave again


def store_page(connection: Connection, items: Sequence[Incoming], now: datetime) -> list[Stored]:
    """Stores a page inside the caller's writing transaction; one `Stored` for each item, in the order given.
    Storing the same again changes nothing."""
    if not items:
        return []
    desk = Desk(connection)
    ground = Ground(desk)
    desk.load_refs(ref for item in items for ref in (*_own_refs(item.sighting), *_targets(item.sighting).values()))
    lost, joined = _identify(desk, ground, items)
    work = _Work(set(joined), set(joined), {}, set(), {}, [])
    for item in items:
        _observe(desk, work, item)
    author_ids, redescribed = write_authors(connection, [item.sighting for item in items], desk.new_id)
    dirty = settle(desk, ground, work.dirty, work.risen, lost)
    rehashed = _hash(desk, work, dirty, _rename(desk, ground, work) | joined)
    _flush(desk, ground, work, author_ids)
    counted = _write_metrics(desk, work)
    _write_payloads(desk, items)
    _NO_DOUBT(connection, [(None, None, id_) for id_ in work.certain])
    altered = (work.told.keys() - work.same) | work.risen | rehashed | counted | work.certain
    touched = {desk.nodes[id_].thread.live().id for id_ in altered}
    refold(connection, sorted(joined), now)
    changes.touch(connection, touched | ground.touched() | threads_of_authors(connection, redescribed), now)
    return _report(desk, work, items, _threads_now(desk, ground, items))


# --- who is who ------------------------------------------------------------------------------------------------------


def _own_refs(seen: Sighting) -> tuple[PostRef, ...]:
    return (seen.seen_as, seen.post.ref, *seen.also)


def _targets(seen: Sighting) -> dict[str, PostRef]:
    said = seen.post
    pairs = ((REPLY, said.reply_to), (HINT, said.root_hint), (QUOTE, said.quote_of), (REPOST, said.repost_of))
    return {kind: target for kind, target in pairs if target is not None}


def _identify(desk: Desk, ground: Ground, items: Sequence[Incoming]) -> tuple[set[int], set[int]]:
    """Gives every reference of the page a sighting and a node, merging nodes that turn out to be one post. Returns
    the placeholders that lost a child by merging, and the nodes that others were merged into."""
    group: dict[PostRef, PostRef] = {}

    def leader(ref: PostRef) -> PostRef:
        while group[ref] != ref:
            group[ref] = group[group[ref]]
            ref = group[ref]
        return ref

    first_of_node: dict[int, PostRef] = {}
    for item in items:
        own = _own_refs(item.sighting)
        for ref in own:
            group.setdefault(ref, ref)
            if ref in desk.by_ref:
                other = first_of_node.setdefault(desk.by_ref[ref].node_id, ref)
                group[leader(ref)] = leader(other)
        for ref in own[1:]:
            group[leader(ref)] = leader(own[0])

    nodes: dict[PostRef, dict[int, Node]] = {}
    for ref in group:
        if ref in desk.by_ref:
            node = desk.nodes[desk.by_ref[ref].node_id]
            nodes.setdefault(leader(ref), {})[node.id] = node
    pairs: list[tuple[Node, Node]] = []
    node_of: dict[PostRef, Node] = {}
    for head, several in nodes.items():
        winner, *losers = sorted(several.values(), key=lambda node: (not node.held, node.id))
        node_of[head] = winner
        pairs += [(loser, winner) for loser in losers]
    lost = merge(desk, ground, pairs) if pairs else set()

    joined = {winner.id for _, winner in pairs}
    for ref in group:
        head = leader(ref)
        if head not in node_of:
            node_of[head] = desk.new_node(ref)
        if ref not in desk.by_ref:
            desk.new_sighting(ref, node_of[head])
    for item in items:
        for ref in _targets(item.sighting).values():
            if ref not in desk.by_ref:
                desk.new_sighting(ref, desk.new_node(ref))
    return lost, joined


# --- what is new -----------------------------------------------------------------------------------------------------


def _observe(desk: Desk, work: _Work, item: Incoming) -> None:
    told, rank = item.sighting, rank_of(item.sighting, item.mapping_version)
    seen = desk.by_ref[told.seen_as]
    node = desk.nodes[seen.node_id]
    work.new.append(not node.held)
    if node.doubt:
        work.certain.add(node.id)
    if not node.held:
        node.held = True
        work.risen.add(node.id)
        work.dirty.add(node.id)
    if seen.rank is None or rank > seen.rank:
        if seen.authority != told.authority or not told_alike(seen.rank, rank):
            seen.pointers = {kind: desk.by_ref[ref].id for kind, ref in _targets(told).items()}
            seen.repointed = True
            work.dirty.add(node.id)
        seen.rank, seen.authority = rank, told.authority
        seen.edited_at, seen.seen_at = told.post.edited_at, told.seen_at
        seen.changed = True
    if node.rank is None or rank > node.rank:
        if not told_alike(node.rank, rank) or node.gone:
            work.same.discard(node.id)
        elif node.id not in work.told:
            work.same.add(node.id)
        work.told[node.id] = item
        node.rank = rank
    if told.metrics is not None:
        former = work.measured.get(seen.id)
        if former is None or _measure(told) > _measure(former):
            work.measured[seen.id] = told


def _rename(desk: Desk, ground: Ground, work: _Work) -> set[int]:
    """Gives nodes the reference that their content's observation names; returns those that had another."""
    renamed: set[int] = set()
    for id_, item in work.told.items():
        node = desk.nodes[id_]
        if node.ref != item.sighting.post.ref:
            ground.rename(node, item.sighting.post.ref)
            renamed.add(id_)
    return renamed


def _hash(desk: Desk, work: _Work, dirty: Iterable[int], renamed: set[int]) -> set[int]:
    """Content hashes where content, targets or the targets' references changed; returns the posts that got another.

    To learn more about what a post answers (a global id for a local one, a merged placeholder) is no edit: decisions
    go over to the new hash. To answer something else is one.
    """
    for id_, item in work.told.items():
        if id_ not in work.same:
            node = desk.nodes[id_]
            node.body_hash = body_hash(item.sighting.post)
            node.fingerprint = fingerprint(item.sighting.post.text)
    again = {*dirty, *work.told}
    stored = [id_ for id_ in renamed if desk.nodes[id_].before is not None]
    for pointing_at in (_ANSWERS, _QUOTES):
        again.update(row[0] for row in pointing_at(desk.connection, stored))
    desk.load_nodes(again)
    nodes = [desk.nodes[id_] for id_ in again]
    desk.load_nodes(id_ for node in nodes for id_ in (node.parent, node.quote))
    rehashed: set[int] = set()
    carried: dict[int, tuple[str, str]] = {}
    for node in nodes:
        if node.body_hash is None:
            continue
        node.content_hash = bind(node.body_hash, *node_refs(desk, node))
        if node.content_hash != node.old_hash:
            rehashed.add(node.id)
            if node.old_hash is not None and _only_learnt(desk, node, work):
                carried[node.id] = (node.old_hash, node.content_hash)
                node.old_hash = node.content_hash
    carry_decisions(desk.connection, carried)
    return rehashed


_ANSWERS, _QUOTES = (
    Among(lambda ids, column=column: select(post.c.id).where(column.in_(ids), post.c.held))
    for column in (post.c.parent_id, post.c.quote_id)
)


def _only_learnt(desk: Desk, node: Node, work: _Work) -> bool:
    """Whether a hash changed though the words are the same and nothing else is answered or quoted than before."""
    if node.body_hash != node.old_body:
        return False
    for now, before in ((node.parent, node.old_parent), (node.quote, node.old_quote)):
        if now != before and (before is None or (before in desk.nodes and desk.nodes[before].was_held)):
            return False
    return True


# --- writing ---------------------------------------------------------------------------------------------------------


def _flush(desk: Desk, ground: Ground, work: _Work, author_ids: dict[tuple[str, str], int]) -> None:
    connection = desk.connection
    ground.flush_threads()
    content: dict[int, tuple[Any, ...]] = {}
    seen_again: list[tuple[Any, ...]] = []
    for id_, item in work.told.items():
        node, told = desk.nodes[id_], item.sighting
        observed = (node.rank, told.authority, told.seen_at, item.mapping_version)
        if id_ in work.same:
            seen_again.append((*observed, id_))
            continue
        who = told.post.author
        said = said_row(told.post, author_ids[who.origin, who.native_id] if who else None)
        content[id_] = (*said, node.fingerprint, node.body_hash, *observed)
    fresh, moved, arrived = [], [], []
    for node in desk.nodes.values():
        row = node.row()
        if node.before is None:
            fresh.append((node.id, *row, *content.pop(node.id, _NOTHING)))
        elif row != node.before:
            if node.id in content:
                arrived.append((*row, *content.pop(node.id), node.id))
            else:
                moved.append((*row, node.id))
    _NEW_POSTS(connection, fresh)
    _MOVED_POSTS(connection, moved)
    _ARRIVED_POSTS(connection, arrived)
    _RETOLD_POSTS(connection, [(*row, id_) for id_, row in content.items()])
    _POSTS_SEEN_AGAIN(connection, seen_again)
    parts = {
        id_: (
            item.sighting.post,
            desk.nodes[id_].fingerprint,
            not desk.nodes[id_].was_held,
        )
        for id_, item in work.told.items()
        if id_ not in work.same
    }
    write_parts(connection, parts)
    _write_sightings(connection, desk.seen.values())
    _CLOSE_GAP(connection, [(id_,) for id_ in work.risen if desk.nodes[id_].before is not None])
    ground.finish()


_NOTHING = (None,) * len(CONTENT)
_THIS_POST = update(post).where(post.c.id == bindparam("b_id"))
_NEW_POSTS = Batch(insert(post), "id", *PLACE, *CONTENT)
_MOVED_POSTS = Batch(_THIS_POST, *PLACE, "b_id")
_ARRIVED_POSTS = Batch(_THIS_POST, *PLACE, *CONTENT, "b_id")
_RETOLD_POSTS = Batch(_THIS_POST, *CONTENT, "b_id")
_POSTS_SEEN_AGAIN = Batch(_THIS_POST, *OBSERVED, "b_id")
_NO_DOUBT = Batch(_THIS_POST, "doubt", "doubted_at", "b_id")
_CLOSE_GAP = Batch(delete(gap).where(gap.c.post_id == bindparam("b_id"), gap.c.kind == "post"), "b_id")


def _write_sightings(connection: Connection, sightings: Iterable[Seen]) -> None:
    fresh, newer, repointed = [], [], []
    for seen in sightings:
        row = (seen.authority, seen.edited_at, seen.seen_at, seen.rank)
        if not seen.stored:
            fresh.append((seen.id, *seen.ref, seen.node_id, *row))
        elif seen.changed:
            newer.append((*row, seen.id))
        if seen.repointed:
            repointed.append(seen)
    _NEW_SIGHTINGS(connection, fresh)
    _NEWER_SIGHTINGS(connection, newer)
    _NO_POINTERS(connection, [(seen.id,) for seen in repointed if seen.stored])
    _POINTERS(
        connection,
        [(seen.id, kind, target) for seen in repointed for kind, target in (seen.pointers or {}).items()],
    )


_SIGHTED = ("authority", "edited_at", "seen_at", "rank")
_NEW_SIGHTINGS = Batch(insert(sighting), "id", "origin", "native_id", "post_id", *_SIGHTED)
_NEWER_SIGHTINGS = Batch(update(sighting).where(sighting.c.id == bindparam("b_id")), *_SIGHTED, "b_id")
_NO_POINTERS = Batch(delete(pointer).where(pointer.c.sighting_id == bindparam("b_id")), "b_id")
_POINTERS = Batch(insert(pointer), "sighting_id", "kind", "target_id")


def _measure(told: Sighting) -> tuple[Any, ...]:
    """Sorts reports of counts: the newest holds; of two at one moment the greater."""
    said = told.metrics
    counts = (getattr(said, name) for name in _COUNTS)
    return (told.seen_at, *(-1 if count is None else count for count in counts))


def _write_metrics(desk: Desk, work: _Work) -> set[int]:
    """Stores counts where newer; returns the nodes whose counts differ."""
    stored: dict[int, tuple[Any, ...]] = {}
    for row in _METRICS(desk.connection, [id_ for id_ in work.measured if desk.seen[id_].stored]):
        stored[row[0]] = tuple(-1 if value is None else value for value in row[1:])
    fresh, newer = [], []
    counted: set[int] = set()
    for id_, told in work.measured.items():
        mine, before = _measure(told), stored.get(id_)
        if before is not None and mine <= before:
            continue
        row = (told.seen_at, *(getattr(told.metrics, name) for name in _COUNTS), id_)
        (fresh if before is None else newer).append(row)
        if before is None or before[1:] != mine[1:]:
            counted.add(desk.seen[id_].node_id)
    _NEW_METRICS(desk.connection, fresh)
    _NEWER_METRICS(desk.connection, newer)
    return counted


_METRICS = Among(lambda ids: select(metrics).where(metrics.c.sighting_id.in_(ids)))
_NEW_METRICS = Batch(insert(metrics), "seen_at", *_COUNTS, "sighting_id")
_NEWER_METRICS = Batch(update(metrics).where(metrics.c.sighting_id == bindparam("b_id")), "seen_at", *_COUNTS, "b_id")


def _write_payloads(desk: Desk, items: Sequence[Incoming]) -> None:
    """Each body once per sighting, with the people it names."""
    new: dict[tuple[int, bytes], Incoming] = {}
    for item in items:
        new.setdefault((desk.by_ref[item.sighting.seen_as].id, hashlib.sha256(item.body).digest()), item)
    held: set[tuple[int, bytes]] = set()
    for sighting_id, digest in _PAYLOADS(desk.connection, [id_ for id_, _ in new if desk.seen[id_].stored]):
        held.add((sighting_id, digest))
    bodies, subjects = [], []
    for key, item in new.items():
        if key in held:
            continue
        payload_id = desk.new_id(payload)
        body = zlib.compress(item.body, COMPRESSION)
        bodies.append((payload_id, *key, item.platform, item.endpoint, body, item.sighting.seen_at))
        names = {(origin, name.lower() if name.startswith("@") else name) for origin, name in item.sighting.names}
        subjects += [(payload_id, *name) for name in sorted(names)]
    _NEW_PAYLOADS(desk.connection, bodies)
    _SUBJECTS(desk.connection, subjects)


_PAYLOADS = Among(lambda ids: select(payload.c.sighting_id, payload.c.sha256).where(payload.c.sighting_id.in_(ids)))
_NEW_PAYLOADS = Batch(insert(payload), "id", "sighting_id", "sha256", "platform", "endpoint", "body", "seen_at")
_SUBJECTS = Batch(insert(payload_subject), "payload_id", "origin", "name")


def _threads_now(desk: Desk, ground: Ground, items: Sequence[Incoming]) -> dict[int, int]:
    """The threads of the page's posts, read again where threads were rebuilt."""
    ids = {desk.by_ref[item.sighting.seen_as].node_id for item in items}
    if not ground.marked:
        return {id_: desk.nodes[id_].thread.live().id for id_ in ids}
    return {row[0]: row[1] for row in _PLACES(desk.connection, ids)}


_PLACES = Among(lambda ids: select(post.c.id, post.c.thread_id).where(post.c.id.in_(ids)))


def _report(desk: Desk, work: _Work, items: Sequence[Incoming], threads: dict[int, int]) -> list[Stored]:
    reported: set[int] = set()
    report: list[Stored] = []
    for item, new in zip(items, work.new, strict=True):
        node = desk.nodes[desk.by_ref[item.sighting.seen_as].node_id]
        changed = node.id not in reported and node.content_hash != node.old_hash
        reported.add(node.id)
        assert node.content_hash is not None
        report.append(Stored(node.id, threads[node.id], new, changed, node.content_hash, node.fingerprint))
    return report
