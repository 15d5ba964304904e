"""Every example in docs/rules.md is a rule, and does what the table below it says."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tagora.core.conditions import Facts, Link, Stands
from tagora.core.decisions import Verdict
from tagora.core.rules import evaluate
from tagora.core.rules_yaml import ACTIONS, read_rules

from ..make import NOON

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n([^`]*)```\n\n\|.*\n\|---.*\n((?:\|.*\n)+)", PAGE)


def facts(text: str, besides: str) -> Facts:
    said = dict(part.split(": ") for part in besides.split("; ")) if besides else {}
    values: dict[str, Any] = {"via": said.get("via", "tag"), "language": said.get("language")}
    values["links"] = tuple(Link(host, 0, len(text)) for host in said.get("links", "").split())
    values["media"] = tuple(said.get("media", "").split())
    values["near_hours"] = tuple(map(float, said.get("near", "").split()))
    values["warning"] = said.get("warning")
    values["stands"] = Stands(said["standing"]) if "standing" in said else None
    if "account" in said:
        values["account_created_at"] = NOON - timedelta(days=int(said["account"]))
    return Facts(text, NOON, "x", **values)


CASES = [
    pytest.param(rules, *(cell.strip() for cell in row.strip("|\n").split("|")), id=row.split("|")[1].strip())
    for rules, table in EXAMPLES
    for row in table.splitlines()
]


def test_every_block_of_yaml_has_its_table() -> None:
    assert len(EXAMPLES) == PAGE.count("```yaml") > 5


@pytest.mark.parametrize(("rules", "text", "besides", "decision"), CASES)
def test_an_example_does_what_the_page_says(rules: str, text: str, besides: str, decision: str) -> None:
    outcome = evaluate(read_rules(rules, "docs/rules.md"), facts(text, besides), publish_first=False)[0]
    if decision == "none":
        assert outcome.verdict is Verdict.PEND and outcome.rule == "policy"
        return
    action, says = re.fullmatch(r"(\w+) `(.*)`", decision).groups()  # type: ignore[union-attr]
    assert outcome.verdict is ACTIONS[action]
    matched = outcome.matched
    assert says == "link" or says == (text[slice(*matched)] if isinstance(matched, tuple) else matched)


def test_every_condition_of_the_language_is_on_the_page() -> None:
    from tagora.core.rules_yaml import _CONDITIONS

    assert [key for key in _CONDITIONS if f"`{key}`" not in PAGE] == []
