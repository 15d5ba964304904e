"""A conversation that only another source may ask for is asked in the same round, once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tagora.app import collecting
from tagora.sandbox import SMALL, Script, parse_script

from .held import held
from .town import Town, town

OPEN, CLOSED = "mastodon.social", "sociale.example"


@pytest.fixture
def script() -> Script:
    """A question on an open server; below it, on a server that answers nobody without a key, an answer that went
    round and one that did not."""
    told = yaml.safe_load(SMALL.read_text(encoding="utf-8"))
    posts = [
        {"key": "q", "by": "tom", "at": 10, "text": "Who answers? #agoraTest"},
        {"key": "a", "by": "gots", "at": 20, "text": "I do", "reply_to": "q", "seen_on": [OPEN]},
        {"key": "b", "by": "gots", "at": 30, "text": "And once more, among us", "reply_to": "a"},
    ]
    return parse_script(told | {"posts": posts})


@pytest.fixture
def one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "AT_ONCE", 1)


def texts(here: Town) -> set[str]:
    return {one.text for one in held(here.place.store).values()}


@pytest.mark.usefixtures("one_after_another")
@pytest.mark.parametrize("backwards", [False, True])
def test_what_is_handed_to_a_source_that_had_its_turn_is_asked_in_the_same_round(
    script: Script, tmp_path: Path, backwards: bool
) -> None:
    with town(script, tmp_path, only=["mastodon"], backwards=backwards, at=60) as here:
        reports = here.collect()
        assert texts(here) == {"Who answers? #agoraTest", "I do", "And once more, among us"}
        assert [report.name for report in reports] == [one.name for one in here.place.sources], "one report a source"
        assert sum(report.new for report in reports) == 3
        before = len(here.box.requests)
        assert here.collect() == [], "nothing is due, nothing is asked a third time"
        assert len(here.box.requests) == before
