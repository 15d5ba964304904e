"""Eight moderators decide at random on one queue at the same time: nothing is decided twice, nothing is lost."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tagora.core.decisions import Status, Verdict
from tagora.review.claims import open_post
from tagora.review.deciding import Outcome, Why, as_now, decide_seen, last_stroke, take_back
from tagora.storage.claims import release_all
from tagora.storage.decisions import logs, rebuild
from tagora.storage.queue import QueueFilter, next_key, queue
from tagora.storage.store import Store

from ..agora import arrive, campaign
from ..make import NOON, sighting

PEOPLE = tuple(f"moderator {n}" for n in range(8))
POSTS = 80
VERDICTS = (Verdict.APPROVE, Verdict.REJECT)
LASTS = timedelta(minutes=5)


class Desk:
    """One moderator at work until nothing waits: opens what is free, decides, at times twice (a stalled network), at
    times on what a colleague has open, at times takes it back and decides anew."""

    def __init__(self, store: Store, campaign_id: int, name: str, start: threading.Barrier) -> None:
        self.store, self.campaign_id, self.name, self.start = store, campaign_id, name, start
        self.chance = random.Random(name)
        self.recorded: list[tuple[int, int]] = []  # (post, decision) that the store said it took
        self.taken_back: list[int] = []
        self.refused: Counter[Why] = Counter()

    def work(self) -> None:
        self.start.wait()
        ends = time.monotonic() + 120
        wanted = QueueFilter(self.campaign_id, (Status.NEW, Status.PENDING))
        while True:
            assert time.monotonic() < ends, "some posts can never be decided"
            with self.store.reading() as c:
                page = queue(c, wanted, limit=8)
                free = next_key(c, wanted, None, self.name, NOON)
                posts = [item.post_id for item in page.items]
                if posts and free is not None and self.chance.random() < 0.6:
                    posts = [free.post_id]
                seen = as_now(c, self.campaign_id, [self.chance.choice(posts)] if posts else [])
            if not seen:  # a post that is open at who went home would wait for the claim to run out
                with self.store.writing() as c:
                    release_all(c, self.name)
                return
            post_id = seen[0].post_id
            if self.chance.random() < 0.7:
                with self.store.writing() as c:
                    claim = open_post(c, self.campaign_id, post_id, self.name, NOON, LASTS)
                if claim is not None and claim.by != self.name and self.chance.random() < 0.5:
                    continue
            verdict = self.chance.choice(VERDICTS)
            for _ in range(self.chance.choice((1, 1, 2))):
                with self.store.writing() as c:
                    self.note(decide_seen(c, self.campaign_id, seen, verdict, self.name, NOON))
            if self.chance.random() < 0.1:
                with self.store.writing() as c:
                    taken = take_back(c, last_stroke(c, self.name), self.name, NOON)
                    self.taken_back += [one.took_back.id for one in taken.undone if not one.repeated]

    def note(self, outcome: Outcome) -> None:
        for one in outcome.decided:
            assert one.decision_id is not None
            if not one.repeated:
                self.recorded.append((one.post_id, one.decision_id))
        self.refused.update(one.why for one in outcome.refused)


def test_eight_moderators_at_once_decide_every_post_exactly_once(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting(str(n)) for n in range(POSTS)])
    start = threading.Barrier(len(PEOPLE))
    desks = [Desk(store, agora, name, start) for name in PEOPLE]
    with ThreadPoolExecutor(len(desks)) as threads:
        for done in [threads.submit(desk.work) for desk in desks]:
            done.result(timeout=240)
    told = sorted((*entry, desk.name) for desk in desks for entry in desk.recorded)
    taken_back = {number for desk in desks for number in desk.taken_back}
    with store.writing() as c:
        by_people = [d for log in logs(c, agora, ids).values() for d in log if d.by_person]
        assert rebuild(c, agora, NOON) == 0
    decided = [d for d in by_people if d.verdict is not Verdict.UNDO]
    assert sorted((d.post_id, d.id, d.by) for d in decided) == told  # nothing lost, nothing that nobody was told of
    standing = [d for d in decided if d.id not in taken_back]
    assert sorted(d.post_id for d in standing) == ids  # nothing decided twice
    assert len(by_people) == len(decided) + len(taken_back)
    assert sum((desk.refused for desk in desks), Counter()).total() > 0  # they did meet
