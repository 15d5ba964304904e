"""Plays a scenario over the networks in a box and real processes, repairs it by plain runs, looks at what is left."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from tagora.sandbox import Sandbox
from tagora.storage.decisions import rebuild
from tagora.storage.store import WRITER_LOCK, open_store

from ..folder import Answer, Folder
from ..mortals import Mortals, Watch
from .scenarios import Mishap, Scenario, Turn

CEILING = 3  # dollars a day that X may cost
LEASES_END = timedelta(minutes=11)
LATER = timedelta(hours=6)  # by then also what was postponed is due
ENOUGH = 12  # plain runs within which everything must be repaired
BOOK = "SELECT day, sum(micros) FROM budget_entry WHERE account = 'x-main' GROUP BY day"
CLEAN_ENDS = {0, 1, 2, 3, -9}  # done, in part, wrong, nothing done, killed by us
Posts = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A folder that nobody disturbed: what its store holds, also after `url` was withdrawn; and what the withdrawn post
    says."""

    path: Path
    config: dict[str, Any]
    posts: Posts
    withdrawn: Posts
    url: str
    words: str


@dataclass(slots=True)
class Play:
    """One scenario under way. `now` is the time in which its processes believe."""

    scenario: Scenario
    box: Sandbox
    folder: Folder
    mortals: Mortals
    now: datetime
    engine: Engine
    restart: Callable[[], None]  # of the store's server
    runs: int = 0
    deaths: int = 0
    ends: Counter[int] = field(default_factory=Counter)
    forgot: bool = False

    # --- what goes wrong ---------------------------------------------------------------------------------------------

    def disturb(self, url: str) -> None:
        """All turns, one after the other."""
        for turn in self.scenario.turns:
            for fault in turn.faults:
                self.box.fault(fault.kind, fault.network, **fault.settings)  # type: ignore[arg-type]
            arguments = ["forget", url, "--yes"] if turn.command == "forget" else [turn.command]
            if turn.command == "collect":
                arguments += ["--once", "--json"]
            self.forgot |= turn.command == "forget"
            with self._mishap(turn) as (order, watch):
                answer = self.run(*arguments, watch=watch, **order)
            self.box.clear_faults()
            self.deaths += answer.status == -9
            self.ends[answer.status] += 1
            self.now += LEASES_END

    def run(self, *arguments: str, watch: Watch | None = None, **order: Any) -> Answer:
        """A command in a process of its own; however it ends, it says so in words and keeps its secrets."""
        moment = self.now + timedelta(seconds=order.pop("shift", 0))
        answer = self.mortals(moment, "-c", self.folder.file, *arguments, watch=watch, impatient=True, **order)
        self.runs += 1
        print(f"{moment:%d %H:%M} {' '.join(arguments)}: {answer.status} {answer.err.strip()[:300]}")
        said = answer.out + answer.err
        assert answer.status in CLEAN_ENDS, f"{arguments} ended with {answer.status}: {said}"
        assert "Traceback" not in said, said
        assert "-secret" not in said, "a token was told"
        assert answer.status in (0, -9) or said.strip(), f"{arguments}: no word why"
        return answer

    @contextmanager
    def _mishap(self, turn: Turn) -> Iterator[tuple[dict[str, Any], Watch | None]]:
        order: dict[str, Any] = {}
        match turn.mishap:
            case Mishap.KILLED_AT_A_POINT:
                yield {"point": turn.point}, None
            case Mishap.KILLED_AT_A_MOMENT:
                yield order, self._at_its_moment(turn, lambda pid: os.kill(pid, 9))
            case Mishap.STORE_DISK_FULL:
                yield {"more_pages": turn.after - 1}, None
            case Mishap.FILES_CUT:
                yield {"file_bytes": turn.after * 20_000}, None
            case Mishap.READ_ONLY_SITE:
                with _read_only(self.folder.path / "site"):
                    yield {"drop_rights": True}, None
            case Mishap.READ_ONLY_STORE:
                with _read_only(self.folder.path):
                    yield {"drop_rights": True}, None
            case Mishap.CLOCK_BACK:
                yield {"shift": -turn.after * 1800}, None
            case Mishap.CLOCK_AHEAD:
                yield {"shift": turn.after * 86_400}, None
            case Mishap.CLOCK_JUMPS:
                yield {"jump": (-1) ** turn.after * turn.after * 7200.0, "after": turn.after * 4}, None
            case Mishap.STORE_LOCKED:
                with self._locked():
                    yield order, None
            case Mishap.STORE_LOCKED_A_WHILE:
                with self._locked() as release:
                    threading.Timer(0.02 * turn.after, release).start()
                    yield order, None
            case Mishap.STORE_RESTARTED:
                yield order, self._at_its_moment(turn, lambda _pid: self.restart())
            case _:
                yield order, None

    def _at_its_moment(self, turn: Turn, strike: Callable[[int], None]) -> Watch:
        """Once so many requests were answered, or files written, since it began."""
        asked, struck = len(self.box.requests), False
        begun = time.monotonic()

        def watch(pid: int) -> None:
            nonlocal struck
            done = len(self.box.requests) - asked
            if turn.command != "collect":
                done = int((time.monotonic() - begun) / 0.02)
            if not struck and done >= turn.after:
                struck = True
                with suppress(ProcessLookupError):
                    strike(pid)

        return watch

    @contextmanager
    def _locked(self) -> Iterator[Callable[[], None]]:
        """Another process's writing transaction."""
        connection = self.engine.connect()
        if self.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"))
        once = threading.Lock()

        def release() -> None:
            if once.acquire(blocking=False):
                connection.rollback()
                connection.close()

        try:
            yield release
        finally:
            release()

    # --- what is left ------------------------------------------------------------------------------------------------

    def repair(self, wanted: Posts, url: str) -> Posts:
        """Plain runs, as often as it takes, at most ENOUGH; then a build. Returns the posts held."""
        self.run("sources", "--retry", "all")  # as one does who has seen to a token
        held = self._collected(url)
        for again in range(ENOUGH - 1):
            if held == wanted:
                break
            self.now += timedelta(days=1) if self._resting() else LEASES_END if again < 2 else LATER
            held = self._collected(url)
        answer = self.run("build", "--json")
        assert (answer.status, answer.json["failed"]) == (0, 0), answer
        return held

    def _collected(self, url: str) -> Posts:
        self.run("collect", "--once", "--json")
        if (
            self.forgot
        ):  # once more, as a person would whose command had failed: done already, done now, or not here yet
            self.run("forget", url, "--yes")
        answer = self.run("export")
        assert answer.status == 0, answer.err
        return sorted(answer.lines, key=lambda post: post["uri"])

    def _resting(self) -> bool:
        """Whether what the dead set aside, or the network's own words, let X rest for today."""
        sources = self.run("sources", "--json").json["sources"]
        return any(one["platform"] == "x" and one["state"] != "well" for one in sources)

    def spent(self) -> dict[Any, int]:
        with self.engine.connect() as connection:
            return {day: int(micros) for day, micros in connection.execute(text(BOOK)).all()}

    def consistent(self) -> None:
        """The store's own rules hold, and its decisions' fold is the one they give."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        store = open_store(self.engine.url.render_as_string(hide_password=False))
        try:
            with store.writing() as connection:
                assert rebuild(connection, 1, self.now) == 0
        finally:
            store.close()

    def same_as_a_clean_build(self) -> None:
        """The site is what a first, full build of the same store writes into an empty folder, byte for byte."""
        repaired = self.folder.site()
        assert not [path for path in repaired if path.endswith(".new")]
        shutil.copytree(self.folder.path, self.folder.path.with_name("clean"), ignore=shutil.ignore_patterns("site*"))
        config = deepcopy(self.folder.config)
        clean = Folder(self.folder.path.with_name("clean"), config)
        assert self.mortals(self.now, "-c", clean.file, "build", "--full").status == 0
        built = clean.site()
        assert sorted(repaired) == sorted(built)
        assert [path for path, content in built.items() if repaired[path] != content] == []


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """Nobody without root's rights may write here. (A folder that is not there yet is made, empty.)"""
    folder.mkdir(exist_ok=True)
    inside = [folder, *(one for one in folder.rglob("*") if not one.is_symlink())]
    modes = {one: one.stat().st_mode for one in inside}
    for one in inside:
        one.chmod(0o555 if one.is_dir() else 0o444)
    try:
        yield
    finally:
        for one, mode in modes.items():
            one.chmod(mode)
