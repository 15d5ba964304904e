"""One question to the Graph API at a time, answered with raw items: fields, paging, and noticing circles.

Paging goes by cursors; a page may hold fewer items than asked for, even none, while another follows:
https://developers.facebook.com/docs/graph-api/results
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from ....core.errors import Temporary
from ....core.normalise import clean_time
from ....core.records import PostRef
from ...contract import Cursor, Missing, MissingReason, Page, Quota, Raw
from .faults import NotUnderstood
from .items import ORIGIN, comment_raw, is_public, post_raw, wire_id

POST_FIELDS = (
    "id,message,created_time,permalink_url,from,full_picture,"
    "attachments{media,media_type,type,url,unshimmed_url,title,target,"
    "subattachments{media,media_type,type,url,target}},"
    "message_tags,parent_id,shares,status_type,privacy,is_published,is_hidden,is_expired,"
    "reactions.summary(true).limit(0),comments.summary(true).limit(0)"
)
COMMENT_FIELDS = (
    "id,message,created_time,from,parent{id},comment_count,like_count,permalink_url,attachment,message_tags,"
    "is_hidden,is_private"
)
POSTS_PER_PAGE = 50  # Facebook allows 100, but heavy questions fail with "reduce the amount of data"
COMMENTS_PER_PAGE = 100
NEXT_PARAMETERS = ("after", "until", "since", "__paging_token")


WORDS = {
    "feed": "the Page's feed",
    "published_posts": "the Page's posts",
    "tagged": "the posts that tag the Page",
    "comments": "a post's comments",
}


class Graph(Protocol):
    """What a walk needs of the client: `ask(what, method, …)` with the SDK's methods."""

    access_token: Any
    quota: Quota | None
    get_object: Callable[..., Any]
    get_objects: Callable[..., Any]
    get_connections: Callable[..., Any]

    def ask(self, what: str, method: Callable[..., Any], *args: Any, **named: Any) -> dict[str, Any]: ...

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Position:
    """Where a walk stands, as kept in `Cursor.token`. `after`: the paging parameters of the page to ask for, `seen`
    items come before it. `post`: on that page of the feed, the comments of this post come next, from
    `comments_after`, before which `comments_seen` were read."""

    stream: str
    after: str = ""
    seen: int = 0
    post: str = ""
    comments_after: str = ""
    comments_seen: int = 0

    def cursor(self, below: str) -> Cursor:
        return Cursor(below=below, token=json.dumps(astuple(self), separators=(",", ":")))

    @classmethod
    def of(cls, cursor: Cursor) -> Position | None:
        """The position, or None: from the start."""
        try:
            stream, after, seen, post, comments_after, comments_seen = json.loads(cursor.token or "")
            return cls(str(stream), str(after), int(seen), str(post), str(comments_after), int(comments_seen))
        except (ValueError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Listing:
    """One answer of an edge: its items, and the paging parameters of the next ("" at the end)."""

    items: list[Any]
    after: str


class StaleCursor(Exception):
    """Facebook no longer knows the place from which to go on."""


class Asker:
    """The questions of one walk. It remembers each page, so that a network that repeats itself is noticed."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._seen: set[bytes] = set()

    def now(self) -> datetime:
        return self.graph.now()

    def one_post(self, post_id: str) -> tuple[list[Raw], list[Any]]:
        """One post, or what is hidden. Raises Gone."""
        return self.posts([self._node("a post", post_id, POST_FIELDS)], "post")

    def one_comment(self, comment_id: str, post_id: str | None) -> tuple[list[Raw], list[Any], str | None]:
        """One comment, or what is hidden; and the id of the comment that it answers. Raises Gone."""
        item = self._node("a comment", comment_id, COMMENT_FIELDS)
        self.note("one comment", comment_id)
        parent = item.get("parent")
        above = wire_id(parent.get("id")) if isinstance(parent, dict) else None
        return *self.comments([item], post_id, "comment"), above

    def _node(self, what: str, native_id: str, fields: str) -> dict[str, Any]:
        item = self.graph.ask(what, self.graph.get_object, native_id, fields=fields)
        if item.get("id") != native_id:
            raise Temporary(f"Facebook's answer about {what} makes no sense.")
        return item

    def known(self, ids: list[str], fields: str) -> dict[str, Any]:
        """These nodes by id; what Facebook leaves out is not there. Raises Gone, NotUnderstood."""
        found = self.graph.ask("known posts", self.graph.get_objects, ids, fields=fields)
        if found and not any(native_id in found for native_id in ids):
            raise Temporary("Facebook's answer about known posts makes no sense.")
        return found

    def comments_listing(self, node_id: str, after: str, limit: int, order: str) -> Listing:
        return self.listing(
            node_id, "comments", after, limit, filter="stream", order=order, summary="true", fields=COMMENT_FIELDS
        )

    def listing(self, node_id: str, edge: str, after: str, limit: int, **args: str) -> Listing:
        """One page of an edge. Raises StaleCursor when the page that `after` names is refused."""
        what, paging = WORDS[edge], dict(parse_qsl(after))
        try:
            answer = self.graph.ask(what, self.graph.get_connections, node_id, edge, **args, **paging, limit=str(limit))
        except NotUnderstood:
            if after:
                raise StaleCursor from None
            raise
        items = answer.get("data")
        if not isinstance(items, list):
            raise Temporary(f"Facebook's answer about {what} makes no sense: it holds no list.")
        following = _next(answer.get("paging"))
        place = f"{node_id}/{edge}"
        if items:
            self.note(place, json.dumps(items, sort_keys=True))
        if following:
            self.note(place, following)
        return Listing(items, following)

    def note(self, place: str, what: str) -> None:
        """Remembers a page or a cursor; the second time, Facebook is going in circles."""
        digest = hashlib.sha256(f"{place}\0{what}".encode("utf-8", "replace")).digest()
        if digest in self._seen:
            raise Temporary("Facebook gave the same page twice; the walk was stopped.")
        self._seen.add(digest)

    def page(self, items: list[Raw], cursor: Cursor | None, hidden: list[Any] | None = None, *missing: Missing) -> Page:
        """One page. `hidden` items are counted, and named as missing: the store may hold them from before."""
        oldest = min((published(raw, self.now()) for raw in items), default=None)
        hidden = hidden or []
        named = [PostRef(ORIGIN, native_id) for item in hidden if (native_id := wire_id(item.get("id")))]
        gaps = (*missing, *(Missing(ref, MissingReason.FORBIDDEN) for ref in named))
        return Page(tuple(items), cursor, quota=self.graph.quota, missing=gaps, oldest_at=oldest, dropped=len(hidden))

    def posts(self, items: list[Any], endpoint: str) -> tuple[list[Raw], list[Any]]:
        """The posts that everybody may see, and the others as they came."""
        public, hidden = _sorted(items)
        return [post_raw(item, endpoint, self.now(), self.graph.access_token) for item in public], hidden

    def comments(
        self, items: list[Any], post_id: str | None, endpoint: str = "comments"
    ) -> tuple[list[Raw], list[Any]]:
        """The comments that everybody may see, and the others as they came."""
        public, hidden = _sorted(items)
        token = self.graph.access_token
        return [comment_raw(item, post_id, endpoint, self.now(), token) for item in public], hidden


def _sorted(items: list[Any]) -> tuple[list[Any], list[Any]]:
    """Public items (and those that cannot be read at all: mapping refuses them), hidden ones."""
    public: list[Any] = []
    hidden: list[Any] = []
    for item in items:
        (hidden if isinstance(item, dict) and not is_public(item) else public).append(item)
    return public, hidden


def _next(paging: object) -> str:
    """The parameters of the next page as a query, "" when there is none. The `next` address itself holds the token
    and is never followed; without cursors, its own paging parameters are taken."""
    if not isinstance(paging, Mapping) or not isinstance(paging.get("next"), str):
        return ""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, Mapping) else None
    if isinstance(after, str) and after:
        return urlencode({"after": after})
    try:
        asked = parse_qs(urlsplit(paging["next"]).query)
    except ValueError:
        asked = {}
    found = {name: asked[name][0] for name in NEXT_PARAMETERS if name in asked}
    if not found:
        raise Temporary("Facebook says that more follows but not where.")
    return urlencode(found)


def published(raw: Raw, now: datetime) -> datetime:
    return clean_time(raw.body.get("created_time"), now) or now
