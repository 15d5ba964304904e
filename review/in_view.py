"""The conversation around an open post, as moderators see it: with the site's own presentation of each post, where each
one stands, and what is left out of a long thread. Nothing recurses: threads are 10,000 deep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.decisions import Decision, Status, standing
from ..core.normalise import CUT
from ..presentation.entities import text_html
from ..presentation.formats import Formats
from ..presentation.posts import Showing, anchor_of, post_view
from ..presentation.thread import reason
from ..presentation.views import NodeView, PostView, QuoteView, ReplyTo
from ..storage import conversation_view
from ..storage.conversation_view import Place
from ..storage.publishable import Campaign
from ..storage.snapshot import Node
from ..storage.store import Connection

MOST = 150  # posts of a thread shown at once; a link shows all
ANCESTORS = 40  # of them, at most so many above the open post
SIBLINGS = 20
MOST_WORDS = 1_500  # code points of a neighbour's text: what is decided on is shown whole
MOST_MEDIA = 12  # a neighbour's
DEEPEST = 6  # steps of indentation; what is deeper says what it answers


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the conversation. `view` prints it as the site does; `status` is None outside the campaign; `kin` is
    what it is to the open post: self, above, below or beside."""

    post_id: int
    depth: int
    view: NodeView
    status: Status | None
    publishable: bool
    featured: bool
    kin: str


@dataclass(frozen=True, slots=True)
class InView:
    """`size`: places in the whole thread; `left_out`: how many of them are not in `rows`. `waiting_below`: posts under
    the open one that wait too. `unpublished_parent`: the nearest ancestor that readers do not see."""

    rows: tuple[Row, ...]
    size: int
    left_out: int
    waiting_below: tuple[int, ...]
    waiting_here: tuple[int, ...]
    unpublished_parent: int | None
    node: Node


def in_view(
    connection: Connection,
    of: Campaign,
    thread_id: int,
    post_id: int,
    showing_of: Callable[[Node], Showing],
    formats: Formats,
    *,
    highlights: Sequence[tuple[int, int]] = (),
    whole: bool = False,
) -> InView:
    """The conversation around `post_id`, which must be held in this thread."""
    places = conversation_view.shape(connection, of.id, thread_id)
    by_id = {place.id: place for place in places}
    children = _children(places, by_id)
    above = _above(by_id, post_id)
    below = _subtree(children, post_id)
    chosen = set(by_id) if whole or len(by_id) <= MOST else _chosen(by_id, children, post_id, above, below)
    nodes = conversation_view.nodes(connection, of, chosen)
    quoted = {node.quote_id for node in nodes.values() if node.quote_id is not None} - nodes.keys()
    known = nodes | conversation_view.nodes(connection, of, quoted)
    kin = {**dict.fromkeys(below, "below"), **dict.fromkeys(above, "above"), post_id: "self"}
    rows = tuple(
        _row(
            nodes[id_], depth, kin.get(id_, "beside"), known, showing_of, formats, highlights if id_ == post_id else ()
        )
        for id_, depth in _in_reading_order(children, chosen)
    )
    waiting = ("new", "pending")
    return InView(
        rows=rows,
        size=len(places),
        left_out=len(places) - len(rows),
        waiting_below=tuple(id_ for id_ in below if by_id[id_].status in waiting),
        waiting_here=tuple(place.id for place in places if place.status in waiting),
        unpublished_parent=_unpublished(above, nodes),
        node=nodes[post_id],
    )


def matches(log: Sequence[Decision], content_hash: str | None) -> list[tuple[int, int]]:
    """What rules matched in the post's present text: stretches in code points."""
    return [
        decision.matched
        for decision in standing(log)
        if isinstance(decision.matched, tuple) and decision.content_hash == content_hash
    ]


def _children(places: Sequence[Place], by_id: Mapping[int, Place]) -> dict[int | None, list[Place]]:
    children: dict[int | None, list[Place]] = {}
    for place in sorted(places, key=lambda one: (one.published_at or 0, one.origin, one.native_id)):
        children.setdefault(place.above if place.above in by_id else None, []).append(place)
    return children


def _above(by_id: Mapping[int, Place], post_id: int) -> list[int]:
    """The ancestors, the nearest first."""
    found: list[int] = []
    at = by_id[post_id].above
    while at is not None and at in by_id and at not in found[-1:]:
        found.append(at)
        at = by_id[at].above
        if len(found) > len(by_id):
            break
    return found


def _subtree(children: Mapping[int | None, Sequence[Place]], post_id: int) -> list[int]:
    """Everything below the post, in reading order."""
    found: list[int] = []
    stack = [place.id for place in reversed(children.get(post_id, ()))]
    while stack:
        id_ = stack.pop()
        found.append(id_)
        stack.extend(place.id for place in reversed(children.get(id_, ())))
    return found


def _chosen(
    by_id: Mapping[int, Place],
    children: Mapping[int | None, Sequence[Place]],
    post_id: int,
    above: Sequence[int],
    below: Sequence[int],
) -> set[int]:
    """What of a long thread is shown: the root, the nearest ancestors, some siblings before and after, replies."""
    chosen = {post_id, *above[: ANCESTORS - 1], *above[-1:]}
    parent = by_id[post_id].above
    siblings = [place.id for place in children.get(parent if parent in by_id else None, ())]
    at = siblings.index(post_id)
    chosen.update(siblings[max(0, at - SIBLINGS // 2) : at + SIBLINGS // 2 + 1])
    chosen.update(below[: max(0, MOST - len(chosen))])
    return chosen


def _in_reading_order(children: Mapping[int | None, Sequence[Place]], chosen: set[int]) -> list[tuple[int, int]]:
    """Each chosen place with its depth in the thread."""
    order: list[tuple[int, int]] = []
    stack = [(place.id, 0) for place in reversed(children.get(None, ()))]
    while stack:
        id_, depth = stack.pop()
        if id_ in chosen:
            order.append((id_, depth))
        stack.extend((place.id, depth + 1) for place in reversed(children.get(id_, ())))
    return order


def _row(
    node: Node,
    depth: int,
    kin: str,
    known: Mapping[int, Node],
    showing_of: Callable[[Node], Showing],
    formats: Formats,
    highlights: Sequence[tuple[int, int]],
) -> Row:
    post = _post(node if kin == "self" else _brief(node), known, showing_of, formats, highlights) if node.held else None
    parent = known.get(node.above) if node.above is not None else None
    view = NodeView(
        anchor=anchor_of(node.origin, node.native_id),
        level=0,
        opens=False,
        fold=0,
        closes=(),
        post=post,
        gap=None if post else reason(node),
        reply_to=_reply_to(parent) if depth > DEEPEST and parent is not None else None,
        parent=-1,
        further=None,
    )
    status = Status(node.status) if node.status else None
    return Row(node.id, min(depth, DEEPEST), view, status, node.publishable, node.featured, kin)


def _post(
    node: Node,
    known: Mapping[int, Node],
    showing_of: Callable[[Node], Showing],
    formats: Formats,
    highlights: Sequence[tuple[int, int]],
) -> PostView:
    """As readers would see it, but whole: moderators decide on the words, also where readers get a link only, and on
    the original pictures."""
    showing = replace(showing_of(node), show="full", pictures="link", bare=None)
    target = known.get(node.quote_id) if node.quote_id is not None else None
    quote = None
    if target is not None:
        quoted = replace(showing_of(target), pictures="link", bare=None)
        quote = QuoteView(post_view(_brief(target), quoted, formats) if target.held else None, None)
    post = post_view(node, showing, formats, quote)
    if highlights:
        post = post._replace(body=text_html(node.text, node.marks, node.origin, post.url, highlights))
    return post


def _brief(node: Node) -> Node:
    """A neighbour, which is not to fill the page."""
    if len(node.text) <= MOST_WORDS and len(node.media) <= MOST_MEDIA:
        return node
    text = node.text if len(node.text) <= MOST_WORDS else node.text[:MOST_WORDS] + CUT
    return node._replace(text=text, media=node.media[:MOST_MEDIA])


def _reply_to(parent: Node) -> ReplyTo:
    name = (parent.writer.display_name or parent.writer.handle) if parent.writer else None
    return ReplyTo(f"#{anchor_of(parent.origin, parent.native_id)}", name)


def _unpublished(above: Sequence[int], nodes: Mapping[int, Node]) -> int | None:
    """The nearest held ancestor in the campaign that readers do not see: approving below it leaves a gap above."""
    for id_ in above:
        node = nodes.get(id_)
        if node is not None and node.held and node.status is not None and not node.publishable and node.gone is None:
            return id_
    return None
