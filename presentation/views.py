"""What a page shows of posts and threads: frozen, ready to print, equal for equal content."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from .formats import Stamp
from .networks import Network


@dataclass(frozen=True, slots=True)
class AuthorView:
    """`name` is as much of the name as may be shown; `initials` stand where a picture would be loaded from afar."""

    name: str
    handle: str | None
    url: str | None
    initials: str


@dataclass(frozen=True, slots=True)
class MediaView:
    kind: str
    alt: str | None


@dataclass(frozen=True, slots=True)
class PostView:
    """`author` is None where no name may be shown; `text` is what `body` says without markup; `only_link`: the post
    itself is only linked to."""

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
    quote: QuoteView | None


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A quoted post, or None in its place. `anchor` is set when it stands on the same page."""

    post: PostView | None
    anchor: str | None


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """What a post answers, named where the nesting no longer shows it."""

    anchor: str
    name: str | None


@dataclass(frozen=True, slots=True)
class NodeView:
    """One place of a thread in reading order: a post, or the reason why there is none. `opens`: a list of replies
    begins below it; `closes`: how many lists end after it. So a tree of any depth is printed without recursion."""

    anchor: str
    level: int
    opens: bool
    closes: int
    post: PostView | None
    gap: str | None
    reply_to: ReplyTo | None
    parent: int  # its parent's place in the order, -1 for the root


@dataclass(frozen=True, slots=True)
class Completeness:
    """Replies: `shown` of `total`. `about`: the total rests on what the networks reported; `known` is False when not
    every network told. `absent`: how many are not here, by reason."""

    shown: int
    total: int
    about: bool
    known: bool
    absent: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread in reading order with what is known of its completeness."""

    nodes: tuple[NodeView, ...]
    completeness: Completeness
    noindex: bool
