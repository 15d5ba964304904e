"""How long it takes to say anything at all."""

from __future__ import annotations

import sys

from .measure import REPEATS, Result, at_most, median, run, spread, tagora


def measure(quick: bool) -> list[Result]:
    tagora("--help")  # compiles
    pairs = [(tagora("--help").seconds, run(sys.executable, "-c", "pass").seconds) for _ in range(3 * REPEATS)]
    ours, bare = [a for a, _ in pairs], [b for _, b in pairs]
    return [
        at_most(
            "help",
            round(median([a / b for a, b in pairs]), 2),
            "times a bare python",
            6,
            f"`tagora --help` {spread(ours, '{:.3f}')} s against `python -c pass` {spread(bare, '{:.3f}')} s; "
            f"the median of {3 * REPEATS} pairs",
        )
    ]
