"""What of a thread is shown, in reading order, and what is missing of it. Nothing recurses: threads are 10,000 deep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .posts import Showing, Shown, Writer
from .views import Completeness

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
    """What is shown of a thread: its places in reading order, each one's parent there (-1 where it has none), and the
    ids of those that show a post. `places`: where each id stands. `showing`: how each publishable post may be shown."""

    order: tuple[N, ...]
    parents: tuple[int, ...]
    visible: frozenset[int]
    places: Mapping[int, int]
    showing: Mapping[int, Showing]
    completeness: Completeness

    @property
    def shown(self) -> tuple[N, ...]:
        """The posts it shows, in reading order."""
        return tuple([node for node in self.order if node.id in self.visible])


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


def arrange(nodes: Sequence[N], showing_of: Callable[[N], Showing]) -> Arranged[N] | None:
    """The thread of these nodes, or None when nothing of it can be shown.

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
    order, parents = _in_reading_order(children, placed)
    return Arranged(
        order=tuple(order),
        parents=tuple(parents),
        visible=frozenset(visible),
        places={node.id: place for place, node in enumerate(order)},
        showing=showing,
        completeness=_completeness(nodes, children, visible),
    )


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


def _in_reading_order(children: Mapping[int | None, Sequence[N]], placed: set[int]) -> tuple[list[N], list[int]]:
    """The placed nodes, parents before their replies, older before newer; and where each one's parent stands."""
    order: list[N] = []
    parents: list[int] = []
    stack = [(node, -1) for node in reversed(children.get(None, ()))]
    while stack:
        node, parent = stack.pop()
        if node.id not in placed:
            continue
        place = len(order)
        order.append(node)
        parents.append(parent)
        if node.id in children:
            stack.extend([(child, place) for child in reversed(children[node.id])])
    return order, parents


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
