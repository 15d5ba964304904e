"""Text as people compare it: without case, accents, look-alike styles and invisible characters.

"Perché", "PERCHE\\u0301", "𝗽𝗲𝗿𝗰𝗵𝗲" and "per\\u200bche" fold to the same "perche". What carries the meaning of a letter
in its script stays (nukta, kana voicing and virama, the combining classes 7 to 9; vowel signs of class 0):
https://www.unicode.org/reports/tr44/#Canonical_Combining_Class_Values.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_APOSTROPHES = "\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"


def _fold_character(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    return "".join(
        c
        for part in decomposed
        for c in part.casefold()
        if unicodedata.category(c) != "Cf" and unicodedata.combining(c) in (0, 7, 8, 9)
    )


class _Table(dict[int, str]):
    """A translation table that learns each character when it first meets it (there are no more than 1,114,112)."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


_TABLE = _Table()


@lru_cache(256)  # the posts of a page: each is folded for its fingerprint and for the rules
def fold(text: str) -> str:
    """`text` folded, character by character; its length may differ."""
    return text.lower() if text.isascii() else text.translate(_TABLE)


def unfold_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Where in `text` the stretch [start, end) of fold(text) stands, in code points, end exclusive, with the accents
    that follow its last letter."""
    if text.isascii():
        return start, end
    first = last = len(text)
    at = 0
    for index, character in enumerate(text):
        width = len(_TABLE[ord(character)])
        if at >= end and width:
            last = index
            break
        if width and at + width > start:
            first = min(first, index)
        at += width
    return min(first, last), last
