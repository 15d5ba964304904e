"""In which language the core speaks to people. English stands in the code; whoever asks may hand in a catalogue that
knows another (gettext's own translations fit)."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Protocol


class Tongue(Protocol):
    def gettext(self, message: str) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str: ...


ENGLISH: Tongue = NullTranslations()


class Said(str):
    """A sentence with its values filled in, in English. It remembers both, so that `in_tongue` can say it again in
    another language."""

    pattern: str
    values: Mapping[str, object]


def said(pattern: str, **values: object) -> Said:
    """`pattern` with %(name)s filled in."""
    made = Said(pattern % values)
    made.pattern, made.values = pattern, values
    return made


def in_tongue(sentence: str, say: Tongue) -> str:
    """The sentence in another language, as far as its catalogue knows it."""
    if not sentence:
        return ""
    if not isinstance(sentence, Said):
        return say.gettext(sentence)
    given = sentence.values.items()
    values = {name: in_tongue(value, say) if isinstance(value, Said) else value for name, value in given}
    return say.gettext(sentence.pattern) % values
