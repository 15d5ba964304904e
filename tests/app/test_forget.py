"""Withdrawing through the command: nothing of the person stays in any byte, and nothing comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tagora.core.clock import ManualClock
from tagora.sandbox import SMALL, Sandbox, Script, load_script

from ..folder import Folder

FOUND_AGAIN = 2_000  # minutes later, when the networks tell the same people's posts anew


@pytest.fixture
def script() -> Script:
    return load_script(SMALL)


@pytest.fixture
def box(script: Script):
    with Sandbox(script, now=1_000, enforce_limits=False) as box:
        yield box


def holding(folder: Path, words: str) -> list[str]:
    """Files below the folder with these words in their bytes (in any case), the keys of the networks apart."""
    pattern = re.compile(re.escape(words.encode()), re.IGNORECASE)
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".key"]
    return sorted(str(path.relative_to(folder)) for path in files if pattern.search(path.read_bytes()))


@pytest.mark.parametrize(("key", "words"), [("giulia", "e rispondi a "), ("marco", "e ricordo i nomi")])
def test_a_withdrawn_person_stands_in_no_byte_and_does_not_come_back(
    key: str, words: str, script: Script, box: Sandbox, now: ManualClock, folder: Callable[..., Folder]
) -> None:
    campaign = folder()
    person = next(each for each in script.people if each.key == key)
    handle = f"{person.handle}@{person.server}" if person.server else str(person.handle)
    campaign("collect", "--once")
    campaign("build")
    assert holding(campaign.path, str(person.handle)) and holding(campaign.path, words)

    tried = campaign("forget", f"@{handle}")
    assert (tried.status, "Nothing was done" in tried.out) == (0, True)
    done = campaign("forget", f"@{handle}", "--yes")
    assert (done.status, done.err) == (0, "")
    assert "Receipt" in done.out

    def traces() -> dict[str, list[str]]:
        found = {what: holding(campaign.path, what) for what in (str(person.handle), person.name, words)}
        return {what: files for what, files in found.items() if files}

    assert traces() == {}
    now.set(box.set_time(FOUND_AGAIN))
    assert campaign("collect", "--now").status == 0
    campaign("build")
    assert traces() == {}
    assert f"@{handle} was withdrawn before" in campaign("forget", f"@{handle}", "--yes").err


def test_a_withdrawal_that_is_asked_for_again_is_told_to_be_done(box: Sandbox, folder: Callable[..., Folder]) -> None:
    campaign = folder()
    campaign("collect", "--once")
    held = next(post for post in campaign("export").lines if post["platform"] == "x")
    for target in (held["url"], f"@{held['author']}"):
        assert campaign("forget", target, "--yes").status == 0
        again = campaign("forget", target, "--yes")
        assert (again.status, again.out) == (0, "")
        assert "was withdrawn before" in again.err and again.err.count("\n") == 1
    assert campaign("forget", "https://x.com/nobody/status/1", "--yes").status == 2
