"""A status as a Mastodon-like server tells it -> a sighting. Pure; needs nothing but the Raw.

https://docs.joinmastodon.org/entities/Status/ ; GoToSocial and Pleroma answer in the same form with fields missing
or of their own (`pleroma`).
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from ....core.errors import BadItem
from ....core.normalise import (
    MAX_TEXT,
    MAX_URL,
    clean_count,
    clean_lang,
    clean_line,
    clean_tag,
    clean_text,
    clean_time,
    clean_url,
)
from ....core.records import (
    Author,
    Authority,
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
from ...html_text import MAX_HTML, PlainText, plain_text
from .address import ORIGIN, actor_of_uri, home_ref, host_of, host_of_url, local_ref
from .items import id_of

VERSION = 1
MAX_WARNING = 2_000
MAX_ALT = 10_000
MAX_LISTED = 500  # tags, mentions, emojis, media of one post: more is an attack
MAX_PIXELS = 100_000

_VISIBILITY = {"public": Visibility.PUBLIC, "unlisted": Visibility.UNLISTED}
_LEAVE_ALONE = re.compile(r"[#＃](?:nobots?|noindex|noarchive)(?!\w)")
_MEDIA = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "gifv": MediaKind.GIF, "audio": MediaKind.AUDIO}


def to_sightings(raw: Raw) -> tuple[Sighting, ...]:
    """One sighting of one status. Raises BadItem when it has no uri, no usable time or no server, or when a server that
    only a post named gives a post to somebody of another server than the post's."""
    body = raw.body
    host = host_of(raw.seen_as)
    uri = clean_line(body.get("uri"), MAX_URL)
    published_at = clean_time(body.get("created_at"), raw.seen_at)
    if host is None or uri is None:
        raise BadItem(f"An item from {host or 'a fediverse server'} is no post: it has no uri.")
    if published_at is None:
        raise BadItem(f"A post from {host} has no usable time: {_excerpt(body.get('created_at'))}.")
    tags = frozenset(filter(None, (clean_tag(tag.get("name")) for tag in _objects(body.get("tags")))))
    quote_of = _quote_of(body, raw.seen_as.origin)
    content = _content(body, tags, quote_of is not None)
    named = frozenset(entity.target for entity in content.entities if entity.kind is EntityKind.HASHTAG)
    author = _author(body.get("account"), uri, host, raw)
    reply_id = id_of({"id": body.get("in_reply_to_id")})
    # The id on the author's server, read off the uri: only from a server we chose. One that a post named could claim
    # somebody's id with a uri of its own making, and two posts would become one.
    chosen = raw.context.get("own") is True
    home = home_ref(uri) if chosen else None
    authors_own = author is None or host_of_url(author.native_id) == host_of_url(uri)
    if not authors_own and not chosen:
        raise BadItem(f"{host} names somebody of another server as the author of {_excerpt(uri)}.")
    post = Post(
        ref=PostRef(ORIGIN, uri),
        url=clean_url(body.get("url")) or clean_url(uri),
        author=author,
        published_at=published_at,
        text=content.text,
        edited_at=clean_time(body.get("edited_at"), raw.seen_at),
        html=clean_text(body.get("content"), MAX_HTML) or None,
        entities=content.entities,
        lang=clean_lang(body.get("language")),
        warning=clean_text(body.get("spoiler_text"), MAX_WARNING).strip() or None,
        sensitive=_flag(body.get("sensitive")),
        # Whatever a server calls by another name (private, direct, local, mutuals_only) is not for everybody.
        visibility=_VISIBILITY.get(str(body.get("visibility")), Visibility.PRIVATE),
        reply_to=local_ref(host, reply_id) if reply_id else None,
        quote_of=quote_of,
        hashtags=tags | named,
        media=tuple(map(_media, _objects(body.get("media_attachments")))),
    )
    return (
        Sighting(
            seen_as=raw.seen_as,
            post=post,
            seen_at=raw.seen_at,
            authority=_authority(uri, host, chosen) if authors_own else Authority.HEARSAY,
            also=tuple(dict.fromkeys((raw.seen_as, home) if home else (raw.seen_as,))),
            metrics=Metrics(
                likes=clean_count(body.get("favourites_count")),
                replies=clean_count(body.get("replies_count")),
                reposts=clean_count(body.get("reblogs_count")),
                quotes=clean_count(body.get("quotes_count")),
            ),
            names=_names(body, author, host),
        ),
    )


def _authority(uri: str, host: str, chosen: bool) -> int:
    """How far the server `host` is believed about the post `uri`."""
    if host_of_url(uri) == host:
        return Authority.HOME
    return Authority.HEARSAY if chosen else Authority.RUMOUR


# --- text ----------------------------------------------------------------------------------------------------------


def _content(body: dict[str, Any], tags: frozenset[str], quotes: bool) -> PlainText:
    """The post's text; Pleroma's plain version where there is no HTML; a poll's choices as lines below."""
    emojis = [emoji["shortcode"] for emoji in _objects(body.get("emojis")) if isinstance(emoji.get("shortcode"), str)]
    content = plain_text(body.get("content"), tags, emojis, without_quote_line=quotes)
    if not content.text:
        pleroma = _object(_object(body.get("pleroma")).get("content"))
        content = PlainText(clean_text(pleroma.get("text/plain")).strip())
    choices = [clean_line(choice.get("title")) for choice in _objects(_object(body.get("poll")).get("options"))]
    lines = "".join(f"\n○ {choice}" for choice in choices if choice)
    if not lines or len(content.text) + len(lines) > MAX_TEXT:
        return content
    return PlainText((content.text + lines).lstrip("\n"), content.entities)


def _quote_of(body: dict[str, Any], origin: str) -> PostRef | None:
    """The quoted post, only where its author accepted it (Mastodon 4.4 and later; Pleroma knows no acceptance)."""
    pleroma = _object(body.get("pleroma"))
    if url := clean_url(pleroma.get("quote_url")):
        return PostRef(ORIGIN, url)
    quote = _object(body.get("quote")) or _object(pleroma.get("quote"))
    if quote.get("state", "accepted") != "accepted":
        return None
    quoted = _object(quote.get("quoted_status")) or quote
    if uri := clean_line(quoted.get("uri"), MAX_URL):
        return PostRef(ORIGIN, uri)
    local_id = id_of({"id": quote.get("quoted_status_id")}) or id_of(quoted)
    return PostRef(origin, local_id) if local_id else None


# --- people --------------------------------------------------------------------------------------------------------


def _author(account: Any, uri: str, host: str, raw: Raw) -> Author | None:
    account = _object(account)
    native_id = _account_id(account, uri)
    if native_id is None:
        return None
    return Author(
        origin=ORIGIN,
        native_id=native_id,
        handle=_handle(account, host),
        display_name=clean_line(account.get("display_name")),
        url=clean_url(account.get("url")) or clean_url(native_id),
        avatar_url=clean_url(account.get("avatar_static")) or clean_url(account.get("avatar")),
        created_at=clean_time(account.get("created_at"), raw.seen_at),
        bot=_flag(account.get("bot")),
        wishes=_wishes(account),
    )


def _account_id(account: dict[str, Any], uri: str) -> str | None:
    """Its global id: the uri (Mastodon 4.2 and later), Pleroma's `ap_id`, what the post's uri says, its page."""
    return (
        clean_line(account.get("uri"), MAX_URL)
        or clean_line(_object(account.get("pleroma")).get("ap_id"), MAX_URL)
        or actor_of_uri(uri)
        or clean_url(account.get("url"))
    )


def _handle(account: dict[str, Any], host: str) -> str | None:
    """anna@mastodon.uno; servers leave their own name out."""
    acct = (clean_line(account.get("acct")) or clean_line(account.get("username")) or "").lstrip("@")
    if not acct:
        return None
    return acct if "@" in acct else f"{acct}@{host}"


def _wishes(account: dict[str, Any]) -> tuple[str, ...]:
    """What the account asks of others. Tags in the profile are the fediverse's old convention for it."""
    told = (account.get("note"), *(field.get("value") for field in _objects(account.get("fields"))))
    asked = {
        "noindex": account.get("noindex") is True,
        "not_indexable": account.get("indexable") is False,
        "nobot": any(_LEAVE_ALONE.search(plain_text(part).text.casefold()) for part in told),
        "limited": account.get("limited") is True,
        "suspended": account.get("suspended") is True,
    }
    return tuple(wish for wish, holds in asked.items() if holds)


def _names(body: dict[str, Any], author: Author | None, host: str) -> tuple[tuple[str, str], ...]:
    """Author and mentioned people: ids, pages (a mention has no uri) and handles."""
    names: dict[str, None] = {}
    if author:
        names |= dict.fromkeys(filter(None, (author.native_id, author.url)))
        if author.handle:
            names[f"@{author.handle.lower()}"] = None
    for mention in _objects(body.get("mentions")):
        if page := clean_url(mention.get("url")):
            names[page] = None
        if handle := _handle(mention, host):
            names[f"@{handle.lower()}"] = None
    return tuple((ORIGIN, name) for name in names)


# --- media ---------------------------------------------------------------------------------------------------------


def _media(attachment: dict[str, Any]) -> Media:
    """`remote_url` is the file's address on the author's server, which is `url` there: so it names the file on all."""
    url = clean_url(attachment.get("url"))
    remote = clean_url(attachment.get("remote_url"))
    original = _object(_object(attachment.get("meta")).get("original"))
    named = remote or url
    return Media(
        kind=_MEDIA.get(str(attachment.get("type")), MediaKind.OTHER),
        url=url or remote,
        preview_url=clean_url(attachment.get("preview_url")),
        alt=clean_text(attachment.get("description"), MAX_ALT).strip() or None,
        width=_pixels(original.get("width")),
        height=_pixels(original.get("height")),
        stable_id=hashlib.blake2b(named.encode(), digest_size=8).hexdigest() if named else None,
    )


def _pixels(value: Any) -> int | None:
    number = clean_count(value)
    return number if number and number <= MAX_PIXELS else None


# --- hostile values ------------------------------------------------------------------------------------------------


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value[:MAX_LISTED] if isinstance(item, dict)] if isinstance(value, list) else []


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _excerpt(value: Any) -> str:
    return repr(value)[:60]
