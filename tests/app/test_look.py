"""A folder with a look of one's own, by command: a fault in it is one sentence, and the published site stays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tagora.app.config_file import load

from ..folder import Answer, Folder

FRONT = "{% extends 'shipped/front.html' %}\n{% block main %}\nours\n{% endblock %}\n"


@pytest.fixture
def own(lonely: Folder) -> Folder:
    """A folder with a look that is well, and its site built."""
    lonely.config["site"]["look"] = "look"
    lonely.write()
    (lonely.path / "look/templates").mkdir(parents=True)
    (lonely.path / "look/templates/front.html").write_text(FRONT, encoding="utf-8")
    (lonely.path / "look/look.css").write_text(":root { --accent: #0a5c36 }", encoding="utf-8")
    assert lonely("build").status == 0
    return lonely


def site(folder: Folder) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (folder.path / "site").rglob("*") if path.is_file()}


def refused(answer: Answer, words: str) -> None:
    assert answer.status == 2, (answer.out, answer.err)
    assert answer.err.startswith("tagora: ") and answer.err.count("\n") == 1 and words in answer.err, answer.err


def test_the_site_has_the_look_of_the_folder(own: Folder) -> None:
    assert "ours" in (own.path / "site/index.html").read_text(encoding="utf-8")
    answer = own("check", "--offline")
    assert "ok       look: look is read" in answer.out


@pytest.mark.parametrize(
    "path, content, said",
    [
        ("look.css", "a { color: red", "look/look.css:1: `{` is opened here and not closed."),
        (
            "templates/front.html",
            FRONT.replace("ours", "{% if %}"),
            "look/templates/front.html:3: the template cannot be",
        ),
        ("templates/front.html", FRONT.replace("ours", "{{ who }}"), "look/templates/front.html:3: there is no `who`."),
        ("logo.svg", "<svg", "look/logo.svg:1: the drawing cannot be read"),
        ("logo.gif", "GIF", "look/logo.gif: a file of this name means nothing here."),
    ],
)
def test_a_fault_in_a_file_stops_check_and_build_and_the_site_stays(
    own: Folder, path: str, content: str, said: str
) -> None:
    before = site(own)
    (own.path / "look" / path).write_text(content, encoding="utf-8")
    for command in (("check", "--offline"), ("build",), ("publish",)):
        refused(own(*command), said)
    assert site(own) == before


def test_a_template_that_asks_a_page_for_what_it_lacks_stops_them_too(own: Folder) -> None:
    before = site(own)
    text = FRONT.replace("ours", "{{ page.campaign.title }}")
    (own.path / "look/templates/front.html").write_text(text, encoding="utf-8")
    said = "look/templates/front.html:3: the page front.html cannot be printed"
    checked = own("check", "--offline")
    assert checked.status == 1 and f"fault    look: {said}" in checked.out
    refused(own("build"), said)
    assert site(own) == before


def test_a_folder_that_is_not_there_or_no_folder_is_told_with_the_line_of_the_setting(own: Folder) -> None:
    lines = own.file.read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.strip().startswith("look:"))
    (own.path / "look").rename(own.path / "elsewhere")
    refused(own("build"), f"config.yaml:{line}: the folder look is not there.")
    (own.path / "look").write_text("", encoding="utf-8")
    refused(own("build"), f"config.yaml:{line}: the folder look is no folder.")


def test_what_may_not_be_read_is_told(own: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the system is played."""
    whole = Path.open

    def closed(self: Path, *arguments: Any, **named: Any) -> object:
        if self.name == "look.css":
            raise PermissionError(13, "Permission denied")
        return whole(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", closed)
    refused(own("build"), "look/look.css: it cannot be read: Permission denied.")
    monkeypatch.undo()
    walk = os.scandir

    def shut(path: str) -> object:
        if str(path).endswith("templates") and "look" in str(path):
            raise PermissionError(13, "Permission denied", path)
        return walk(path)

    monkeypatch.setattr(os, "scandir", shut)
    refused(own("build"), "the folder look/templates cannot be read: Permission denied.")


def test_a_pipe_or_a_folder_of_thousands_is_not_read(own: Folder) -> None:
    pipe = own.path / "look/logo.svg"
    os.mkfifo(pipe)
    refused(own("build"), "look/logo.svg: it is no file.")
    pipe.unlink()
    for number in range(201):
        (own.path / f"look/{number}.txt").write_text("", encoding="utf-8")
    refused(own("build"), "there are more than 200 files in look.")


def test_a_changed_look_is_a_changed_configuration_to_a_running_process(own: Folder) -> None:
    before = load(own.file).fingerprint
    assert load(own.file).fingerprint == before
    (own.path / "look/templates/front.html").write_text(FRONT.replace("ours", "yours"), encoding="utf-8")
    assert load(own.file).fingerprint != before
