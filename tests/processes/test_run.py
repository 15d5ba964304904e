"""`tagora run` as a real process: it collects, builds, watches its configuration, is alone, and stops cleanly."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tagora.sandbox import SMALL, Sandbox, load_script

from ..folder import Answer, Folder
from .conftest import MINUTE

pytestmark = pytest.mark.processes

PATIENCE = 60  # seconds; a noisy machine is slow


class Running:
    """A `tagora run` and what it has printed so far."""

    def __init__(self, folder: Folder, log: Path) -> None:
        self.log = log
        with log.open("wb") as out:
            command = [sys.executable, "-u", "-m", "tagora.app", "-c", str(folder.file), "run"]
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)

    @property
    def told(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def waits_for(self, what: Callable[[], Any]) -> None:
        end = time.monotonic() + PATIENCE
        while not what():
            assert self.process.poll() is None, self.told
            assert time.monotonic() < end, self.told
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """The discussion as if it took place now: a real process has a real clock."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=MINUTE)
    with Sandbox(load_script(SMALL, start), now=MINUTE) as box:
        yield box


@pytest.fixture
def folder(box: Sandbox, tmp_path: Path) -> Folder:
    """X and one server, asked as often as may be."""
    folder = Folder.of(tmp_path / "talk", box)
    folder.campaign["sources"] = [
        one | {"every": "1s"}
        for one in folder.campaign["sources"]
        if one["platform"] == "x" or one.get("name") == "mastodon.uno"
    ]
    folder.write()
    return folder


@pytest.fixture
def run(folder: Folder, tmp_path: Path) -> Iterator[Callable[[], Running]]:
    started: list[Running] = []

    def begin() -> Running:
        started.append(Running(folder, tmp_path / f"run-{len(started)}.log"))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def rows(folder: Folder, query: str) -> list[Any]:
    file = folder.path / "tagora.db"
    if not file.exists():
        return []
    with closing(sqlite3.connect(file, timeout=30)) as store:
        return store.execute(query).fetchall()


def leased(folder: Folder) -> list[str]:
    return [row[0] for row in rows(folder, "SELECT platform FROM source WHERE lease_by IS NOT NULL")]


def published(folder: Folder, words: str) -> bool:
    return any(words in page.read_text(encoding="utf-8") for page in folder.path.glob("site/talk/*.html"))


def tagora(folder: Folder, *arguments: str) -> Answer:
    """A second real process."""
    command = [sys.executable, "-m", "tagora.app", "-c", str(folder.file), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return Answer(ended.returncode, ended.stdout, ended.stderr)


def test_it_collects_builds_takes_up_changes_and_stops_cleanly(
    folder: Folder, box: Sandbox, run: Callable[[], Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = run()
    one.waits_for(lambda: published(folder, "Pazienza &amp; metodo"))
    one.waits_for(lambda: published(folder, "The slow kind."))

    # a second one is refused, and told where the first is
    second = tagora(folder, "run")
    assert second.status == 3
    assert f"process {one.process.pid}" in second.err
    assert second.err.count("\n") == 1
    assert one.process.poll() is None

    # other commands work beside it
    assert tagora(folder, "status", "--json").json["posts"] >= 10

    # a broken configuration is refused once, and the former stays in force
    good = folder.file.read_text(encoding="utf-8")
    folder.file.write_text(good.replace("contact:", "contcat:", 1), encoding="utf-8")
    one.waits_for(lambda: "The former configuration stays in force." in one.told)
    assert "`contcat` is not known" in one.told
    refused = "SELECT count(*) FROM meta WHERE key = 'configuration refused'"  # what people are told from
    one.waits_for(lambda: rows(folder, refused) == [(1,)])
    assert published(folder, "Pazienza &amp; metodo")

    # a changed one is taken up
    folder.config["site"]["title"] = "Piazza nuova"
    folder.config["publish"] = [{"to": "www"}]
    folder.write()
    one.waits_for(lambda: "the changed configuration is in force" in one.told)
    assert rows(folder, refused) == [(0,)]
    one.waits_for(lambda: "Piazza nuova" in (folder.path / "site" / "index.html").read_text(encoding="utf-8"))
    front = folder.path / "www" / "index.html"  # and published
    one.waits_for(lambda: front.is_file() and "Piazza nuova" in front.read_text(encoding="utf-8"))
    assert one.told.count("The former configuration stays in force.") == 1

    # so is a changed key: the account is asked again without anybody saying so
    key = folder.path / "x.key"
    right = key.read_text(encoding="utf-8")
    key.write_text("another", encoding="utf-8")
    one.waits_for(lambda: "a changed key is in force" in one.told)
    key.write_text(right, encoding="utf-8")
    one.waits_for(lambda: one.told.count("a changed key is in force") == 2)

    assert one.stop(signal.SIGTERM) == 0, one.told
    assert "Traceback" not in one.told
    assert leased(folder) == []
    assert rows(folder, "SELECT value FROM meta WHERE key = 'running'") == []
    assert not any(key in one.told for key in (box.tokens.x, box.tokens.fediverse["mastodon.uno"].user))

    # and the next may begin at once; machines see that it is well; Ctrl-C ends it as cleanly
    monkeypatch.setenv("TAGORA_LOG_FORMAT", "json")
    two = run()
    two.waits_for(lambda: "review.started" in two.told)
    address = re.findall(r"review app: (http://127\.0\.0\.1:\d+/)", two.told)[0]
    with urlopen(f"{address}healthz", timeout=PATIENCE) as answer:
        assert answer.read() == b"well\n"
    with urlopen(f"{address}metrics", timeout=PATIENCE) as answer:
        assert b"tagora_run_at_work 1.0" in answer.read()
    assert two.stop(signal.SIGINT) == 0, two.told
    events = [json.loads(line)["event"] for line in two.told.splitlines()]
    assert events[0] == "run.started" and events[-1] == "run.stopped" and not {"fault", "log"} & set(events)
    assert rows(folder, "SELECT value FROM meta WHERE key = 'running'") == []


def test_told_to_stop_while_a_network_hangs_it_stores_what_it_has_and_gives_its_leases_back(
    folder: Folder, box: Sandbox, run: Callable[[], Running]
) -> None:
    hangs = box.fault("hang", "x", nth=2, seconds=3)
    one = run()
    one.waits_for(lambda: hangs.hits)
    assert one.stop() == 0, one.told
    assert "Traceback" not in one.told
    assert leased(folder) == []
    assert rows(folder, "SELECT count(*) FROM post WHERE origin = 'x'")[0][0] > 0


def test_after_a_kill_the_next_one_takes_over_at_once_with_all_that_the_dead_one_held(
    folder: Folder, box: Sandbox, run: Callable[[], Running]
) -> None:
    hangs = box.fault("hang", "x", nth=2, seconds=PATIENCE)
    one = run()
    one.waits_for(lambda: hangs.hits)
    assert "x" in leased(folder)
    one.process.kill()
    one.process.wait(PATIENCE)
    box.release()
    two = run()
    two.waits_for(lambda: published(folder, "Pazienza &amp; metodo"))
    assert two.stop() == 0, two.told
    assert leased(folder) == []
    book = rows(folder, "SELECT sum(micros) FROM budget_entry WHERE account = 'x-main'")[0][0]
    assert 0 < box.bill.micros() <= book


def test_one_killed_on_another_machine_is_waited_for(folder: Folder, run: Callable[[], Running]) -> None:
    one = run()
    one.waits_for(lambda: published(folder, "Pazienza &amp; metodo"))
    one.process.kill()
    one.process.wait(PATIENCE)
    with closing(sqlite3.connect(folder.path / "tagora.db", timeout=30)) as store, store:
        store.execute("UPDATE meta SET value = replace(value, ', process', '-2, process') WHERE key = 'running'")
    second = tagora(folder, "run")
    assert second.status == 3
    assert "-2, process" in second.err and "[" not in second.err


def test_collecting_by_hand_beside_it_never_asks_or_pays_twice(
    folder: Folder, box: Sandbox, run: Callable[[], Running]
) -> None:
    hangs = box.fault("hang", "x", nth=2, seconds=PATIENCE)
    one = run()
    one.waits_for(lambda: hangs.hits)
    asked = [seen.network for seen in box.requests].count("x")
    beside = tagora(folder, "collect", "--once", "--now", "--json")
    assert beside.status == 0, beside.err
    (told,) = [report for report in beside.json["sources"] if report["platform"] == "x"]
    assert "is being asked by" in told["skipped"]
    assert (told["requests"], told["usd"]) == (0, 0)
    assert [seen.network for seen in box.requests].count("x") == asked
    box.release()
    one.waits_for(lambda: "x" not in leased(folder))
    assert one.stop() == 0, one.told
    book = rows(folder, "SELECT sum(micros) FROM budget_entry WHERE account = 'x-main'")[0][0]
    assert 0 < box.bill.micros() <= book
