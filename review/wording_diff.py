"""What changed between two wordings of a post."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

LONGEST = 20_000  # characters compared; what is longer is compared as far as this
_PARTS = re.compile(r"\s+|\w+|[^\w\s]")


class Piece(NamedTuple):
    kind: Literal["same", "new", "gone"]
    words: str


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """The two texts as one: what stayed, what came, what went, word by word."""
    old, new = _PARTS.findall(before[:LONGEST]), _PARTS.findall(after[:LONGEST])
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(old[a:b])))
            continue
        if a < b:
            found.append(Piece("gone", "".join(old[a:b])))
        if c < d:
            found.append(Piece("new", "".join(new[c:d])))
    return tuple(found)
