"""What readers are told of a network: its name, and where its tags live."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Network:
    """`key` names it in style sheets; `title` is what readers see: for the fediverse, the server's name."""

    key: str
    title: str


_KNOWN = {"x": Network("x", "X"), "facebook": Network("facebook", "Facebook")}


def host_of(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None


def network_of(origin: str, url: str | None) -> Network:
    """The network of a post with this origin and address."""
    if known := _KNOWN.get(origin):
        return known
    if origin == "activitypub":
        return Network("fediverse", host_of(url) or "Mastodon")
    return Network("other", host_of(url) or origin)


@lru_cache(maxsize=4096)
def _quoted(tag: str) -> str:
    return quote(tag, safe="")


def family_of(origin: str) -> str:
    """The network as a whole, for lists and counts."""
    if known := _KNOWN.get(origin):
        return known.title
    return "Mastodon" if origin == "activitypub" else origin


def tag_url(origin: str, url: str | None, tag: str) -> str | None:
    """Where the network shows everything with this tag, if it does."""
    path = _quoted(tag)
    if origin == "x":
        return f"https://x.com/hashtag/{path}"
    if origin == "facebook":
        return f"https://www.facebook.com/hashtag/{path}"
    host = host_of(url) if origin == "activitypub" else None
    return f"https://{host}/tags/{path}" if host else None
