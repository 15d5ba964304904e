"""One post that a person named: looked up once with its source's keys and purse, or taken in from what is held of it.
All the rules of admission hold; a source's own turn, its windows and its failures are left as they were."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..core.clock import Clock
from ..core.errors import CollectorError, Gone, RateLimited, StoreError, Temporary
from ..core.records import PostRef
from ..storage import membership, runs, sources
from ..storage.runs import Counts
from ..storage.store import Connection, Store
from . import page, walks
from .admission import Admitted, Forgotten, Refused, is_one_of
from .contract import Cost, Cursor, Lookup, MissingReason, Page, Platform, Raw, Target
from .holder import holder_name, shown
from .page import Decide, Kept, Read
from .plan import SourcePlan
from .session import Session, Turn, opened

LEASE = timedelta(minutes=2)
PATIENCE = 20  # times that a source which is being asked is waited for,
PAUSE = 0.5  # so many seconds each

# Called in the transaction that made the post part of the campaign, with its id.
Settle = Callable[[Connection, int, datetime], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The post that was named, part of the campaign now; else why it is not: what admission says (private, wish,
    forgotten, optout, repost), "bad" for one that cannot be read, or a MissingReason."""

    post_id: int | None = None
    why_not: str = str(MissingReason.UNREACHABLE)


def look_up(
    plan: SourcePlan,
    platform: Platform,
    store: Store,
    clock: Clock,
    ref: PostRef,
    url: str,
    *,
    decide: Decide,
    settle: Settle,
    forgotten: Callable[[Connection], Forgotten],
    wait: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Asks the source's network for the post that `url` names (`ref`: Platform.locate) and stores it in one
    transaction, together with what it cost.

    Raises CollectorError (Temporary also while the source is being asked by somebody else or rests), ConfigError,
    StoreError; then nothing is stored.
    """
    plan = named(plan, platform, ref, url)
    holder = holder_name()
    taken, run_id = _take(plan, platform, store, clock, holder, wait)
    outcome = Outcome()

    def in_page(connection: Connection, turn: Turn) -> None:
        nonlocal outcome
        outcome = _settled(connection, plan, turn.read, turn.kept, settle, turn.now, outcome)

    session: Session | None = None
    error: Exception | None = None
    try:
        with opened(
            plan, platform, store, clock, decide,
            forgotten=forgotten, holder=holder, run_id=run_id, stopped=lambda: False, wait=wait, lease=LEASE,
        ) as session, suppress(Gone):  # fmt: skip
            outcome = Outcome(None, str(MissingReason.DELETED))
            session.walk(Lookup((Target(ref, url=url),), resolve=True), walks.Leg("", Cursor()), in_page=in_page)
    except Exception as caught:
        error = caught
    counts = session.counts if session is not None else Counts()
    if isinstance(error, CollectorError) and outcome.post_id is not None:  # the post came, its newest version did not
        error = None
    if error is None:
        _give_back(plan, store, clock, holder, run_id, taken, counts, None)
        return outcome
    with suppress(StoreError):  # the store may be what failed: then its first complaint is the one to hear
        _give_back(plan, store, clock, holder, run_id, taken, counts, error)
    raise error


def take_in(
    connection: Connection,
    plan: SourcePlan,
    platform: Platform,
    raw: Raw,
    ref: PostRef,
    url: str,
    *,
    decide: Decide,
    settle: Settle,
    forgotten: Forgotten,
    now: datetime,
) -> Outcome:
    """Makes a post that is held already part of the campaign, from what was received of it; asks nobody. Inside a
    writing transaction."""
    plan = named(plan, platform, ref, url)
    read = page.read(Page((raw,), None, cost=Cost(0, 0)), platform)
    query = Lookup((Target(ref, url=url),))
    kept = page.keep(connection, plan, platform, read, query, forgotten=forgotten, decide=decide, now=now)
    return _settled(connection, plan, read, kept, settle, now, Outcome())


def named(plan: SourcePlan, platform: Platform, ref: PostRef, url: str) -> SourcePlan:
    """The plan, for which this post belongs because a person named it: by its id or, as some networks show it, by its
    address."""
    return replace(plan, by_hand=frozenset({ref, PostRef(ref.origin, url)}))


def _settled(
    connection: Connection,
    plan: SourcePlan,
    read: Read,
    kept: Kept,
    settle: Settle,
    now: datetime,
    before: Outcome,
) -> Outcome:
    """What a page came to; `before`: what the pages before it did."""
    verdict = next((one for one in kept.verdicts if is_one_of(one.sighting, plan.by_hand)), None)
    if isinstance(verdict, Admitted):
        ref = verdict.sighting.seen_as
        post_id = membership.known(connection, plan.campaign_id, [ref])[ref].post_id
        settle(connection, post_id, now)
        return Outcome(post_id)
    if before.post_id is not None:
        return before
    if isinstance(verdict, Refused):
        return Outcome(None, verdict.reason)
    if read.page.missing:
        return Outcome(None, str(read.page.missing[0].reason))
    if read.bad:
        return Outcome(None, "bad")
    return Outcome(None, "repost") if read.items else before


def _take(
    plan: SourcePlan, platform: Platform, store: Store, clock: Clock, holder: str, wait: Callable[[float], None]
) -> tuple[sources.Source, int]:
    """The source's lease, soon: whoever asks it may be done in a moment. Raises Temporary."""
    patience = PATIENCE
    while True:
        now = clock.now()
        with store.writing() as connection:
            taken = sources.take(connection, plan.source_id, holder, now, now + LEASE, when_due=False)
            if not isinstance(taken, sources.NotTaken):
                return taken, runs.begin(connection, plan.source_id, now)
        if not taken.busy or not patience:
            reason = shown(taken.reason).rstrip(".")
            raise Temporary(f"{platform.title} ({plan.name}) cannot be asked now: {reason}", "Try again later.")
        patience -= 1
        wait(PAUSE)


def _give_back(
    plan: SourcePlan,
    store: Store,
    clock: Clock,
    holder: str,
    run_id: int,
    taken: sources.Source,
    counts: Counts,
    error: Exception | None,
) -> None:
    """Ends the run and leaves the source as it was found: when it is due is no matter of this."""
    now = clock.now()
    with store.writing() as connection:
        sentence = str(error) if isinstance(error, CollectorError) else error and "the look-up broke off"
        runs.end(connection, run_id, counts, sentence or None, now)
        if isinstance(error, RateLimited) and error.until is not None and error.until > now:
            sources.rest(connection, plan.account, str(error), error.until)
        sources.release(
            connection,
            plan.source_id,
            holder,
            due_at=taken.due_at,
            attempts=taken.attempts,
            error=taken.last_error,
            ok_at=None,
            new_at=None,
        )
