"""What a page shows of posts and threads: frozen, ready to print, equal for equal content.

What there is of each post is a named tuple: a full build makes them by the hundred thousand, at a fifth of what frozen
dataclasses cost to make and to digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from ..core.normalise import CUT
from .formats import Stamp
from .networks import Network

LONG = 6000  # code points
LINE = 40  # of them a line break counts for


class AuthorView(NamedTuple):
    """`name` is as much of the name as may be shown; `initials` stand where a picture would be loaded from afar."""

    name: str
    handle: str | None
    url: str | None
    initials: str


class PictureView(NamedTuple):
    """Copies of a picture, by their paths: (path, width) of each modern one, one for old browsers, the widest, and that
    one's measures."""

    sources: tuple[tuple[str, int], ...]
    plain: str
    widest: str
    width: int
    height: int

    @property
    def paths(self) -> tuple[str, ...]:
        """Of all its files."""
        return (*(path for path, _ in self.sources), self.plain)


class MediaView(NamedTuple):
    """`picture`: the copy to show (of a film: a still of it); None where readers get a line of words."""

    kind: str
    alt: str | None
    picture: PictureView | None = None


class PostView(NamedTuple):
    """`author` is None where no name may be shown; `text` is what `body` says without markup; `only_link`: the post
    itself is only linked to; `bare`: why not even its author is named (posts.Showing)."""

    anchor: str
    network: Network
    url: str | None
    author: AuthorView | None
    published: Stamp
    edited: Stamp | None
    title: str | None
    text: str
    body: Markup
    lang: str | None
    warning: str | None
    sensitive: bool
    media: tuple[MediaView, ...]
    featured: bool
    only_link: bool
    bare: str | None
    quote: QuoteView | None

    @property
    def printed(self) -> tuple[PostView, ...]:
        """The post and, inside it, the one it quotes."""
        return (self, self.quote.post) if self.quote is not None and self.quote.post is not None else (self,)

    @property
    def goes_on(self) -> bool:
        """Whether the text is only the beginning of what stands at the network (an article's excerpt)."""
        return self.text.endswith(CUT)

    @property
    def long(self) -> bool:
        """Whether it is shown in a box of its own that scrolls."""
        return len(self.text) + LINE * self.text.count("\n") > LONG


class QuoteView(NamedTuple):
    """A quoted post, or None in its place. `href`: where it stands in the same thread."""

    post: PostView | None
    href: str | None


class ReplyTo(NamedTuple):
    """What a post answers, named where the nesting no longer shows it."""

    href: str
    name: str | None


class NodeView(NamedTuple):
    """One place of a thread in reading order: a post, or the reason why there is none. `opens`: a list of replies
    begins below it, which can be folded when `fold` says how many posts are in it; `closes`: the lists that end after
    it, and whether each is one of those. So a tree of any depth is printed without recursion. `parent`: where on the
    page its parent stands, -1 if it does not. `further`: the page on which its replies stand, where that is another."""

    anchor: str
    level: int
    opens: bool
    fold: int
    closes: tuple[bool, ...]
    post: PostView | None
    gap: str | None
    reply_to: ReplyTo | None
    parent: int
    further: str | None


@dataclass(frozen=True, slots=True)
class Completeness:
    """Replies: `shown` of `total`. `about`: the total rests on what the networks reported; `known` is False when not
    every network told. `absent`: how many are not here, by reason."""

    shown: int
    total: int
    about: bool
    known: bool
    absent: tuple[tuple[str, int], ...]
