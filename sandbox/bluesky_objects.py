"""Bluesky's objects: records as authors' programs write them, and views of them as the AppView gives them."""

from __future__ import annotations

from typing import Any

from . import ids
from .script import Network, Person, Post, Script
from .text import Kind, pieces
from .web import iso
from .world import public_on_bluesky

NO_STRANGERS = "!no-unauthenticated"


def profile(script: Script, person: Person, base: str) -> dict[str, Any]:
    """app.bsky.actor.defs#profileViewBasic"""
    did = ids.did(person)
    view: dict[str, Any] = {
        "did": did,
        "handle": person.handle,
        "displayName": person.name,
        "avatar": f"{base}/media/avatar-{person.key}.png",
        "labels": [_label(did, f"at://{did}/app.bsky.actor.profile/self", NO_STRANGERS, script)]
        if person.no_unauthenticated
        else [],
        "associated": {"chat": {"allowIncoming": "following"}},
    }
    if person.joined:
        view["createdAt"] = f"{person.joined.isoformat()}T00:00:00.000Z"
    return view


def strong_ref(script: Script, post: Post) -> dict[str, Any]:
    return {"uri": ids.bluesky_uri(script, post), "cid": ids.content_id(post.key)}


def record(script: Script, post: Post) -> dict[str, Any]:
    """app.bsky.feed.post: what the author wrote."""
    told: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "text": post.text,
        "createdAt": iso(script.time(post.at)),
    }
    if post.lang:
        told["langs"] = [post.lang]
    if facets := _facets(script, post.text):
        told["facets"] = facets
    if parent := script.parent(post):
        told["reply"] = {"root": strong_ref(script, script.root(post)), "parent": strong_ref(script, parent)}
    if embed := _embed(script, post):
        told["embed"] = embed
    if post.labels:
        values = [{"val": label} for label in post.labels]
        told["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return told


def post_view(script: Script, post: Post, minute: int, base: str) -> dict[str, Any]:
    """app.bsky.feed.defs#postView"""
    view = {
        **strong_ref(script, post),
        "author": profile(script, script.author(post), base),
        "record": record(script, post),
        **_counts(script, post, minute),
        "indexedAt": iso(script.time(post.at)),
        "labels": _labels(script, post),
    }
    if embed := _embed_view(script, post, minute, base):
        view["embed"] = embed
    return view


def not_found(script: Script, post: Post) -> dict[str, Any]:
    return {
        "$type": "app.bsky.feed.defs#notFoundPost",
        "uri": ids.bluesky_uri(script, post),
        "notFound": True,
    }


def blocked(script: Script, post: Post) -> dict[str, Any]:
    return {
        "$type": "app.bsky.feed.defs#blockedPost",
        "uri": ids.bluesky_uri(script, post),
        "blocked": True,
        "author": {"did": ids.did(script.author(post))},
    }


def _counts(script: Script, post: Post, minute: int) -> dict[str, int]:
    return {
        "replyCount": sum(public_on_bluesky(reply, minute) for reply in script.children(post)),
        "repostCount": post.reposts,
        "likeCount": post.likes,
        "quoteCount": sum(public_on_bluesky(quote, minute) for quote in script.quotes(post)),
    }


def _labels(script: Script, post: Post) -> list[dict[str, Any]]:
    uri = ids.bluesky_uri(script, post)
    return [_label(ids.did(script.author(post)), uri, label, script) for label in post.labels]


def _label(source: str, subject: str, value: str, script: Script) -> dict[str, Any]:
    return {"src": source, "uri": subject, "val": value, "cts": iso(script.start)}


def _facets(script: Script, text: str) -> list[dict[str, Any]]:
    """Tags, links and mentions with their places in bytes."""
    found: list[dict[str, Any]] = []
    at = 0
    for piece in pieces(text, Network.BLUESKY):
        end = at + len(piece.text.encode())
        if feature := _feature(script, piece.kind, piece.value):
            found.append({"index": {"byteStart": at, "byteEnd": end}, "features": [feature]})
        at = end
    return found


def _feature(script: Script, kind: Kind, value: str) -> dict[str, Any] | None:
    name = "app.bsky.richtext.facet#"
    if kind == Kind.TAG:
        return {"$type": f"{name}tag", "tag": value}
    if kind == Kind.LINK:
        return {"$type": f"{name}link", "uri": value}
    if kind == Kind.MENTION:
        for person in script.people:
            if person.network == Network.BLUESKY and person.handle.casefold() == value.casefold():
                return {"$type": f"{name}mention", "did": ids.did(person)}
    return None


# --- what is embedded -----------------------------------------------------------------------------------------------


def _embed(script: Script, post: Post) -> dict[str, Any] | None:
    media = _media(post)
    if post.quote_of is None:
        return media
    quote = {"$type": "app.bsky.embed.record", "record": strong_ref(script, script.post(post.quote_of))}
    return {"$type": "app.bsky.embed.recordWithMedia", "record": quote, "media": media} if media else quote


def _media(post: Post) -> dict[str, Any] | None:
    if post.card:
        external = {"uri": post.card, "title": "Che tipo di networker sei?", "description": ""}
        return {"$type": "app.bsky.embed.external", "external": external}
    if not post.media:
        return None
    images = [
        {
            "alt": item.alt or "",
            "image": {
                "$type": "blob",
                "ref": {"$link": ids.content_id("file", post.key, number)},
                "mimeType": "image/png",
                "size": 1000,
            },
            "aspectRatio": {"width": item.width, "height": item.height},
        }
        for number, item in enumerate(post.media)
    ]
    return {"$type": "app.bsky.embed.images", "images": images}


def _embed_view(script: Script, post: Post, minute: int, base: str) -> dict[str, Any] | None:
    media = _media_view(post, base)
    if post.quote_of is None:
        return media
    quote = {"$type": "app.bsky.embed.record#view", "record": _quoted(script, script.post(post.quote_of), minute, base)}
    return {"$type": "app.bsky.embed.recordWithMedia#view", "record": quote, "media": media} if media else quote


def _media_view(post: Post, base: str) -> dict[str, Any] | None:
    if post.card:
        external = {"uri": post.card, "title": "Che tipo di networker sei?", "description": ""}
        return {"$type": "app.bsky.embed.external#view", "external": external}
    if not post.media:
        return None
    images = [
        {
            "thumb": f"{base}/media/{post.key}-{number}.png",
            "fullsize": f"{base}/media/{post.key}-{number}.png",
            "alt": item.alt or "",
            "aspectRatio": {"width": item.width, "height": item.height},
        }
        for number, item in enumerate(post.media)
    ]
    return {"$type": "app.bsky.embed.images#view", "images": images}


def _quoted(script: Script, post: Post, minute: int, base: str) -> dict[str, Any]:
    if not post.is_there(minute):
        return {**not_found(script, post), "$type": "app.bsky.embed.record#viewNotFound"}
    if not public_on_bluesky(post, minute):
        return {**blocked(script, post), "$type": "app.bsky.embed.record#viewBlocked"}
    media = _media_view(post, base)
    return {
        "$type": "app.bsky.embed.record#viewRecord",
        **strong_ref(script, post),
        "author": profile(script, script.author(post), base),
        "value": record(script, post),
        "labels": _labels(script, post),
        **_counts(script, post, minute),
        "embeds": [media] if media else [],
        "indexedAt": iso(script.time(post.at)),
    }
