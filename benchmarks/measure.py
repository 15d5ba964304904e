"""Clocks, medians, memory of other processes, and results."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPEATS = 5


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `wanted` says what it should be ("at most 1.15"); `met` whether it is; None: nothing is wanted."""

    name: str
    value: float
    unit: str
    how: str
    wanted: str = ""
    met: bool | None = None


def at_most(name: str, value: float, unit: str, limit: float, how: str) -> Result:
    return Result(name, value, unit, how, f"at most {limit:g}", value <= limit)


def at_least(name: str, value: float, unit: str, limit: float, how: str) -> Result:
    return Result(name, value, unit, how, f"at least {limit:g}", value >= limit)


@dataclass(slots=True)
class Stopwatch:
    """Seconds of work in laps; `pause` keeps what is no part of the work out."""

    laps: list[float] = field(default_factory=list)
    _since: float | None = None
    _lap: float = 0.0

    def start(self) -> None:
        self._since = time.perf_counter()

    def pause(self) -> None:
        if self._since is not None:
            self._lap += time.perf_counter() - self._since
            self._since = None

    def lap(self) -> None:
        """Ends a lap, paused."""
        self.pause()
        self.laps.append(self._lap)
        self._lap = 0.0

    @property
    def seconds(self) -> float:
        return sum(self.laps)

    @property
    def drift(self) -> float:
        """The last tenth's seconds over the first tenth's."""
        tenth = max(1, len(self.laps) // 10)
        return sum(self.laps[-tenth:]) / sum(self.laps[:tenth])


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """ "0.31 (0.29 to 0.33)": the median with the least and the greatest."""
    told = [form.format(value) for value in (median(values), min(values), max(values))]
    return f"{told[0]} ({told[1]} to {told[2]})"


@dataclass(frozen=True, slots=True)
class Ran:
    """A program's run: wall-clock seconds, start included; processor seconds; and the greatest resident memory, in
    bytes, of all its processes at one moment."""

    seconds: float
    cpu: float
    peak: int
    out: str


# A process that forks shows its own size as its child's for a moment, and the kernel counts that: so programs are
# started by a bare interpreter. It looks every 50 ms at all processes of the program's session: wait4 alone knows only
# of the largest one.
_LAUNCHER = """
import json, os, sys, time
page = os.sysconf("SC_PAGE_SIZE")
def resident(session):
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.getsid(int(name)) == session:
                    with open(f"/proc/{name}/statm") as file:
                        total += int(file.read().split()[1]) * page
            except (OSError, IndexError):
                pass
    return total
begun = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, setsid=True)
peak, ended = 0, 0
while not ended:
    peak = max(peak, resident(child))
    wait = time.perf_counter() + 0.05
    while not ended and time.perf_counter() < wait:
        ended, status, used = os.wait4(child, os.WNOHANG)
        if not ended:
            time.sleep(0.002)
seconds = time.perf_counter() - begun
told = {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak": max(peak, used.ru_maxrss * 1024)}
print("\\n" + json.dumps({**told, "status": os.waitstatus_to_exitcode(status)}))
"""


def run(*command: str | Path, cwd: Path | None = None) -> Ran:
    """Runs a program to its end. Raises RuntimeError with what it said when it fails."""
    whole = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *map(str, command)]
    done = subprocess.run(whole, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} could not be started: {done.stderr}")
    out, _, last = done.stdout.rstrip().rpartition("\n")
    told = json.loads(last)
    if told["status"]:
        raise RuntimeError(f"{' '.join(map(str, command))} failed: {out}{done.stderr}")
    return Ran(told["seconds"], told["cpu"], told["peak"], out)


def tagora(*arguments: str | Path, cwd: Path | None = None) -> Ran:
    """Runs a `tagora` command with this interpreter."""
    return run(sys.executable, "-m", "tagora.app", *arguments, cwd=cwd)
