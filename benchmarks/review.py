"""Moderators at work: what the first page of the queue and a decision cost, in a small store and in a great one, in
turns; and how long eight people at once wait for theirs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tagora.core.decisions import Seen, Status, Verdict
from tagora.review.claims import open_post
from tagora.review.deciding import decide_seen
from tagora.storage import counts, near
from tagora.storage.claims import claims
from tagora.storage.migrate import migrate
from tagora.storage.queue import Key, QueueFilter, QueuePage, next_key, queue, queue_items
from tagora.storage.store import Store, open_store

from .discussion import BEGINS, LASTS, Discussion
from .fill import RULES, fill_store
from .measure import Result, at_most, median, spread

WAITING = 12  # one in so many of what no rule accepts: a twentieth of all
FLAGS = RULES + "- {name: pron, when: {regex: pron}, then: flag}\n"
PAGE = 40
NOW = BEGINS + LASTS + timedelta(days=1)
LASTS_OPEN = timedelta(minutes=5)
MODERATORS = 8
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Town:
    """One store with a campaign in it."""

    store: Store
    campaign_id: int
    posts: int
    waiting: int

    @property
    def wanted(self) -> QueueFilter:
        return QueueFilter(self.campaign_id, (Status.NEW, Status.PENDING), order="urgent")


def measure(quick: bool) -> list[Result]:
    small, large = (2_000, 100_000) if quick else (10_000, 1_000_000)
    with TemporaryDirectory(prefix="tagora-bench-") as name:
        folder = Path(name)
        towns = [prepare(f"sqlite:///{folder}/{posts}.db", posts) for posts in (small, large)]
        try:
            return results(*towns, repeats=20 if quick else 40)
        finally:
            for town in towns:
                town.store.close()


def prepare(url: str, posts: int) -> Town:
    """A store at `url` with so many posts, filled unless it is there already."""
    store = open_store(url)
    if store.path is None or not store.path.is_file():
        migrate(store)
        fill_store(store, Discussion(posts, posts // 10, 1), waiting=WAITING, rules=FLAGS)
    with store.reading() as connection:
        waiting = counts.of_queue(connection, 1).waiting
    return Town(store, 1, posts, waiting)


def results(small: Town, large: Town, repeats: int) -> list[Result]:
    what = f"{large.posts:,} posts with {large.waiting:,} waiting against {small.posts:,} with {small.waiting:,}"
    acts: list[tuple[str, str, Callable[[Town], object]]] = [
        (
            "review_queue",
            f"first page of {PAGE}, the urgent first, with near-identical posts and claims",
            first_page,
        ),
        ("review_decision", "claiming a post, deciding on it and finding the next", _Deciding()),
    ]
    told: list[Result] = []
    for name, does, act in acts:
        rounds = [_round(act, small, large, repeats) for _ in range(ROUNDS)]
        ratios = [great / little for little, great in rounds]
        milliseconds = f"{median([great for _, great in rounds]) * 1000:.1f} ms"
        how = f"{does}; processor seconds, {what}, in turns, medians of {repeats}; {ROUNDS} rounds: {spread(ratios)}; "
        told.append(at_most(name, round(median(ratios), 3), "times as in the small store", 1.5, how + milliseconds))
    begun = time.process_time()
    with large.store.reading() as connection:
        counts.of_queue(connection, large.campaign_id)
    counting = round((time.process_time() - begun) * 1000)
    told.append(Result("review_counts", counting, "ms", f"all figures of the queue once, {what}; kept for ten seconds"))
    return told + _crowd(large, 10 if repeats < 40 else 30)


def _round(act: Callable[[Town], object], small: Town, large: Town, repeats: int) -> tuple[float, float]:
    """Medians of the seconds in the small store and in the great one, in turns; the first of each warms up."""
    seconds: dict[int, list[float]] = {small.posts: [], large.posts: []}
    for turn in range(repeats + 1):
        for town in (small, large):
            begun = time.process_time()
            act(town)
            if turn:
                seconds[town.posts].append(time.process_time() - begun)
    return median(seconds[small.posts]), median(seconds[large.posts])


def first_page(town: Town) -> QueuePage:
    """What the app asks the store for one page of the queue; counts apart, which it keeps."""
    with town.store.reading() as connection:
        page = queue(connection, town.wanted, limit=PAGE)
        groups = near.groups(connection, town.campaign_id, [item.post_id for item in page.items])
        shown = {item.post_id for item in page.items}
        beyond = {id_ for ids in groups.values() for id_ in ids} - shown
        queue_items(connection, town.campaign_id, sorted(beyond))
        claims(connection, town.campaign_id, [*shown, *beyond], NOW)
    return page


class _Deciding:
    """Goes through each store's queue post by post."""

    def __init__(self) -> None:
        self._at: dict[int, Key | None] = {}

    def __call__(self, town: Town) -> None:
        self._at[town.posts] = decide_next(town, self._at.get(town.posts), "anna", NOW, random.Random(1))


def decide_next(town: Town, key: Key | None, by: str, now: datetime, chance: random.Random) -> Key | None:
    """Opens the next post that is free, decides on it as it is shown, and tells where that was."""
    with town.store.reading() as connection:
        following = next_key(connection, town.wanted, key, by, now)
        seen: list[Seen] = []
        if following is not None:
            seen = [item.seen for item in queue_items(connection, town.campaign_id, [following.post_id])]
    for one in seen:
        with town.store.writing() as connection:
            open_post(connection, town.campaign_id, one.post_id, by, now, LASTS_OPEN)
        with town.store.writing() as connection:
            verdict = chance.choice((Verdict.APPROVE, Verdict.REJECT, Verdict.HOLD))
            decide_seen(connection, town.campaign_id, [one], verdict, by, now)
    return following


def _crowd(town: Town, seconds: float) -> list[Result]:
    """Eight moderators, each with a connection of their own, as the app's threads have."""

    def work(number: int) -> list[float]:
        chance = random.Random(number)
        waited: list[float] = []
        ends = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < ends:
            first_page(town)
            decide_next(town, None, f"moderator {number}", NOW, chance)
            waited.append(time.perf_counter() - begun)
        return waited

    with ThreadPoolExecutor(MODERATORS) as threads:
        waits = sorted(one * 1000 for waited in threads.map(work, range(MODERATORS)) for one in waited)
    how = (
        f"a page of the queue, then claiming and deciding on the first free post: {MODERATORS} moderators at once on "
        f"one store of {town.posts:,} posts, as threads of one process, without pauses, {seconds:g} s: "
        f"{len(waits):,} decisions"
    )
    return [
        Result("review_moderators_p50", round(waits[len(waits) // 2], 1), "ms", how),
        Result("review_moderators_p95", round(waits[len(waits) * 95 // 100], 1), "ms", how),
    ]
