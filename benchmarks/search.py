"""The search: what one new reply costs with it, and what a reader's browser fetches until the first result."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from tagora.app.building import build_site
from tagora.app.serving import serving
from tagora.app.workplace import Workplace, open_workplace

from . import workplace
from .discussion import Discussion
from .fill import fill
from .measure import REPEATS, Result, at_most, median, spread, tagora
from .site import forget_site, reply

KB = 1000
RANKS = (20, 200, 2_000, 10_000, 30_000)  # of the words asked for, by how often they are used
SAMPLE = 20_000  # posts in which words are counted


def measure(quick: bool) -> list[Result]:
    threads, posts = (1_000, 10_000) if quick else (10_000, 100_000)
    with TemporaryDirectory(prefix="tagora-bench-") as name:
        folder = Path(name)
        file = workplace.make(folder, search=True)
        fill(f"sqlite:///{folder / workplace.STORE}", posts, threads, 1)
        what = f"{threads:,} threads, {posts:,} posts"
        whole = tagora("-c", file, "build")
        words = _words(posts, threads)
        fetched = dict(_fetched(folder / "site", words))
        with open_workplace(file) as place:
            full, one = _again(place, folder, 1 if not quick else 3)
    counted = ", ".join(f"{word}: {size / KB:.0f}" for word, size in fetched.items())
    return [
        at_most(
            "search_one_reply",
            round(median(one) / median(full), 3),
            "of the full build",
            1 / 5,
            f"{what}; processor seconds with all child processes, search index included: {spread(one)} against "
            f"{spread(full)}; median of {REPEATS} replies against {len(full)} full builds",
        ),
        at_most(
            "search_first_result",
            round(max(fetched.values()) / KB),
            "kB",
            400,
            f"{what}; transferred by Chromium with an empty cache until the first result stands, headers included, "
            f"nothing packed by the server; kB by word: {counted}",
        ),
        Result("search_memory", round(whole.peak / 1_000_000), "MB", f"`tagora build` of {what} with the search"),
    ]


def _again(place: Workplace, folder: Path, times: int) -> tuple[list[float], list[float]]:
    """Processor seconds of full builds, and of builds after one reply."""
    full, one = [], []
    for _ in range(times):
        forget_site(folder)
        full.append(_spent(place))
    for number in range(REPEATS):
        reply(place, number)
        one.append(_spent(place))
    return full, one


def _spent(place: Workplace) -> float:
    before = os.times()
    report = build_site(place)
    after = os.times()
    if report.failed or not report.indexed:
        raise RuntimeError(f"the build failed: {report.failures[:3] or 'nothing was indexed'}")
    return sum(after[:4]) - sum(before[:4])


def _words(posts: int, threads: int) -> list[str]:
    counts = Counter[str]()
    for written in islice(Discussion(posts, threads, 1), SAMPLE):
        counts.update(word for word in written.text.lower().split() if word.isalpha() and len(word) > 3)
    ranked = [word for word, _ in counts.most_common()]
    return [ranked[min(rank, len(ranked) - 1)] for rank in RANKS]


def _fetched(site: Path, words: list[str]) -> Iterator[tuple[str, int]]:
    """The bytes of each first search."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise RuntimeError("Playwright is not installed. `make bench` installs it.") from error
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("There is no Chromium here: on Debian and Ubuntu, `sudo apt install chromium`.")
    with serving(site, "127.0.0.1", 0) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for word in words:
            context = browser.new_context()
            page = context.new_page()
            done: list[int] = []
            context.on("requestfinished", lambda request, done=done: done.append(_size(request.sizes())))
            page.goto(f"{address}search/?q={word}")
            page.locator(".hits .card, .failed:not([hidden])").first.wait_for(timeout=60_000)
            if not page.locator(".hits .card").count():
                raise RuntimeError(f"the search for {word!r} could not be loaded")
            yield word, sum(done)
            context.close()
        browser.close()


def _size(sizes: object) -> int:
    assert isinstance(sizes, dict)
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
