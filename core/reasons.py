"""Why a post is rejected, in a word: what the log keeps is the code, or a moderator's own words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` is what the log keeps; `it` and `en` are what people read."""

    code: str
    it: str
    en: str

    def in_language(self, language: str) -> str:
        return self.it if language == "it" else self.en


# What a campaign begins with.
STARTERS = (
    Reason("spam", "Spam", "Spam"),
    Reason("off-topic", "Fuori tema", "Off topic"),
    Reason("insult", "Offese o toni aggressivi", "Insults or aggressive tone"),
    Reason("hate", "Odio o discriminazione", "Hate or discrimination"),
    Reason("private", "Dati personali o privati", "Personal or private data"),
    Reason("illegal", "Contenuto illegale", "Illegal content"),
    Reason("advertising", "Pubblicità", "Advertising"),
    Reason("duplicate", "Doppione", "Duplicate"),
    Reason("unreadable", "Incomprensibile", "Cannot be understood"),
    Reason("other", "Altro", "Other"),
)
