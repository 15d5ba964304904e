"""Posts that a person typed in, where no interface can be asked: what was typed, as a raw item, and its mapping. Pure.

Such a post is named by its address: the origin is the host, the id the address in its one spelling. Where a configured
network recognises the address, the post has that network's own name, and the network's word overrules what was typed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ..core.errors import BadItem, ConfigError
from ..core.normalise import (
    MAX_URL,
    canonical_url,
    clean_lang,
    clean_line,
    clean_text,
    clean_time,
    clean_url,
    without_tracking,
)
from ..core.records import Author, Authority, EntityKind, Post, PostRef, Sighting
from .contract import Feed, Platform, PlatformConfig, Raw
from .plain_text import hashtags, links, without_overlaps

ENDPOINT = "typed"


def ref_of(url: str) -> PostRef | None:
    """The name of the page at this address; None for what is no web address of a public host."""
    name = canonical_url(url)
    host = urlsplit(name).hostname if name else None
    return PostRef(host, name) if host and name and "." in host else None


def raw_of(
    ref: PostRef,
    url: str,
    seen_at: datetime,
    *,
    text: str,
    written_at: datetime,
    author: str | None = None,
    title: str | None = None,
    language: str | None = None,
    edited_at: datetime | None = None,
) -> Raw:
    """What was typed at `seen_at`. `author`: "@handle" or a name, None where nobody is to be named. `edited_at`: when
    it was typed again in other words."""
    body = {
        "url": url,
        "text": text,
        "author": author,
        "title": title,
        "language": language,
        "written_at": written_at.isoformat(),
        "edited_at": edited_at.isoformat() if edited_at else None,
    }
    return Raw(ref, ENDPOINT, body, seen_at)


def to_sightings(raw: Raw) -> tuple[Sighting, ...]:
    """Raises BadItem without a text or a title, and without a believable time."""
    body, ref = raw.body, raw.seen_as
    text, title = clean_text(body.get("text")).strip(), clean_line(body.get("title"))
    url = clean_url(body.get("url"))
    written_at = clean_time(body.get("written_at"), raw.seen_at)
    if not (text or title) or written_at is None or url is None:
        raise BadItem("What was typed in has no text, no believable date or no web address.")
    entities = without_overlaps(links(text), hashtags(text))
    author = _author(body, ref.origin)
    post = Post(
        ref=ref,
        url=without_tracking(url)[:MAX_URL],
        author=author,
        published_at=written_at,
        edited_at=clean_time(body.get("edited_at"), raw.seen_at),
        title=title,
        text=text,
        entities=entities,
        lang=clean_lang(body.get("language")),
        hashtags=frozenset(one.target for one in entities if one.kind is EntityKind.HASHTAG),
    )
    names = () if author is None else ((author.origin, author.native_id),)
    if author is not None and author.handle:
        names += ((author.origin, f"@{author.handle.lower()}"),)
    return (Sighting(raw.seen_as, post, raw.seen_at, authority=Authority.RUMOUR, names=names),)


def _author(body: dict[str, Any], origin: str) -> Author | None:
    """People typed in are known by what they are called: two of one name at one host are one."""
    name = clean_line(body.get("author"))
    handle = name[1:].strip() if name and name.startswith("@") else None
    if handle:
        return Author(origin, f"@{handle.lower()}", handle=handle, display_name=handle)
    return Author(origin, name, display_name=name) if name and name != "@" else None


def _connect(*_: object, **__: object) -> Any:
    raise ConfigError("what is typed in has no network that could be asked")


# Stands beside the networks wherever stored items are read; not in the registry, for no source can be of it.
PLATFORM = Platform(
    name="hand",
    title="typed in",
    config=PlatformConfig,
    secrets=(),
    supports=lambda _config: {},
    connect=_connect,
    to_sightings=to_sightings,
    entry_query=lambda _config, _tags: Feed("hand"),
    locate=lambda _config, url: ref_of(url),
    mapping_version=1,
)
