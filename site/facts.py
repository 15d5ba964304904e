"""What insights count of a thread, as small entries that add up. Pure.

An entry is (kind, key) with a number. A campaign's tally is the sum of its threads' entries, so that a build takes the
former entries of a changed thread away, adds the new ones, and reads nothing else. Authors are numbers of the store:
they are counted, and stand on no page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..core.normalise import clean_url, without_tracking
from ..core.wishes import is_unindexed
from ..presentation.formats import Formats
from ..presentation.networks import family_of
from ..presentation.thread import Arranged
from ..storage.snapshot import Node

POSTS, LANGUAGE, DEPTH, LINK, TAG, SEEN, REPLIES = "posts", "language", "depth", "link", "tag", "seen", "replies"
DEEPEST = 8  # deeper replies are counted there
UNKNOWN = ""  # the key of an unknown language
# keys of REPLIES, beside the reasons why some are not here; the last two count threads
SHOWN, TOTAL, ABOUT, UNTOLD = "shown", "total", "about", "untold"
MOST_EACH = 20  # links and tags of one post that count
LONGEST = 300
_SHORT = re.compile(r"https?://t\.co/")  # X puts it before every link; what it leads to is what readers see
_CUT = "…"

Entry = tuple[str, str]
Entries = Mapping[Entry, int]


def facts_of(arranged: Arranged[Node], formats: Formats, own_tags: frozenset[str]) -> dict[Entry, int]:
    """Of a thread as it is published. `own_tags`: the campaign's, casefolded, which say nothing here."""
    found: Counter[Entry] = Counter()
    depths: list[int] = []
    for node, parent in zip(arranged.order, arranged.parents, strict=True):
        depth = depths[parent] + 1 if parent >= 0 else 0
        depths.append(depth)
        if node.id not in arranged.visible:
            continue
        showing = arranged.showing[node.id]
        day = str(formats.local(node.published_at or 0).date())
        found[POSTS, f"{day} {family_of(node.origin)}"] += 1
        found[DEPTH, f"{min(depth, DEEPEST)}"] += 1
        if node.writer is not None:
            found[SEEN, f"{node.writer.id} {day}"] += 1
        if showing.show != "full" or showing.bare:
            continue
        found[LANGUAGE, node.lang or UNKNOWN] += 1
        if node.writer is None or not is_unindexed(node.writer.wishes):
            for entry in _shared(node, own_tags):
                found[entry] += 1
    whole = arranged.completeness
    found[REPLIES, SHOWN] += whole.shown
    found[REPLIES, TOTAL] += whole.total
    found[REPLIES, ABOUT] += whole.about
    found[REPLIES, UNTOLD] += not whole.known
    for reason, number in whole.absent:
        found[REPLIES, reason] += number
    return {entry: number for entry, number in found.items() if number}


def _shared(node: Node, own_tags: frozenset[str]) -> list[Entry]:
    """The links and tags of one post, each once."""
    entries: dict[Entry, None] = {}
    for mark in node.marks:
        if mark.kind == "link":
            address = _address(mark.target, mark.display)
            if address is not None:
                entries[LINK, address] = None
        elif mark.kind == "hashtag":
            tag = (mark.target or "").lstrip("#＃").casefold()
            if tag and tag not in own_tags and not tag.startswith("http"):
                entries[TAG, tag[:LONGEST]] = None
    return list(entries)[:MOST_EACH]


def _address(target: str, display: str | None) -> str | None:
    """One spelling of an address for counting; None for what cannot be told apart or followed."""
    if _SHORT.match(target):
        if not display or _CUT in display:
            return None
        target = display if "://" in display else f"https://{display}"
    cleaned = clean_url(target)
    if cleaned is None or len(cleaned) > LONGEST:
        return None
    plain = without_tracking(cleaned)
    return plain.rstrip("/") if urlsplit(plain).path in ("", "/") else plain


def difference(before: Entries, after: Entries) -> dict[Entry, int]:
    """What is to be added to a tally that `before` is part of, so that `after` is in its place."""
    change = {entry: after.get(entry, 0) - before.get(entry, 0) for entry in {*before, *after}}
    return {entry: number for entry, number in change.items() if number}
