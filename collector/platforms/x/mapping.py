"""One post as X sent it -> one sighting. Pure; knows both generations of X's field names.

X renamed its fields in August 2026 (description 2.167: `referenced_tweets` -> `referenced_posts`, `note_tweet` ->
`note_post`, …) while its prose kept the old ones. Which of them arrive is not ours to choose, so both are read.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from ....core.errors import BadItem
from ....core.normalise import (
    clean_count,
    clean_lang,
    clean_line,
    clean_tag,
    clean_text,
    clean_time,
    clean_url,
)
from ....core.records import Author, Media, MediaKind, Metrics, Post, PostRef, Sighting, Visibility
from ...contract import Raw
from .ids import ORIGIN, clean_handle, is_id, post_ref, time_of
from .text import read_text

MAPPING_VERSION = 1

_MAX_CHAIN = 20  # X allows five edits
_KINDS = {"photo": MediaKind.IMAGE, "video": MediaKind.VIDEO, "animated_gif": MediaKind.GIF}
# Codes of X that are no living language code: emoji only, media only, and two that ISO 639 renamed in 1989.
_LANGUAGES = {"art": None, "zxx": None, "in": "id", "iw": "he"}
_COUNTRY = re.compile(r"[A-Z]{2}")


def to_sightings(raw: Raw) -> tuple[Sighting, ...]:
    """The post of `raw`, as one sighting. Raises BadItem when it has no id or no moment that can be."""
    body = raw.body
    native_id = body.get("id")
    if not isinstance(native_id, str) or not is_id(native_id):
        raise BadItem("A post from X has no id.", "It was left out.")
    chain = edit_chain(body, native_id)
    published_at, edited_at = _times(body, native_id, chain, raw.seen_at)
    note = _dict(_either(body, "note_post", "note_tweet"))
    whole = note if isinstance(note.get("text"), str) else body  # `text` of a long post is cut
    text, entities = read_text(whole.get("text"), whole.get("entities"))
    author = _author(body, raw)
    handle = author.handle if author else None
    pointers = {kind: ref for kind, ref in _references(body) if ref.native_id not in chain}
    conversation = post_ref(body.get("conversation_id"))
    hidden = (author is not None and author.protected) or _dict(body.get("scopes")).get("followers") is True
    post = Post(
        ref=PostRef(ORIGIN, chain[0]),
        url=f"https://x.com/{handle or 'i'}/status/{native_id}",
        author=author,
        published_at=published_at,
        edited_at=edited_at,
        text=text,
        entities=entities,
        lang=_language(body.get("lang")),
        sensitive=_flag(body.get("possibly_sensitive")),
        withheld=_withheld(body, _dict(raw.context.get("author"))),
        visibility=Visibility.PRIVATE if hidden else Visibility.PUBLIC,
        reply_to=pointers.get("replied_to"),
        root_hint=conversation if conversation and conversation.native_id not in chain else None,
        quote_of=pointers.get("quoted"),
        repost_of=pointers.get("retweeted"),
        hashtags=_hashtags(body.get("entities"), note.get("entities")),
        media=_media(body, raw.context),
    )
    return (
        Sighting(
            seen_as=PostRef(ORIGIN, native_id),
            post=post,
            seen_at=raw.seen_at,
            also=tuple(PostRef(ORIGIN, other) for other in chain if other != native_id),
            metrics=_metrics(body),
            names=_names(body, note, author),
        ),
    )


def edit_chain(body: dict[str, Any], native_id: str) -> tuple[str, ...]:
    """All ids of the post's versions, oldest first; every edit has a new id. A list that does not name the post
    itself, or is longer than X allows, is not believed: it would join strangers' posts."""
    listed = _either(body, "edit_history_post_ids", "edit_history_tweet_ids")
    if not isinstance(listed, list) or len(listed) > _MAX_CHAIN or not all(map(is_id, listed)):
        return (native_id,)
    return tuple(sorted(set(listed), key=int)) if native_id in listed else (native_id,)


def references(body: dict[str, Any]) -> frozenset[str]:
    """The ids of the posts that this one answers, quotes or reposts."""
    return frozenset(ref.native_id for _, ref in _references(body))


def _references(body: dict[str, Any]) -> list[tuple[str, PostRef]]:
    listed = _either(body, "referenced_posts", "referenced_tweets")
    pairs = [(item.get("type"), post_ref(item.get("id"))) for item in _dicts(listed)]
    return [(kind, ref) for kind, ref in pairs if isinstance(kind, str) and ref]


def _times(
    body: dict[str, Any], native_id: str, chain: tuple[str, ...], now: datetime
) -> tuple[datetime, datetime | None]:
    """When the first version was published, and when this version was made if it is an edit. An id holds its own
    moment, which is what remains where `created_at` is missing or absurd."""
    own = clean_time(body.get("created_at"), now) or clean_time(time_of(native_id), now)
    if own is None:
        raise BadItem(f"The post {native_id} from X has no believable date.", "It was left out.")
    if native_id == chain[0]:
        return own, None
    return clean_time(time_of(chain[0]), now) or own, clean_time(time_of(native_id), now) or own


def _author(body: dict[str, Any], raw: Raw) -> Author | None:
    native_id = body.get("author_id")
    user = _dict(raw.context.get("author"))
    if not is_id(native_id):
        native_id = user.get("id")
    if not isinstance(native_id, str) or not is_id(native_id):
        return None
    if user.get("id") != native_id:
        user = {}
    handle = clean_handle(user.get("username") or body.get("username"))
    return Author(
        origin=ORIGIN,
        native_id=native_id,
        handle=handle,
        display_name=clean_line(user.get("name")),
        url=f"https://x.com/{handle}" if handle else f"https://x.com/i/user/{native_id}",
        avatar_url=clean_url(user.get("profile_image_url")),
        created_at=clean_time(user.get("created_at"), raw.seen_at),
        protected=_flag(user.get("protected")),
    )


def _names(body: dict[str, Any], note: dict[str, Any], author: Author | None) -> tuple[tuple[str, str], ...]:
    """Everybody the item names: author, whoever is answered, and all who are mentioned."""
    found: dict[tuple[str, str], None] = {}

    def add(native_id: object, handle: object) -> None:
        if isinstance(native_id, str) and is_id(native_id):
            found[(ORIGIN, native_id)] = None
        if name := clean_handle(handle):
            found[(ORIGIN, f"@{name.lower()}")] = None

    if author:
        add(author.native_id, author.handle)
    add(body.get("in_reply_to_user_id"), None)
    for entities in (body.get("entities"), note.get("entities")):
        for mention in _dicts(_dict(entities).get("mentions")):
            add(mention.get("id"), mention.get("username"))
    return tuple(found)


def _hashtags(*entity_lists: object) -> frozenset[str]:
    """From all lists there are: a long post's tag may stand only in its long, or only in its cut form."""
    listed = (item.get("tag") for entities in entity_lists for item in _dicts(_dict(entities).get("hashtags")))
    return frozenset(tag for tag in map(clean_tag, listed) if tag)


def _media(body: dict[str, Any], context: dict[str, Any]) -> tuple[Media, ...]:
    """In the post's order; a medium whose object did not come is kept by its key."""
    objects = {item["media_key"]: item for item in _keyed(context.get("media"))}
    alts = {item["media_key"]: item.get("alt_text") for item in _keyed(body.get("media_metadata"))}
    keys = _dict(body.get("attachments")).get("media_keys")
    keys = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
    return tuple(_medium(key, objects.get(key, {}), alts.get(key)) for key in keys)


def _keyed(items: object) -> list[dict[str, Any]]:
    return [item for item in _dicts(items) if isinstance(item.get("media_key"), str)]


def _medium(key: str, item: dict[str, Any], other_alt: object) -> Media:
    kind = item.get("type")
    return Media(
        kind=_KINDS.get(kind, MediaKind.OTHER) if isinstance(kind, str) else MediaKind.OTHER,
        url=clean_url(item.get("url")) or _best_variant(item.get("variants")),
        preview_url=clean_url(item.get("preview_image_url")),
        alt=_alt(item.get("alt_text")) or _alt(other_alt),
        width=clean_count(item.get("width")),
        height=clean_count(item.get("height")),
        stable_id=clean_line(key, 100),
    )


def _alt(value: object) -> str | None:
    return clean_text(value, 5_000).strip() or None


def _best_variant(variants: object) -> str | None:
    """The address of the richest MP4: browsers play it without scripts, unlike the HLS list beside it."""
    films = [
        (clean_count(item.get("bit_rate")) or 0, url)
        for item in _dicts(variants)
        if item.get("content_type") == "video/mp4" and (url := clean_url(item.get("url")))
    ]
    return max(films)[1] if films else None


def _metrics(body: dict[str, Any]) -> Metrics | None:
    counts = body.get("public_metrics")
    if not isinstance(counts, dict):
        return None
    return Metrics(
        likes=clean_count(counts.get("like_count")),
        replies=clean_count(counts.get("reply_count")),
        reposts=clean_count(_either(counts, "repost_count", "retweet_count")),
        quotes=clean_count(counts.get("quote_count")),
        views=clean_count(counts.get("impression_count")),
    )


def _withheld(*withholders: dict[str, Any]) -> tuple[str, ...]:
    """Two-letter codes of the countries where the post or its author is not shown (XX and XY: X's own "everywhere")."""
    codes: set[str] = set()
    for holder in withholders:
        listed = _dict(holder.get("withheld")).get("country_codes")
        codes.update(code for code in (listed if isinstance(listed, list) else []) if _COUNTRY.fullmatch(str(code)))
    return tuple(sorted(codes))


def _language(value: object) -> str | None:
    code = clean_lang(value)
    return _LANGUAGES.get(code, code) if code else None


def _either(body: dict[str, Any], new: str, old: str) -> Any:
    return body[new] if body.get(new) is not None else body.get(old)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
