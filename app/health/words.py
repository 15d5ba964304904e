"""Troubles in words, in the language of whoever reads them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ...core.tongue import Tongue
from ...presentation import words as presentation_words
from ...presentation.formats import Formats
from ...storage.types import microseconds
from .trouble import Sentence, Trouble

LOCALES = (Path(presentation_words.__file__).parent / "locales", Path(__file__).parent / "locales")


class Told(NamedTuple):
    """A trouble in words: what happened, what is lost or not and what repairs it (each empty where nothing is to be
    said)."""

    what: str
    loss: str
    repair: str

    @property
    def all(self) -> str:
        return " ".join(filter(None, self))


class Speech:
    """One language in one time zone."""

    def __init__(self, language: str, timezone: str) -> None:
        self.tongue: Tongue = presentation_words.words(language, *LOCALES)
        self._formats = Formats(language, timezone)

    def told(self, trouble: Trouble) -> Told:
        return Told(*(self.sentence(one) if one else "" for one in (trouble.what, trouble.loss, trouble.repair)))

    def sentence(self, sentence: Sentence) -> str:
        filled = {name: self._value(value) for name, value in sentence.values.items()}
        return self.tongue.gettext(sentence.pattern) % filled

    def moment(self, moment: datetime) -> str:
        return self._formats.lately(microseconds(moment))

    def _value(self, value: object) -> str:
        if isinstance(value, datetime):
            return self.moment(value)
        return self._formats.number(value) if isinstance(value, int) else str(value)
