"""Whatever networks, disks, clocks and killers do: the next plain runs repair it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from tagora.core.clock import SystemClock
from tagora.sandbox import Sandbox, Script
from tagora.sandbox.faults import FaultKind

from ..conftest import create_database, drop_database
from ..folder import Folder, contents
from ..mortals import mortals
from .play import CEILING, LATER, LEASES_END, Play, Posts, Undisturbed
from .scenarios import Mishap, kinds, scenario

pytestmark = pytest.mark.processes

MINUTE = 1_000
SOURCES = (None, "mastodon.uno", "mastodon.social")  # None: X and the Page, which have no `name:`
WITHDRAWN, WORDS = "x2", "E tu come fai?"
KEY = "5a" * 32  # the same for all, so that what is left of a withdrawn post has the same name


def campaign(path: Path, box: Sandbox) -> Folder:
    folder = Folder.of(path, box)
    folder.campaign["sources"] = [one for one in folder.campaign["sources"] if one.get("name") in SOURCES]
    (folder.path / folder.config["secret_file"]).write_text(KEY)
    folder.config["accounts"]["x-main"]["budget"] = {"usd_per_day": CEILING}
    folder.write()
    return folder


def held(folder: Folder) -> Posts:
    return sorted(folder("export").lines, key=lambda post: post["uri"])


def differences(found: Posts, wanted: Posts) -> list[str]:
    """What is missing, too much or otherwise, a line each."""
    ours, theirs = ({post["uri"]: post for post in posts} for posts in (found, wanted))
    return [
        *(f"missing: {theirs[uri]['url']}" for uri in theirs.keys() - ours.keys()),
        *(f"too much: {ours[uri]['url']}" for uri in ours.keys() - theirs.keys()),
        *(
            f"{post['url']}: {name} is {ours[uri][name]!r}, not {value!r}"
            for uri, post in theirs.items()
            for name, value in post.items()
            if uri in ours and ours[uri][name] != value
        ),
    ]


@pytest.fixture(scope="module")
def undisturbed(script: Script, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    path = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch, Sandbox(script, now=MINUTE) as box:
        now = box.now
        patch.setattr(SystemClock, "now", lambda _self: now)
        folder = campaign(path / "first", box)
        for _ in range(2):
            assert folder("collect").status == 0
            now += LEASES_END
        posts, url = held(folder), box.post_url(WITHDRAWN)
        shutil.copytree(folder.path, path / "second")
        second = Folder(path / "second", folder.config)
        assert second("forget", url, "--yes").status == 0
        return Undisturbed(folder.path, folder.config, posts, held(second), url, WORDS)


@pytest.fixture
def play(number: int, seed: int, script: Script, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Play]:
    plan = scenario(seed, number)
    with Sandbox(script, now=MINUTE) as box:
        folder = campaign(tmp_path / "talk", box)
        url, name, restart = f"sqlite:///{folder.path / 'tagora.db'}", f"faults_{number}", no_server
        if plan.database == "postgresql":
            server, template = (request.getfixturevalue(one) for one in ("postgres", "postgres_template"))
            url, restart = create_database(server.url, name, template), server.restart
            folder.config["store"] = url
            folder.write()
        engine = create_engine(url, poolclass=NullPool)
        yield Play(plan, box, folder, mortals(), box.now, engine, restart)
        if plan.database == "postgresql":
            drop_database(request.getfixturevalue("postgres").url, name)


def no_server() -> None:
    raise AssertionError("SQLite has no server to restart")


def test_the_next_plain_runs_repair_whatever_happened(
    play: Play, undisturbed: Undisturbed, record_property: Callable[[str, object], None]
) -> None:
    print(play.scenario)
    record_property("met", [*kinds(play.scenario)])
    try:
        played_and_repaired(play, undisturbed)
    finally:
        record_property("processes", play.runs)
        record_property("killed", play.deaths)


def played_and_repaired(play: Play, undisturbed: Undisturbed) -> None:
    play.disturb(undisturbed.url)
    wanted = undisturbed.withdrawn if play.forgot else undisturbed.posts
    found = play.repair(wanted, undisturbed.url)
    play.consistent()
    assert len({post["uri"] for post in found}) == len(found)
    wrong = differences(found, wanted)
    assert [one for one in wrong if one.startswith("too much") or not play.scenario.lies] == []
    spent = play.spent()
    assert max(spent.values(), default=0) <= CEILING * 1_000_000
    assert play.box.bill.micros() <= sum(spent.values())
    if play.forgot:
        words = undisturbed.words.encode()
        assert [path for path, content in contents(play.folder.path).items() if words in content] == []
    play.same_as_a_clean_build()


def test_a_few_dozen_scenarios_meet_every_fault_and_mishap() -> None:
    met = {kind for number in range(50) for kind in kinds(scenario(1, number))}
    assert met == {str(one) for one in (*FaultKind, *Mishap)}


@pytest.mark.parametrize("step", [4, 5, 6])
def test_a_conversation_that_broke_off_after_its_first_step_is_taken_up_and_ended(
    step: int, script: Script, undisturbed: Undisturbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(script, now=MINUTE) as box:
        now = box.now
        monkeypatch.setattr(SystemClock, "now", lambda _self: now)
        folder = campaign(tmp_path / "talk", box)
        box.fault("html", "mastodon.uno", nth=step, count=1)
        for _ in range(4):
            folder("collect")
            now += LATER
        assert differences(held(folder), undisturbed.posts) == []


def test_under_a_clock_that_stands_behind_nothing_of_x_is_passed_by(
    script: Script, undisturbed: Undisturbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(script, now=MINUTE) as box:
        now = box.now - timedelta(hours=22)
        monkeypatch.setattr(SystemClock, "now", lambda _self: now)
        folder = campaign(tmp_path / "talk", box)
        folder.campaign["sources"] = [one for one in folder.campaign["sources"] if one["platform"] == "x"]
        folder.write()
        assert "clock says 02 Nov 02:40 UTC" in folder("collect").err
        for _ in range(3):
            now = box.now + LATER
            folder("collect", "--once")
        wanted = [post for post in undisturbed.posts if post["platform"] == "x"]
        assert differences(held(folder), wanted) == []
