"""Two nodes turn out to be one post: what hangs on the one goes over to the other.

Happens when a page holds a sighting whose ids were known apart: mostly a placeholder under a server's local id and
another under the global one. Which row survives says nothing (readers see references, not row numbers); which content
survives is decided by rank, like everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from .batches import add, write
from .contents import CONTENT
from .desk import Desk, Node
from .forest import Ground
from .review_tables import report
from .tables import (
    campaign_post,
    claim,
    conversation,
    decision,
    entity,
    fingerprint_band,
    gap,
    media,
    note,
    picture,
    post,
    sighting,
)

# Several rows of one post that cannot meet in a conflict: they simply move.
_MOVE = tuple(
    update(table).where(table.c.post_id == bindparam("b_old")).values(post_id=bindparam("b_new"))
    for table in (sighting, decision, note, report)
)
_POINT = tuple(
    update(post).where(post.c[name] == bindparam("b_old")).values({name: bindparam("b_new")})
    for name in ("parent_id", "link_id", "quote_id", "repost_id")
)
_TOLD = (entity, media, picture, fingerprint_band)  # parts of the content
_VIA = ("opener", "tag", "hand", "page", "quote", "conversation", "context")  # from the strongest reason to the weakest


def merge(desk: Desk, ground: Ground, pairs: Sequence[tuple[Node, Node]]) -> set[int]:
    """Makes each (loser, winner) one node, on the desk and in the store. Returns the placeholders that lost a child
    by it, and so perhaps a root hint."""
    connection = desk.connection
    moves = [{"b_old": loser.id, "b_new": winner.id} for loser, winner in pairs]
    for statement in (*_MOVE, *_POINT):
        write(connection, statement, moves)
    lost: set[int] = set()
    for loser, winner in pairs:
        if loser.held:
            _content(connection, loser, winner)
            if loser.parent is not None:
                lost.add(loser.parent)
        _on_desk(desk, loser, winner)
        ground.absorb(loser, winner)
        if loser.held and winner.rank == loser.rank:
            ground.rename(winner, loser.ref)
    for table in (campaign_post, claim, gap, conversation):
        _rows(connection, table, {loser.id: winner.id for loser, winner in pairs})
    write(connection, delete(post).where(post.c.id == bindparam("b_old")), [{"b_old": m["b_old"]} for m in moves])
    return lost - {loser.id for loser, _ in pairs}


def _on_desk(desk: Desk, loser: Node, winner: Node) -> None:
    del desk.nodes[loser.id]
    for seen in desk.seen.values():
        if seen.node_id == loser.id:
            seen.node_id = winner.id
    for node in desk.nodes.values():
        for name in ("parent", "link", "quote", "repost", "old_parent", "old_quote"):
            if getattr(node, name) == loser.id:
                setattr(node, name, winner.id)
    for name in ("parent", "link", "quote", "repost"):
        if getattr(winner, name) == winner.id:
            setattr(winner, name, None)
    winner.before = ()  # written whatever it becomes
    desk.complete.discard(winner.id)


def _content(connection: Connection, loser: Node, winner: Node) -> None:
    """The higher rank's content stays, with its parts."""
    if (loser.rank or "") > (winner.rank or ""):
        columns = [post.c[name] for name in CONTENT]
        row = connection.execute(select(*columns).where(post.c.id == loser.id)).mappings().one()
        connection.execute(update(post).where(post.c.id == winner.id).values(dict(row)))
        winner.rank, winner.body_hash, winner.fingerprint = loser.rank, loser.body_hash, loser.fingerprint
        for table in _TOLD:
            connection.execute(delete(table).where(table.c.post_id == winner.id))
            connection.execute(update(table).where(table.c.post_id == loser.id).values(post_id=winner.id))
    else:
        for table in _TOLD:
            connection.execute(delete(table).where(table.c.post_id == loser.id))


def _rows(connection: Connection, table: Table, into: dict[int, int]) -> None:
    """Moves rows that can exist once only for a post (in a campaign, of a kind); where both have one, see _better."""
    ids = [*into, *into.values()]
    found = connection.execute(select(table).where(table.c.post_id.in_(ids))).mappings().all()
    if not any(row["post_id"] in into for row in found):
        return
    others = [column.name for column in table.primary_key.columns if column.name != "post_id"]
    best: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in found:
        moved = {**row, "post_id": into.get(row["post_id"], row["post_id"])}
        key = (moved["post_id"], *(moved[name] for name in others))
        best[key] = _better(table, best[key], moved) if key in best else moved
    connection.execute(delete(table).where(table.c.post_id.in_(ids)))
    add(connection, table, list(best.values()))


def _better(table: Table, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """One row from two. In a campaign the later decision holds, and the stronger reason for being there."""
    if table is campaign_post:
        later = max(one, other, key=lambda row: (row["decision_id"] or 0, row["status"]))
        via = min(one["via"], other["via"], key=lambda via: _VIA.index(via) if via in _VIA else len(_VIA))
        return {
            **later,
            "via": via,
            "featured": bool(one["featured"] or other["featured"]),
            "added_at": min(one["added_at"], other["added_at"]),
        }
    if table is claim:
        return max(one, other, key=lambda row: (row["until"], row["by"]))
    if table is gap:
        return max(one, other, key=lambda row: (row["seen_at"], row["reason"]))
    return min(one, other, key=lambda row: (row["due_at"], not row["filled"]))
