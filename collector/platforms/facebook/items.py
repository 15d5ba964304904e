"""What comes in from the Graph API: let in or not, named, cut to one author's object. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ....core.records import PostRef
from ...contract import Raw

ORIGIN = "facebook"
SURROGATE = "surrogate:"
MAX_DEPTH = 30

_ID = re.compile(r"[A-Za-z0-9_:-]{1,128}")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def wire_id(value: object) -> str | None:
    """An id as Facebook gives them (digits and underscores), or None. Ids go into paths: nothing else passes."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def surrogate_id(post_id: str, created_time: object, message: object) -> str:
    """The name we give to a comment that came without an id.

    With Page Public Content Access the comments edge leaves the id out (all versions since September 2021:
    https://developers.facebook.com/docs/graph-api/reference/page-post/comments). An edited comment gets another name.
    """
    parts = "\x1f".join((post_id, str(created_time), str(message)))
    return SURROGATE + hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:32]


def is_public(item: Mapping[str, Any]) -> bool:
    """Whether everybody can see the post or comment. A Page's own feed also holds drafts, hidden and expired posts."""
    if item.get("is_published") is False:
        return False
    if any(item.get(flag) not in (None, False) for flag in ("is_hidden", "is_expired", "is_private")):
        return False
    privacy = item.get("privacy")
    if privacy is None:
        return True
    return isinstance(privacy, Mapping) and privacy.get("value") in (None, "", "EVERYONE")


def post_raw(item: object, endpoint: str, seen_at: datetime, token: str) -> Raw:
    """One post as a raw item."""
    body = _clean(item, token)
    return Raw(PostRef(ORIGIN, wire_id(body.get("id")) or "?"), endpoint, body, seen_at)


def comment_raw(item: object, post_id: str | None, endpoint: str, seen_at: datetime, token: str) -> Raw:
    """One comment as a raw item; `context["post"]` is the Page post it stands under, None if unknown."""
    body = _clean(item, token)
    native_id = wire_id(body.get("id")) or surrogate_id(post_id or "", body.get("created_time"), body.get("message"))
    return Raw(PostRef(ORIGIN, native_id), endpoint, body, seen_at, {"post": post_id})


def _clean(item: object, token: str) -> dict[str, Any]:
    """The object without paging (its addresses hold the token), without others' words, without the token anywhere."""
    if not isinstance(item, dict):
        return {"unreadable": type(item).__name__}
    body = _scrub(item, token, 0)
    for edge in ("comments", "reactions"):
        if isinstance(body.get(edge), dict):
            body[edge] = {"summary": body[edge].get("summary")}
    for other in ("parent", "object"):
        if isinstance(body.get(other), dict):
            body[other] = {"id": body[other].get("id")}
    if body.get("parent_id"):  # a shared post: its pictures, title and description are the other author's
        body["attachments"] = {"data": [_reference(one) for one in _data(body.get("attachments"))]}
    return body


def _data(edge: object) -> list[Any]:
    data = edge.get("data") if isinstance(edge, dict) else None
    return data if isinstance(data, list) else []


def _reference(attachment: object) -> dict[str, Any]:
    if not isinstance(attachment, dict):
        return {}
    return {key: attachment[key] for key in ("type", "media_type", "target", "url") if key in attachment}


def _scrub(value: Any, token: str, depth: int) -> Any:
    if isinstance(value, str):
        if token and token in value:
            value = value.replace(token, "***")
        return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", value)
    if depth >= MAX_DEPTH:
        return None if isinstance(value, (dict, list)) else value
    if isinstance(value, dict):
        kept = {key: inner for key, inner in value.items() if key != "paging"}
        return {_scrub(key, token, 0): _scrub(inner, token, depth + 1) for key, inner in kept.items()}
    if isinstance(value, list):
        return [_scrub(inner, token, depth + 1) for inner in value]
    return value
