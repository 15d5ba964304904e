"""The bytes of a feed -> its entries as plain JSON, the same for every kind of feed. No I/O.

RSS and Atom are read by feedparser, with its own cleaning off: it would change what is kept, and the text is cleaned
where it becomes a post's. JSON Feed (https://www.jsonfeed.org/version/1.1/) is read here.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

from ....core.normalise import clean_line, clean_url

MAX_ENTRIES = 1_000  # of one page; a feed has some tens
MAX_LISTED = 100  # categories, media of one entry
MENDABLE = 1_000_000  # bytes: larger ones must be well formed, for feedparser mends others slowly
_END_OF_XML = re.compile(rb"</\s*(?:[\w.-]+:)?(?:rss|feed|RDF)\s*>", re.IGNORECASE)
_NAME_BEHIND_MAIL = re.compile(r"\s*\S+@\S+\s*\(([^()@]{1,300})\)\s*")
_LINK_TAG = re.compile(r"<link\b[^>]{1,2000}>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")


class NotAFeed(ValueError):
    """The bytes are no feed, or not all of one. `feed_url`: where the page that came instead says that the feed is."""

    def __init__(self, feed_url: str | None = None) -> None:
        super().__init__("no feed")
        self.feed_url = feed_url


@dataclass(frozen=True, slots=True)
class Document:
    """`entries`: as in `_entry`. `about`: what holds for all of them: title, author, lang, and whether the feed asks
    robots to stay away (`noindex`). `following`: where older entries are."""

    entries: tuple[dict[str, Any], ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    following: str | None = None


def read(body: bytes, content_type: str, url: str) -> Document:
    """What the feed at `url` holds. Raises NotAFeed."""
    start = body[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"["):
        return _read_json(body, url)
    return _read_xml(body, content_type, url)


# --- RSS and Atom --------------------------------------------------------------------------------------------------


def _read_xml(body: bytes, content_type: str, url: str) -> Document:
    if not _END_OF_XML.search(body[-2_000:]):  # cut off: half of its last entry would pass for a whole one
        raise NotAFeed(_feed_of_page(body, url))
    if len(body) > MENDABLE and not _is_well_formed(body):
        raise NotAFeed
    import feedparser  # only when there is something to read: it takes a while to load

    # without the feed's address, which it would put before every id that is no address itself
    headers = {"content-type": content_type or "application/xml"}
    try:
        found = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False,
                                 resolve_relative_uris=False)  # fmt: skip
    except Exception:  # it never raises, by its own word; what hostile bytes make it do is still no reason to stop
        raise NotAFeed from None
    # `bozo` says little: a wrong character set or an unknown entity sets it too. A version is what a feed has.
    if not found.get("version") or not found.version.startswith(("rss", "atom", "cdf")):
        raise NotAFeed(_feed_of_page(body, url))
    feed = found.feed
    about = {
        "title": feed.get("title"),
        "author": _author(feed),
        "lang": feed.get("language"),
        "noindex": _asks_robots_away(feed),
    }
    return Document(
        tuple(_entry(one, url) for one in found.entries[:MAX_ENTRIES]),
        {key: value for key, value in about.items() if value},
        _link(feed, "next", url),
    )


def _is_well_formed(body: bytes) -> bool:
    try:
        expat.ParserCreate().Parse(body, True)
    except (expat.ExpatError, ValueError):
        return False
    return True


def _entry(one: Mapping[str, Any], url: str) -> dict[str, Any]:
    """One entry of RSS or Atom. `base`: what its relative addresses are meant from."""
    content = next((part for part in one.get("content") or () if part.get("value")), None)
    summary = one.get("summary_detail") or {}
    detail = content or ({**summary, "value": one.get("summary")} if one.get("summary") else {})
    base = joined(url, detail.get("base") or "")
    entry = {
        "id": one.get("id"),
        "link": _link(one, "alternate", base) or (joined(url, one["link"]) if one.get("link") else None),
        "title": _text(one.get("title_detail") or {}),
        "content": _text(detail),
        "author": _author(one),
        "published": _moment(one, "published"),
        "updated": _moment(one, "updated"),
        "tags": [name for tag in (one.get("tags") or ())[:MAX_LISTED] if (name := tag.get("term") or tag.get("label"))],
        "media": list(_media(one, base)),
        "lang": detail.get("language") or (one.get("title_detail") or {}).get("language"),
        "base": base,
        "reply_to": _reply_to(one.get("thr_in-reply-to"), url),
        "comments_feed": joined(url, one.get("wfw_commentrss") or "") if one.get("wfw_commentrss") else None,
    }
    for link in one.get("links") or ():  # RFC 4685: a feed of what answers the entry
        if link.get("rel") == "replies" and link.get("href") and "html" not in (link.get("type") or ""):
            entry["comments_feed"] = entry["comments_feed"] or joined(url, link["href"])
    return _kept(entry)


def _text(detail: Mapping[str, Any]) -> dict[str, str] | None:
    value = detail.get("value")
    if not isinstance(value, str) or not value.strip():
        return None
    return {"value": value, "type": "text" if detail.get("type") == "text/plain" else "html"}


def _author(one: Mapping[str, Any]) -> dict[str, str] | None:
    """Name and page; never the mail address, which RSS asks for."""
    told, written = one.get("author_detail") or {}, one.get("author") or ""
    name = told.get("name")
    if in_brackets := _NAME_BEHIND_MAIL.fullmatch(written):
        name = in_brackets[1]
    return _kept({"name": None if name and "@" in name else name, "url": told.get("href")}) or None


def _moment(one: Mapping[str, Any], name: str) -> str | None:
    """The time as ISO text; as it was written where it cannot be read."""
    # past feedparser's own `get`, which gives the one time for the other
    parsed, written = dict.get(one, f"{name}_parsed"), dict.get(one, name)  # type: ignore[arg-type]
    if parsed is not None:
        try:
            return datetime(*parsed[:6], tzinfo=UTC).isoformat()
        except (ValueError, TypeError, OverflowError):
            pass
    if not isinstance(written, str):
        return None
    try:
        return parsedate_to_datetime(written).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return written[:100]


def _media(one: Mapping[str, Any], base: str) -> Iterator[dict[str, Any]]:
    listed = [*(one.get("media_content") or ()), *(one.get("enclosures") or ())]
    seen: set[str] = set()
    for item in listed[:MAX_LISTED]:
        address = joined(base, item.get("url") or item.get("href") or "")
        if address and address not in seen:
            seen.add(address)
            yield _kept(
                {
                    "url": address,
                    "type": item.get("type") or item.get("medium"),
                    "width": _number(item.get("width")),
                    "height": _number(item.get("height")),
                }
            )


def _reply_to(value: Any, url: str) -> dict[str, str] | None:
    """Atom's threading (RFC 4685): the id of what is answered, and where it is."""
    if not isinstance(value, Mapping):
        return None
    href = value.get("href")
    return _kept({"ref": value.get("ref"), "href": joined(url, href) if href else None}) or None


def _asks_robots_away(feed: Mapping[str, Any]) -> bool:
    """What a feed itself can say of robots: a meta element as in pages, Bloglines' access restriction."""
    meta, access = feed.get("xhtml_meta") or feed.get("meta"), feed.get("access_restriction")
    if isinstance(meta, Mapping) and str(meta.get("name")).lower() == "robots" and keeps_out(meta.get("content")):
        return True
    return isinstance(access, Mapping) and str(access.get("relationship")).lower() == "deny"


def keeps_out(words: object) -> bool:
    """Whether robots words (of a meta element, of X-Robots-Tag) ask not to be indexed."""
    said = {word.strip().lower() for word in re.split(r"[,;\s]", str(words or ""))}
    return not said.isdisjoint({"noindex", "none"})


def _link(one: Mapping[str, Any], rel: str, base: str) -> str | None:
    found = (link.get("href") for link in one.get("links") or () if link.get("rel") == rel and link.get("href"))
    return next((joined(base, href) for href in found), None)


# --- JSON Feed -----------------------------------------------------------------------------------------------------


def _read_json(body: bytes, url: str) -> Document:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAFeed from None
    if not isinstance(found, dict) or "jsonfeed.org" not in str(found.get("version")):
        raise NotAFeed
    if not isinstance(items := found.get("items"), list):
        raise NotAFeed
    following = found.get("next_url")
    about = {"title": found.get("title"), "author": _json_author(found), "lang": found.get("language")}
    return Document(
        tuple(_json_entry(one, url) for one in items[:MAX_ENTRIES] if isinstance(one, dict)),
        {key: value for key, value in about.items() if value},
        joined(url, following) if isinstance(following, str) and following else None,
    )


def _json_entry(one: dict[str, Any], url: str) -> dict[str, Any]:
    entry_id, link = one.get("id"), one.get("url") or one.get("external_url")
    if isinstance(entry_id, int | float) and not isinstance(entry_id, bool):
        entry_id = str(entry_id)
    content = None
    for name, kind in (("content_html", "html"), ("content_text", "text"), ("summary", "text")):
        if content is None and isinstance(one.get(name), str) and one[name].strip():
            content = {"value": one[name], "type": kind}
    title, attachments, tags = one.get("title"), one.get("attachments"), one.get("tags")
    media = [
        _kept({"url": joined(url, str(item["url"])), "type": item.get("mime_type")})
        for item in (attachments if isinstance(attachments, list) else [])[:MAX_LISTED]
        if isinstance(item, dict) and item.get("url")
    ]
    picture = one.get("image")
    if isinstance(picture, str) and picture:
        media.insert(0, {"url": joined(url, picture), "type": "image"})
    return _kept(
        {
            "id": entry_id,
            "link": joined(url, link) if isinstance(link, str) else None,
            "title": {"value": title, "type": "text"} if isinstance(title, str) and title.strip() else None,
            "content": content,
            "author": _json_author(one),
            "published": one.get("date_published"),
            "updated": one.get("date_modified"),
            "tags": [tag for tag in (tags if isinstance(tags, list) else [])[:MAX_LISTED] if isinstance(tag, str)],
            "media": media,
            "lang": one.get("language"),
            "base": joined(url, link) if isinstance(link, str) else url,
        }
    )


def _json_author(one: dict[str, Any]) -> dict[str, str] | None:
    listed = one.get("authors")
    told = next((a for a in listed if isinstance(a, dict)), None) if isinstance(listed, list) else one.get("author")
    if not isinstance(told, dict):
        return None
    return _kept({key: told[key] for key in ("name", "url") if isinstance(told.get(key), str)}) or None


# --- pages ---------------------------------------------------------------------------------------------------------


def _feed_of_page(body: bytes, url: str) -> str | None:
    """The feed that a page for people names in its head."""
    for tag in _LINK_TAG.findall(body[:200_000].decode("utf-8", "replace")):
        href = _HREF.search(tag)
        if href and "alternate" in tag.lower() and any(kind in tag.lower() for kind in _FEED_TYPES):
            return clean_url(joined(url, html.unescape(href[1] or href[2] or "")))
    return None


# --- hostile values ------------------------------------------------------------------------------------------------


def joined(base: str, address: str) -> str:
    """As urljoin; what cannot be joined stays as it is."""
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _number(value: Any) -> int | None:
    line = clean_line(str(value), 20) if value is not None else None
    return int(line) if line and line.isascii() and line.isdigit() else None


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}
