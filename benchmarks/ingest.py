"""Recorded pages of X's search to committed rows, threads and decisions, against raw `sqlite3` with the same rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from tagora.app.collecting import Withdrawals
from tagora.app.withdrawal_key import digest_with
from tagora.collector.contract import Cost, Cursor, Page, Query
from tagora.collector.plan import SourcePlan
from tagora.collector.platforms.x import PLATFORM
from tagora.collector.platforms.x.answers import post_ids, raws, read_answer
from tagora.collector.platforms.x.config import XConfig
from tagora.collector.platforms.x.ids import time_of
from tagora.collector.run import run_source
from tagora.core.clock import ManualClock
from tagora.review.decide import decide_new
from tagora.storage import campaigns, rulesets
from tagora.storage.campaigns import CampaignSeed, SourceSeed
from tagora.storage.migrate import migrate
from tagora.storage.store import Store, open_store

from . import raw_sqlite, x_pages
from .discussion import BEGINS, LASTS, TAG, Discussion
from .measure import REPEATS, Result, Stopwatch, at_least, at_most, median, spread
from .raw_sqlite import Marks

KEY = bytes(32)
ENDPOINT = "tweets/search/recent"
RULES = r"""
- {name: our own posts, when: {via: opener}, then: accept}
- {name: insults, when: {words: [idiota, imbecille, moron, shut up]}, then: hold, reason: tone}
- {name: advertising, when: {words: [casinò, buy now, guadagna subito, free money]}, then: reject, reason: advertising}
- {name: phone numbers, when: {regex: '\+39 ?3\d{2}[ .]?\d{6,7}'}, then: hold, reason: a private number}
- {name: link farms, when: {any: [{links: {at_least: 3}}, {links: {domains: [bit.ly, tinyurl.com]}}]}, then: flag}
- {name: films, when: {media: {kinds: [video, gif]}, not: {warning: true}}, then: hold, reason: look at it first}
- {name: young accounts, when: {account_age_days: {below: 7}, tagged: false, standing: none}, then: hold}
- {name: wave, when: {near_duplicates: {at_least: 3, hours: 24}}, then: hold, reason: many say the same}
- {name: other languages, when: {not: {language: [it, en]}}, then: log}
- {name: tagged posts, when: {tagged: true, language: [it, en]}, then: accept}
"""


def measure(quick: bool) -> list[Result]:
    small, large = (10_000, 100_000) if quick else (20_000, 1_000_000)
    with TemporaryDirectory(prefix="tagora-bench-") as name:
        folder = Path(name)
        recorded, newest_first = folder / "pages", folder / "newest-first"
        x_pages.record(Discussion(small, small // 10, 1, (("x", 1),), tagged=1), recorded)
        x_pages.backwards(recorded, newest_first)
        _ratio(folder, recorded, most=5)  # warms up what is compiled once in a process
        ways = {file: [_ratio(folder, file) for _ in range(REPEATS)] for file in (recorded, newest_first)}
        x_pages.record(Discussion(large, large // 10, 2, (("x", 1),), tagged=1), recorded)
        ours, raw, _ = _run(folder, recorded)
    return [
        *_told("ingest", f"{small:,} posts, the oldest page first, as polls find them", ways[recorded]),
        *_told("ingest_backfill", f"{small:,} posts, the newest page first, as in a first run", ways[newest_first]),
        at_most(
            "ingest_flatness",
            round((ours.drift) / raw.drift, 3),
            "times raw sqlite3's own",
            1.15,
            f"the last tenth's seconds of {large:,} posts over the first tenth's: {ours.drift:.3f}; divided by that "
            f"of raw sqlite3 upserts of the same rows: {raw.drift:.3f}; one run, {large / ours.seconds:,.0f} posts/s",
        ),
    ]  # fmt: skip


def _told(name: str, what: str, runs_: list[tuple[float, float, int]]) -> list[Result]:
    rows = runs_[0][2]
    return [
        at_least(
            name,
            round(median([raw / ours for ours, raw, _ in runs_]), 3),
            "of raw sqlite3's speed",
            0.25,
            f"{what}, in pages of 100: JSON bytes, mapping, admission, storing, 10 rules, window, change log, one "
            f"commit a page (network and the budget's own reservation left out), against executemany upserts of the "
            f"same {rows:,} rows in the same batches, tables, indexes and settings; {REPEATS} runs: "
            f"{spread([raw / ours for ours, raw, _ in runs_])}",
        ),
        Result(f"{name}_posts_per_second", round(median([1 / ours for ours, _, _ in runs_]) * _posts(what)), "posts/s",
               f"as {name}; the median of {REPEATS} runs"),
    ]  # fmt: skip


def _posts(what: str) -> int:
    return int(what.split()[0].replace(",", ""))


def _ratio(folder: Path, file: Path, most: int | None = None) -> tuple[float, float, int]:
    ours, raw, rows = _run(folder, file, most)
    return ours.seconds, raw.seconds, rows


def _run(folder: Path, file: Path, most: int | None = None) -> tuple[Stopwatch, Stopwatch, int]:
    """One run of ours and one of raw sqlite3, each in a new file. Returns both watches, a lap a page, and how many
    rows there are."""
    ours, raw = folder / "ours.db", folder / "raw.db"
    for path in (ours, raw):
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{path}{suffix}").unlink()
    watch, marks = ingest(ours, file, most)
    raw_watch, rows = raw_sqlite.upsert(ours, raw, marks)
    return watch, raw_watch, rows


def ingest(path: Path, file: Path, most: int | None = None) -> tuple[Stopwatch, list[Marks]]:
    """Takes the recorded pages (at most `most`) into a new store: one run of a source whose network is the recording.
    The run is stopped before it would ask for conversations."""
    store = open_store(f"sqlite:///{path}")
    looking = sqlite3.connect(path, isolation_level=None)
    watch = Stopwatch()
    marks: list[Marks] = []
    clock = ManualClock(BEGINS + LASTS + timedelta(days=1))
    begun, over = False, False

    def fetch(query: Query, cursor: Cursor) -> Iterator[Page]:
        nonlocal begun, over
        last = _count(file, most) - 1
        for number, body in enumerate(islice(x_pages.pages(file), most)):
            begun, over = True, number == last
            watch.start()
            yield _page(body, clock.now(), over)

    def stopped() -> bool:
        """Asked before each page, when the one before it is stored."""
        if begun:
            watch.lap()
            marks.append(raw_sqlite.marks(looking))
        return over

    try:
        migrate(store)
        report = run_source(
            _plan(store, clock.now()),
            replace(PLATFORM, connect=lambda *_, **__: nullcontext(fetch)),
            store,
            clock,
            decide_new,
            forgotten=partial(Withdrawals, digest_of=digest_with(KEY)),
            when_due=False,
            stopped=stopped,
            wait=lambda _: None,
        )
    finally:
        looking.close()
        store.close()
    if report.error or report.new != report.seen or not over:
        raise RuntimeError(f"the recording was not taken in whole: {report}")
    return watch, marks


def _count(file: Path, most: int | None) -> int:
    return sum(1 for _ in islice(x_pages.pages(file), most))


def _page(body: bytes, now: datetime, last: bool) -> Page:
    """As collector/platforms/x/walks.py makes it of an answer."""
    answer = read_answer(body, x_pages.HEADERS, now)
    ids = post_ids(answer)
    lowest = min(ids, key=int)
    return Page(
        items=raws(answer, ENDPOINT, now),
        cursor=None if last else Cursor(below=lowest),
        newest=max(ids, key=int),
        cost=Cost(1, 1_500_000),
        quota=answer.quota,
        oldest_at=time_of(lowest),
    )


def _plan(store: Store, now: datetime) -> SourcePlan:
    with store.writing() as connection:
        seed = CampaignSeed("casnocha", "review_first", (SourceSeed("x", "x", "x", "1"),))
        ids = campaigns.sync(connection, [seed], now)["casnocha"]
        rulesets.seed(connection, ids.campaign_id, RULES, now)
    return SourcePlan(
        campaign_id=ids.campaign_id,
        campaign="casnocha",
        source_id=ids.sources["x"],
        name="x",
        platform="x",
        account="x",
        config=XConfig(),
        secrets={},
        tags=(TAG,),
        every=timedelta(minutes=10),
    )
