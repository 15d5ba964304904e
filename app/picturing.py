"""Copies of pictures: fetches those of approved posts, has them made smaller and clean, and lets go of the others'.

A picture's files are written before the store learns of them, its row goes before its files do: killed in between,
files are left over that the next whole look removes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from ..collector.outside import Outside
from ..collector.pictures import MAX_BYTES, PAUSE, SECONDS, Paced, PictureWeb
from ..core.errors import CollectorError, Gone, RateLimited, StoreFull, Temporary
from ..core.pictures import Rendition
from ..site.pictures.folder import PictureFolder
from ..site.pictures.making import make
from ..storage import pictures, snapshot
from ..storage.changes import newest
from ..storage.pictures import Copying, Wanted
from .building import campaign_infos
from .collecting import nap
from .picture_files import compare, folder_of, room
from .sources import user_agent
from .workplace import Workplace

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PATIENCE = (10 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY)
GONE_PATIENCE = (HOUR, DAY)  # a picture is at times later than its post
WITHOUT_WORD = HOUR  # a pause whose end was not told
WHOLE_EVERY = HOUR  # under `tagora run`: all posts and files are looked at
AFTER_TROUBLE = 10 * MINUTE

Fetch = Callable[[str], bytes]
Make = Callable[[bytes], Mapping[Rendition, bytes]]


@dataclass(slots=True)
class Outcome:
    """What one look did, in pictures. `later`: tried in vain, to be tried again; `failed`: given up. `busy`: another
    process is at it."""

    copied: int = 0
    later: int = 0
    failed: int = 0
    dropped: int = 0
    replaced: int = 0
    lost: int = 0
    busy: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def is_anything(self) -> bool:
        return bool(self.copied or self.later or self.failed or self.dropped or self.lost)

    @property
    def words(self) -> str:
        told = (
            (self.copied, "copied"), (self.later, "tried again later"), (self.failed, "cannot be copied"),
            (self.dropped, "let go"), (self.lost, "not in the folder any more"),
        )  # fmt: skip
        return ", ".join(f"{number:,} {words}" for number, words in told if number) or "nothing to do"


def copying(place: Workplace) -> Copying:
    """The sources whose posts readers see with copies of their pictures, today."""
    found: dict[str, Collection[int]] = {}
    for campaign in campaign_infos(place):
        ids = place.ids[campaign.slug].sources
        found[campaign.slug] = {ids[name] for name, showing in campaign.sources.items() if showing.with_copies}
    return found


def look(
    place: Workplace,
    *,
    threads: Collection[int] | None = None,
    stopped: Callable[[], bool] = lambda: False,
    step: Callable[[], None] = lambda: None,
    pause: float = PAUSE,
    fetch: Fetch | None = None,
    making: Make = make,
) -> Outcome:
    """Copies what is wanted of these threads, or of all; a look at all also compares the folder with the store. Raises
    StoreFull where the folder takes no more."""
    outcome = Outcome()
    folder = folder_of(place)
    shown = copying(place)
    if threads is None:
        outcome.lost = compare(place)
    with place.store.reading() as connection:
        wish = pictures.wish(connection, shown, place.clock.now(), threads)
    if not wish.wanted and not wish.unwanted:
        return outcome
    with room(place), folder.fetching() as mine:
        if not mine:
            outcome.busy = True
            return outcome
        if wish.unwanted:
            with place.store.writing() as connection:
                pictures.drop(connection, wish.unwanted)
            outcome.dropped = len(wish.unwanted)
        if wish.wanted:
            with _web(place) if fetch is None else _given(fetch) as get:
                _Round(place, folder, get, making, outcome).run(wish.wanted, pause, stopped, step)
        if wish.unwanted or outcome.replaced:
            compare(place)
    return outcome


class _Round:
    """The pictures of one look."""

    def __init__(self, place: Workplace, folder: PictureFolder, get: Fetch, making: Make, outcome: Outcome) -> None:
        self._place, self._folder, self._get, self._make, self._outcome = place, folder, get, making, outcome

    def run(
        self, wanted: Collection[Wanted], pause: float, stopped: Callable[[], bool], step: Callable[[], None]
    ) -> None:
        paced = Paced(wanted, lambda one: one.url, time.monotonic, partial(nap, stopped), pause)
        for one in paced:
            if stopped():
                return
            try:
                self._copy(one)
            except RateLimited as error:
                until = error.until or self._place.clock.now() + WITHOUT_WORD
                for each in (one, *paced.leave(one)):
                    self._failed(each, error.message, each.attempts, until)
            except CollectorError as error:
                self._failed(
                    one, error.message, one.attempts + 1, due_after(error, one.attempts, self._place.clock.now())
                )
            step()

    def _copy(self, one: Wanted) -> None:
        made = self._make(self._get(one.url))
        with self._folder.held(), self._place.store.writing() as connection:
            if not pictures.is_still_there(connection, one):
                return
            self._folder.keep(made)
            replaced = pictures.copied(connection, one, list(made), self._place.clock.now())
        self._outcome.copied += 1
        self._outcome.replaced += replaced

    def _failed(self, one: Wanted, problem: str, attempts: int, due_at: datetime | None) -> None:
        with self._place.store.writing() as connection:
            if pictures.is_still_there(connection, one):
                pictures.failed(connection, one, problem, attempts, due_at)
        if due_at is None:
            self._outcome.failed += 1
        else:
            self._outcome.later += 1
        self._outcome.problems.append(f"{one.url}: {problem}")


def due_after(error: CollectorError, attempts: int, now: datetime) -> datetime | None:
    """When a picture is tried again that failed `attempts` times before; None for never."""
    patience = GONE_PATIENCE if isinstance(error, Gone) else PATIENCE if isinstance(error, Temporary) else ()
    return now + patience[attempts] if attempts < len(patience) else None


class Picturer:
    """Under `tagora run`: looks whenever something changed or is due again."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped
        self._seen: tuple[int, str] | None = None
        self._whole_at: datetime | None = None
        self._rests_until: datetime | None = None

    def look(self, place: Workplace) -> Outcome | None:
        """One look; None where there was nothing to do."""
        now = place.clock.now()
        if self._rests_until is not None and now < self._rests_until:
            return None
        with place.store.reading() as connection:
            state = newest(connection), place.loaded.fingerprint
            due = pictures.next_due(connection)
            whole = self._seen is None or self._seen[1] != state[1] or self._whole_at is None
            whole = whole or now - (self._whole_at or now) >= WHOLE_EVERY
            if not whole and state == self._seen and (due is None or due > now):
                return None
            changed = None if whole or self._seen is None else snapshot.changed(connection, self._seen[0])
        try:
            outcome = look(place, threads=changed, stopped=self._stopped)
        except StoreFull:
            self._rests_until = now + AFTER_TROUBLE
            raise
        if outcome.busy or self._stopped():
            return None
        self._seen = state
        self._whole_at = now if whole else self._whole_at
        return outcome


@contextmanager
def _web(place: Workplace) -> Iterator[Fetch]:
    config = place.loaded.config
    outside = Outside(user_agent(config.contact), max_bytes=MAX_BYTES, seconds=SECONDS, homes=config.pictures.homes)
    try:
        yield PictureWeb(outside, place.clock).get
    finally:
        outside.close()


@contextmanager
def _given(fetch: Fetch) -> Iterator[Fetch]:
    yield fetch
