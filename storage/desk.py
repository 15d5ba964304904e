"""The desk a page is worked on: the few sightings, nodes and threads it touches, read in a handful of queries and
written back as differences. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select

from ..core.records import PostRef
from ..core.threads import Pointing, address
from .batches import Among
from .store import next_ids
from .tables import pointer, post, sighting, thread


@dataclass(slots=True, eq=False)
class Thread:
    """A row of `thread`. `former`: addresses under which readers may know it and that must go on leading here."""

    id: int
    root_id: int
    address: str
    size: int = 1
    cuts: int = 0
    published_as: str | None = None
    stored: bool = False
    changed: bool = False
    into: Thread | None = None  # the thread that swallowed it
    former: set[str] = field(default_factory=set)

    def live(self) -> Thread:
        """The thread itself, or the one that swallowed it."""
        at = self
        while at.into is not None:
            at = at.into
        return at


@dataclass(slots=True, eq=False)
class Node:
    """A row of `post` without its content. `before` is how the store has it (None: a new one)."""

    id: int
    ref: PostRef
    held: bool
    thread: Thread
    parent: int | None = None
    link: int | None = None
    cut: bool = False
    quote: int | None = None
    repost: int | None = None
    rank: str | None = None
    body_hash: str | None = None
    content_hash: str | None = None
    fingerprint: int = 0
    gone: str | None = None
    doubt: str | None = None
    before: tuple[Any, ...] | None = None
    was_held: bool = False
    old_parent: int | None = None
    old_quote: int | None = None
    old_hash: str | None = None
    old_body: str | None = None

    def row(self) -> tuple[Any, ...]:
        """What of the row is the node's place and name, in the order of PLACE."""
        own = self.ref
        return (
            own.origin,
            own.native_id,
            self.held,
            self.thread.live().id,
            self.parent,
            self.link,
            self.cut,
            self.quote,
            self.repost,
            self.content_hash,
        )


PLACE = (
    "origin",
    "native_id",
    "held",
    "thread_id",
    "parent_id",
    "link_id",
    "cut",
    "quote_id",
    "repost_id",
    "content_hash",
)

NODE_COLUMNS = (
    post.c.id,
    post.c.origin,
    post.c.native_id,
    post.c.held,
    post.c.thread_id,
    post.c.parent_id,
    post.c.link_id,
    post.c.cut,
    post.c.quote_id,
    post.c.repost_id,
    post.c.rank,
    post.c.body_hash,
    post.c.content_hash,
    post.c.fingerprint,
    post.c.gone,
    post.c.doubt,
)


@dataclass(slots=True, eq=False)
class Seen:
    """A row of `sighting`. `pointers` (kind → sighting id) is None until read."""

    id: int
    ref: PostRef
    node_id: int
    authority: int = 0
    rank: str | None = None
    edited_at: Any = None
    seen_at: Any = None
    pointers: dict[str, int] | None = None
    stored: bool = False
    changed: bool = False
    repointed: bool = False


_SEEN = select(*(sighting.c[name] for name in ("id", "origin", "native_id", "post_id", "authority", "rank")))
_SIGHTINGS = Among(lambda ids: _SEEN.where(sighting.c.id.in_(ids)))
_SIGHTINGS_OF = Among(
    lambda names: _SEEN.where(sighting.c.origin == bindparam("origin"), sighting.c.native_id.in_(names))
)
_SAYINGS = Among(
    lambda ids: (
        _SEEN.add_columns(pointer.c.kind, pointer.c.target_id)
        .select_from(sighting.outerjoin(pointer, pointer.c.sighting_id == sighting.c.id))
        .where(sighting.c.post_id.in_(ids), sighting.c.authority > 0)
    )
)
_NODES = Among(lambda ids: select(*NODE_COLUMNS).where(post.c.id.in_(ids)))
_THREADS = Among(
    lambda ids: select(
        *(thread.c[name] for name in ("id", "root_id", "address", "size", "cuts", "published_as"))
    ).where(thread.c.id.in_(ids))
)


class Desk:
    """What of the store a page needs at hand. Only inside one writing transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.by_ref: dict[PostRef, Seen] = {}
        self.seen: dict[int, Seen] = {}
        self.nodes: dict[int, Node] = {}
        self.threads: dict[int, Thread] = {}
        self.of_node: dict[int, list[Seen]] = {}  # all sightings with pointers, for nodes in `complete`
        self.complete: set[int] = set()
        self._ids: dict[str, Iterator[int]] = {}

    # --- reading ---

    def load_refs(self, refs: Iterable[PostRef]) -> None:
        """Brings the sightings with these references, their nodes and threads to the desk."""
        by_origin: dict[str, list[str]] = {}
        for origin, native_id in refs:
            by_origin.setdefault(origin, []).append(native_id)
        for origin, names in by_origin.items():
            self._load_sightings(_SIGHTINGS_OF(self.connection, names, origin=origin))
        self.load_nodes(seen.node_id for seen in list(self.seen.values()))

    def load_sightings(self, ids: Iterable[int]) -> None:
        """Brings these sightings, their nodes and threads to the desk."""
        wanted = [id_ for id_ in ids if id_ not in self.seen]
        self._load_sightings(_SIGHTINGS(self.connection, wanted))
        self.load_nodes(self.seen[id_].node_id for id_ in wanted)

    def _load_sightings(self, rows: Iterable[Any]) -> None:
        for row in rows:
            if row[0] not in self.seen:
                self._put(Seen(row[0], PostRef(row[1], row[2]), row[3], row[4], row[5], stored=True))

    def _put(self, seen: Seen) -> None:
        self.seen[seen.id] = seen
        self.by_ref[seen.ref] = seen

    def load_nodes(self, ids: Iterable[int | None]) -> None:
        """Brings these nodes and their threads to the desk."""
        rows = _NODES(self.connection, [id_ for id_ in ids if id_ is not None and id_ not in self.nodes])
        for row in _THREADS(self.connection, [row[4] for row in rows if row[4] not in self.threads]):
            self.threads[row[0]] = Thread(*row, stored=True)
        for row in rows:
            (
                id_,
                origin,
                native_id,
                held,
                thread_id,
                parent,
                link,
                cut,
                quote,
                repost,
                rank,
                body,
                whole,
                print_,
                gone,
                doubt,
            ) = row
            self.nodes[id_] = Node(
                id_,
                PostRef(origin, native_id),
                held,
                self.threads[thread_id],
                parent,
                link,
                cut,
                quote,
                repost,
                rank,
                body,
                whole,
                print_ or 0,
                gone,
                doubt,
                before=(origin, native_id, held, thread_id, parent, link, cut, quote, repost, whole),
                was_held=held,
                old_parent=parent,
                old_quote=quote,
                old_hash=whole,
                old_body=body,
            )

    def load_sayings(self, node_ids: Iterable[int]) -> None:
        """Brings every sighting of these nodes with its pointers and their targets to the desk."""
        missing = [id_ for id_ in node_ids if id_ not in self.complete]
        targets: set[int] = set()
        for id_, origin, native_id, node_id, authority, rank, kind, target in _SAYINGS(self.connection, missing):
            if id_ not in self.seen:
                self._put(Seen(id_, PostRef(origin, native_id), node_id, authority, rank, stored=True))
            seen = self.seen[id_]
            if seen.repointed:
                continue
            if seen.pointers is None:
                seen.pointers = {}
            if kind is not None:
                seen.pointers[kind] = target
                targets.add(target)
        self.load_sightings(targets)
        for node_id in missing:
            self.of_node[node_id] = []
        self.complete.update(missing)
        wanted = set(missing)
        for seen in self.seen.values():
            if seen.node_id in wanted and seen.authority > 0:
                self.of_node[seen.node_id].append(seen)

    # --- making ---

    def new_id(self, table: Table) -> int:
        if table.name not in self._ids:
            self._ids[table.name] = count(next_ids(self.connection, table, 1)[0])
        return next(self._ids[table.name])

    def new_node(self, own: PostRef) -> Node:
        """A placeholder alone in a thread of its own."""
        node_id = self.new_id(post)
        alone = Thread(self.new_id(thread), node_id, address(own), changed=True)
        self.threads[alone.id] = alone
        node = self.nodes[node_id] = Node(node_id, own, False, alone)
        return node

    def new_sighting(self, own: PostRef, node: Node) -> Seen:
        seen = Seen(self.new_id(sighting), own, node.id)
        self._put(seen)
        return seen

    # --- looking ---

    def node_of(self, seen_id: int) -> Node:
        return self.nodes[self.seen[seen_id].node_id]

    def said(self, node_id: int, kind: str) -> list[Pointing]:
        """What the sightings of a node (whose sayings are loaded) say about another post."""
        words: list[Pointing] = []
        for seen in self.of_node[node_id]:
            if seen.pointers and kind in seen.pointers:
                target = self.seen[seen.pointers[kind]]
                words.append(Pointing(seen.authority, target.ref, target.node_id))
        return words

    def held(self, node_id: int) -> bool:
        return self.nodes[node_id].held
