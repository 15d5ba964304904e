"""A campaign's rules as people change them: what is new in a text, how two versions differ, and saving without running
over somebody else's change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal

from ..core.decisions import Verdict
from ..core.errors import ConfigError, TagoraError, UsageError
from ..core.rules import Rule
from ..core.rules_yaml import ACTIONS, read_rules
from ..core.tongue import said
from ..core.yaml_lines import parse
from ..storage import rulesets
from ..storage.rulesets import Ruleset
from ..storage.store import Connection
from .moderate import load_rules

NAME = "rules"  # what errors call the text
EMPTY = "[]\n"
CONTEXT = 3  # lines around a difference
_WORDS = {verdict: word for word, verdict in ACTIONS.items()}


class RulesChanged(TagoraError):
    """Somebody saved other rules since these were opened. `now`: what is in force."""

    def __init__(self, now: Ruleset | None) -> None:
        number, by = (now.version, now.by) if now else (0, "")
        super().__init__(
            said("the rules were changed meanwhile: version %(version)s is in force, by %(by)s", version=number, by=by),
            "Nothing was saved. Look at the difference, and save yours again if it still holds.",
        )
        self.now = now


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison; a `cut` stands for lines that are alike and left out."""

    kind: Literal["same", "gone", "new", "cut"]
    text: str


def text_of(held: Ruleset | None) -> str:
    return held.body if held else EMPTY


def read(text: str) -> Sequence[Rule]:
    """The rules in a text. Raises ConfigError; `line_of` says where."""
    return read_rules(text, NAME)


def save(
    connection: Connection, campaign_id: int, text: str, by: str, now: datetime, *, seen: int | None = None
) -> Ruleset:
    """The text as the rules in force, inside a writing transaction. `seen`: the version that the person had before
    them, 0 for none; None: whichever. Raises ConfigError for rules that cannot be read (`line_of` says where), and
    RulesChanged when another version is in force by now; the very same text is no change."""
    held = rulesets.latest(connection, campaign_id)
    if held is not None and held.body == text:
        return held
    if seen is not None and seen != (held.version if held else 0):
        raise RulesChanged(held)
    return load_rules(connection, campaign_id, text, by, now, name=NAME)


def line_of(error: ConfigError) -> int | None:
    """Which line of the text is wrong, from 1; None where it is not known."""
    found = re.fullmatch(rf"{NAME}:(\d+)", error.where)
    return int(found[1]) if found else None


def fresh(text: str, before: str) -> Mapping[str, Literal["new", "changed"]]:
    """Which rules of `text`, by name, are not in `before`, or are others there. Raises ConfigError for `text`."""
    known = {rule["name"].strip(): rule for rule in parse(before, NAME).data or ()}
    told: dict[str, Literal["new", "changed"]] = {}
    for rule in parse(text, NAME).data or ():
        name = rule["name"].strip()
        if name not in known:
            told[name] = "new"
        elif known[name] != rule:
            told[name] = "changed"
    return told


def only_log(text: str, names: Sequence[str]) -> str:
    """The text with `then: log` in the rules of these names; all the rest stays as it is written. Raises ConfigError
    for a text that cannot be read, UsageError where a rule is written so that it cannot be done."""
    document = parse(text, NAME)
    rules = read(text)
    lines = text.splitlines(keepends=True)
    for index, rule in enumerate(rules):
        if rule.name in names and rule.then is not Verdict.LOG:
            at = document.lines[index, "then"] - 1
            word = _WORDS[rule.then]
            lines[at] = re.sub(rf"([\"']?)\bthen\1\s*:\s*([\"']?){word}\2", "then: log", lines[at], count=1)
    changed = "".join(lines)
    wanted = [(rule.name, Verdict.LOG if rule.name in names else rule.then) for rule in rules]
    if [(rule.name, rule.then) for rule in _readable(changed)] != wanted:
        raise UsageError("this cannot be rewritten by itself", "Write `then: log` into the new rules by hand.")
    return changed


def _readable(text: str) -> Sequence[Rule]:
    try:
        return read(text)
    except ConfigError:
        return ()


def differences(before: str, after: str) -> Sequence[Line]:
    """Line by line; of what is alike only what stands around a difference. Nothing when there is none."""
    old, new = before.splitlines(), after.splitlines()
    groups = list(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT))
    return tuple(_lines(groups, old, new))


def _lines(
    groups: Sequence[Sequence[tuple[str, int, int, int, int]]], old: Sequence[str], new: Sequence[str]
) -> Iterator[Line]:
    end = 0
    for group in groups:
        if group[0][1] > end:
            yield Line("cut", "")
        for what, from_old, to_old, from_new, to_new in group:
            if what == "equal":
                yield from (Line("same", text) for text in old[from_old:to_old])
            else:
                yield from (Line("gone", text) for text in old[from_old:to_old])
                yield from (Line("new", text) for text in new[from_new:to_new])
        end = group[-1][2]
    if groups and end < len(old):
        yield Line("cut", "")
