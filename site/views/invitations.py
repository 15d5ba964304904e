"""Invitations, in lists and by what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from ...presentation.formats import Stamp
from .cards import CardView
from .frame import Head, Link
from .search import SearchView


@dataclass(frozen=True, slots=True)
class Numbers:
    posts: int
    discussions: int
    families: tuple[str, ...]
    latest: Stamp | None


@dataclass(frozen=True, slots=True)
class InvitationView:
    """The article that opened the discussion. `closed`: the day on which it was closed, or was to be
    closed and lies before the build's day."""

    slug: str
    title: str
    path: str
    language: str
    gurus: tuple[Link, ...]
    author: str | None
    content_type: Link | None
    date: str | None
    hashtags: tuple[str, ...]
    opens: str | None
    closes: str | None
    closed: str | None
    summary: str


class Inside(NamedTuple):
    """How many of an invitation's discussions have what a page is about, and where those stand that began in a
    month."""

    discussions: int
    path: str | None


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation with its numbers and one of its featured discussions, as lists of invitations show it."""

    invitation: InvitationView
    numbers: Numbers | None
    featured: CardView | None
    inside: Inside | None = None


class Choice(NamedTuple):
    """A value of a facet, with its page. `invitations`: how many have it."""

    slug: str
    label: str
    path: str
    invitations: int


@dataclass(frozen=True, slots=True)
class Facet:
    """`name` is its name in addresses. `choices`: the first of `total`; `path` leads to all."""

    name: str
    title: str
    path: str
    choices: tuple[Choice, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Listing:
    """As many invitations as a page holds, newest first; `earlier` and `later`: the pages before and after."""

    invited: tuple[Invited, ...]
    earlier: str | None
    later: str | None


@dataclass(frozen=True, slots=True)
class FrontPage:
    """`index`: the file that the filters are worked out from; `months`: the page to browse by month. `search`: None
    where readers cannot."""

    head: Head
    listing: Listing
    facets: tuple[Facet, ...]
    index: str
    months: str
    search: SearchView | None
    policy: Markup


@dataclass(frozen=True, slots=True)
class InvitationsPage:
    """Earlier invitations, or those that have one value of a facet: then `facet` is that one."""

    head: Head
    facet: Link | None
    listing: Listing
    months: str


@dataclass(frozen=True, slots=True)
class FacetPage:
    """All values of one facet."""

    head: Head
    choices: tuple[Choice, ...]
