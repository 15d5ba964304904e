"""What it costs to ask a source that has nothing new, with few and with many posts in the store."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tagora.app.collecting import collect
from tagora.app.workplace import Workplace, open_workplace

from . import workplace
from .fill import fill
from .measure import REPEATS, Result, at_most, median, spread, tagora
from .town import Town, town

FEW = 1_000
ROUNDS = 4 * REPEATS  # a round takes milliseconds


def measure(quick: bool) -> list[Result]:
    many = 10_000 if quick else 100_000
    with TemporaryDirectory(prefix="tagora-bench-") as name, ExitStack() as stack:
        towns = [_filled(stack, Path(name) / str(posts), posts) for posts in (FEW, many)]
        commands = [[_command(one) for _ in range(REPEATS)] for one in towns]
        places = [stack.enter_context(open_workplace(one.config)) for one in towns]
        for place in places:
            _round(place)
        pairs = [[_round(place) for place in places] for _ in range(ROUNDS)]
    few, lots = ([pair[at] * 1000 for pair in pairs] for at in (0, 1))
    return [
        at_most(
            "collect_unchanged",
            round(median([b / a for a, b in pairs]), 3),
            f"times that with {FEW:,} posts",
            1.1,
            f"asking an unchanged source of the sandbox over HTTP with {many:,} stored posts, against {FEW:,}; in one "
            f"process after imports: {spread(lots, '{:.1f}')} ms against {spread(few, '{:.1f}')} ms; the command "
            f"`tagora collect` takes {spread(commands[1])} s against {spread(commands[0])} s; median of {ROUNDS} pairs",
        )
    ]


def _filled(stack: ExitStack, folder: Path, posts: int) -> Town:
    """A town whose discussion is collected into a store with as many other posts."""
    folder.mkdir()
    fill(f"sqlite:///{folder / workplace.STORE}", posts, posts // 10, 1)
    made = stack.enter_context(town(folder))
    with open_workplace(made.config) as place:
        (report,) = collect(place, when_due=False)
    if report.error or not report.new:
        raise RuntimeError(f"the sandbox was not collected: {report}")
    return made


def _round(place: Workplace) -> float:
    begun = time.perf_counter()
    (report,) = collect(place, when_due=False)
    seconds = time.perf_counter() - begun
    if report.error or report.new or not report.requests:
        raise RuntimeError(f"the source was to be asked and to have nothing new: {report}")
    return seconds


def _command(made: Town) -> float:
    return tagora("-c", made.config, "collect", "--once", "--now", "--json").seconds
