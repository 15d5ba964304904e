"""A million posts: whether a page costs as much as in a small site, and whether memory stays flat."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from . import workplace
from .fill import fill
from .measure import Ran, Result, at_most, median, spread, tagora
from .site import forget_site

GB = 1_000_000_000
PAIRS = 3
EACH = 10  # posts of a discussion, on average


def measure(quick: bool) -> list[Result]:
    few, many = (1_000, 10_000) if quick else (10_000, 100_000)
    with TemporaryDirectory(prefix="tagora-bench-") as name:
        small, large = (_filled(Path(name) / str(threads), threads) for threads in (few, many))
        built: list[tuple[Ran, Ran]] = [(_built(small), _built(large)) for _ in range(PAIRS)]
    pages = [json.loads(ran.out)["written"] for ran in built[0]]
    ratios = [(many_.cpu / pages[1]) / (few_.cpu / pages[0]) for few_, many_ in built]
    walls = [(many_.seconds / pages[1]) / (few_.seconds / pages[0]) for few_, many_ in built]
    peak = max(ran.peak for _, ran in built)
    what = f"{many:,} threads, {many * EACH:,} posts"
    return [
        at_most(
            "large_per_page",
            round(median(walls), 3),
            "times a small site's",
            1.2,
            f"seconds per page of `tagora build` into an empty folder, {what} ({pages[1]:,} files) against "
            f"{few:,} threads ({pages[0]:,} files), whole commands, without search and pictures: "
            f"{spread([ran.seconds for _, ran in built])} s against {spread([ran.seconds for ran, _ in built])} s; by "
            f"processor seconds {spread(ratios)}; median of {PAIRS} pairs",
        ),
        at_most(
            "large_memory",
            round(peak / GB, 3),
            "GB",
            1,
            f"peak resident memory of that build, {what}, all processes together; the most of {PAIRS}",
        ),
    ]


def _filled(folder: Path, threads: int) -> Path:
    folder.mkdir()
    file = workplace.make(folder)
    fill(f"sqlite:///{folder / workplace.STORE}", threads * EACH, threads, 1)
    return file


def _built(file: Path) -> Ran:
    forget_site(file.parent)
    return tagora("-c", file, "build", "--json")
