"""A trouble: something that people should know of without looking. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Value = str | int | datetime


class Severity(StrEnum):
    """`note`: to be seen in `tagora status`, told to nobody. `warning`: something will be lost, or waits, unless
    somebody acts. `fault`: something does not work."""

    NOTE = "note"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English sentence with %(names)s, and what is to be filled in: texts and numbers as they are, moments as the
    reader's language writes them."""

    pattern: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """`kind` and `about` (an account, "campaign/source", a campaign, a place) name it as long as it lasts.

    `since`: when it began, as far as anybody can tell; None: it is seen for the first time. `what` happened, what is
    lost or not (`loss`), and what repairs it (`repair`, with the command). `campaign`: the one it concerns, if one.
    `passes` False: it happened once and cannot be mended (a hole); it is told once."""

    kind: str
    about: str
    severity: Severity
    what: Sentence
    since: datetime | None = None
    loss: Sentence | None = None
    repair: Sentence | None = None
    campaign: str | None = None
    passes: bool = True

    @property
    def key(self) -> str:
        return f"{self.kind} {self.about}"


def say(pattern: str, **values: Value) -> Sentence:
    return Sentence(pattern, values)


def ended(problem: str | None) -> str:
    """What was said of a problem, as a whole sentence."""
    told = (problem or "").strip() or "?"
    return told if told.endswith((".", "!", "?")) else f"{told}."


def N_(pattern: str) -> str:
    """Marks a sentence that the catalogues know (gettext's usual name for it)."""
    return pattern
