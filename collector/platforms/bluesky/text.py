"""A record's text and facets -> stored text with entities. Pure.

Facets count the bytes of the text in UTF-8 (https://docs.bsky.app/docs/advanced-guides/post-richtext): an emoji before
a tag moves it by four. Clients write them, so they may overlap, lie outside or cut a character in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ....core.normalise import CUT, MAX_TEXT, clean_line, clean_tag, clean_text, clean_url
from ....core.records import Entity, EntityKind
from .address import did_of, profile_of

MAX_LISTED = 500  # facets of one post: more is an attack
_TYPED_TAG = re.compile(r"(?<![\w&/])[#＃](\w*[^\W\d_]\w*)")


def read_text(text: object, facets: object) -> tuple[str, tuple[Entity, ...]]:
    """The text and its tags, mentions and links, in order and without overlaps."""
    wire = text if isinstance(text, str) else ""
    places = _Places(wire)
    found: list[Entity] = []
    for facet in _objects(facets):
        span = places.of(facet.get("index"))
        meaning = next(filter(None, map(_meaning, _objects(facet.get("features")))), None)
        if span and meaning:
            found.append(Entity(*span, *meaning))
    found.sort(key=lambda entity: (entity.start, -entity.end))
    cleaned = clean_text(wire)
    end = len(cleaned) if len(cleaned) < MAX_TEXT else MAX_TEXT - len(CUT)
    kept: list[Entity] = []
    for entity in found:
        if entity.end <= end and (not kept or entity.start >= kept[-1].end):
            kept.append(entity)
    return cleaned, tuple(kept)


def with_card(text: str, entities: tuple[Entity, ...], url: str, title: str | None) -> tuple[str, tuple[Entity, ...]]:
    """The text with a link card's address on a line of its own below it, unless it is linked already: apps show the
    card where people see no address."""
    if any(entity.kind is EntityKind.LINK and entity.target == url for entity in entities) or url in text:
        return text, entities
    line = f"{text}\n{url}" if text else url
    if len(line) > MAX_TEXT:
        return text, entities
    return line, (*entities, Entity(len(line) - len(url), len(line), EntityKind.LINK, url, title))


def typed_tags(text: str) -> frozenset[str]:
    """Tags that stand in the text; not every client makes facets of them."""
    return frozenset(tag for tag in map(clean_tag, _TYPED_TAG.findall(text)) if tag)


def mentioned(text: object, facets: object) -> Iterator[tuple[str, str | None]]:
    """Each mentioned account's id and what stands for it in the text."""
    wire = text if isinstance(text, str) else ""
    places = _Places(wire)
    for facet in _objects(facets):
        for feature in _objects(facet.get("features")):
            if _kind(feature) == "mention" and (did := did_of(feature.get("did"))):
                span = places.of(facet.get("index"))
                yield did, clean_line(clean_text(wire)[slice(*span)]) if span else None


class _Places:
    """Byte offsets of a text on the wire as code points of the stored text, in which \\r\\n is one sign."""

    def __init__(self, wire: str) -> None:
        self._bytes = wire.encode("utf-8", "surrogatepass")

    def of(self, index: object) -> tuple[int, int] | None:
        if not isinstance(index, dict):
            return None
        start, end = index.get("byteStart"), index.get("byteEnd")
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(self._bytes):
            return None
        first, last = self._place(start), self._place(end)
        return (first, last) if first is not None and last is not None and first < last else None

    def _place(self, offset: int) -> int | None:
        if offset < len(self._bytes) and self._bytes[offset] & 0xC0 == 0x80:
            return None  # within a character
        before = self._bytes[:offset].decode("utf-8", "surrogatepass")
        return len(before) - before.count("\r\n")


def _meaning(feature: dict[str, Any]) -> tuple[EntityKind, str] | None:
    match _kind(feature):
        case "tag":
            tag = clean_tag(feature.get("tag"))
            return (EntityKind.HASHTAG, tag) if tag else None
        case "mention":
            did = did_of(feature.get("did"))
            return (EntityKind.MENTION, profile_of(did)) if did else None
        case "link":
            url = clean_url(feature.get("uri"))
            return (EntityKind.LINK, url) if url else None
    return None


def _kind(feature: dict[str, Any]) -> str:
    kind = feature.get("$type")
    return kind.removeprefix("app.bsky.richtext.facet#") if isinstance(kind, str) else ""


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value[:MAX_LISTED] if isinstance(item, dict)] if isinstance(value, list) else []
