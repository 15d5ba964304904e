"""The purse's book: what was set aside and what was spent, by account and source, UTC day and month.

A call is reserved for (a row of its own) before it is made and settled in its page's transaction: the row is then
added to the day's settled row. A reservation whose process died keeps counting as spent until the network's own
count settles it (`reconcile`) or the month ends.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, and_, delete, func, insert, literal, select, true, update

from .store import next_ids
from .tables import budget_entry as entry
from .types import Id, Moment


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings; None is none. Money in millionths of a dollar; days and months are UTC."""

    micros_per_day: int | None = None
    micros_per_month: int | None = None
    requests_per_day: int | None = None
    requests_per_month: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Purse:
    """Whose money: the account's ceilings hold for all its sources together, the source's for it alone. Of each,
    looking again at held posts may take `recheck_share`."""

    account: str
    source_id: int
    account_limits: Limits = NO_LIMITS
    source_limits: Limits = NO_LIMITS
    recheck_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One ceiling and where it stands. `left` may be negative when a network charged more than its worst case.
    `for_rechecks`: not a ceiling as a whole, but what looking again may take of it."""

    whose: str  # account | source
    unit: str  # micros | requests
    period: str  # day | month
    limit: int
    spent: int
    ends_at: datetime
    for_rechecks: bool = False

    @property
    def left(self) -> int:
        return self.limit - self.spent


@dataclass(frozen=True, slots=True)
class Spent:
    requests: int
    micros: int


def day_of(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def day_end(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def month_start(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_end(at: datetime) -> datetime:
    return (month_start(at) + timedelta(days=32)).replace(day=1)


def ceilings(connection: Connection, purse: Purse, at: datetime, *, recheck: bool = False) -> list[Ceiling]:
    """All ceilings that apply now, to a call that looks again also its share of each; reserved and spent counted
    alike."""
    found: list[Ceiling] = []
    for one in _limits(purse, recheck):
        spent = connection.execute(select(_total(purse, one, at))).scalar_one()
        ends_at = day_end(at) if one.period == "day" else month_end(at)
        found.append(Ceiling(one.whose, one.unit, one.period, one.limit, int(spent), ends_at, one.for_rechecks))
    return found


def reserve(
    connection: Connection,
    purse: Purse,
    requests: int,
    micros: int,
    by: str,
    at: datetime,
    *,
    recheck: bool = False,
) -> int | None:
    """Sets the worst case of one call aside, if no ceiling is passed by it: the row's id, or None when refused.
    One conditional INSERT: whatever others do meanwhile, what is spent and reserved stays under every ceiling."""
    entry_id = next_ids(connection, entry, 1)[0]
    worst = {"requests": requests, "micros": micros}
    fits = [
        _total(purse, one, at) + literal(worst[one.unit], Id) <= literal(one.limit, Id)
        for one in _limits(purse, recheck)
    ]
    row = select(
        literal(entry_id, Id),
        literal(purse.account),
        literal(purse.source_id, Id),
        literal(day_of(at)),
        literal(requests, Integer),
        literal(micros, Id),
        literal("reserved"),
        literal(by),
        literal(at, Moment),
        literal(recheck),
    ).where(and_(true(), *fits))
    columns = ["id", "account", "source_id", "day", "requests", "micros", "state", "by", "at", "recheck"]
    return connection.execute(insert(entry).from_select(columns, row).returning(entry.c.id)).scalar()


def settle(connection: Connection, entry_id: int, requests: int, micros: int, by: str) -> bool:
    """Replaces the worst case by what the call really cost, on the day it was reserved. False when the reservation is
    no longer there."""
    found = connection.execute(
        select(entry.c.account, entry.c.source_id, entry.c.day, entry.c.at, entry.c.recheck).where(_own(entry_id, by))
    ).first()
    if found is None:
        return False
    connection.execute(delete(entry).where(entry.c.id == entry_id))
    account, source_id, day, at, recheck = found
    same_day = and_(
        entry.c.account == account,
        entry.c.source_id == source_id,
        entry.c.day == day,
        entry.c.state == "settled",
        entry.c.recheck == recheck,
    )
    more = {"requests": entry.c.requests + requests, "micros": entry.c.micros + micros}
    if connection.execute(update(entry).where(same_day).values(more)).rowcount == 0:
        connection.execute(
            insert(entry).values(
                id=next_ids(connection, entry, 1)[0],
                account=account,
                source_id=source_id,
                day=day,
                requests=requests,
                micros=micros,
                state="settled",
                by=by,
                at=at,
                recheck=recheck,
            )
        )
    return True


def release(connection: Connection, entry_id: int, by: str) -> None:
    """The call was surely not charged."""
    connection.execute(delete(entry).where(_own(entry_id, by)))


def orphans(connection: Connection, account: str, live: Collection[str]) -> list[tuple[int, str, Spent]]:
    """Reservations of processes that no longer work: (id, day, worst case)."""
    rows = connection.execute(
        select(entry.c.id, entry.c.day, entry.c.requests, entry.c.micros)
        .where(entry.c.account == account, entry.c.state == "reserved", entry.c.by.not_in(list(live)))
        .order_by(entry.c.id)
    )
    return [(row.id, row.day, Spent(row.requests, row.micros)) for row in rows]


def reconcile(connection: Connection, account: str, day: str, counted_micros: int, live: Collection[str]) -> int:
    """The network says it counted `counted_micros` on `day` for this account: what of it is not settled yet is what
    the orphans cost, the rest of them is free again. Returns the millionths given back; never raises what counts as
    spent."""
    settled = connection.execute(
        select(func.coalesce(func.sum(entry.c.micros), 0)).where(
            entry.c.account == account, entry.c.day == day, entry.c.state == "settled"
        )
    ).scalar_one()
    unexplained = max(0, counted_micros - int(settled))
    given_back = 0
    for entry_id, orphan_day, worst in orphans(connection, account, live):
        if orphan_day != day:
            continue
        charged = min(worst.micros, unexplained)
        unexplained -= charged
        given_back += worst.micros - charged
        by = connection.execute(select(entry.c.by).where(entry.c.id == entry_id)).scalar_one()
        settle(connection, entry_id, worst.requests, charged, by)
    return given_back


def spent(connection: Connection, source_id: int, since: datetime, until: datetime) -> Spent:
    """What one source cost between two UTC days, both included, reservations counted at their worst."""
    requests, micros = connection.execute(
        select(func.coalesce(func.sum(entry.c.requests), 0), func.coalesce(func.sum(entry.c.micros), 0)).where(
            entry.c.source_id == source_id, entry.c.day >= day_of(since), entry.c.day <= day_of(until)
        )
    ).one()
    return Spent(int(requests), int(micros))


def _own(entry_id: int, by: str) -> ColumnElement[bool]:
    return and_(entry.c.id == entry_id, entry.c.by == by, entry.c.state == "reserved")


class _Limit(NamedTuple):
    whose: str
    unit: str
    period: str
    limit: int
    for_rechecks: bool = False


def _limits(purse: Purse, recheck: bool) -> list[_Limit]:
    found: list[_Limit] = []
    for whose, limits in (("account", purse.account_limits), ("source", purse.source_limits)):
        for unit, period, limit in (
            ("micros", "day", limits.micros_per_day),
            ("micros", "month", limits.micros_per_month),
            ("requests", "day", limits.requests_per_day),
            ("requests", "month", limits.requests_per_month),
        ):
            if limit is not None:
                found.append(_Limit(whose, unit, period, limit))
    if recheck:
        found += [one._replace(limit=int(one.limit * purse.recheck_share), for_rechecks=True) for one in found]
    return found


def _total(purse: Purse, of: _Limit, at: datetime) -> ColumnElement[int]:
    day = day_of(at)
    where = [
        entry.c.account == purse.account if of.whose == "account" else entry.c.source_id == purse.source_id,
        entry.c.day == day if of.period == "day" else entry.c.day.between(day[:8] + "01", day[:8] + "31"),
    ]
    if of.for_rechecks:
        where.append(entry.c.recheck)
    return select(func.coalesce(func.sum(entry.c[of.unit]), 0)).where(*where).scalar_subquery()
