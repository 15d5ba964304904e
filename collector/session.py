"""One run at work: its open connection, its purse, what it brought so far, and the loop that walks and stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..core.clock import Clock
from ..core.errors import AuthError, BadItem, QueryRefused, Temporary
from ..storage import campaigns, runs, sources, windows
from ..storage.runs import Counts
from ..storage.store import Connection, Store
from . import flood, page, walks
from .admission import Forgotten
from .budget import SourceMeter
from .contract import Cost, Cursor, Fetch, Page, Platform, Query, Quota, Support
from .page import Decide, Kept, Read
from .plan import SourcePlan


class Flood(Exception):
    """The brake was pulled."""


class Stopped(Exception):
    """The caller wants the run to end."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One stored page, as told to who writes more in its transaction."""

    before: walks.Progress
    after: walks.Progress
    read: Read
    kept: Kept
    now: datetime


InPage = Callable[[Connection, Turn], None]


@contextmanager
def opened(
    plan: SourcePlan,
    platform: Platform,
    store: Store,
    clock: Clock,
    decide: Decide,
    *,
    forgotten: Callable[[Connection], Forgotten],
    holder: str,
    run_id: int,
    stopped: Callable[[], bool],
    wait: Callable[[float], None],
    lease: timedelta,
) -> Iterator[Session]:
    """A session with the source's network, for who holds its lease as `holder`; makes no request."""
    meter = SourceMeter(store, clock, plan.purse, holder, lease)
    with platform.connect(
        plan.config, plan.secrets, clock, plan.base_url, user_agent=plan.user_agent, meter=meter
    ) as fetch:
        yield Session(
            plan, platform, store, clock, decide, forgotten, holder, run_id, stopped, wait, lease, meter, fetch,
            platform.supports(plan.config),
        )  # fmt: skip


@dataclass(slots=True)
class Session:
    """The state of one run. Everything but the counters at the end is given."""

    plan: SourcePlan
    platform: Platform
    store: Store
    clock: Clock
    decide: Decide
    forgotten: Callable[[Connection], Forgotten]
    holder: str
    run_id: int
    stopped: Callable[[], bool]
    wait: Callable[[float], None]
    lease: timedelta
    meter: SourceMeter
    fetch: Fetch
    supports: Mapping[type, Support]
    counts: Counts = field(default_factory=Counts)
    new_at: datetime | None = None
    quota: Quota | None = None
    asked_last: datetime | None = None
    handed_over: set[int] = field(default_factory=set)  # the sources that have to ask for something of ours now
    # what the key or the network does not allow, though the source's own question was answered
    lacks: AuthError | QueryRefused | None = None

    def count_gaps(self, count: int) -> None:
        self.counts += Counts(gaps=count)

    def walk(self, query: Query, leg: walks.Leg, *, in_page: InPage | None = None, brake: bool = False) -> None:
        """Asks page after page and stores each in one transaction: what belongs of it, the rules' decisions, where
        the walk stands, what was spent. `in_page` may write more into it. Ends when the walk is complete or a thread
        is full.

        Raises what a fetch raises, LeaseLost, Stopped, and Flood when `brake` is set and far too many posts come.
        """
        support = self.supports[type(query)]
        progress = walks.start(leg, self.clock.now())
        window_id = leg.window.id if leg.window else None
        # where a walk only counts its steps, one that is taken up begins again with the step that it ended at
        cursor = leg.cursor if leg.cursor.below else None
        asked = False
        answer = self.fetch(query, leg.cursor)
        while not progress.done:
            self._pause(support)
            asked_at = self.asked_last = self.clock.now()
            try:
                got = next(answer, None)
            except BadItem:  # the answer as a whole: its items' faults are caught one by one
                self.counts += Counts(refused={"bad": 1})
                return
            if got is None:
                if asked:
                    return
                got = Page((), None, cost=Cost(0, 0))
            asked = True
            understood = page.read(got, self.platform)
            before, progress = progress, walks.after(leg, progress, got, support, asked_at)
            with self.store.writing() as connection:
                now = self.clock.now()
                sources.renew(connection, self.plan.source_id, self.holder, now + self.lease)
                kept = page.keep(
                    connection,
                    self.plan,
                    self.platform,
                    understood,
                    query,
                    forgotten=self.forgotten(connection),
                    decide=self.decide,
                    now=now,
                )
                window_id = self._write_window(connection, leg, window_id, progress, got, support, now)
                if in_page is not None:
                    in_page(connection, Turn(before, progress, understood, kept, now))
                flooded = brake and kept.by_question > 0 and self._is_flood(connection, now)
                if flooded:
                    campaigns.brake(connection, self.plan.campaign_id, now)
                self.meter.settle(connection, got.cost)
                runs.record(connection, self.run_id, self.counts + kept.counts)
            self.meter.settled()
            self.counts += kept.counts
            self.quota = got.quota or self.quota
            self.new_at = now if kept.counts.new else self.new_at
            if flooded:
                raise Flood
            if kept.full and len(getattr(query, "targets", ())) == 1:
                return
            if not progress.done and got.cursor == cursor:
                raise Temporary(
                    f"{self.platform.title} gives the same page again and again.", "It is asked again later."
                )
            cursor = got.cursor or cursor

    def _write_window(
        self,
        connection: Connection,
        leg: walks.Leg,
        window_id: int | None,
        progress: walks.Progress,
        got: Page,
        support: Support,
        now: datetime,
    ) -> int | None:
        """Notes where the walk stands. What is known of a followed post stands in its own row: only while a walk over
        followed posts is under way has it a window; a look-up has none."""
        if not leg.key:
            return None
        if progress.done and leg.followed:
            if window_id is not None:
                windows.drop(connection, window_id)
            return None
        items = len(got.items)
        if window_id is None:
            window_id = windows.begin(
                connection,
                self.plan.source_id,
                leg.key,
                cursor=(got.cursor or Cursor()).to_json(),
                newest=progress.newest,
                newest_at=progress.newest_at,
                oldest_at=progress.oldest_at,
                floor_at=leg.floor_at,
                exhaustive=support.exhaustive,
                items=0 if progress.done else items,
            )
        elif not progress.done:
            windows.advance(
                connection,
                window_id,
                cursor=(got.cursor or Cursor()).to_json(),
                newest=progress.newest,
                oldest_at=progress.oldest_at,
                items=items,
            )
        if progress.done:
            windows.close(
                connection,
                window_id,
                newest=progress.newest,
                newest_at=progress.newest_at,
                oldest_at=progress.oldest_at,
                items=items,
                now=now,
            )
        return window_id

    def _is_flood(self, connection: Connection, now: datetime) -> bool:
        source = sources.get(connection, self.plan.source_id)
        hour_ago = now - timedelta(hours=1)
        last_hour = campaigns.published_since(connection, self.plan.source_id, self.plan.campaign_id, hour_ago)
        return flood.is_flood(last_hour, source.usual_per_hour if source else None)

    def _pause(self, support: Support) -> None:
        """Before each request: is the run still wanted, and does the network want a pause between two?"""
        if self.stopped():
            raise Stopped
        if support.pace is not None and self.asked_last is not None:
            left = support.pace - (self.clock.now() - self.asked_last)
            if left > timedelta(0):
                self.wait(left.total_seconds())
