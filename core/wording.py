"""Conditions on what people read of a post: whole words and patterns, in the text, title, warning and descriptions.

They run on RE2, whose time is linear in the text whatever the pattern
(https://swtch.com/~rsc/regexp/regexp3.html): no rule can hang the collector.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import ClassVar

import re2

from .conditions import Facts, Matched, Need, either
from .folding import fold, unfold_span
from .tongue import ENGLISH, Tongue

_IN_WORD = r"\pL\pN\pM_"


def _compile(pattern: str) -> re2._Regexp:
    """A pattern blind to case. Raises ValueError with RE2's own words."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else "it cannot be read"
        raise ValueError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None


def _joins(character: str) -> bool:
    """Whether a letter beside it would belong to the same word: no in scripts without spaces, no for an emoji."""
    if not (character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"):
        return False
    code = ord(character)
    unspaced = 0x0E00 <= code <= 0x0EFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x17FF
    return not (unspaced or 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF)


def _pattern(words: Sequence[str]) -> str:
    """One pattern for all words: one group for each kind of edges they have."""
    by_edges: dict[tuple[bool, bool], list[str]] = defaultdict(list)
    for word in words:
        parts = fold(word).split()
        by_edges[_joins(parts[0][0]), _joins(parts[-1][-1])].append(r"\s+".join(map(re2.escape, parts)))
    return "|".join(
        f"{f'(?:^|[^{_IN_WORD}])' if joins_before else ''}({'|'.join(patterns)})"
        f"{f'(?:[^{_IN_WORD}]|$)' if joins_after else ''}"
        for (joins_before, joins_after), patterns in by_edges.items()
    )


class Words:
    """Whole words and phrases, blind to case and accents. Raises ValueError when there are too many."""

    needs: ClassVar[Need | None] = Need.MEDIA  # their descriptions are read too

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._compiled = _compile(_pattern(self.words))

    def match(self, facts: Facts) -> Matched | None:
        found = self._find(facts.folded)
        if found:
            return unfold_span(facts.text, *found)
        for part in facts.elsewhere:
            if found := self._find(fold(part)):
                start, end = unfold_span(part, *found)
                return part[start:end]
        return None

    def _find(self, folded: str) -> tuple[int, int] | None:
        found = self._compiled.search(folded)
        return found.span(found.lastindex or 0) if found else None

    def describe(self, say: Tongue = ENGLISH) -> str:
        return say.gettext("it says %(which)s") % {"which": either(self.words, say)}


class Patterns:
    """Regular expressions in RE2's syntax, blind to case, on the text as it is written. Raises ValueError for one that
    is none."""

    needs: ClassVar[Need | None] = Need.MEDIA  # their descriptions are read too

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = tuple(patterns)
        self._compiled = tuple(map(_compile, self.patterns))

    def finds(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self._compiled)

    def match(self, facts: Facts) -> Matched | None:
        for pattern in self._compiled:
            if found := pattern.search(facts.text):
                return found.start(), found.end()
        for part in facts.elsewhere:
            for pattern in self._compiled:
                if found := pattern.search(part):
                    return part[found.start() : found.end()]
        return None

    def describe(self, say: Tongue = ENGLISH) -> str:
        return say.gettext("it matches %(which)s") % {"which": either(self.patterns, say)}
