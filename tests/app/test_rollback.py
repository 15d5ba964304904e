"""`tagora rollback`: the site as it was, without what was withdrawn since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tagora.core.clock import ManualClock
from tagora.site.publishing.record import OWN

from ..folder import Folder, contents

MakeFolder = Callable[..., Folder]
FIRST, SECOND = "E tu come fai?", "Refuso"  # of x2 and x7


@pytest.fixture
def mine(folder: MakeFolder, now: ManualClock) -> Folder:
    """Both posts waited; the first was approved and built, then the second."""
    made = folder(only=["x"], policy="review_first")
    made.config["publish"] = [{"to": "www"}]
    made.write()
    assert made("collect", "--once").status == 0
    for words in ("Pazienza", FIRST):
        decide(made, "approve", words)
    now.advance(timedelta(minutes=1))
    assert made("publish").status == 0
    now.advance(timedelta(minutes=1))
    decide(made, "approve", SECOND)
    now.advance(timedelta(minutes=1))
    assert made("publish").status == 0
    now.advance(timedelta(minutes=1))
    return made


def decide(folder: Folder, verdict: str, words: str) -> None:
    status = "pending" if verdict == "approve" else "approved"
    (found,) = folder("list", "--status", status, "--search", words, "--json").json["posts"]
    reason = ["--reason", "spam"] if verdict == "reject" else []
    assert folder(verdict, str(found["post"]), *reason).status == 0


def shown(folder: Folder) -> set[str]:
    """Which of the two readers find; the published site is the built one."""
    there = {path: content for path, content in contents(folder.path / "www").items() if not path.startswith(OWN)}
    assert there == folder.site()
    return {words for words in (FIRST, SECOND) if any(words.encode() in content for content in there.values())}


def test_it_lists_the_builds_and_goes_back_to_one_until_publishing_is_resumed(mine: Folder) -> None:
    assert shown(mine) == {FIRST, SECOND}
    listed = mine("rollback").out.splitlines()
    assert len(listed) == 2 and listed[0].split()[0] == "2"
    answer = mine("rollback", "1")
    assert answer.status == 0 and "as at build 1" in answer.out, answer.err
    assert shown(mine) == {FIRST}
    mine("publish")  # it stays so
    assert shown(mine) == {FIRST}
    assert "publishing is stopped" in mine("status").out
    assert mine("publishing", "resume").status == 0
    mine("publish")
    assert shown(mine) == {FIRST, SECOND}


def test_the_site_is_what_that_build_wrote(mine: Folder, now: ManualClock) -> None:
    decide(mine, "reject", SECOND)
    mine("build", "--full")
    before = mine.site()
    moment = now.now()
    now.advance(timedelta(minutes=1))
    (found,) = mine("list", "--status", "rejected", "--search", SECOND, "--json").json["posts"]
    mine("approve", str(found["post"]))
    mine("build")
    assert mine.site() != before
    assert mine("rollback", moment.isoformat()).status == 0
    assert mine.site() == before


def test_what_was_withdrawn_since_does_not_come_back(mine: Folder) -> None:
    decide(mine, "reject", FIRST)
    assert mine("rollback", "1").status == 0
    assert shown(mine) == set()
    mine("publishing", "resume")
    mine("publish")
    assert shown(mine) == {SECOND}


def test_what_was_forgotten_since_does_not_come_back(mine: Folder) -> None:
    (found,) = mine("list", "--status", "approved", "--search", FIRST, "--json").json["posts"]
    assert mine("forget", found["url"], "--yes").status == 0
    assert mine("rollback", "1").status == 0
    assert shown(mine) == set()


def test_gone_back_twice_the_earlier_moment_stands(mine: Folder) -> None:
    assert mine("rollback", "1").status == 0
    assert mine("rollback", "2").status == 0
    assert shown(mine) == {FIRST}


@pytest.mark.parametrize(
    "moment, said", [("99", "no build 99"), ("2020-01-01", "no build before"), ("soon", "neither the number")]
)
def test_what_cannot_be_gone_back_to_is_told(mine: Folder, moment: str, said: str) -> None:
    answer = mine("rollback", moment)
    assert answer.status == 2 and said in answer.err
    assert shown(mine) == {FIRST, SECOND}
