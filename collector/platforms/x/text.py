"""X's text as it comes (three characters escaped, offsets beside it) to stored text with entities. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ....core.normalise import CUT, MAX_TEXT, clean_line, clean_tag, clean_text, clean_url
from ....core.records import Entity, EntityKind
from .ids import clean_handle

# X escapes exactly these three. A post that shows "&lt;" as its words arrives as "&amp;lt;": one round, never two.
_ESCAPED = re.compile(r"&amp;|&lt;|&gt;|\r\n?")
_PLAIN = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_MEDIA_LINK = re.compile(r"https?://(?:x|twitter)\.com/[^/]+/status/[0-9]+/(?:photo|video)/[0-9]+")


def unescape(wire: str) -> tuple[str, Sequence[int]]:
    """The text as people wrote it, and for every offset in `wire` (its end included) the offset in that text."""
    if not _ESCAPED.search(wire):
        return wire, range(len(wire) + 1)
    plain: list[str] = []
    places: list[int] = []
    position = length = 0
    for found in _ESCAPED.finditer(wire):
        between = wire[position : found.start()]
        plain.append(between)
        places.extend(range(length, length + len(between)))
        length += len(between)
        places.extend([length] * len(found[0]))
        plain.append(_PLAIN.get(found[0], "\n"))
        length += 1
        position = found.end()
    plain.append(wire[position:])
    places.extend(range(length, length + len(wire) - position + 1))
    return "".join(plain), places


def read_text(wire: object, entities: object) -> tuple[str, tuple[Entity, ...]]:
    """Stored text and its tags, mentions and links, in order and without overlaps.

    `entities` is X's object of lists. Its offsets count code points, most likely of the escaped text; whether they do
    is seen from the text itself, and an entity that fits nowhere is left out. A link's place in the text keeps X's
    own t.co address (where a reader's click must go), its `target` is the address that the author gave and its
    `display` the short form that X shows. A t.co address at the end that only stands for attached media is cut.
    """
    escaped = wire if isinstance(wire, str) else ""
    plain, places = unescape(escaped)
    found: list[tuple[Entity, bool]] = []
    for kind, item in _items(entities):
        read = _meaning(kind, item)
        span = _span(item, read[0], plain, places) if read else None
        if read and span:
            _, target, display = read
            found.append((Entity(*span, kind, target, display), _stands_for_media(kind, item)))
    found.sort(key=lambda pair: (pair[0].start, -pair[0].end))

    text = plain
    while found and found[-1][1] and found[-1][0].end >= len(text.rstrip()):
        text = text[: found.pop()[0].start].rstrip()
    end = len(text) if len(text) <= MAX_TEXT else MAX_TEXT - len(CUT)
    kept: list[Entity] = []
    for entity, _ in found:
        if entity.end <= end and (not kept or entity.start >= kept[-1].end):
            kept.append(entity)
    return clean_text(text), tuple(kept)


_LISTS = {"hashtags": EntityKind.HASHTAG, "mentions": EntityKind.MENTION, "urls": EntityKind.LINK}


def _items(entities: object) -> list[tuple[EntityKind, dict[str, Any]]]:
    if not isinstance(entities, dict):
        return []
    return [
        (kind, item)
        for name, kind in _LISTS.items()
        if isinstance(entities.get(name), list)
        for item in entities[name]
        if isinstance(item, dict)
    ]


def _meaning(kind: EntityKind, item: dict[str, Any]) -> tuple[str, str, str | None] | None:
    """What must stand in the text (casefolded), the entity's target and its display."""
    if kind is EntityKind.HASHTAG:
        tag = clean_tag(item.get("tag"))
        return (tag, tag, None) if tag else None
    if kind is EntityKind.MENTION:
        handle = clean_handle(item.get("username"))
        return (handle.casefold(), f"https://x.com/{handle}", None) if handle else None
    short = clean_url(item.get("url"))
    if not short:
        return None
    target = clean_url(item.get("expanded_url")) or short
    return short.casefold(), target, clean_line(item.get("display_url"))


def _span(item: dict[str, Any], expected: str, plain: str, places: Sequence[int]) -> tuple[int, int] | None:
    start, end = item.get("start"), item.get("end")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end < len(places)):
        return None
    for span in ((places[start], places[end]), (start, end)):
        if plain[slice(*span)].lstrip("#＃@＠").casefold() == expected:
            return span
    return None


def _stands_for_media(kind: EntityKind, item: dict[str, Any]) -> bool:
    if kind is not EntityKind.LINK:
        return False
    expanded = item.get("expanded_url")
    return bool(item.get("media_key")) or (isinstance(expanded, str) and _MEDIA_LINK.match(expanded) is not None)
