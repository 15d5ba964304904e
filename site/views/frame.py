"""What all pages share, and those that are nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup


class LogoView(NamedTuple):
    """The picture in the header: its path and its size in pixels."""

    path: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages share. `policy`: what a page may load. `footers`: own words at the foot of pages, by language.
    `search`: whether readers can search."""

    title: str
    base_url: str
    languages: tuple[str, ...]
    policy: Markup
    controller: str | None
    contact: str | None
    at_the_top: bool  # of its host: then its robots.txt is heeded
    logo: LogoView | None = None
    footers: tuple[tuple[str, Markup], ...] = ()
    search: bool = False


class FeedLink(NamedTuple):
    type: str
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Head:
    """`path` is the page's address below the site's; `root` leads from the page back to the site's top ("../../").
    `alternates`: (language, path) of the same page in all languages."""

    path: str
    root: str
    kind: str
    language: str
    title: str
    description: str
    home: str
    about: str
    report: str
    alternates: tuple[tuple[str, str], ...] = ()
    noindex: bool = False
    feeds: tuple[FeedLink, ...] = ()


class Link(NamedTuple):
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class NotFoundPage:
    head: Head
    css: Markup
    policy: Markup


@dataclass(frozen=True, slots=True)
class RedirectPage:
    head: Head
    target: str
