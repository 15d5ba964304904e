"""What an address on Facebook says: which post or comment it names, under the id that the Graph API uses. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from ....core.records import PostRef
from .config import FacebookConfig
from .items import ORIGIN

HOSTS = ("facebook.com", "www.facebook.com", "m.facebook.com", "web.facebook.com", "it-it.facebook.com")

_DIGITS = re.compile(r"[0-9]{1,32}")
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9.-]{1,80}")  # of a Page, in place of its number


def locate(config: FacebookConfig, url: str) -> PostRef | None:
    """The configured Page's post, or a comment below one, that an address names.

    A Page's name in place of its number is taken for the configured Page's, and so is a photo's own address, which
    names no Page; a post with one photo has the photo's number. Where that is wrong, Facebook says that nothing is
    there. A `pfbid…` number tells nothing."""
    post = post_of_url(url, config.page)
    if post is None or not post.native_id.startswith(f"{config.page}_"):
        return None
    query = parse_qs(urlsplit(url.strip()).query)
    for name in ("reply_comment_id", "comment_id"):
        if name in query:
            comment = query[name][0]
            under = post.native_id.partition("_")[2]
            return PostRef(ORIGIN, f"{under}_{comment}") if _digits(comment) else None
    return post


def post_of_url(url: str, page_id: str | None = None) -> PostRef | None:
    """The post that an address of a post, or of a comment below it, names. `page_id`: whose post it is where the
    address does not tell the Page's number."""
    try:
        parts = urlsplit(url.strip())
        query = parse_qs(parts.query)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or host not in HOSTS:
        return None
    page, post = _page_and_post(parts.path, query)
    if page_id is not None and (page == "" or _NAME.fullmatch(page)):
        page = page_id
    return PostRef(ORIGIN, f"{page}_{post}") if _digits(page) and _digits(post) else None


def _page_and_post(path: str, query: Mapping[str, list[str]]) -> tuple[str, str]:
    """As the address has them; a Page that it does not name is ""."""
    steps = [step for step in path.split("/") if step]
    if len(steps) >= 3 and steps[1] in ("posts", "photos"):
        return steps[0], steps[-1]
    if steps in (["permalink.php"], ["story.php"]):
        return query.get("id", ["?"])[0], query.get("story_fbid", ["?"])[0]
    if steps in (["photo.php"], ["photo"]):
        return "", query.get("fbid", ["?"])[0]
    return "?", "?"


def _digits(value: str) -> bool:
    return _DIGITS.fullmatch(value) is not None
