"""X's objects (posts, users, media, problems) in the names before and after the renaming of August 2026.

Objects are built with the old names and renamed at the end. Offsets count code points of the text as sent, in which
`&`, `<` and `>` are HTML entities.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from . import ids
from .script import X_EDIT_MINUTES, X_EDITS, Network, Person, Post, Script
from .text import Kind, display_link, pieces
from .web import iso
from .world import x_version, x_version_at

SHORT_TEXT = 280


class Generation(StrEnum):
    """Which of X's two descriptions the server follows."""

    OLD = "2.166"
    NEW = "2.167"
    BOTH = "both"  # understands either spelling and answers in the one that was asked


_TO_OLD = {
    "note_post": "note_tweet",
    "referenced_posts": "referenced_tweets",
    "edit_history_post_ids": "edit_history_tweet_ids",
}
_TO_NEW = {old: new for new, old in _TO_OLD.items()}


def old_name(field: str) -> str:
    return _TO_OLD.get(field, field)


# --- text -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class XText:
    """The text as sent (escaped) with its entities, and the stretch of it that is shown."""

    text: str
    entities: dict[str, Any]
    shown: tuple[int, int]


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def x_text(script: Script, post: Post, minute: int) -> XText:
    """The whole text of the version of that minute: answers begin with the answered author's handle, links become
    t.co links, and quoted posts and media hang as links at the end."""
    entities: dict[str, list[dict[str, Any]]] = {}
    parts: list[str] = []
    length = 0
    handles = {person.handle.casefold(): person for person in script.people if person.network == Network.X}

    def add(shown: str, kind: str = "", **entity: Any) -> None:
        nonlocal length
        parts.append(shown)
        if kind:
            entities.setdefault(kind, []).append({"start": length, "end": length + len(shown), **entity})
        length += len(shown)

    def mention(handle: str) -> None:
        person = handles.get(handle.casefold())
        add(f"@{handle}", "mentions", username=handle, **({"id": ids.x_user(person)} if person else {}))

    typed = pieces(post.text_at(minute), Network.X)
    parent = script.parent(post)
    if parent and parent.by != post.by:
        handle = script.author(parent).handle
        first = next((piece for piece in typed if piece.text.strip()), None)
        if first is None or first.kind != Kind.MENTION or first.value.casefold() != handle.casefold():
            mention(handle)
            add(" ")
    start = length
    for piece in typed:
        if piece.kind == Kind.LINK:
            shown, cut = display_link(piece.value, 27)
            add(
                short := ids.x_short_link(piece.value, post.key),
                "urls",
                url=short,
                expanded_url=piece.value,
                display_url=shown + ("…" if cut else ""),
            )
        elif piece.kind == Kind.TAG:
            add(piece.text, "hashtags", tag=piece.value)
        elif piece.kind == Kind.MENTION:
            mention(piece.value)
        else:
            add(escape(piece.text))
    end = length
    if post.quote_of:
        quoted = script.post(post.quote_of)
        url = ids.x_url(script, quoted)
        shown, cut = display_link(url, 27)
        add(" ")
        add(
            short := ids.x_short_link("quote", post.key),
            "urls",
            url=short,
            expanded_url=url,
            display_url=shown + ("…" if cut else ""),
        )
    if post.media:
        short = ids.x_short_link("media", post.key)
        add(" ")
        at = length
        add(short)
        for number in range(len(post.media)):
            key = ids.x_media_key(script, post, number)
            address = f"{ids.x_url(script, post)}/photo/1"
            name = short.removeprefix("https://t.co/")
            entities.setdefault("urls", []).append(
                {
                    "start": at,
                    "end": length,
                    "url": short,
                    "expanded_url": address,
                    "display_url": f"pic.x.com/{name}",
                    "media_key": key,
                }
            )
    return XText("".join(parts), entities, (start, end))


def short_text(whole: XText) -> XText:
    """What `text` holds of a long post: cut at 280 characters with an ellipsis, never inside an HTML entity."""
    if len(whole.text) <= SHORT_TEXT:
        return whole
    cut = SHORT_TEXT - 1
    ampersand = whole.text.rfind("&", cut - 5, cut)
    if ampersand >= 0 and ";" not in whole.text[ampersand:cut]:
        cut = ampersand
    entities = {
        kind: inside
        for kind, found in whole.entities.items()
        if (inside := [entity for entity in found if entity["end"] <= cut])
    }
    return XText(whole.text[:cut] + "…", entities, (min(whole.shown[0], cut), cut + 1))


def is_long(whole: XText) -> bool:
    return len(whole.text) > SHORT_TEXT


# --- objects --------------------------------------------------------------------------------------------------------


def post_object(script: Script, post: Post, minute: int, version: int | None = None) -> dict[str, Any]:
    """The full object of one version (the latest by default), in the old names."""
    latest = x_version(post, minute)
    version = latest if version is None else version
    written = x_version_at(post, version)
    chain = ids.x_chain(script, post)[: latest + 1]
    whole = x_text(script, post, written)
    short = short_text(whole)
    editable = script.time(post.at) + timedelta(minutes=X_EDIT_MINUTES)
    parent = script.parent(post)
    answerable = parent is None or parent.by == post.by  # answers to others cannot be edited
    data: dict[str, Any] = {
        "id": chain[version],
        "text": short.text,
        "edit_history_tweet_ids": list(chain),
        "author_id": ids.x_user(script.author(post)),
        "created_at": iso(script.time(written)),
        "conversation_id": ids.x_id(script, script.root(post)),
        "display_text_range": list(short.shown),
        "edit_controls": {
            "edits_remaining": X_EDITS - latest,
            "is_edit_eligible": answerable,
            "editable_until": iso(editable),
        },
        "lang": post.lang or "und",
        "possibly_sensitive": post.sensitive,
        "public_metrics": {
            "retweet_count": post.reposts,
            "reply_count": sum(child.is_there(minute) for child in script.children(post)) + post.replies_elsewhere,
            "like_count": post.likes,
            "quote_count": sum(quote.is_there(minute) for quote in script.quotes(post)),
            "bookmark_count": 0,
            "impression_count": 20 * (post.likes + post.reposts + 1),
        },
        "reply_settings": "everyone",
        "source": "X for the sandbox",
    }
    if short.entities:
        data["entities"] = short.entities
    if is_long(whole):
        data["note_tweet"] = {"text": whole.text, **({"entities": whole.entities} if whole.entities else {})}
    referenced = []
    if parent:
        data["in_reply_to_user_id"] = ids.x_user(script.author(parent))
        referenced.append({"type": "replied_to", "id": referenced_id(script, parent, post.at)})
    if post.quote_of:
        referenced.append({"type": "quoted", "id": referenced_id(script, script.post(post.quote_of), post.at)})
    if referenced:
        data["referenced_tweets"] = referenced
    if post.media:
        keys = [ids.x_media_key(script, post, number) for number in range(len(post.media))]
        data["attachments"] = {"media_keys": keys}
        data["media_metadata"] = [
            {"media_key": key, "alt_text": media.alt} for key, media in zip(keys, post.media, strict=True) if media.alt
        ]
    if post.withheld:
        data["withheld"] = {"copyright": False, "country_codes": list(post.withheld), "scope": "tweet"}
    return data


def referenced_id(script: Script, post: Post, minute: int) -> str:
    """The id under which it was answered or quoted: the version that stood at that minute."""
    return ids.x_chain(script, post)[x_version(post, minute)]


def user_object(script: Script, person: Person, base: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": ids.x_user(person),
        "name": person.name,
        "username": person.handle,
        "description": person.about,
        "protected": person.protected,
        "verified": False,
        "verified_type": "none",
        "profile_image_url": f"{base}/media/avatar-{person.key}_normal.png",
        "public_metrics": {"followers_count": 100, "following_count": 100, "tweet_count": 1000, "listed_count": 1},
    }
    if person.joined:
        data["created_at"] = f"{person.joined.isoformat()}T00:00:00.000Z"
    return data


def media_object(script: Script, post: Post, number: int, base: str) -> dict[str, Any]:
    media = post.media[number]
    data: dict[str, Any] = {
        "media_key": ids.x_media_key(script, post, number),
        "type": "photo",
        "url": f"{base}/media/{post.key}-{number}.png",
        "width": media.width,
        "height": media.height,
    }
    if media.alt:
        data["alt_text"] = media.alt
    return data


def selected(data: dict[str, Any], fields: Iterable[str], new: bool) -> dict[str, Any]:
    """Only the asked fields (old names), renamed when the new names are spoken."""
    data = {name: value for name, value in data.items() if name in set(fields)}
    if not new:
        return data
    data = {_TO_NEW.get(name, name): value for name, value in data.items()}
    if "public_metrics" in data:
        renamed = {"retweet_count": "repost_count", "tweet_count": "post_count"}
        data["public_metrics"] = {renamed.get(name, name): value for name, value in data["public_metrics"].items()}
    if data.get("withheld", {}).get("scope") == "tweet":
        data["withheld"] = {**data["withheld"], "scope": "post"}
    return data


# --- problems -------------------------------------------------------------------------------------------------------


def problem_type(name: str, new: bool) -> str:
    return f"https://api.{'x' if new else 'twitter'}.com/2/problems/{name}"


def missing_problem(value: str, parameter: str, section: str, forbidden: bool, new: bool) -> dict[str, Any]:
    """An entry of `errors` for a post that cannot be given: gone, or somebody's who protects their posts."""
    what = "post" if new else "tweet"
    common = {"value": value, "resource_id": value, "resource_type": what, "parameter": parameter}
    if forbidden:
        return {
            **common,
            "section": section,
            "title": "Authorization Error",
            "detail": f"Sorry, you are not authorized to see the {what.title()} with {parameter}: [{value}].",
            "type": problem_type("not-authorized-for-resource", new),
        }
    return {
        **common,
        "title": "Not Found Error",
        "detail": f"Could not find {what} with {parameter}: [{value}].",
        "type": problem_type("resource-not-found", new),
    }
