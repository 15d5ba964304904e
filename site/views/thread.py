"""A discussion, whole or a page of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ...presentation.formats import Stamp
from ...presentation.views import Completeness, NodeView, ReplyTo
from .frame import Head, Link


class Begun(NamedTuple):
    """What the pages after a discussion's first say of its beginning: the page, and, if that post is shown, who wrote
    it and when."""

    path: str
    author: str | None
    at: Stamp | None


class Around(NamedTuple):
    """Where a page of a discussion in several stands. `begun` is None on the first; `answers`: what all that the page
    begins with answers, where that is another post than the discussion's first."""

    begun: Begun | None
    earlier: str | None
    later: str | None
    answers: ReplyTo | None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A discussion, or, with `around`, one page of it: `posts` and `families` are the page's own, on the first one the
    whole discussion's, which alone has a `completeness`. `started`: the time of the first post shown."""

    head: Head
    campaign: Link
    title: str
    closed: str | None
    nodes: tuple[NodeView, ...]
    completeness: Completeness | None
    started: Stamp | None
    posts: int
    families: tuple[str, ...]
    around: Around | None
