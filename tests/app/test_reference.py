"""The documentation says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tagora.app.cli import COMMANDS
from tagora.app.reference import pages

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROOT = DOCS.parent


@pytest.mark.parametrize("name", ["settings.md", "commands.md", "api.md", "views.md"])
def test_every_command_setting_and_request_is_documented_as_it_is(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == pages()[name], "run: python -m tagora.app.reference docs"


def test_links_between_the_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [ROOT / "README.md", *DOCS.rglob("*.md")]
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_commands_named_in_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^ {4}|`|&& )tagora (?:-\S+ \S+ )?([a-z]+)", text, re.M))
    assert named <= set(COMMANDS)
