"""From a raw post or comment to a sighting. Pure; raises nothing but BadItem.

Fields: https://developers.facebook.com/docs/graph-api/reference/page-post and …/reference/comment. Facebook gives no
language, no content warning, no alt text and no edit time (`updated_time` also moves when somebody comments): those
stay unknown, and an edit shows in the content itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ....core.errors import BadItem
from ....core.normalise import MAX_TEXT, clean_count, clean_line, clean_text, clean_time, clean_url
from ....core.records import (
    Author,
    Entity,
    EntityKind,
    Media,
    MediaKind,
    Metrics,
    Post,
    PostRef,
    Sighting,
    Visibility,
)
from ...contract import Raw
from ...plain_text import hashtags, links, without_overlaps
from .address import HOSTS
from .items import ORIGIN, is_public, surrogate_id, wire_id

MAPPING_VERSION = 1
WWW = "https://www.facebook.com"
MAX_MEDIA = 100
MAX_TAGGED = 500

_MEDIA_KINDS = {"photo": MediaKind.IMAGE, "video": MediaKind.VIDEO}
_CLICK_ID = re.compile(r"[?&]fbclid=[^&#]*$")  # added by Facebook to each shared address


def to_sightings(raw: Raw) -> tuple[Sighting, ...]:
    """The one sighting of a raw post, or of a raw comment (`context["post"]` names its post, None if unknown)."""
    return (_comment(raw, wire_id(raw.context["post"])) if "post" in raw.context else _page_post(raw),)


# --- posts and comments --------------------------------------------------------------------------------------------


def _page_post(raw: Raw) -> Sighting:
    body = raw.body
    native_id = wire_id(body.get("id"))
    if native_id is None:
        raise BadItem("Facebook gave a post without a usable id.")
    attachments = _attachments(body.get("attachments"))
    original = wire_id(body.get("parent_id"))
    shared = PostRef(ORIGIN, original) if original and original != native_id else None
    media = tuple(m for one in attachments for m in _media(one))[:MAX_MEDIA]
    if not media and not shared and (picture := clean_url(body.get("full_picture"))) and not attachments:
        media = (Media(MediaKind.IMAGE, picture),)
    return _sighting(
        raw,
        PostRef(ORIGIN, native_id),
        [] if shared else attachments,
        media=media,
        quote_of=shared if body.get("message") else None,
        repost_of=None if body.get("message") else shared,
        metrics=Metrics(
            likes=_total(body.get("reactions")),
            replies=_total(body.get("comments")),
            reposts=clean_count(_get(body.get("shares"), "count")),
        ),
    )


def _comment(raw: Raw, post_id: str | None) -> Sighting:
    """A comment answers another comment or the post. One without an id cannot be answered by anything we could name,
    nor can what it answers: it hangs below the post."""
    body = raw.body
    native_id = wire_id(body.get("id"))
    above = wire_id(_get(body.get("parent"), "id"))
    if native_id is None:
        if body.get("id") is not None or post_id is None or not isinstance(body.get("created_time"), str):
            raise BadItem("Facebook gave a comment without a usable id or time.")
        native_id, above = surrogate_id(post_id, body["created_time"], body.get("message")), None
    if above is None or above == native_id:
        above = post_id
    if above is None:
        raise BadItem(f"Facebook gave the comment {native_id} without what it answers.")
    attachment = body.get("attachment")
    attachments = [attachment] if isinstance(attachment, dict) else []
    return _sighting(
        raw,
        PostRef(ORIGIN, native_id),
        attachments,
        media=tuple(m for one in attachments for m in _media(one))[:MAX_MEDIA],
        reply_to=PostRef(ORIGIN, above),
        root_hint=PostRef(ORIGIN, post_id) if post_id else None,
        metrics=Metrics(likes=clean_count(body.get("like_count")), replies=clean_count(body.get("comment_count"))),
    )


def _sighting(
    raw: Raw,
    ref: PostRef,
    attachments: list[dict[str, Any]],
    *,
    media: tuple[Media, ...],
    metrics: Metrics,
    reply_to: PostRef | None = None,
    root_hint: PostRef | None = None,
    quote_of: PostRef | None = None,
    repost_of: PostRef | None = None,
) -> Sighting:
    """What posts and comments have in common."""
    body = raw.body
    published_at = clean_time(body.get("created_time"), raw.seen_at)
    if published_at is None:
        raise BadItem(f"Facebook gave {ref.native_id} without a believable time.")
    text, entities = _text(body, attachments)
    author = _author(body.get("from"), ref.native_id)
    people = [author.native_id] if author else []
    people += [one for tag in _tags(body) if (one := wire_id(tag.get("id")))]
    post = Post(
        ref=ref,
        url=_permalink(body.get("permalink_url")),
        author=author,
        published_at=published_at,
        text=text,
        entities=entities,
        visibility=Visibility.PUBLIC if is_public(body) else Visibility.PRIVATE,
        reply_to=reply_to,
        root_hint=root_hint,
        quote_of=quote_of,
        repost_of=repost_of,
        hashtags=frozenset(e.target for e in entities if e.kind is EntityKind.HASHTAG),
        media=media,
    )
    names = tuple((ORIGIN, one) for one in dict.fromkeys(people))
    return Sighting(seen_as=ref, post=post, seen_at=raw.seen_at, metrics=metrics, names=names)


def _author(value: object, post_id: str) -> Author | None:
    """Who wrote it; left out by Facebook unless a Page token asks. Only a Page has a lasting public address: the
    numbers of people are valid for one app alone."""
    native_id = wire_id(_get(value, "id"))
    if native_id is None:
        return None
    is_page = post_id.startswith(f"{native_id}_")
    return Author(
        origin=ORIGIN,
        native_id=native_id,
        display_name=clean_line(_get(value, "name")),
        url=f"{WWW}/{native_id}" if is_page else None,
    )


# --- what stands in and beside the text ------------------------------------------------------------------------------


def _text(body: Mapping[str, Any], attachments: list[dict[str, Any]]) -> tuple[str, tuple[Entity, ...]]:
    """The message and what it means. A shared link that is not in the message stands at the end of the text:
    Facebook shows it as a card below, and whether a post belongs may hang on it."""
    text = clean_text(body.get("message"))
    entities = without_overlaps(_mentions(body, text), links(text), hashtags(text))
    known = {_same(entity.target) for entity in entities}
    for url, title in filter(None, map(_link, attachments)):
        if _same(url) not in known and len(text) + len(url) < MAX_TEXT:
            known.add(_same(url))
            text = f"{text}\n\n{url}" if text else url
            entities += (Entity(len(text) - len(url), len(text), EntityKind.LINK, url, title),)
    return text, entities


def _same(url: str) -> str:
    return url.partition("://")[2].rstrip("/").casefold()


def _tags(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    tags = body.get("message_tags")
    return [tag for tag in tags[:MAX_TAGGED] if isinstance(tag, dict)] if isinstance(tags, list) else []


def _mentions(body: Mapping[str, Any], text: str) -> list[Entity]:
    """`message_tags` as entities. Their offsets count code points of the message as sent; \\r\\n became \\n."""
    message = body.get("message")
    found = []
    for tag in _tags(body):
        start, length, native_id = tag.get("offset"), tag.get("length"), wire_id(tag.get("id"))
        if type(start) is not int or type(length) is not int or start < 0 or length <= 0 or native_id is None:
            continue
        if not isinstance(message, str) or start + length > len(message):
            continue
        end = start + length - message.count("\r\n", 0, start + length)
        start -= message.count("\r\n", 0, start)
        if start < end <= len(text):
            name = clean_line(tag.get("name"))
            display = name if name != text[start:end] else None
            found.append(Entity(start, end, EntityKind.MENTION, f"{WWW}/{native_id}", display))
    return found


def _attachments(edge: object) -> list[dict[str, Any]]:
    data = _get(edge, "data")
    return [one for one in data[:MAX_MEDIA] if isinstance(one, dict)] if isinstance(data, list) else []


def _media(attachment: dict[str, Any]) -> list[Media]:
    """The pictures and videos of one attachment; those of an album are its subattachments. Alt text is not given."""
    inner = [m for one in _attachments(attachment.get("subattachments")) for m in _one_media(one)]
    return inner or _one_media(attachment)


def _one_media(attachment: dict[str, Any]) -> list[Media]:
    kind = _kind(attachment)
    if kind is None:
        return []
    media = attachment.get("media")
    image = _get(media, "image")
    picture = clean_url(_get(image, "src"))
    url = picture if kind is MediaKind.IMAGE else clean_url(_get(media, "source"))
    if not (url or picture):
        return []
    return [
        Media(
            kind=kind,
            url=url,
            preview_url=picture if picture != url else None,
            width=clean_count(_get(image, "width")) or None,
            height=clean_count(_get(image, "height")) or None,
            stable_id=wire_id(_get(attachment.get("target"), "id")),
        )
    ]


def _kind(attachment: dict[str, Any]) -> MediaKind | None:
    """Posts say `media_type` (photo, video, album, link …), comments only `type` (photo, sticker, video_inline …)."""
    media_type, precise = attachment.get("media_type"), attachment.get("type")
    if not isinstance(precise, str):
        precise = ""
    if precise.startswith("animated_image"):
        return MediaKind.GIF
    if isinstance(media_type, str):
        return _MEDIA_KINDS.get(media_type)
    if precise in ("photo", "sticker", "cover_photo", "profile_media"):
        return MediaKind.IMAGE
    return MediaKind.VIDEO if precise.startswith("video") else None


def _link(attachment: dict[str, Any]) -> tuple[str, str | None] | None:
    """The address that a shared link leads to, and its title; None for pictures, videos and Facebook's own pages."""
    if _kind(attachment) is not None or attachment.get("media_type") == "album":
        return None
    url = clean_url(attachment.get("unshimmed_url")) or _unshimmed(clean_url(attachment.get("url")))
    url = clean_url(_CLICK_ID.sub("", url)) if url else None
    if url is None or (urlsplit(url).hostname or "").lower() in HOSTS:
        return None
    return url, clean_line(attachment.get("title"))


def _unshimmed(url: str | None) -> str | None:
    """Where Facebook's link shim (l.facebook.com/l.php?u=…) leads."""
    if url is None:
        return None
    parts = urlsplit(url)
    if (parts.hostname or "").lower() in ("l.facebook.com", "lm.facebook.com"):
        return clean_url(parse_qs(parts.query).get("u", [None])[0])
    return url


def _permalink(value: object) -> str | None:
    """The post's public address; Facebook gives some (videos) without the host."""
    if isinstance(value, str) and value.startswith("/") and not value.startswith("//"):
        value = WWW + value
    return clean_url(value)


def _total(edge: object) -> int | None:
    return clean_count(_get(_get(edge, "summary"), "total_count"))


def _get(value: object, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None
