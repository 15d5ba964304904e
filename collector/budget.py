"""The purse an adapter sees (contract.Meter), kept in the store: reserved before each call, settled with its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta

from ..core.clock import Clock
from ..core.errors import OutOfBudget
from ..storage import budget, sources
from ..storage.budget import Ceiling, Purse
from ..storage.store import Connection, Store
from .contract import Cost, Usage

_UNITS = {"micros": "money", "requests": "requests"}


class CeilingReached(OutOfBudget):
    """One of our own ceilings (not the network's) would be passed by the next call. No call was made."""


class ShareReached(CeilingReached):
    """What looking again at held posts may take of a ceiling is used; the rest is for what is new."""


class SourceMeter:
    """One run's purse. Every reservation is a transaction of its own, which also keeps the source's lease: who lost
    the lease cannot pay."""

    def __init__(self, store: Store, clock: Clock, purse: Purse, holder: str, lease: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._purse = purse
        self._holder = holder
        self._lease = lease
        self._reserved: list[int] = []
        self._recheck = False

    @contextmanager
    def looking_again(self) -> Iterator[None]:
        """What is asked within is paid from the share of re-checks; ShareReached is raised where that is used up."""
        self._recheck = True
        try:
            yield
        finally:
            self._recheck = False

    def page_size(self, unit_micros: int, least: int, most: int) -> int:
        """As contract.Meter. Raises CeilingReached."""
        with self._store.reading() as connection:
            limits = budget.ceilings(connection, self._purse, self._clock.now(), recheck=self._recheck)
        size = most
        for one in limits:
            if one.left < (1 if one.unit == "requests" else unit_micros * least):
                raise _reached(one)
            if one.unit == "micros" and unit_micros > 0:
                size = min(size, one.left // unit_micros)
        return max(least, size)

    def reserve(self, worst: Cost) -> None:
        """As contract.Meter. Raises CeilingReached, LeaseLost."""
        now = self._clock.now()
        with self._store.writing() as connection:
            sources.renew(connection, self._purse.source_id, self._holder, now + self._lease)
            entry = budget.reserve(
                connection, self._purse, worst.requests, worst.micros, self._holder, now, recheck=self._recheck
            )
            limits = budget.ceilings(connection, self._purse, now, recheck=self._recheck) if entry is None else []
        if entry is None:
            raise _reached(
                min(limits, key=lambda one: one.left - (worst.micros if one.unit == "micros" else worst.requests))
            )
        self._reserved.append(entry)

    def release(self) -> None:
        """As contract.Meter: gives the newest reservation back."""
        if self._reserved:
            with self._store.writing() as connection:
                budget.release(connection, self._reserved[-1], self._holder)
            self._reserved.pop()

    def settle(self, connection: Connection, cost: Cost) -> None:
        """Inside the page's transaction: everything reserved since the last page really cost `cost`."""
        for position, entry in enumerate(self._reserved):
            requests, micros = (cost.requests, cost.micros) if position == 0 else (0, 0)
            budget.settle(connection, entry, requests, micros, self._holder)

    def settled(self) -> None:
        """The page's transaction is committed."""
        self._reserved.clear()


def reconcile(store: Store, clock: Clock, account: str, usage: Usage) -> Mapping[date, int]:
    """Frees what crashed runs had set aside and the network did not count. `usage` is the network's own answer
    (Platform.usage). Returns the millionths given back, by day.
    Today is left alone: the network counts late."""
    today = clock.now().date()
    given_back: dict[date, int] = {}
    with store.writing() as connection:
        live = sources.live_holders(connection, clock.now())
        for day, posts in usage.by_day.items():
            if day < today:
                amount = budget.reconcile(connection, account, day.isoformat(), posts * usage.micros_each, live)
                if amount:
                    given_back[day] = amount
    return given_back


def _reached(ceiling: Ceiling) -> CeilingReached:
    return (ShareReached if ceiling.for_rechecks else CeilingReached)(
        f"the {ceiling.whose}'s {_UNITS[ceiling.unit]} for this {ceiling.period} would be exceeded by one more call",
        f"It goes on when the {ceiling.period} ends (UTC), or raise `budget:`.",
        until=ceiling.ends_at,
    )
