"""Real processes, killed at named points and at random moments: the next plain run repairs what they left. Nothing
lost, nothing double, nothing overspent, and a site equal to a clean build's, byte for byte."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tagora.core.clock import SystemClock
from tagora.sandbox import Sandbox, Script

from ..conftest import create_database, drop_database
from ..folder import Folder, contents
from ..mortals import Watch, killed_at, mortals
from .conftest import MINUTE

pytestmark = pytest.mark.processes

SOURCES = (None, "mastodon.uno", "mastodon.social")  # None: X and the Page, which have no `name:`
CEILING = 3  # dollars a day
LATER = timedelta(minutes=11)  # the dead one's leases have run out
WORDS = "E tu come fai?"  # of x2, which is withdrawn
Posts = list[dict[str, Any]]


class Time:
    """What the commands called in this process take for now."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def pass_by(self) -> datetime:
        self.now += LATER
        return self.now


def town(path: Path, box: Sandbox, store: str | None = None) -> Folder:
    folder = Folder.of(path, box)
    folder.campaign["sources"] = [one for one in folder.campaign["sources"] if one.get("name") in SOURCES]
    folder.config["accounts"]["x-main"]["budget"] = {"usd_per_day": CEILING}
    if store:
        folder.config["store"] = store
    folder.write()
    return folder


def posts(folder: Folder) -> Posts:
    answer = folder("export")
    assert answer.status == 0, answer.err
    return sorted(answer.lines, key=lambda post: post["uri"])


@pytest.fixture
def at(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Time:
    moment = Time(box.now)
    monkeypatch.setattr(SystemClock, "now", lambda _self: moment.now)
    return moment


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A folder whose collection and site nobody disturbed, to copy from; its posts before and after x2 is withdrawn."""

    path: Path
    config: dict[str, Any]
    posts: Posts
    withdrawn: Posts
    url: str
    now: datetime
    asked: int

    def copy(self, to: Path) -> Folder:
        shutil.copytree(self.path, to)
        return Folder(to, deepcopy(self.config))


@pytest.fixture(scope="module")
def undisturbed(script: Script, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbed]:
    path = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch, Sandbox(script, now=MINUTE) as box:
        moment = Time(box.now)
        patch.setattr(SystemClock, "now", lambda _self: moment.now)
        folder = town(path / "first", box)
        assert folder("collect").status == 0
        moment.pass_by()
        assert folder("collect").status == 0
        assert folder("build").status == 0
        held, asked = posts(folder), asked_of_x(box)
        url = box.post_url("x2")
        shutil.copytree(folder.path, path / "second")
        second = Folder(path / "second", folder.config)
        assert second("forget", url, "--yes").status == 0
        yield Undisturbed(folder.path, folder.config, held, posts(second), url, moment.now, asked)


def same_as_a_clean_build(folder: Folder) -> None:
    """The site is what a first, full build of the same store writes into an empty folder."""
    repaired = folder.site()
    assert not [path for path in repaired if path.endswith(".new")]
    folder.config["site"] = folder.config["site"] | {"out": "clean"}
    folder.write()
    assert folder("build", "--full").status == 0
    clean = folder.site()
    folder.config["site"] = folder.config["site"] | {"out": "site"}
    folder.write()
    assert sorted(repaired) == sorted(clean)
    assert [path for path, content in clean.items() if repaired[path] != content] == []


# What X cost so far, in millionths of a dollar, reservations included.
BOOK = "SELECT coalesce(sum(micros), 0) FROM budget_entry WHERE account = 'x-main'"


def spent(folder: Folder) -> int:
    with closing(sqlite3.connect(folder.path / "tagora.db")) as store:
        return store.execute(BOOK).fetchone()[0]


def within_the_ceiling(box: Sandbox, book: int) -> None:
    assert 0 < box.bill.micros() <= book <= CEILING * 1_000_000


def asked_of_x(box: Sandbox) -> int:
    return sum(1 for request in box.requests if request.network == "x")


def nothing_doubled(found: Posts) -> None:
    assert len({post["uri"] for post in found}) == len(found)


# --- collecting ------------------------------------------------------------------------------------------------------

WHILE_COLLECTING = [
    "after-reserve:5",
    "after-answer:2",
    "after-answer:6",
    "page-written:3",
    "before-commit:9",
    "in-commit:14",
    "after-commit:20",
]


@pytest.mark.parametrize("point", WHILE_COLLECTING)
def test_a_collector_killed_at_any_point_is_repaired_by_the_next_plain_run(
    point: str, box: Sandbox, at: Time, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    folder = town(tmp_path / "talk", box)
    killed_at(at.now, point, "-c", folder.file, "collect", "--once")
    at.pass_by()
    repair = folder("collect", "--once", "--json")
    assert repair.status == 0, repair.err
    assert [one["error"] for one in repair.json["sources"] if one["error"]] == []
    found = posts(folder)
    nothing_doubled(found)
    assert found == undisturbed.posts
    within_the_ceiling(box, spent(folder))
    assert asked_of_x(box) <= undisturbed.asked + 1, "only the answer that was not stored is asked for again"
    assert folder("build").status == 0
    same_as_a_clean_build(folder)


def striking(made: Callable[[], int], wanted: int, dice: random.Random) -> Watch:
    """Kills a process a moment after so much was made."""

    def strike(pid: int) -> None:
        if made() >= wanted:
            time.sleep(dice.uniform(0, 0.05))
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    return strike


def test_killed_again_and_again_at_random_moments_it_completes_in_the_end(
    box: Sandbox, at: Time, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    dice = random.Random(7)
    folder = town(tmp_path / "talk", box)
    ceiling = 50  # what the dead had set aside counts as spent until the day ends: here it must not end the story
    folder.config["accounts"]["x-main"]["budget"] = {"usd_per_day": ceiling}
    folder.write()
    died: list[str] = []
    progress = {"collect": lambda: len(box.requests), "build": lambda: len(list(folder.path.glob("site/**/*.html")))}
    for command in ("collect", "collect", "build", "collect", "build", "collect", "collect", "build"):
        made = progress[command]
        strike = striking(made, made() + dice.randint(1, 9), dice)
        if mortals()(at.now, "-c", folder.file, command, watch=strike).status == -signal.SIGKILL:
            died.append(command)
        at.pass_by()
    assert len(died) >= 4, "else this shows little"
    for command in ("collect", "collect", "build"):
        assert folder(command).status == 0
        at.pass_by()
    found = posts(folder)
    nothing_doubled(found)
    assert found == undisturbed.posts
    assert box.bill.micros() <= spent(folder) <= ceiling * 1_000_000
    same_as_a_clean_build(folder)


def test_killed_with_every_answer_it_never_spends_more_than_a_day_may_cost(
    box: Sandbox, at: Time, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    ceiling = 250_000
    folder = town(tmp_path / "talk", box)
    folder.campaign["sources"] = [one for one in folder.campaign["sources"] if one["platform"] == "x"]
    folder.config["accounts"]["x-main"]["budget"] = {"usd_per_day": ceiling / 1_000_000}
    folder.write()
    ended: list[int] = []
    for _ in range(4):
        ended.append(mortals()(at.now, "-c", folder.file, "collect", point="after-answer:1").status)
        at.pass_by()
        assert 0 < box.bill.micros() <= spent(folder) <= ceiling
    assert ended[0] == -signal.SIGKILL
    assert ended[-1] != -signal.SIGKILL, "no more is left, so nothing is asked"
    wanted = [post for post in undisturbed.posts if post["platform"] == "x"]
    for _ in range(4):
        if posts(folder) == wanted:
            break
        at.now += timedelta(days=1)
        box.set_time(at.now)
        for _ in range(3):
            folder("collect")
            at.pass_by()
    assert posts(folder) == wanted
    with closing(sqlite3.connect(folder.path / "tagora.db")) as store:
        by_day = dict(store.execute("SELECT day, sum(micros) FROM budget_entry GROUP BY day"))
    assert max(by_day.values()) <= ceiling
    assert box.bill.micros() <= sum(by_day.values())


@pytest.mark.parametrize("point", ["after-answer:5", "in-commit:12"])
def test_a_collector_killed_on_postgresql_is_repaired_by_the_next_plain_run(
    point: str,
    box: Sandbox,
    at: Time,
    undisturbed: Undisturbed,
    tmp_path: Path,
    postgres_url: str,
    postgres_template: str,
) -> None:
    name = f"killed_{point.partition(':')[0].replace('-', '_')}"
    url = create_database(postgres_url, name, postgres_template)
    try:
        folder = town(tmp_path / "talk", box, url)
        killed_at(at.now, point, "-c", folder.file, "collect", "--once")
        at.pass_by()
        assert folder("collect", "--once").status == 0
        found = posts(folder)
        nothing_doubled(found)
        assert found == undisturbed.posts
        engine = create_engine(url)
        with engine.connect() as connection:
            within_the_ceiling(box, int(connection.execute(text(BOOK)).scalar_one()))
        engine.dispose()
        assert folder("build").status == 0
        same_as_a_clean_build(folder)
    finally:
        drop_database(postgres_url, name)


# --- building --------------------------------------------------------------------------------------------------------

WHILE_BUILDING = ["after-claim:1", "after-claim:2", "before-rename:3", "after-rename:5", "before-record:1"]


@pytest.mark.parametrize("point", [*WHILE_BUILDING, "before-end-of-build:1"])
def test_a_build_killed_at_any_point_is_repaired_by_the_next_plain_build(
    point: str, at: Time, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    folder = undisturbed.copy(tmp_path / "talk")
    at.now = undisturbed.now
    folder.config["site"] = folder.config["site"] | {"title": "Piazza"}  # every page changes
    folder.write()
    for post in undisturbed.posts[:3]:
        assert folder("reject", post["url"], "--by", "anna").status == 0  # and some go
    killed_at(at.now, point, "-c", folder.file, "build")
    repair = folder("build", "--json")
    assert (repair.status, repair.json["failed"]) == (0, 0)
    same_as_a_clean_build(folder)
    assert folder("build", "--json").json["written"] == 0


@pytest.mark.parametrize("point", ["before-addresses", "before-end-of-build"])
def test_the_addresses_that_readers_know_are_noted_though_the_build_was_killed(
    point: str, at: Time, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    folder = undisturbed.copy(tmp_path / "talk")
    at.now = undisturbed.now
    known = addresses(folder)
    assert known
    with closing(sqlite3.connect(folder.path / "tagora.db")) as store, store:
        store.execute("UPDATE thread SET published_as = NULL")  # as before the first build
    folder.config["site"] = folder.config["site"] | {"out": "first"}
    folder.write()
    killed_at(at.now, point, "-c", folder.file, "build")
    assert folder("build").status == 0
    assert addresses(folder) == known


def addresses(folder: Folder) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(folder.path / "tagora.db")) as store:
        query = "SELECT id, published_as FROM thread WHERE published_as IS NOT NULL ORDER BY id"
        return store.execute(query).fetchall()


# --- withdrawing -----------------------------------------------------------------------------------------------------


def anywhere(folder: Folder, words: str) -> list[str]:
    """The files in which the words stand: store, its log, site, manifest."""
    return [path for path, content in contents(folder.path).items() if words.encode() in content]


def test_a_withdrawal_killed_within_its_transaction_has_not_happened_and_is_done_again(
    at: Time, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    folder = undisturbed.copy(tmp_path / "talk")
    at.now = undisturbed.now
    killed_at(at.now, "in-forget", "-c", folder.file, "forget", undisturbed.url, "--yes")
    assert posts(folder) == undisturbed.posts
    assert folder("forget", undisturbed.url, "--yes").status == 0
    assert posts(folder) == undisturbed.withdrawn
    assert anywhere(folder, WORDS) == []
    same_as_a_clean_build(folder)


@pytest.mark.parametrize("point", ["noted", "after-forget", "after-claim:1", "before-scrub", "in-scrub"])
def test_a_withdrawal_killed_once_it_was_noted_is_finished_by_the_next_plain_run(
    point: str, at: Time, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    folder = undisturbed.copy(tmp_path / "talk")
    at.now = undisturbed.now
    assert anywhere(folder, WORDS)
    killed_at(at.now, point, "-c", folder.file, "forget", undisturbed.url, "--yes")
    assert folder("build").status == 0
    assert posts(folder) == undisturbed.withdrawn
    assert anywhere(folder, WORDS) == []
    same_as_a_clean_build(folder)
