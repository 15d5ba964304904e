"""Discussions as lists show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ...presentation.formats import Stamp


class PartCard(NamedTuple):
    """A further page of a thread, as sitemaps and redirects know it. `name` is its own part of the address; `latest`:
    microseconds since 1970."""

    name: str
    latest: int
    noindex: bool


class Card(NamedTuple):
    """A thread as lists show it. Kept in the manifest, so that lists are made without reading the threads again.
    Times are microseconds since 1970. `first_id`: the post whose words are shown, None where none are. Of an author who
    does not want to be indexed lists show no word. `noindex`: of its first page; `parts`: those after it. `languages`
    of its posts; `days`: how many of them each day has."""

    thread_id: int
    first_id: int | None
    path: str
    month: str
    started: int
    latest: int
    posts: int
    featured: bool
    noindex: bool
    families: tuple[str, ...]
    author: str | None
    title: str | None
    excerpt: str
    warning: str | None
    lang: str | None
    former: tuple[str, ...]
    parts: tuple[PartCard, ...] = ()
    languages: tuple[str, ...] = ()
    days: Mapping[str, int] = {}


class CardView(NamedTuple):
    """A card in one language."""

    path: str
    started: Stamp
    latest: Stamp
    posts: int
    families: tuple[str, ...]
    author: str | None
    title: str | None
    excerpt: str
    warning: str | None
    lang: str | None
    featured: bool
