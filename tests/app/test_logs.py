"""What the program says of its work: one event a line, named; no key is in it, and nothing that posts say."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tagora.app import logs, secrets
from tagora.app.logs import EVENTS, Json, Text, event
from tagora.core.clock import ManualClock
from tagora.core.yaml_lines import parse
from tagora.sandbox import Sandbox

from ..folder import Folder

KEY = "kEy-0f-the-test\"\\'"


@pytest.fixture(autouse=True)
def root_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def record(level: int = logging.INFO, words: str = "a line", error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("tagora.run", level, __file__, 1, words, None, info)


def test_each_event_is_one_line_of_json_with_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    logs.prepare("json")
    log = logging.getLogger("tagora.test")
    event(log, "site.built", "site: 3 pages\nwritten", written=3, seconds=0.5)
    log.error("the store is locked")
    log.info("by the way")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [one["event"] for one in lines] == ["site.built", "refused", "log"]
    assert lines[0]["written"] == 3 and lines[0]["words"] == "site: 3 pages\nwritten" and lines[0]["level"] == "info"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", one["at"]) for one in lines)


def fault() -> BaseException:
    try:
        raise ValueError("could not read: what somebody wrote")
    except ValueError as error:
        return error


@pytest.mark.parametrize("form", [Json(), Text()])
def test_of_a_fault_its_place_is_told_and_not_its_words(form: logging.Formatter) -> None:
    line = form.format(record(logging.ERROR, "a fault in the program itself", fault()))
    assert "test_logs.py" in line and "ValueError" in line and "what somebody wrote" not in line
    assert "what somebody wrote" in Text(debug=True).format(record(logging.ERROR, "a fault", fault()))


@pytest.mark.parametrize("form", [Json(), Text()])
def test_a_key_that_got_into_a_line_is_hidden(
    form: logging.Formatter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KEY_OF_THE_TEST", KEY)
    assert secrets.read({"token": ("env", "KEY_OF_THE_TEST")}, tmp_path, parse("", "config.yaml"), ()) == {"token": KEY}
    line = form.format(record(words=f"asked https://example.org/?token={KEY} twice"))
    assert KEY not in line and "kEy-0f-the-test" not in line and "[key]" in line


def test_every_event_that_the_code_names_is_known_and_documented() -> None:
    root = Path(__file__).resolve().parents[2]
    calls = re.compile(r"event\(\s*log,[^\n]*(?:\n[^\n]*)?")
    code = " ".join(call for file in (root / "app").rglob("*.py") for call in calls.findall(file.read_text("utf-8")))
    named = set(re.findall(r'"([a-z]+\.[a-z]+)"', code))
    assert named and named <= set(EVENTS)
    page = (root / "docs" / "watching.md").read_text(encoding="utf-8")
    assert [name for name in EVENTS if f"`{name}`" not in page] == []


def test_collecting_logs_what_came_of_it_beside_what_it_prints(
    folder: Callable[..., Folder], now: ManualClock, box: Sandbox
) -> None:
    mine = folder(only=("x", "mastodon"))
    for server in box.script.servers[:1]:
        (mine.path / f"{server.host}.key").write_text("a-wrong-key")
    answer = mine("--log-format", "json", "collect", "--once", "--json")
    lines = [json.loads(line) for line in answer.err.splitlines()]
    asked = {one["source"]: one["event"] for one in lines if one["event"].startswith("source.")}
    assert asked["talk/x"] == "source.asked" and "source.failed" in asked.values()
    assert next(one for one in lines if one.get("source") == "talk/x")["new"] > 0
    assert "sources" in answer.json, "standard output is for what was asked for"
    with_texts = mine("export").lines
    assert with_texts and not [post for post in with_texts if post["text"] and post["text"] in answer.err]
    assert box.tokens.x not in answer.err and "a-wrong-key" not in answer.err
