"""Keeping threads as links change, at a cost per post that stays flat.

A node without a link is the top of its thread, so hanging it on another thread unites two threads: the smaller one's
rows move. A link that changes inside one thread moves nothing, once a walk up from the new target has shown that it
closes no circle. Everything else (a link that leads away, a circle, a thread with a circle in it) marks the threads,
and `rebuild` builds just those anew with the pure function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, delete, select, update

from ..core.records import PostRef
from ..core.threads import address, arrange, assign, components
from .batches import Among, add, chunks, write
from .desk import Desk, Node, Thread
from .store import next_ids
from .tables import post, sighting, thread, thread_alias


@dataclass(slots=True)
class Ground:
    """What happened to threads while a page was worked on."""

    desk: Desk
    marked: set[Thread] = field(default_factory=set)  # to be rebuilt
    swallowed: list[Thread] = field(default_factory=list)
    rebuilt: set[int] = field(default_factory=set)

    def relink_all(self, links: Mapping[int, int | None]) -> None:
        """Hangs nodes (by id) on others. What hung on nothing goes first: then a link that changes mostly finds its
        new target in the same thread already."""
        nodes = self.desk.nodes
        self.desk.load_nodes(links.values())
        moving = [target for id_, target in links.items() if target and nodes[id_].link not in (None, target)]
        above = {nodes[target].link for target in moving}
        self.desk.load_nodes(_ancestors(self.desk.connection, (id_ for id_ in above if id_ and id_ not in nodes)))
        for id_, target in sorted(links.items(), key=lambda pair: nodes[pair[0]].link is not None):
            self.relink(nodes[id_], None if target is None else nodes[target])

    def relink(self, node: Node, target: Node | None) -> None:
        """Hangs `node` on `target` (None: on nothing)."""
        old, node.link = node.link, target.id if target else None
        if old == node.link:
            return
        here = node.thread.live()
        if target is None:
            self._mark(here)
            return
        there = target.thread.live()
        if here is not there and old is None and not here.cuts and here not in self.marked and there not in self.marked:
            self._unite(here, there)
        elif here is not there or old is None or here.cuts or here in self.marked or self._leads_to(target, node):
            self._mark(here, there)

    def absorb(self, loser: Node, winner: Node) -> None:
        """`loser`, whose children already hang on `winner`, is the same post and ceases to be."""
        here, there = loser.thread.live(), winner.thread.live()
        if here is not there and not here.cuts and not there.cuts and not {here, there} & self.marked:
            if loser.link is None:
                self._unite(here, there).size -= 1
                return
            if winner.link is None:
                winner.link = loser.link
                self._unite(there, here).size -= 1
                return
        here.size -= 1
        self._mark(here, there)

    def rename(self, node: Node, ref: PostRef) -> None:
        """`node` turns out to have another reference than the one it was known by."""
        node.ref = ref
        own = node.thread.live()
        if own.cuts:
            self._mark(own)  # the smallest reference of a circle is its root
        if own.root_id == node.id:
            own.address, own.changed = address(ref), True

    def _mark(self, *threads: Thread) -> None:
        self.marked.update(threads)

    def _unite(self, upper: Thread, lower: Thread) -> Thread:
        """Hangs the whole of `upper` somewhere below `lower`'s top; the bigger row survives."""
        keep, drop = (lower, upper) if (lower.size, lower.stored) >= (upper.size, upper.stored) else (upper, lower)
        if upper.published_as:
            upper.former.add(upper.published_as)
        keep.root_id, keep.address, keep.published_as = lower.root_id, lower.address, lower.published_as
        keep.size += drop.size
        keep.cuts += drop.cuts
        keep.former |= drop.former
        keep.changed = True
        drop.into = keep
        self.swallowed.append(drop)
        return keep

    def _leads_to(self, start: Node, goal: Node) -> bool:
        """Whether the way up from `start` meets `goal`. Links on the desk count before stored ones."""
        at: Node | None = start
        passed: set[int] = set()
        while at is not None and at.id not in passed:
            if at is goal:
                return True
            passed.add(at.id)
            if at.link is not None and at.link not in self.desk.nodes:
                self.desk.load_nodes(_ancestors(self.desk.connection, [at.link]))
            at = self.desk.nodes[at.link] if at.link is not None else None
        return at is not None

    def flush_threads(self) -> None:
        """Writes thread rows: new ones before the posts that need them (swallowed ones go in `finish`)."""
        connection = self.desk.connection
        live = [own for own in self.desk.threads.values() if own.into is None and own.changed]
        for own in live:
            if own.published_as and own.published_as != own.address:
                own.former.add(own.published_as)
                own.published_as = None
        rows = [(own.stored, _row(own)) for own in live]
        add(connection, thread, [row for stored, row in rows if not stored])
        write(connection, _UPDATE_THREAD, [_renamed(row) for stored, row in rows if stored])
        moves = [{"b_old": own.id, "b_new": own.live().id} for own in self.swallowed if own.stored]
        write(connection, _MOVE_POSTS, moves)
        write(connection, _MOVE_ALIASES, moves)

    def finish(self) -> None:
        """After the posts are written: takes away swallowed threads, rebuilds the marked ones, settles addresses."""
        connection = self.desk.connection
        write(connection, _DELETE_THREAD, [{"b_id": own.id} for own in self.swallowed if own.stored])
        former = {old: own.live().id for own in self.desk.threads.values() for old in own.live().former}
        keep_addresses(connection, former)
        live_again(connection, [own.address for own in self.desk.threads.values() if own.into is None and own.changed])
        if self.marked:
            self.rebuilt = rebuild(connection, {own.live().id for own in self.marked})

    def touched(self) -> set[int]:
        """The threads that are not as they were, those that are no more included."""
        gone = {own.id for own in self.swallowed if own.stored}
        return gone | {own.live().id for own in (*self.swallowed, *self.marked)} | self.rebuilt


def rebuild(connection: Connection, thread_ids: Iterable[int]) -> set[int]:
    """Builds these threads anew from the links of their posts; returns the threads that came of it."""
    p = post.c
    rows = [
        row
        for part in chunks(thread_ids)
        for row in connection.execute(
            select(p.id, p.origin, p.native_id, p.link_id, p.cut, p.thread_id).where(p.thread_id.in_(part))
        )
    ]
    refs = {row[0]: PostRef(row[1], row[2]) for row in rows}
    links = {row[0]: row[3] for row in rows}
    root, cut = arrange(links, refs)
    groups = components(root)
    chosen = assign(groups, {row[0]: row[5] for row in rows})
    t = thread.c
    old = {
        row.id: row
        for part in chunks(thread_ids)
        for row in connection.execute(select(t.id, t.address, t.published_as).where(t.id.in_(part)))
    }
    fresh = iter(next_ids(connection, thread, sum(1 for thread_id in chosen.values() if thread_id is None)))
    own = {top: thread_id if thread_id is not None else next(fresh) for top, thread_id in chosen.items()}
    values = [
        {
            "id": own[top],
            "root_id": top,
            "address": address(refs[top]),
            "size": len(members),
            "cuts": 1 if top in cut else 0,
            "published_as": None,
        }
        for top, members in groups.items()
    ]
    add(connection, thread, [row for row in values if row["id"] not in old])
    write(connection, _UPDATE_THREAD, [_renamed(row) for row in values if row["id"] in old])
    write(
        connection,
        update(post).where(post.c.id == bindparam("b_id")),
        [
            {"b_id": row[0], "thread_id": own[root[row[0]]], "cut": row[0] in cut}
            for row in rows
            if row[5] != own[root[row[0]]] or bool(row[4]) != (row[0] in cut)
        ],
    )
    _move_addresses(connection, old, {key: own[top] for key, top in root.items()})
    write(connection, _DELETE_THREAD, [{"b_id": id_} for id_ in old if id_ not in set(own.values())])
    live_again(connection, [row["address"] for row in values])
    return set(own.values())


def _move_addresses(connection: Connection, old: dict, thread_of: dict[int, int]) -> None:
    """Addresses that led to the rebuilt threads lead on: to where the post is that they were made from."""
    a = thread_alias.c
    leading = {
        row[0]: row[1]
        for part in chunks(old)
        for row in connection.execute(select(a.address, a.thread_id).where(a.thread_id.in_(part)))
    }
    leading.update({row.published_as: row.id for row in old.values() if row.published_as})
    if not leading:
        return
    made_from: dict[str, int] = {}
    s = sighting.c
    for part in chunks(thread_of):
        for origin, native_id, node in connection.execute(
            select(s.origin, s.native_id, s.post_id).where(s.post_id.in_(part))
        ):
            made_from[address(PostRef(origin, native_id))] = thread_of[node]
    somewhere = {thread_id: thread_id for thread_id in thread_of.values()}
    anywhere = min(somewhere)
    keep_addresses(
        connection, {old_: made_from.get(old_, somewhere.get(was, anywhere)) for old_, was in leading.items()}
    )


def keep_addresses(connection: Connection, leading: dict[str, int]) -> None:
    """Makes these addresses lead to these threads for ever."""
    for part in chunks(leading):
        connection.execute(delete(thread_alias).where(thread_alias.c.address.in_(part)))
    add(connection, thread_alias, [{"address": old, "thread_id": new} for old, new in leading.items()])


def live_again(connection: Connection, addresses: list[str]) -> None:
    """An alias never shadows a thread that has this very address: it becomes the thread's published address again,
    so that it is kept once more when the thread moves on."""
    for part in chunks(row[0] for row in _ALIASES(connection, addresses)):
        connection.execute(delete(thread_alias).where(thread_alias.c.address.in_(part)))
        connection.execute(update(thread).where(thread.c.address.in_(part)).values(published_as=thread.c.address))


_ALIASES = Among(lambda addresses: select(thread_alias.c.address).where(thread_alias.c.address.in_(addresses)))


def _ancestors(connection: Connection, starts: Iterable[int]) -> set[int]:
    """`starts` and what they hang on, up to the top. UNION, not UNION ALL: it ends also where links make a circle."""
    found: set[int] = set()
    for part in chunks(starts):
        way = select(post.c.id).where(post.c.id.in_(part)).cte("way", recursive=True)
        way = way.union(select(post.c.link_id).where(post.c.id == way.c.id, post.c.link_id.is_not(None)))
        found.update(connection.execute(select(way.c.id)).scalars())
    return found


def _row(own: Thread) -> dict:
    return {
        "id": own.id,
        "root_id": own.root_id,
        "address": own.address,
        "size": own.size,
        "cuts": own.cuts,
        "published_as": own.published_as,
    }


def _renamed(row: dict) -> dict:
    """The row for an UPDATE, whose own parameter may not be called as a column."""
    return {"b_id" if name == "id" else name: value for name, value in row.items()}


_UPDATE_THREAD = update(thread).where(thread.c.id == bindparam("b_id"))
_DELETE_THREAD = delete(thread).where(thread.c.id == bindparam("b_id"))
_MOVE_POSTS = update(post).where(post.c.thread_id == bindparam("b_old")).values(thread_id=bindparam("b_new"))
_MOVE_ALIASES = (
    update(thread_alias).where(thread_alias.c.thread_id == bindparam("b_old")).values(thread_id=bindparam("b_new"))
)
