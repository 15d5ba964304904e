"""How posts of blogs are named. Pure.

The origin is the host that speaks for the post, the id what the feed calls it (guid, atom:id). So no feed can claim
another host's post by writing its id. Beside it a post is known by its page, under the same name as one typed in by
hand (collector/typed.py): by that a comment finds its article, and a typed article its feed.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ....core.normalise import MAX_URL, canonical_url, clean_line, clean_url
from ....core.records import PostRef
from .config import FeedConfig

# Where on the page a comment stands: WordPress and many others, Blogger.
_COMMENT = re.compile(
    r"(?:[a-z-]*comment|cmt|reply)[-_]?(?=[a-z0-9-]*[0-9])[a-z0-9-]{1,40}|c[0-9]{1,20}", re.IGNORECASE
)
_PAGE_OF_COMMENTS = re.compile(r"/comment-page-[0-9]{1,5}$")


def host_of(url: str | None) -> str | None:
    """The host of an address without www., None where it is no web address."""
    name = canonical_url(url)
    return urlsplit(name).hostname if name else None


def scope_of(config: FeedConfig) -> str:
    """The host that the feed's posts are named by."""
    return host_of(config.site or config.url) or ""


def page_ref(url: str | None) -> PostRef | None:
    """The name of the post at this address: of a comment, where the address leads to one on its article's page."""
    page, place = article_ref(url), comment_of(url)
    return PostRef(page.origin, f"{page.native_id}#{place}") if page and place else page


def article_ref(url: str | None) -> PostRef | None:
    """The name of the page itself, whatever place on it the address leads to."""
    name, host = canonical_url(url), host_of(url)
    return PostRef(host, _PAGE_OF_COMMENTS.sub("", name)) if name and host and "." in host else None


def comment_of(url: str | None) -> str | None:
    """The place of a comment that the address leads to."""
    cleaned = clean_url(url)
    if cleaned is None:
        return None
    place = urlsplit(cleaned).fragment
    return place if _COMMENT.fullmatch(place) else None


def entry_ref(scope: str, entry_id: object) -> PostRef | None:
    """What the feed calls the entry."""
    name = clean_line(entry_id, MAX_URL)
    return PostRef(scope, name) if name and scope else None


def locate(config: FeedConfig, url: str) -> PostRef | None:
    """The post at an address on the blog's own host."""
    ref = page_ref(url.strip())
    return ref if ref is not None and ref.origin in {scope_of(config), host_of(config.url)} else None
