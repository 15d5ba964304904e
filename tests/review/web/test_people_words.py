"""What the program tells people of the team, it tells in Italian too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tagora.presentation.words import words
from tagora.review.signing_in import TRY_AGAIN
from tagora.review.web import pages_account, pages_moderators
from tagora.review.web.access import TOO_SMALL
from tagora.review.web.templating import LOCALES

ROOT = Path(__file__).resolve().parents[3]
SAYING = ("UsageError", "NotAllowed", "__init__", "told")


def said(path: Path) -> Iterator[str]:
    """The sentences of the errors that a module raises, as far as they are fixed."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SAYING:
                yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


@pytest.mark.parametrize(
    "module",
    ["passwords", "people", "signing_in", "keys"]
    + [f"web/{name}" for name in ("access", "again", "api_people", "pages_account", "pages_moderators")],
)
def test_every_sentence_of_an_error_is_there_in_italian(module: str) -> None:
    catalogue = words("it", *LOCALES)
    sentences = [one for one in said(ROOT / "review" / f"{module}.py") if one and not one.startswith("`tagora ")]
    missing = [sentence for sentence in sentences if catalogue.gettext(sentence) == sentence]
    assert sentences and missing == []


def test_every_sentence_about_what_was_done_is_there_in_italian() -> None:
    catalogue = words("it", *LOCALES)
    sentences = [*pages_account.SAID.values(), *pages_moderators.SAID.values(), *TOO_SMALL.values(), TRY_AGAIN]
    assert [sentence for sentence in sentences if catalogue.gettext(sentence) == sentence] == []
