"""Runs the sources that are due: a thread each, so that a slow network keeps no other waiting."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from functools import partial

from ..collector.holder import gone, holder_name, shown
from ..collector.plan import Neighbour, RunReport
from ..collector.run import run_source
from ..collector.schedule import after_failure
from ..core.errors import ConfigError, TagoraError
from ..core.records import Sighting
from ..review.decide import decide_new
from ..storage import ahead, optouts, sources
from ..storage.store import Connection
from ..storage.tombstones import Digest, forgotten_among, veil
from .closing import phase_of, recheck_in
from .sources import Configured, plan
from .withdrawal_key import digest_with
from .workplace import Workplace

log = logging.getLogger("tagora.collect")
AT_ONCE = 4
Name = tuple[str, str]


def collect(
    place: Workplace,
    *,
    when_due: bool = True,
    only: Collection[str] = (),
    stopped: Callable[[], bool] = lambda: False,
    done: Callable[[RunReport], None] = lambda _report: None,
) -> list[RunReport]:
    """Asks every source that is due (`when_due` False: every one), or of those the ones named in `only`; their
    reports in the configuration's order. A source that cannot run reports why; the others go on. One to which another
    handed a conversation is asked once more. `done` is called after each turn."""
    set_right(place)
    chosen = [one for one in place.sources if not only or one.name in only or f"{one.campaign.slug}/{one.name}" in only]
    if when_due:
        with place.store.reading() as connection:
            due = set(sources.due(connection, place.clock.now()))
        chosen = [one for one in chosen if source_id(place, one) in due]
    reports: dict[int, RunReport] = {}
    by_id = {source_id(place, one): one for one in chosen}
    for number, report in _each(place, by_id, when_due, stopped):
        reports[number] = report
        done(report)
    # A conversation may have been handed to a source that had its turn already; what its second turn hands on waits.
    handed_over = frozenset[int]().union(*(report.handed_over for report in reports.values()))
    again = {
        number: one
        for number, one in by_id.items()
        if number in handed_over and not reports[number].error and not reports[number].skipped
    }
    for number, report in _each(place, again, False, stopped):
        if not report.skipped:
            reports[number] = reports[number].then(report)
            done(report)
    return [reports[number] for number in by_id]


def _each(
    place: Workplace, sources_: Mapping[int, Configured], when_due: bool, stopped: Callable[[], bool]
) -> Iterator[tuple[int, RunReport]]:
    """Asks these sources, a thread each; their reports as they come in."""
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="collect") as pool:
        waiting = {
            pool.submit(run_one, place, one, when_due=when_due, stopped=stopped): number
            for number, one in sources_.items()
        }
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def set_right(place: Workplace) -> None:
    """Before anybody is asked: sources that a killed process of this machine was asking need not wait until its lease
    runs out, and what was written under a clock that stood ahead does not keep anything from being due."""
    now = place.clock.now()
    with place.store.reading() as connection:
        dead = {holder for holder in sources.live_holders(connection, now) if gone(holder)}
        early = ahead.stands_ahead(connection, now)
    if dead or early:
        with place.store.writing() as connection:
            sources.free(connection, dead)
            if early:
                ahead.bring_back(connection, now)


def source_id(place: Workplace, one: Configured) -> int:
    return place.ids[one.campaign.slug].sources[one.name]


class Withdrawals:
    """collector.admission.Forgotten over one transaction's view of the store."""

    def __init__(self, connection: Connection, digest_of: Digest) -> None:
        self._connection = connection
        self._digest_of = digest_of

    def __call__(self, names: Collection[Name], /) -> Mapping[Name, str]:
        asked = optouts.among(self._connection, names, self._digest_of)
        gone = forgotten_among(self._connection, names, self._digest_of)
        return {**dict.fromkeys(asked, "optout"), **dict.fromkeys(gone, "forgotten")}

    def veil(self, sightings: Sequence[Sighting], /) -> Sequence[Sighting]:
        return veil(self._connection, sightings, self._digest_of)


def run_one(place: Workplace, one: Configured, *, when_due: bool, stopped: Callable[[], bool]) -> RunReport:
    """Asks one source, unless it is not its turn. Whatever goes wrong ends in the report: the others go on."""
    campaign = one.campaign.slug
    try:
        try:
            ready = plan(
                one,
                place.loaded,
                place.ids[campaign].campaign_id,
                source_id(place, one),
                place.invitations[campaign],
            )
            with place.store.reading() as connection:
                now_in = phase_of(place, connection, campaign)
            recheck = recheck_in(one, now_in)
            ready = replace(ready, neighbours=_neighbours(place, one), phase=now_in, recheck=recheck)
        except ConfigError as error:
            return _put_off(place, one, error)
        return run_source(
            ready,
            one.platform,
            place.store,
            place.clock,
            decide_new,
            forgotten=partial(Withdrawals, digest_of=digest_with(place.key)),
            when_due=when_due,
            stopped=stopped,
            wait=partial(nap, stopped),
        )
    except TagoraError as error:
        return RunReport(campaign, one.platform.name, one.name, error=str(error))
    except Exception as error:
        log.debug("%s/%s", campaign, one.name, exc_info=True)
        sentence = f"a fault in the program itself ({type(error).__name__}). Run it again with --debug and report it."
        return RunReport(campaign, one.platform.name, one.name, error=sentence)


def _put_off(place: Workplace, one: Configured, error: ConfigError) -> RunReport:
    """A source whose key is missing is tried again later, as after a failure: `run` would ask for it every second."""
    campaign, number, holder, now = one.campaign.slug, source_id(place, one), holder_name(), place.clock.now()
    with place.store.writing() as connection:
        taken = sources.take(connection, number, holder, now, now, when_due=False)
        if isinstance(taken, sources.NotTaken):
            return RunReport(campaign, one.platform.name, one.name, skipped=shown(taken.reason))
        attempts = taken.attempts + 1
        due_at = after_failure(now, attempts, f"{campaign}/{one.name}")
        sources.release(
            connection, number, holder, due_at=due_at, attempts=attempts, error=str(error), ok_at=None, new_at=None
        )
    return RunReport(campaign, one.platform.name, one.name, error=str(error))


def _neighbours(place: Workplace, one: Configured) -> tuple[Neighbour, ...]:
    return tuple(
        Neighbour(source_id(place, other), other.config, other.base_url)
        for other in place.sources
        if other is not one and other.campaign is one.campaign and other.platform is one.platform
    )


def nap(stopped: Callable[[], bool], seconds: float) -> None:
    """A pause that a stop ends."""
    end = time.monotonic() + seconds
    while not stopped() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))


def failed(reports: Sequence[RunReport]) -> int:
    """The exit status: 0 all went well, 1 some failed, 3 all did."""
    errors = [report for report in reports if report.error]
    return 0 if not errors else 3 if len(errors) == len(reports) and not any(r.seen for r in reports) else 1
