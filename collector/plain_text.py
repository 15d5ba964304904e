"""Finding hashtags and links in plain text, for what comes without entities (Facebook, posts typed in). Pure.

Offsets are code points of the text given; nothing found overlaps.
"""

from __future__ import annotations

import re
import unicodedata

from ..core.normalise import clean_url
from ..core.records import Entity, EntityKind

MAX_TAG = 200
MAX_ENTITIES = 1_000  # of one post; more is nobody's writing

_LINK = re.compile(r"(?<![\w@/.:-])(?:https?://|www\.)[^\s<>\"'`\\^{|}«»“”]{1,2000}", re.IGNORECASE)
_TAG_START = re.compile(r"[#＃]")
_ENDINGS = ".,;:!?…*_~"
_BRACKETS = {")": "(", "]": "["}


def links(text: str) -> list[Entity]:
    """Links in the text as readers see them: http(s) addresses and those that begin with www."""
    found = []
    for match in _LINK.finditer(text):
        written = _without_ending(match.group())
        target = clean_url(written if "://" in written else f"https://{written}")
        if target:
            found.append(Entity(match.start(), match.start() + len(written), EntityKind.LINK, target))
        if len(found) >= MAX_ENTITIES:
            break
    return found


def hashtags(text: str) -> list[Entity]:
    """#tags: letters, digits, combining marks and underscores of any script, at least one not a digit, not glued to
    a word. The target is NFC and casefolded."""
    found: list[Entity] = []
    end = 0
    for match in _TAG_START.finditer(text):
        start = match.start()
        if start < end or (start and (_in_tag(text[start - 1]) or text[start - 1] in "#＃&/")):
            continue
        end = start + 1
        while end < len(text) and end - start <= MAX_TAG and _in_tag(text[end]):
            end += 1
        tag = text[start + 1 : end]
        if tag.strip("_") and not tag.replace("_", "").isdigit():
            target = unicodedata.normalize("NFC", tag).casefold()
            found.append(Entity(start, end, EntityKind.HASHTAG, target))
        if len(found) >= MAX_ENTITIES:
            break
    return found


def without_overlaps(*groups: list[Entity]) -> tuple[Entity, ...]:
    """All entities in the order of the text; where two overlap, the one of the earlier group stays."""
    kept: list[Entity] = []
    taken: set[int] = set()
    for group in groups:
        for entity in group:
            span = range(entity.start, entity.end)
            if taken.isdisjoint(span):
                taken.update(span)
                kept.append(entity)
    return tuple(sorted(kept, key=lambda e: (e.start, e.end)))


def _in_tag(char: str) -> bool:
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"


def _without_ending(link: str) -> str:
    """The link without the punctuation of the sentence around it; a closing bracket stays if it was opened inside."""
    while link:
        last = link[-1]
        opening = _BRACKETS.get(last)
        if last in _ENDINGS or (opening and link.count(last) > link.count(opening)):
            link = link[:-1]
        else:
            break
    return link
