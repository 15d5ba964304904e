"""An entry of a feed -> a sighting. Pure; needs nothing but the Raw.

`body` is what reading.py makes of an entry. `context`: `scope`, the host that the feed's posts are named by; `page`,
whether the entry's address is its own and on a host that the feed speaks for; `about`, what the feed says of itself;
`text`, how much of an article may be kept; `under`, the reference of the article whose comments the feed holds.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, NamedTuple

from ....core.errors import BadItem
from ....core.normalise import CUT, clean_count, clean_lang, clean_line, clean_tag, clean_text, clean_time, clean_url
from ....core.records import Author, Entity, EntityKind, Media, MediaKind, Post, PostRef, Sighting
from ...contract import Raw
from ...html_text import plain_text
from ...plain_text import hashtags, links, without_overlaps
from .address import article_ref, comment_of, entry_ref, page_ref

VERSION = 1
EXCERPT = 600  # code points of an article that are shown of it
MAX_LISTED = 100
MAX_PIXELS = 100_000
TOUCHED = timedelta(minutes=1)  # programs write `updated` some seconds after `published`

_TAG = re.compile(r"\w+")
_SENTENCE = re.compile(r"[.!?…]['\"»”)]*\s")
_MEDIA = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}


class Content(NamedTuple):
    text: str
    entities: tuple[Entity, ...] = ()


def to_sightings(raw: Raw) -> tuple[Sighting, ...]:
    """One sighting of one entry. Raises BadItem without a name or an address, a usable time, or anything to read."""
    body, about = raw.body, _object(raw.context.get("about"))
    scope = clean_line(raw.context.get("scope")) or raw.seen_as.origin
    link = clean_url(body.get("link"))
    page = page_ref(link)
    ref = entry_ref(scope, body.get("id")) or page
    published_at, updated_at = (clean_time(body.get(name), raw.seen_at) for name in ("published", "updated"))
    if ref is None:
        raise BadItem(f"An entry of a feed of {scope} has neither a name nor an address.", "It was left out.")
    if (written_at := published_at or updated_at) is None:
        raise BadItem(f"The entry {ref.native_id[:80]} of {scope} has no believable time.", "It was left out.")
    under = _ref(raw.context.get("under"))
    is_comment = under is not None or comment_of(link) is not None
    title = None if is_comment else _title(body)
    whole = _content(body)
    whole, parent = _without_pointer(whole, link) if is_comment else (whole, None)
    if not whole.text and not title:
        raise BadItem(f"The entry {ref.native_id[:80]} of {scope} has nothing to read.", "It was left out.")
    text = whole if is_comment or raw.context.get("text") == "full" else excerpt(whole)
    above = _object(body.get("reply_to"))
    reply_to = page_ref(above.get("href")) or entry_ref(scope, above.get("ref")) or parent
    root = (under or article_ref(link)) if is_comment else None
    own = {ref, page}
    author = _author(body, about, scope, is_comment)
    named = frozenset(entity.target for entity in whole.entities if entity.kind is EntityKind.HASHTAG)
    in_title = frozenset(entity.target for entity in hashtags(title or ""))
    post = Post(
        ref=ref,
        url=link,
        author=author,
        published_at=written_at,
        edited_at=updated_at if published_at and updated_at and updated_at - published_at > TOUCHED else None,
        title=title,
        text=text.text,
        entities=text.entities,
        lang=clean_lang(body.get("lang")) or clean_lang(about.get("lang")),
        reply_to=next((one for one in (reply_to, root) if one is not None and one not in own), None),
        root_hint=root if root not in own else None,
        hashtags=named | in_title | _categories(body),
        media=tuple(one for one in map(_medium, _objects(body.get("media"))) if one.url),
    )
    is_its_own = page is not None and raw.context.get("page") is True
    return (
        Sighting(
            seen_as=raw.seen_as,
            post=post,
            seen_at=raw.seen_at,
            also=(page,) if is_its_own and page and page != ref else (),
            names=((author.origin, author.native_id),) if author else (),
        ),
    )


# --- text ----------------------------------------------------------------------------------------------------------


def _content(body: dict[str, Any]) -> Content:
    told = _object(body.get("content"))
    value = told.get("value")
    if told.get("type") == "text":
        text = clean_text(value).strip()
        return Content(text, without_overlaps(links(text), hashtags(text)))
    found = plain_text(value, base=clean_url(body.get("base")))
    return Content(found.text, without_overlaps(list(found.entities), links(found.text), hashtags(found.text)))


def _title(body: dict[str, Any]) -> str | None:
    told = _object(body.get("title"))
    value = told.get("value")
    return clean_line(value if told.get("type") == "text" else plain_text(value).text)


def excerpt(whole: Content) -> Content:
    """The beginning of an article: whole sentences where they end late enough, else whole words."""
    if len(whole.text) <= EXCERPT:
        return whole
    head = whole.text[:EXCERPT]
    ends = [match.end() - 1 for match in _SENTENCE.finditer(head)]
    end = ends[-1] if ends and ends[-1] > EXCERPT // 2 else head.rfind(" ") if " " in head else EXCERPT
    text = head[: max(end, 1)].rstrip()
    return Content(text + CUT, tuple(entity for entity in whole.entities if entity.end <= len(text)))


def _without_pointer(content: Content, link: str | None) -> tuple[Content, PostRef | None]:
    """WordPress puts a line "In reply to Anna." with a link before a comment that answers another: the comment without
    it, and what the link says."""
    first = next((entity for entity in content.entities if entity.kind is EntityKind.LINK), None)
    end = content.text.find("\n")
    line = content.text if end < 0 else content.text[:end]
    if first is None or first.end > len(line) or line[first.end :].strip() not in (".", "。"):
        return content, None
    parent = page_ref(first.target) if comment_of(first.target) else None
    if parent is None or article_ref(first.target) != article_ref(link):
        return content, None
    rest = content.text[len(line) :]
    cut = len(line) + len(rest) - len(rest.lstrip())
    kept = (e for e in content.entities if e.start >= cut)
    moved = tuple(Entity(e.start - cut, e.end - cut, e.kind, e.target, e.display) for e in kept)
    return Content(content.text[cut:], moved), parent


def _categories(body: dict[str, Any]) -> frozenset[str]:
    """Categories that are one word, as tags are."""
    found = (clean_tag(name) for name in _texts(body.get("tags")))
    return frozenset(name for name in found if name and _TAG.fullmatch(name))


# --- people --------------------------------------------------------------------------------------------------------


def _author(body: dict[str, Any], about: dict[str, Any], scope: str, is_comment: bool) -> Author | None:
    """Who is said to have written it; of an article without a name the feed's author, or the blog itself. In comments
    anybody writes any name: whoever comments is another than the author of that name. No page of theirs is taken over:
    an account's address stands for all that lies below it when somebody withdraws, and here it is often the blog's."""
    told = _object(body.get("author")) or ({} if is_comment else _object(about.get("author")))
    name = clean_line(told.get("name")) or (None if is_comment else clean_line(about.get("title")))
    wishes = ("noindex",) if about.get("noindex") is True else ()
    if name is None:
        return Author(scope, scope, wishes=wishes) if wishes else None
    return Author(scope, f"comment by {name}" if is_comment else f"by {name}", display_name=name, wishes=wishes)


# --- media ---------------------------------------------------------------------------------------------------------


def _medium(item: dict[str, Any]) -> Media:
    kind = clean_line(item.get("type"), 100) or ""
    return Media(
        kind=_MEDIA.get(kind.partition("/")[0].lower(), MediaKind.OTHER),
        url=clean_url(item.get("url")),
        alt=clean_line(item.get("alt"), 1_000),
        width=_pixels(item.get("width")),
        height=_pixels(item.get("height")),
    )


def _pixels(value: object) -> int | None:
    number = clean_count(value)
    return number if number and number <= MAX_PIXELS else None


# --- hostile values ------------------------------------------------------------------------------------------------


def _ref(value: object) -> PostRef | None:
    if isinstance(value, list | tuple) and len(value) == 2:
        origin, native_id = (clean_line(part, 2_000) for part in value)
        return PostRef(origin, native_id) if origin and native_id else None
    return None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value[:MAX_LISTED] if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [item for item in value[:MAX_LISTED] if isinstance(item, str)] if isinstance(value, list) else []
