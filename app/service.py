"""`tagora run`: one process that collects, builds and watches its configuration, until told to stop.

Due times, attempts and leases live in the store; APScheduler only ticks. Whatever is cut short here is taken up by the
next tick, or the next process.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from ..collector.holder import gone, holder_name, shown
from ..collector.plan import RunReport
from ..core.clock import Clock
from ..core.errors import ConfigError, StoreLocked
from ..storage import running, sources
from ..storage.migrate import migrate
from ..storage.store import open_store
from .alerting import EVERY, Teller
from .backup_keeper import LOOK as LOOK_AT_BACKUPS
from .backup_keeper import Keeper
from .building import try_look
from .collecting import AT_ONCE, run_one, set_right, source_id
from .config_file import load
from .forgetting import finish_owed
from .health.pulse import Pulse
from .health.web import Watched
from .logs import event
from .picturing import Picturer
from .rebuilding import LOOK_FOR_CHANGES, Rebuilder
from .reconciling import reconcile_accounts
from .republishing import LOOK as LOOK_AT_SITE
from .republishing import Republisher
from .reviewing import Surroundings, serving_review, surroundings
from .sources import Configured, seed
from .ticking import guarded
from .workplace import Workplace, arrange, read_sources, store_url

log = logging.getLogger("tagora.run")
LOOK_FOR_DUE = 1  # seconds
LOOK_AT_CONFIG = 2
LOOK_FOR_PICTURES = 3
SIGN_OF_LIFE = 15
ASK_USAGE = 6 * 3600


class Service:
    """The process. `serve` returns when `stop` was called, everything ended and the store closed."""

    def __init__(
        self, file: Path, clock: Clock, told: Callable[[RunReport], None], stopping: threading.Event | None = None
    ) -> None:
        self._file = file
        self._told = told
        self._stopping = stopping or threading.Event()
        self._holder = holder_name()
        loaded = load(file)
        configured = read_sources(loaded)
        store = open_store(store_url(loaded))
        migrate(store)
        with store.writing() as connection:
            other = running.take(connection, self._holder, shown(self._holder), clock.now(), gone)
            if other is None:
                running.note_refusal(connection, None)
        if other is not None:
            store.close()
            raise StoreLocked(
                f"another `tagora run` is at work on this store: {other.where}, since {other.since:%d %b %H:%M} UTC",
                f"Stop that one first; if it is gone, try again {running.SILENCE.seconds} seconds after its end.",
            )
        self._place: Workplace = arrange(loaded, configured, store, clock)
        self._pulse = Pulse()
        self._keys: tuple[str, ...] | None = None  # of the sources' settings and keys, one way
        self._refused: str | None = None  # why the configuration as it is now was refused
        self._rebuilder = Rebuilder()
        self._republisher = Republisher(self._stopping.is_set)
        self._picturer = Picturer(self._stopping.is_set)
        self._teller = Teller()
        self._keeper = Keeper()
        self._busy: dict[int, Future[None]] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="collect")

    def stop(self) -> None:
        """Asks everything to end: no new page is asked for; pages under way are stored. May be called in a signal."""
        self._stopping.set()

    def serve(self) -> None:
        """Works until stopped. Raises UsageError when the review app's port cannot be used."""
        scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
        for job, seconds in (
            (self._collect, LOOK_FOR_DUE),
            (self._build, LOOK_FOR_CHANGES),
            (self._copy_pictures, LOOK_FOR_PICTURES),
            (self._publish, LOOK_AT_SITE),
            (self._reread, LOOK_AT_CONFIG),
            (self._live, SIGN_OF_LIFE),
            (self._reconcile, ASK_USAGE),
            (self._tell, EVERY),
            (self._backup, LOOK_AT_BACKUPS),
        ):
            scheduler.add_job(self._guarded, "interval", args=[job], seconds=seconds, misfire_grace_time=None)
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler.start()
        event(log, "run.started", f"at work: {shown(self._holder)}")
        review = self._place.loaded.config.review
        try:
            self._guarded(self._finish_withdrawal)
            with serving_review(
                lambda: surroundings(self._place, rebuilding=True),
                review.host,
                review.port,
                Watched(lambda: self._place, self._pulse.stands_still),
            ) as address:
                event(log, "review.started", f"review app: {review.public_url or address}")
                while not self._stopping.wait(3600):
                    pass
        finally:
            self._stopping.set()
            scheduler.shutdown(wait=True)
            self._pool.shutdown(wait=True, cancel_futures=True)
            try:
                with self._place.store.writing() as connection:
                    running.leave(connection, self._holder)
            finally:
                self._place.store.close()
            event(log, "run.stopped", "stopped")

    def _surroundings(self) -> Surroundings:
        return surroundings(self._place, rebuilding=True)

    # --- what ticks -------------------------------------------------------------------------------------------------

    def _guarded(self, job: Callable[[], None]) -> None:
        """A turn of the job, and the sign that it is alive."""
        if self._stopping.is_set():
            return
        try:
            guarded(job, log)
        finally:
            self._pulse.beat(getattr(job, "__name__", ""))

    def _finish_withdrawal(self) -> None:
        """What a `tagora forget` that was cut short still owes."""
        if finish_owed(self._place):
            event(log, "withdrawal.finished", "finished a withdrawal that was cut short")

    def _collect(self) -> None:
        place = self._place
        set_right(place)
        self._busy = {number: future for number, future in self._busy.items() if not future.done()}
        with place.store.reading() as connection:
            due = sources.due(connection, place.clock.now())
        by_id = {source_id(place, one): one for one in place.sources}
        for number in due:
            if number in by_id and number not in self._busy:
                self._busy[number] = self._pool.submit(self._guarded, lambda one=by_id[number]: self._ask(place, one))

    def _ask(self, place: Workplace, one: Configured) -> None:
        report = run_one(place, one, when_due=True, stopped=self._stopping.is_set)
        if report.new or report.updated or report.error:
            self._told(report)

    def _build(self) -> None:
        report = self._rebuilder.look(self._place)
        if report is None:
            return
        if report.written or report.removed:
            self._republisher.built()
        told = {"written": report.written, "removed": report.removed, "seconds": round(report.seconds, 3)}
        for failure in report.failures:
            event(log, "site.failed", f"{failure}", logging.ERROR, **told)
        if not report.failed and (report.written or report.removed):
            words = f"site: {report.written} pages written, {report.removed} removed in {report.seconds:.1f} s"
            event(log, "site.built", words, **told)

    def _copy_pictures(self) -> None:
        outcome = self._picturer.look(self._place)
        if outcome is not None and outcome.is_anything:
            told = {"copied": outcome.copied, "later": outcome.later, "failed": outcome.failed}
            event(log, "pictures.copied", f"pictures: {outcome.words}", **told)

    def _publish(self) -> None:
        self._republisher.look(self._place)

    def _tell(self) -> None:
        self._teller.look(self._place)

    def _backup(self) -> None:
        made = self._keeper.look(self._place)
        if made is not None:
            words = f"backup: {made.file}, {made.posts} posts"
            event(log, "backup.made", words, file=str(made.file), posts=made.posts, bytes=made.size)

    def _reconcile(self) -> None:
        for line in reconcile_accounts(self._place):
            event(log, "budget.reconciled", line)

    def _reread(self) -> None:
        """A changed configuration takes over; a broken one is refused, and told once."""
        try:
            loaded = load(self._file)
            if loaded.fingerprint == self._place.loaded.fingerprint:
                self._refuse(None)
                self._look_at_keys()
                return
            if store_url(loaded) != store_url(self._place.loaded):
                raise ConfigError("`store` was changed", "Stop `tagora run` and start it again for that.")
            place = arrange(loaded, read_sources(loaded), self._place.store, self._place.clock)
            try_look(place)
            self._place = place
        except ConfigError as error:
            if str(error) != self._refused:
                words = f"{error} The former configuration stays in force."
                event(log, "config.refused", words, logging.ERROR)
            self._refuse(str(error))
            return
        self._refuse(None)
        event(log, "config.changed", "the changed configuration is in force")

    def _refuse(self, words: str | None) -> None:
        if words != self._refused:
            with self._place.store.writing() as connection:
                running.note_refusal(connection, words)
        self._refused = words

    def _look_at_keys(self) -> None:
        """A new key in a file is used from the next question on anyway; an account that was refused is asked again."""
        place = self._place
        fingerprints = tuple(seed(one, place.loaded, place.key).fingerprint for one in place.sources)
        if self._keys is not None and fingerprints != self._keys and all(fingerprints):
            self._place = arrange(place.loaded, place.sources, place.store, place.clock)
            event(log, "config.changed", "a changed key is in force")
        self._keys = fingerprints

    def _live(self) -> None:
        with self._place.store.writing() as connection:
            alone = running.beat(connection, self._holder, self._place.clock.now())
        if not alone:
            words = "another `tagora run` took over while this process was silent; it ends"
            event(log, "run.lost", words, logging.ERROR)
            self.stop()
