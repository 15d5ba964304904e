"""What readers are told of a network: its name, and where its tags live."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit


class Network(NamedTuple):
    """`key` names it in style sheets; `title` is what readers see: for the fediverse, the server's name."""

    key: str
    title: str


_KNOWN = {
    "x": Network("x", "X"),
    "facebook": Network("facebook", "Facebook"),
    "bluesky": Network("bluesky", "Bluesky"),
}

_X_POST = re.compile(r"https?://(?:(?:www|mobile)\.)?(?:x|twitter)\.com/(?:i/web|[^/]+)/status/([0-9]+)/?(?:[?#].*)?")


def host_of(url: str | None) -> str | None:
    # posts are many and servers few: an address is cut behind its host before it is parsed
    return _host(url[: url.find("/", 8) + 1] or url) if url else None


@lru_cache(maxsize=4096)
def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def network_of(origin: str, url: str | None) -> Network:
    """The network of a post with this origin and address."""
    return _KNOWN.get(origin) or _network(origin, host_of(url))


@lru_cache(maxsize=4096)
def _network(origin: str, host: str | None) -> Network:
    if origin == "activitypub":
        return Network("fediverse", host or "Mastodon")
    return Network("other", host or origin)


def x_post_id(url: str | None) -> str | None:
    """The post's number in an address of X; None for any other address."""
    found = _X_POST.fullmatch(url) if url else None
    return found[1] if found else None


def family_of(origin: str) -> str:
    """The network as a whole, for lists and counts."""
    if known := _KNOWN.get(origin):
        return known.title
    return "Mastodon" if origin == "activitypub" else origin


def tag_url(origin: str, url: str | None, tag: str) -> str | None:
    """Where the network shows everything with this tag, if it does."""
    return _tag_url(origin, host_of(url) if origin == "activitypub" else None, tag)


@lru_cache(maxsize=16_384)
def _tag_url(origin: str, host: str | None, tag: str) -> str | None:
    path = quote(tag, safe="")
    if origin == "x":
        return f"https://x.com/hashtag/{path}"
    if origin == "facebook":
        return f"https://www.facebook.com/hashtag/{path}"
    if origin == "bluesky":
        return f"https://bsky.app/hashtag/{path}"
    return f"https://{host}/tags/{path}" if host else None
