"""What one page shows of a thread: all of its places, or, of a long one, some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from .formats import Formats
from .posts import Showing, anchor_of, author_view, post_view
from .thread import Arranged, N, reason
from .views import NodeView, QuoteView, ReplyTo

DEEPEST = 8  # lists nested in one another; deeper replies stand beside what they answer
PLAIN = 4  # as deep as indentation alone says what is answered, also on a phone; deeper replies name it
FOLDABLE = 2  # replies from which on a branch that stands beside others can be folded


@dataclass(frozen=True, slots=True)
class OnPage(Generic[N]):
    """`shown`: the posts that have their place on the page. `spoken`: those whose words, or whose author's name, stand
    on it: also what is quoted, and what is answered from elsewhere."""

    nodes: tuple[NodeView, ...]
    shown: tuple[N, ...]
    spoken: tuple[N, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """Where a page's links lead. `href`: to any place of the thread. `below`: the place that the page says is answered
    by what it begins with; what answers another one that is not on it names that. `further`: places whose replies
    begin a page of their own, and that page."""

    href: Callable[[int], str]
    below: int = 0
    further: Mapping[int, str] | None = None


class Pager(Generic[N]):
    """Makes the pages of one thread. `quoted` are posts of other threads."""

    def __init__(
        self,
        arranged: Arranged[N],
        quoted: Mapping[int, N],
        showing_of: Callable[[N], Showing],
        formats: Formats,
    ) -> None:
        self._arranged = arranged
        self._quoted = quoted
        self._showing_of = showing_of
        self._formats = formats

    def anchor(self, place: int) -> str:
        node = self._arranged.order[place]
        return anchor_of(node.origin, node.native_id)

    def answered(self, place: int, links: Links) -> ReplyTo:
        """This place, as what answers it names it."""
        node = self._arranged.order[place]
        author = None
        if node.id in self._arranged.visible:
            author = author_view(node.writer, self._arranged.showing[node.id])
        return ReplyTo(links.href(place), author.name if author else None)

    def page(self, places: Sequence[int], links: Links) -> OnPage[N]:
        """These of the thread's places, in reading order."""
        order, parents, visible = self._arranged.order, self._arranged.parents, self._arranged.visible
        above, depths = _nested(places, parents)
        below, beside = _counted(above, [order[place].id in visible for place in places])
        further = links.further or {}
        levels = [depth if depth < DEEPEST else DEEPEST for depth in depths]
        levels.append(0)
        shown = [order[place] for place in places if order[place].id in visible]
        spoken = {node.id: node for node in shown}
        entries: list[NodeView] = []
        folded: list[bool] = []  # of each list that is open: whether it can be folded
        for index, place in enumerate(places):
            node, level, following = order[place], levels[index], levels[index + 1]
            post = quote = target = reply_to = None
            if node.id in visible:
                if node.quote_id is not None:
                    target, quote = self._quote(node.quote_id, links)
                    if target is not None and quote.post is not None:
                        spoken[target.id] = target
                post = post_view(node, self._arranged.showing[node.id], self._formats, quote, target)
            parent = parents[place]
            if parent >= 0 and (depths[index] > PLAIN or (above[index] < 0 and parent != links.below)):
                reply_to = self.answered(parent, links)
                if reply_to.name is not None:
                    spoken[order[parent].id] = order[parent]
            opens = following > level
            if opens:
                folded.append(beside[index] > 1 and below[index] >= FOLDABLE)
            entries.append(
                NodeView(
                    anchor=post.anchor if post else self.anchor(place),
                    level=level,
                    opens=opens,
                    fold=below[index] if opens and folded[-1] else 0,
                    closes=tuple([folded.pop() for _ in range(level - following)]) if level > following else (),
                    post=post,
                    gap=None if post else reason(node),
                    reply_to=reply_to,
                    parent=above[index],
                    further=further.get(place),
                )
            )
        return OnPage(tuple(entries), tuple(shown), tuple(spoken.values()))

    def _quote(self, quote_id: int, links: Links) -> tuple[N | None, QuoteView]:
        inside = self._arranged.places.get(quote_id)
        target = self._quoted.get(quote_id) if inside is None else self._arranged.order[inside]
        if target is None or not target.publishable or (inside is not None and target.id not in self._arranged.visible):
            return target, QuoteView(None, None)
        showing = self._showing_of(target)
        if showing.show == "none":
            return target, QuoteView(None, None)
        return target, QuoteView(
            post_view(target, showing, self._formats), None if inside is None else links.href(inside)
        )


def _nested(places: Sequence[int], parents: Sequence[int]) -> tuple[list[int], list[int]]:
    """Of each place: where on the page its parent stands (-1 if it does not), and how deep it is there."""
    at: dict[int, int] = {}
    above: list[int] = []
    depths: list[int] = []
    for index, place in enumerate(places):
        parent = at.get(parents[place], -1)
        above.append(parent)
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
        at[place] = index
    return above, depths


def _counted(above: Sequence[int], shows: Sequence[bool]) -> tuple[list[int], list[int]]:
    """Of each place on a page: the posts shown below it, and the places that answer the same as it does."""
    below = [0] * len(above)
    answers = [0] * (len(above) + 1)  # the last: what the page begins with
    for index in range(len(above) - 1, -1, -1):
        parent = above[index]
        answers[parent] += 1
        if parent >= 0:
            below[parent] += below[index] + shows[index]
    return below, [answers[parent] for parent in above]
