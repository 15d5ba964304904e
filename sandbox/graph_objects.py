"""Graph's nodes, field by field: Page, PagePost and Comment."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from . import ids
from .script import PAGE, Network, Page, Post, Script
from .text import Kind, pieces

PAGE_FIELDS = frozenset(
    ["id", "name", "about", "category", "link", "username", "fan_count", "followers_count", "picture", "access_token"]
)


def graph_time(moment: datetime) -> str:
    """2019-05-17T16:24:04+0000: no colon in the offset."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def default_fields(is_comment: bool) -> tuple[str, ...]:
    return ("created_time", "from", "message", "id") if is_comment else ("created_time", "message", "story", "id")


def page_value(page: Page, name: str, base: str, token: str | None) -> Any:
    """`token` is what a person with a role on the Page may see."""
    return {
        "id": page.id,
        "name": page.name,
        "about": "A Page of the sandbox",
        "category": "Cultural Center",
        "link": page.url,
        "username": page.url.rstrip("/").rpartition("/")[2],
        "fan_count": 1000,
        "followers_count": 1000,
        "picture": {"data": _picture(base, f"avatar-page-{page.id}")},
        "access_token": token,
    }[name]


def post_value(script: Script, post: Post, minute: int, name: str, base: str) -> Any:
    """One field of a Page's post; None: there is none. Raises KeyError for a field Graph does not know."""
    return _POST[name](script, post, minute, base)


def comment_value(script: Script, post: Post, minute: int, name: str, base: str) -> Any:
    return _COMMENT[name](script, post, minute, base)


_Read = Callable[[Script, Post, int, str], Any]


def _picture(base: str, name: str) -> dict[str, Any]:
    return {"height": 50, "width": 50, "is_silhouette": False, "url": f"{base}/media/{name}.png"}


def _id(script: Script, post: Post, minute: int, base: str) -> str:
    return ids.facebook_id(script, post)


def _message(script: Script, post: Post, minute: int, base: str) -> str | None:
    return post.text_at(minute) or None


def _created(script: Script, post: Post, minute: int, base: str) -> str:
    return graph_time(script.time(post.at))


def _updated(script: Script, post: Post, minute: int, base: str) -> str:
    """Moves with edits and with every comment below."""
    moments = [post.at, post.edited_at(minute) or 0, *(row.at for row in script.below(post) if row.at <= minute)]
    return graph_time(script.time(max(moments)))


def _from(script: Script, post: Post, minute: int, base: str) -> dict[str, Any]:
    author = script.author(post)
    return {"name": author.name, "id": ids.facebook_person(script, author)}


def _permalink(script: Script, post: Post, minute: int, base: str) -> str:
    return ids.facebook_url(script, post)


def _message_tags(script: Script, post: Post, minute: int, base: str) -> list[dict[str, Any]] | None:
    """The known names in the text. Offsets count code points."""
    text = post.text_at(minute)
    known = [
        (person.name, ids.facebook_person(script, person), "user")
        for person in script.people
        if person.network == Network.FACEBOOK
    ]
    known += [(page.name, page.id, "page") for page in script.pages]
    found = [
        {"id": number, "name": name, "type": kind, "offset": match.start(), "length": len(name)}
        for name, number, kind in known
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    ]
    return sorted(found, key=lambda tag: tag["offset"]) or None


def _full_picture(script: Script, post: Post, minute: int, base: str) -> str | None:
    return f"{base}/media/{post.key}-0.png?oh=signed&oe=expires" if post.media else None


def _photo(script: Script, post: Post, number: int, base: str) -> dict[str, Any]:
    media = post.media[number]
    source = f"{base}/media/{post.key}-{number}.png?oh=signed&oe=expires"
    target = str(ids.stable("photo", post.key, number, bits=50))
    url = f"https://www.facebook.com/photo.php?fbid={target}"
    return {
        "media": {"image": {"height": media.height, "src": source, "width": media.width}},
        "target": {"id": target, "url": url},
        "type": "photo",
        "media_type": "photo",
        "url": url,
    }


def _link_of(post: Post, minute: int) -> str | None:
    return next((piece.value for piece in pieces(post.text_at(minute), post.network) if piece.kind == Kind.LINK), None)


def _attachments(script: Script, post: Post, minute: int, base: str) -> dict[str, Any] | None:
    link = _link_of(post, minute)
    if len(post.media) > 1:
        photos = [_photo(script, post, number, base) for number in range(len(post.media))]
        album = {**photos[0], "type": "album", "media_type": "album", "subattachments": {"data": photos}}
        return {"data": [album]}
    if post.media:
        return {"data": [_photo(script, post, 0, base)]}
    if link:
        shim = f"https://l.facebook.com/l.php?u={quote(link, safe='')}&h=signed"
        share = {"title": link, "type": "share", "media_type": "link", "url": shim, "unshimmed_url": link}
        return {"data": [{**share, "target": {"url": shim}}]}
    return None


def _attachment(script: Script, post: Post, minute: int, base: str) -> dict[str, Any] | None:
    found = _attachments(script, post, minute, base)
    if not found:
        return None
    attachment = dict(found["data"][0])
    attachment.pop("media_type")
    return attachment


def _status_type(script: Script, post: Post, minute: int, base: str) -> str:
    if post.media:
        return "added_photos"
    return "shared_story" if _link_of(post, minute) else "mobile_status_update"


def _privacy(script: Script, post: Post, minute: int, base: str) -> dict[str, str]:
    return {"allow": "", "deny": "", "description": "Public", "friends": "", "value": "EVERYONE"}


def _parent(script: Script, post: Post, minute: int, base: str) -> dict[str, Any] | None:
    """A comment's parent is the comment it answers; the first level has none."""
    parent = script.parent(post)
    if parent is None or parent.reply_to is None:
        return None
    return {
        "created_time": _created(script, parent, minute, base),
        "message": parent.text_at(minute),
        "id": ids.facebook_id(script, parent),
    }


def _replies(script: Script, post: Post, minute: int, base: str) -> int:
    return sum(child.is_there(minute) for child in script.children(post)) + post.replies_elsewhere


_SHARED: dict[str, _Read] = {
    "id": _id,
    "message": _message,
    "created_time": _created,
    "from": _from,
    "permalink_url": _permalink,
    "message_tags": _message_tags,
    "is_hidden": lambda script, post, minute, base: post.visibility == "hidden",
}
_POST: dict[str, _Read] = {
    **_SHARED,
    "updated_time": _updated,
    "story": lambda script, post, minute, base: None,
    "story_tags": lambda script, post, minute, base: None,
    "full_picture": _full_picture,
    "picture": _full_picture,
    "attachments": _attachments,
    "status_type": _status_type,
    "privacy": _privacy,
    "parent_id": lambda script, post, minute, base: None,
    "shares": lambda script, post, minute, base: {"count": post.reposts} if post.reposts else None,
    "is_published": lambda script, post, minute, base: post.visibility != "unpublished",
    "is_expired": lambda script, post, minute, base: False,
    "is_popular": lambda script, post, minute, base: False,
    "place": lambda script, post, minute, base: None,
    "to": lambda script, post, minute, base: (
        {"data": [{"id": post.page, "name": page.name}]}
        if post.by != PAGE and (page := script.page(str(post.page)))
        else None
    ),
}
_COMMENT: dict[str, _Read] = {
    **_SHARED,
    "attachment": _attachment,
    "parent": _parent,
    "comment_count": _replies,
    "like_count": lambda script, post, minute, base: post.likes,
    "user_likes": lambda script, post, minute, base: False,
    "can_comment": lambda script, post, minute, base: True,
    "can_remove": lambda script, post, minute, base: True,
    "can_hide": lambda script, post, minute, base: True,
    "can_like": lambda script, post, minute, base: True,
    "is_private": lambda script, post, minute, base: False,
}
