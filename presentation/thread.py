"""A thread in reading order, with what is missing named in its place. Nothing recurses: threads are 10,000 deep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ..core.wishes import is_unindexed
from .formats import Formats
from .posts import Showing, Shown, Writer, anchor_of, author_view, post_view
from .views import Completeness, NodeView, QuoteView, ReplyTo, ThreadView

DEEPEST = 8  # lists nested in one another; deeper replies stand beside what they answer
PLAIN = 4  # as deep as indentation alone says what is answered, also on a phone; deeper replies name it

# Why a post is not in its place. What readers are told never says who wrote it.
GONE, WITHDRAWN, REVIEW, REJECTED, OUTSIDE = "gone", "withdrawn", "review", "rejected", "outside"
UNREACHABLE, TOO_OLD, LIMIT, UNKNOWN, NOT_SHOWN = "unreachable", "too_old", "limit", "unknown", "not_shown"
_FROM_GAP = {
    "omitted": GONE,
    "deleted": GONE,
    "forbidden": GONE,
    "withheld": GONE,
    "unreachable": UNREACHABLE,
    "beyond_window": TOO_OLD,
    "limit": LIMIT,
    "forgotten": WITHDRAWN,
}


class Wisher(Writer, Protocol):
    @property
    def wishes(self) -> Sequence[str]: ...


class Place(Shown, Protocol):
    """A node of a thread as storage hands it out."""

    @property
    def writer(self) -> Wisher | None: ...

    @property
    def id(self) -> int: ...
    @property
    def held(self) -> bool: ...
    @property
    def above(self) -> int | None: ...
    @property
    def quote_id(self) -> int | None: ...
    @property
    def gone(self) -> str | None: ...
    @property
    def withheld(self) -> bool: ...
    @property
    def repost(self) -> bool: ...
    @property
    def status(self) -> str | None: ...
    @property
    def publishable(self) -> bool: ...
    @property
    def gap(self) -> str | None: ...
    @property
    def missing_below(self) -> tuple[str, int | None] | None: ...
    @property
    def reported(self) -> int | None: ...


N = TypeVar("N", bound=Place)
EDITED_STATES = ("new", "pending", "held")


@dataclass(frozen=True, slots=True)
class Arranged(Generic[N]):
    """A thread's view and the posts it shows, in reading order."""

    view: ThreadView
    shown: tuple[N, ...]


def reason(node: Place) -> str:
    """Why the node is not shown."""
    if node.gone is not None:
        return _FROM_GAP.get(node.gone, GONE)
    if not node.held:
        return _FROM_GAP.get(node.gap or "", UNKNOWN)
    if node.withheld:
        return GONE
    if node.status is None or node.repost:
        return OUTSIDE
    if node.status == "rejected":
        return REJECTED
    return NOT_SHOWN if node.publishable else REVIEW


def thread_view(
    nodes: Sequence[N], quoted: Mapping[int, N], showing_of: Callable[[N], Showing], formats: Formats
) -> Arranged[N] | None:
    """The thread of these nodes, or None when nothing of it can be shown. `quoted` are posts of other threads.

    A post is shown when it is publishable and each of its ancestors is held or its absence has a known reason: until
    then it waits. A post that is absent has a place of its own only where shown posts hang on it, or where it was
    edited and is looked at again; all absent ones are counted.
    """
    by_id = {node.id: node for node in nodes}
    children: dict[int | None, list[N]] = {}
    for node in nodes:
        children.setdefault(node.above if node.above in by_id else None, []).append(node)
    for below in children.values():
        if len(below) > 1:
            below.sort(key=_order)
    showing = {node.id: showing_of(node) for node in nodes if node.publishable}
    visible, placed = _placed(children, by_id, showing)
    if not visible:
        return None
    order = _in_reading_order(children, placed)
    levels = [depth if depth < DEEPEST else DEEPEST for _, depth in order]
    levels.append(0)
    entries: list[NodeView] = []
    place: dict[int, int] = {}
    for index, (node, depth) in enumerate(order):
        level, following = levels[index], levels[index + 1]
        parent = by_id.get(node.above) if node.above is not None else None
        post = quote = target = None
        if node.id in visible:
            if node.quote_id is not None:
                target = by_id.get(node.quote_id) or quoted.get(node.quote_id)
                quote = _quote(target, by_id, visible, showing_of, formats)
            post = post_view(node, showing[node.id], formats, quote, target)
        place[node.id] = index
        entries.append(
            NodeView(
                anchor=post.anchor if post else anchor_of(node.origin, node.native_id),
                level=level,
                opens=following > level,
                closes=level - following if level > following else 0,
                post=post,
                gap=None if post else reason(node),
                reply_to=_reply_to(parent, visible, showing) if parent is not None and depth > PLAIN else None,
                parent=place[parent.id] if parent is not None else -1,
            )
        )
    shown = tuple([node for node, _ in order if node.id in visible])
    noindex = any(node.writer is not None and is_unindexed(node.writer.wishes) for node in shown)
    return Arranged(ThreadView(tuple(entries), _completeness(nodes, children, visible), noindex), shown)


def _order(node: Place) -> tuple[int, str, str]:
    return node.published_at or 0, node.origin, node.native_id


def _placed(
    children: Mapping[int | None, Sequence[N]], by_id: Mapping[int, N], showing: Mapping[int, Showing]
) -> tuple[set[int], set[int]]:
    """The nodes shown, and the nodes that have a place."""
    visible: set[int] = set()
    placed: set[int] = set()
    waiting: set[int] = set()  # below a node of which nothing is known yet
    stack = list(children.get(None, ()))
    while stack:
        node = stack.pop()
        unnamed = not node.held and node.gone is None and node.gap is None
        if unnamed or node.above in waiting:
            waiting.add(node.id)
        elif node.publishable and showing[node.id].show != "none":
            visible.add(node.id)
        stack.extend(children.get(node.id, ()))
    for node_id in visible:
        at: int | None = node_id
        while at is not None and at not in placed and at in by_id:
            placed.add(at)
            at = by_id[at].above
    for node in by_id.values():
        edited = node.held and node.edited_at is not None and node.status in EDITED_STATES and node.gone is None
        if edited and (node.above in visible or (node.above is None and visible)):
            placed.add(node.id)
    return visible, placed


def _in_reading_order(children: Mapping[int | None, Sequence[N]], placed: set[int]) -> list[tuple[N, int]]:
    """Each placed node with its depth, parents before their replies, older before newer."""
    order: list[tuple[N, int]] = []
    stack = [(node, 0) for node in reversed(children.get(None, ()))]
    while stack:
        node, depth = stack.pop()
        if node.id not in placed:
            continue
        order.append((node, depth))
        stack.extend((child, depth + 1) for child in reversed(children.get(node.id, ())))
    return order


def _reply_to(parent: Place, visible: set[int], showing: Mapping[int, Showing]) -> ReplyTo:
    author = author_view(parent.writer, showing[parent.id]) if parent.id in visible else None
    return ReplyTo(anchor_of(parent.origin, parent.native_id), author.name if author else None)


def _quote(
    target: N | None,
    by_id: Mapping[int, N],
    visible: set[int],
    showing_of: Callable[[N], Showing],
    formats: Formats,
) -> QuoteView:
    if target is None or not target.publishable:
        return QuoteView(None, None)
    inside = target.id in by_id
    showing = showing_of(target)
    if showing.show == "none" or (inside and target.id not in visible):
        return QuoteView(None, None)
    post = post_view(target, showing, formats)
    return QuoteView(post, post.anchor if inside else None)


def _completeness(
    nodes: Sequence[Place], children: Mapping[int | None, Sequence[Place]], visible: set[int]
) -> Completeness:
    """Replies expected: for each post the larger of what its network reported and what hangs on it here."""
    expected = 0
    reported_more = False
    known = True
    for node in nodes:
        below = len(children.get(node.id, ()))
        reported = node.reported
        if reported is None:
            known = known and not node.held
        elif reported > below:
            reported_more = True
            expected += reported - below
        expected += below
    roots = {node.id for node in children.get(None, ())}
    absent: Counter[str] = Counter(reason(node) for node in nodes if node.id not in visible and node.id not in roots)
    unmet = expected - (len(nodes) - len(roots))
    for node in nodes:
        if unmet > 0 and node.missing_below is not None:
            why, count = node.missing_below
            taken = min(unmet, count if count is not None else unmet)
            absent[_FROM_GAP.get(why, UNKNOWN)] += taken
            unmet -= taken
    if unmet > 0:
        absent[UNKNOWN] += unmet
    shown = len(visible - roots)
    return Completeness(shown, expected, reported_more, known, tuple(sorted(absent.items())))
