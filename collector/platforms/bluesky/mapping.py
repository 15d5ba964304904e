"""A post as Bluesky's AppView shows it -> a sighting. Pure; needs nothing but the Raw.

A view is the author's own record (`record`: text, facets, reply, embed) beside what the network adds (author, labels,
counts, addresses of media). Lexicon: app.bsky.feed.defs#postView, app.bsky.feed.post.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ....core.errors import BadItem
from ....core.normalise import clean_count, clean_lang, clean_line, clean_tag, clean_text, clean_time, clean_url
from ....core.records import Author, Media, MediaKind, Metrics, Post, PostRef, Sighting, Visibility
from ...contract import Raw
from .address import ORIGIN, author_of, handle_of, names_by_handle, page_of, post_ref, post_uri, profile_of
from .text import mentioned, read_text, typed_tags, with_card

VERSION = 1
MAX_ALT = 10_000
MAX_LISTED = 100  # tags, labels, media of one post: more is an attack
MAX_PIXELS = 100_000

NO_STRANGERS = "!no-unauthenticated"  # "do not show me to people who are not signed in"
WISH = "no_unauthenticated"
_SENSITIVE = frozenset({"porn", "sexual", "nudity", "graphic-media", "gore", "nsfl", "!warn"})
_HIDDEN = frozenset({"!hide", "!takedown", "!suspend"})


def to_sightings(raw: Raw) -> tuple[Sighting, ...]:
    """One sighting of one post. Raises BadItem when it has no uri, no author, no record or no usable time."""
    body = raw.body
    uri = post_uri(body.get("uri"))
    if uri is None:
        raise BadItem("An item from Bluesky is no post: it has no uri of one.", "It was left out.")
    record = _object(body.get("record"))
    published_at = published(body, raw.seen_at)
    if published_at is None:
        raise BadItem(f"The post {uri} has no believable time.", "It was left out.")
    author = _author(_object(body.get("author")), author_of(uri), _labels(body.get("labels")), raw.seen_at)
    text, entities = read_text(record.get("text"), record.get("facets"))
    embed, own_embed = _object(body.get("embed")), _object(record.get("embed"))
    if card := _card(embed, own_embed):
        text, entities = with_card(text, entities, *card)
    labels = _labels(body.get("labels")) | _self_labels(record.get("labels"))
    above = _object(record.get("reply"))
    reply_to, root = (post_ref(_object(above.get(name)).get("uri")) for name in ("parent", "root"))
    named = frozenset(filter(None, map(clean_tag, _texts(record.get("tags")))))
    facet_tags = frozenset(entity.target for entity in entities if entity.kind == "hashtag")
    post = Post(
        ref=PostRef(ORIGIN, uri),
        url=page_of(uri),
        author=author,
        published_at=published_at,
        text=text,
        entities=entities,
        lang=next(filter(None, map(clean_lang, _texts(record.get("langs")))), None),
        sensitive=True if labels & _SENSITIVE else None,
        labels=tuple(sorted(labels)),
        visibility=Visibility.PRIVATE if labels & _HIDDEN else Visibility.PUBLIC,
        reply_to=reply_to if reply_to and reply_to.native_id != uri else None,
        root_hint=root if root and root.native_id != uri else None,
        quote_of=_quote_of(embed, own_embed, uri),
        hashtags=named | facet_tags | typed_tags(text),
        media=_media(embed, own_embed),
    )
    asked_as = raw.context.get("asked_as")
    by_handle = isinstance(asked_as, str) and names_by_handle(asked_as)
    return (
        Sighting(
            seen_as=raw.seen_as,
            post=post,
            seen_at=raw.seen_at,
            also=(PostRef(ORIGIN, asked_as),) if by_handle and asked_as else (),
            metrics=Metrics(
                likes=clean_count(body.get("likeCount")),
                replies=clean_count(body.get("replyCount")),
                reposts=clean_count(body.get("repostCount")),
                quotes=clean_count(body.get("quoteCount")),
            ),
            names=_names(record, author, (reply_to, root, _named_quote(own_embed))),
        ),
    )


def published(view: dict[str, Any], now: datetime) -> datetime | None:
    """When the post was published: the author's own word, but not later than the network received it. Bluesky sorts
    its search by the same (`sortAt`)."""
    said = clean_time(_object(view.get("record")).get("createdAt"), now)
    received = clean_time(view.get("indexedAt"), now)
    return min(said, received) if said and received else said or received


# --- people --------------------------------------------------------------------------------------------------------


def _author(view: dict[str, Any], did: str, post_labels: frozenset[str], now: datetime) -> Author:
    """Who wrote it: the uri says so, the view describes them (if it is theirs)."""
    if view.get("did") != did:
        view = {}
    own_labels = _labels(view.get("labels"))
    asked = {WISH: NO_STRANGERS in own_labels | post_labels, "suspended": bool(own_labels & _HIDDEN)}
    return Author(
        origin=ORIGIN,
        native_id=did,
        handle=handle_of(view.get("handle")),
        display_name=clean_line(view.get("displayName")),
        url=profile_of(did),
        avatar_url=clean_url(view.get("avatar")),
        created_at=clean_time(view.get("createdAt"), now),
        wishes=tuple(wish for wish, holds in asked.items() if holds),
    )


def _names(record: dict[str, Any], author: Author, others: tuple[PostRef | None, ...]) -> tuple[tuple[str, str], ...]:
    """Author, mentioned people, and whoever is answered or quoted."""
    names = {author.native_id: None}
    if author.handle:
        names[f"@{author.handle}"] = None
    for did, shown in mentioned(record.get("text"), record.get("facets")):
        names[did] = None
        if handle := handle_of((shown or "").lstrip("@＠")):
            names[f"@{handle}"] = None
    names |= {author_of(ref.native_id): None for ref in others if ref}
    return tuple((ORIGIN, name) for name in names)


# --- labels --------------------------------------------------------------------------------------------------------


def _labels(value: object) -> frozenset[str]:
    """What moderation services and the account itself say; a label that was taken back does not count."""
    found = [item for item in _objects(value) if item.get("neg") is not True]
    return frozenset(filter(None, (clean_line(item.get("val"), 100) for item in found)))


def _self_labels(value: object) -> frozenset[str]:
    return _labels(_object(value).get("values"))


# --- what is embedded ----------------------------------------------------------------------------------------------


def _quote_of(embed: dict[str, Any], own_embed: dict[str, Any], uri: str) -> PostRef | None:
    """The quoted post. Where its author took it out of the quote or blocked the quoting one, there is none."""
    shown = _object(embed.get("record"))
    shown = _object(shown.get("record")) or shown
    if shown.get("detached") is True or shown.get("blocked") is True:
        return None
    ref = _named_quote(own_embed)
    return ref if ref and ref.native_id != uri else None


def _named_quote(own_embed: dict[str, Any]) -> PostRef | None:
    """What the author's record names as quoted, whatever became of it."""
    named = _object(own_embed.get("record"))
    return post_ref((_object(named.get("record")) or named).get("uri"))


def _card(embed: dict[str, Any], own_embed: dict[str, Any]) -> tuple[str, str | None] | None:
    """A link card's address and title."""
    for holder in (own_embed, _object(own_embed.get("media")), embed, _object(embed.get("media"))):
        external = _object(holder.get("external"))
        if url := clean_url(external.get("uri")):
            return url, clean_line(external.get("title"))
    return None


def _media(embed: dict[str, Any], own_embed: dict[str, Any]) -> tuple[Media, ...]:
    """Pictures and film as shown, each named by what the author's record says of the file (its content's id)."""
    view, own = _object(embed.get("media")) or embed, _object(own_embed.get("media")) or own_embed
    found: list[Media] = []
    for name, file in (("images", "image"), ("items", "image")):
        owns = _objects(own.get(name))
        for number, shown in enumerate(_objects(view.get(name))):
            described = owns[number] if number < len(owns) else {}
            found.append(
                _medium(
                    MediaKind.IMAGE,
                    shown,
                    url=clean_url(shown.get("fullsize")),
                    preview=clean_url(shown.get("thumb")) or clean_url(shown.get("thumbnail")),
                    stable_id=_content_id(described.get(file)),
                )
            )
    if playlist := clean_url(view.get("playlist")):
        kind = MediaKind.GIF if view.get("presentation") == "gif" else MediaKind.VIDEO
        stable = _content_id(own.get("video")) or clean_line(view.get("cid"), 100)
        found.append(_medium(kind, view, url=playlist, preview=clean_url(view.get("thumbnail")), stable_id=stable))
    return tuple(found)


def _medium(
    kind: MediaKind, shown: dict[str, Any], *, url: str | None, preview: str | None, stable_id: str | None
) -> Media:
    ratio = _object(shown.get("aspectRatio"))
    return Media(
        kind=kind,
        url=url,
        preview_url=preview,
        alt=clean_text(shown.get("alt"), MAX_ALT).strip() or None,
        width=_pixels(ratio.get("width")),
        height=_pixels(ratio.get("height")),
        stable_id=stable_id,
    )


def _content_id(blob: object) -> str | None:
    return clean_line(_object(_object(blob).get("ref")).get("$link"), 100)


def _pixels(value: object) -> int | None:
    number = clean_count(value)
    return number if number and number <= MAX_PIXELS else None


# --- hostile values ------------------------------------------------------------------------------------------------


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value[:MAX_LISTED] if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [item for item in value[:MAX_LISTED] if isinstance(item, str)] if isinstance(value, list) else []
