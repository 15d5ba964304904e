"""One run of one source, in the order of spending: posts to look up again, the source's own question, posts known by
reference only (openers, roots, parents), conversations, quotes. Of a closed campaign less is asked
(core/closing.py). Whatever ends the run, the pages before it stay, and
the next run goes on where this one stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..core.clock import Clock
from ..core.closing import Phase
from ..core.errors import (
    AuthError,
    CollectorError,
    ConfigError,
    OutOfBudget,
    QueryRefused,
    RateLimited,
    StoreError,
)
from ..core.garbage import few_collections
from ..storage import budget, campaigns, runs, sources, windows
from ..storage.runs import Counts
from ..storage.sources import LeaseLost
from ..storage.store import Connection, Store
from . import flood, schedule, walks
from .admission import Forgotten, Nobody
from .budget import CeilingReached, ShareReached
from .contract import Platform, Quota, Tag, Walk
from .following import Following
from .holder import holder_name, shown
from .page import Decide
from .plan import RunReport, SourcePlan
from .session import Flood, Session, Stopped, opened

LEASE = timedelta(minutes=10)
MAX_ROUNDS = 20  # of asking for what the last answers made known, in one run


def run_source(
    plan: SourcePlan,
    platform: Platform,
    store: Store,
    clock: Clock,
    decide: Decide,
    *,
    forgotten: Callable[[Connection], Forgotten] = lambda _connection: Nobody(),
    holder: str | None = None,
    when_due: bool = True,
    stopped: Callable[[], bool] = lambda: False,
    wait: Callable[[float], None] = time.sleep,
    lease: timedelta = LEASE,
) -> RunReport:
    """Asks one source once and stores what belongs. Network errors end in the report and in the source's next due
    time; anything else (a store that fails, a bug) is raised after the run is closed.

    `decide` is called within each page's transaction with the campaign's new and changed posts; `forgotten` makes,
    there too, the test for withdrawn people. `when_due` False asks before its time. `stopped` is looked at before
    each request. `wait` takes seconds.
    """
    holder = holder or holder_name()
    now = clock.now()
    with store.writing() as connection:
        taken = sources.take(connection, plan.source_id, holder, now, now + lease, when_due=when_due)
        if isinstance(taken, sources.NotTaken):
            return RunReport(plan.campaign, plan.platform, plan.name, skipped=shown(taken.reason))
        run_id = runs.begin(connection, plan.source_id, now)
    session: Session | None = None
    error: Exception | None = None
    try:
        with opened(
            plan, platform, store, clock, decide,
            forgotten=forgotten, holder=holder, run_id=run_id, stopped=stopped, wait=wait, lease=lease,
        ) as session, few_collections():  # fmt: skip
            _phases(session)
    except Exception as caught:
        error = caught
    brought = _Brought(Counts())
    if session is not None:
        brought = _Brought(session.counts, session.new_at, session.quota, session.lacks, frozenset(session.handed_over))
    if isinstance(error, CollectorError | ConfigError | Flood | Stopped | LeaseLost | None):
        _close(plan, store, clock, holder, run_id, taken, brought, error)
        return _report(plan, brought, error)
    with suppress(StoreError):  # the store may be what failed: then its first complaint is the one to hear
        _close(plan, store, clock, holder, run_id, taken, brought, error)
    raise error


def _phases(session: Session) -> None:
    following = Following(session)
    with session.meter.looking_again(), suppress(ShareReached):
        following.ask("recheck")
    if session.lacks is not None:  # the first thing asked: the key may be bad altogether
        raise session.lacks
    if session.plan.phase is Phase.ENDED:
        return
    if session.plan.phase is Phase.OPEN:
        _own_question(session)
        following.openers()
    for _ in range(MAX_ROUNDS):
        if not sum([following.ask("lookup"), following.ask("thread"), following.ask("quotes")]):
            return


def _own_question(session: Session) -> None:
    plan = session.plan
    query = session.platform.entry_query(plan.config, plan.tags)
    if isinstance(query, Tag):
        query = replace(query, exclude=plan.exclude, without=plan.without)
    support = session.supports[type(query)]
    key, now = walks.question(query), session.clock.now()
    with session.store.writing() as connection:
        for one in walks.lost(windows.of_query(connection, plan.source_id, key), support, now):
            windows.give_up(connection, one, now)
        held = windows.of_query(connection, plan.source_id, key)
        again = windows.of_query(connection, plan.source_id, walks.AGAIN + key)
    for leg in walks.legs(key, held, support):
        session.walk(query, leg, brake=True)
    second_look = walks.overlap(key, held, again, now) if support.walk is Walk.FORWARD else None
    if second_look is not None:
        session.walk(query, second_look)


# --- the end of a run ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Brought:
    counts: Counts
    new_at: datetime | None = None
    quota: Quota | None = None
    lacks: AuthError | QueryRefused | None = None
    handed_over: frozenset[int] = frozenset()


def _close(
    plan: SourcePlan,
    store: Store,
    clock: Clock,
    holder: str,
    run_id: int,
    taken: sources.Source,
    brought: _Brought,
    error: Exception | None,
) -> None:
    """Writes how the run went, when the source is due again and how its account fares; gives the lease back."""
    now, counts = clock.now(), brought.counts
    with store.writing() as connection:
        runs.end(connection, run_id, counts, _sentence(error or brought.lacks), now)
        if isinstance(error, LeaseLost):  # the source is another's now
            return
        due_at, attempts = _next(connection, plan, taken, brought, error, now)
        usual: int | None = None
        if counts.new:
            hour_ago = now - timedelta(hours=1)
            last_hour, with_week_before = (
                campaigns.published_since(connection, plan.source_id, plan.campaign_id, since)
                for since in (hour_ago, hour_ago - timedelta(days=7))
            )
            usual = flood.usual_rate(
                taken.usual_per_hour, with_week_before - last_hour, now - (taken.last_ok_at or now)
            )
        sources.release(
            connection,
            plan.source_id,
            holder,
            due_at=due_at,
            attempts=attempts,
            error=_sentence(error or brought.lacks),
            ok_at=now if error is None else None,
            new_at=brought.new_at,
            usual_per_hour=usual,
        )


def _next(
    connection: Connection,
    plan: SourcePlan,
    taken: sources.Source,
    brought: _Brought,
    error: Exception | None,
    now: datetime,
) -> tuple[datetime, int]:
    """When the source is due again and how many failures in a row it has; marks the account where it is at fault."""
    retry_at = schedule.after_failure(now, taken.attempts + 1, f"{plan.campaign}/{plan.name}")
    if error is None:
        sources.recover(connection, plan.account)
        money = schedule.money_of(
            budget.ceilings(connection, plan.purse, now),
            budget.spent(connection, plan.source_id, now, now).micros,
            brought.counts.micros,
        )
        new_at = brought.new_at or taken.last_new_at
        return schedule.next_due(now, plan.every, last_new_at=new_at, quota=brought.quota, money=money), 0
    if isinstance(error, Stopped):
        return now, taken.attempts
    if isinstance(error, Flood):
        return now + flood.REST, 0
    if isinstance(error, AuthError):
        sources.ail(connection, plan.account, error.message, now)  # the hint is in the source's last error
        return now, taken.attempts + 1
    if isinstance(error, QueryRefused):  # the key is good: other sources of the account go on
        return now + schedule.REFUSED_REST, taken.attempts + 1
    if isinstance(error, RateLimited):
        until = error.until if error.until is not None and error.until > now else retry_at
        sources.rest(connection, plan.account, str(error), until)
        return until, taken.attempts + (until is retry_at)
    if isinstance(error, OutOfBudget):
        until = schedule.end_of_rest(now, error.until)
        if not isinstance(error, CeilingReached):  # the network's own purse: it holds for all sources of the account
            sources.ail(connection, plan.account, str(error), now, until)
        return until, 0
    return retry_at, taken.attempts + 1


def _report(plan: SourcePlan, brought: _Brought, error: Exception | None) -> RunReport:
    counts = brought.counts
    return RunReport(
        plan.campaign,
        plan.platform,
        plan.name,
        new=counts.new,
        updated=counts.updated,
        seen=counts.seen,
        refused=counts.refused,
        gaps=counts.gaps,
        requests=counts.requests,
        micros=counts.micros,
        error=_sentence(error or brought.lacks),
        flood=isinstance(error, Flood),
        handed_over=brought.handed_over,
    )


def _sentence(error: Exception | None) -> str | None:
    if error is None or isinstance(error, Stopped):
        return None
    if isinstance(error, Flood):
        return (
            "Far more posts than usual came within an hour: the source rests and nothing is published unseen. "
            "Look at them, then release the brake."
        )
    if isinstance(error, CollectorError | ConfigError | LeaseLost):
        return str(error)
    return f"the run broke off: {type(error).__name__}"
