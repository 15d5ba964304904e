"""What programs read: feeds, sitemaps, robots, redirects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Entry(NamedTuple):
    """A discussion in a feed. Times in ISO 8601, UTC."""

    url: str
    title: str
    text: str
    author: str | None
    published: str
    updated: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    path: str
    title: str
    home: str
    language: str
    updated: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Sitemap:
    """Addresses with the day of their last change, where that is known."""

    urls: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class SitemapIndex:
    sitemaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Robots:
    sitemap: str


@dataclass(frozen=True, slots=True)
class Redirects:
    """(from, to) below the site's address."""

    moves: tuple[tuple[str, str], ...]
