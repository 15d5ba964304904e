"""Sources and accounts: who is due, who works on what (leases), who rests and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from ..core.errors import StoreError
from .tables import account, campaign, conversation, source


class LeaseLost(StoreError):
    """Another process has taken the source over: this one was silent for longer than its lease."""


@dataclass(frozen=True, slots=True)
class Source:
    id: int
    campaign_id: int
    name: str
    platform: str
    account: str
    enabled: bool
    due_at: datetime
    attempts: int
    last_error: str | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    lease_by: str | None
    lease_until: datetime | None
    usual_per_hour: int | None
    campaign: str
    ailing_since: datetime | None
    problem: str | None
    rests_until: datetime | None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why a source was not taken, in words, and until when that holds (None: until a person acts). `busy`: somebody
    asks it at this moment."""

    reason: str
    until: datetime | None = None
    busy: bool = False


_COLUMNS = (
    source.c.id,
    source.c.campaign_id,
    source.c.name,
    source.c.platform,
    source.c.account,
    source.c.enabled,
    source.c.due_at,
    source.c.attempts,
    source.c.last_error,
    source.c.last_ok_at,
    source.c.last_new_at,
    source.c.lease_by,
    source.c.lease_until,
    source.c.usual_per_hour,
    campaign.c.slug.label("campaign"),
    account.c.ailing_since,
    account.c.problem,
    account.c.rests_until,
)
_FROM = source.join(campaign, campaign.c.id == source.c.campaign_id).outerjoin(
    account, account.c.name == source.c.account
)


def every(connection: Connection) -> list[Source]:
    """All sources, by campaign and name."""
    rows = connection.execute(select(*_COLUMNS).select_from(_FROM).order_by(campaign.c.slug, source.c.name))
    return [Source(*row) for row in rows]


def get(connection: Connection, source_id: int) -> Source | None:
    row = connection.execute(select(*_COLUMNS).select_from(_FROM).where(source.c.id == source_id)).first()
    return Source(*row) if row else None


def due(connection: Connection, now: datetime) -> list[int]:
    """Who may be asked now, the longest waiting first."""
    awake = or_(
        account.c.name.is_(None),
        and_(account.c.ailing_since.is_(None), account.c.rests_until.is_(None)),
        account.c.rests_until <= now,
    )
    free = or_(source.c.lease_until.is_(None), source.c.lease_until <= now)
    rows = connection.execute(
        select(source.c.id)
        .select_from(_FROM)
        .where(source.c.enabled, source.c.due_at <= now, free, awake)
        .order_by(source.c.due_at, source.c.id)
    )
    return list(rows.scalars())


def take(
    connection: Connection, source_id: int, holder: str, now: datetime, until: datetime, *, when_due: bool = True
) -> Source | NotTaken:
    """Leases the source to `holder` until `until`, or says why not. `when_due` False takes it also before its time;
    a lease, a switched-off source and a resting account are respected all the same."""
    found = get(connection, source_id)
    if found is None or not found.enabled:
        return NotTaken("it is not in the configuration")
    if found.lease_until is not None and found.lease_until > now:
        return NotTaken(f"it is being asked by {found.lease_by}", found.lease_until, busy=True)
    if found.rests_until is not None and found.rests_until > now:
        return NotTaken(found.problem or "the network asked for a pause", found.rests_until)
    if found.ailing_since is not None and found.rests_until is None:
        return NotTaken(found.problem or "the network refuses the key")
    if when_due and found.due_at > now:
        return NotTaken("it is not due yet", found.due_at)
    connection.execute(update(source).where(source.c.id == source_id).values(lease_by=holder, lease_until=until))
    return found


_RENEW = (
    update(source)
    .where(source.c.id == bindparam("this"), source.c.lease_by == bindparam("holder"))
    .values(lease_until=bindparam("until"))
)


def renew(connection: Connection, source_id: int, holder: str, until: datetime) -> None:
    """Keeps the lease. Part of every reservation and of every page's transaction: who lost it neither pays nor
    stores. Raises LeaseLost."""
    kept = connection.execute(_RENEW, {"this": source_id, "holder": holder, "until": until})
    if kept.rowcount == 0:
        raise LeaseLost(
            "another process took the source over while this one was silent", "Run only one collector per source."
        )


def release(
    connection: Connection,
    source_id: int,
    holder: str,
    *,
    due_at: datetime,
    attempts: int,
    error: str | None,
    ok_at: datetime | None,
    new_at: datetime | None,
    usual_per_hour: int | None = None,
) -> None:
    """Gives the lease back and writes how it went; None leaves `last_ok_at`, `last_new_at` and the usual rate."""
    values: dict[str, object] = {
        "due_at": due_at,
        "attempts": attempts,
        "last_error": error,
        "lease_by": None,
        "lease_until": None,
    }
    if ok_at is not None:
        values["last_ok_at"] = ok_at
    if new_at is not None:
        values["last_new_at"] = new_at
    if usual_per_hour is not None:
        values["usual_per_hour"] = usual_per_hour
    connection.execute(update(source).where(source.c.id == source_id, source.c.lease_by == holder).values(**values))


def live_holders(connection: Connection, now: datetime) -> set[str]:
    """Who holds a lease that has not run out."""
    rows = connection.execute(
        select(source.c.lease_by).where(source.c.lease_by.is_not(None), source.c.lease_until > now)
    )
    return set(rows.scalars())


def free(connection: Connection, holders: Collection[str]) -> None:
    """These are no more: what they were asking may be asked by others."""
    connection.execute(update(source).where(source.c.lease_by.in_(holders)).values(lease_by=None, lease_until=None))


# --- accounts ------------------------------------------------------------------------------------------------------


def ail(connection: Connection, name: str, problem: str, now: datetime, until: datetime | None = None) -> None:
    """The network refuses this account: until `until` (nothing left to spend), or until a person acts (None)."""
    connection.execute(
        update(account).where(account.c.name == name).values(ailing_since=now, problem=problem, rests_until=until)
    )


def rest(connection: Connection, name: str, reason: str, until: datetime) -> None:
    """The network asked this account for a pause."""
    connection.execute(update(account).where(account.c.name == name).values(problem=reason, rests_until=until))


def recover(connection: Connection, name: str) -> None:
    """The account was answered again."""
    connection.execute(
        update(account)
        .where(account.c.name == name, or_(account.c.ailing_since.is_not(None), account.c.rests_until.is_not(None)))
        .values(ailing_since=None, problem=None, rests_until=None)
    )


def retry(connection: Connection, now: datetime, names: Collection[str] | None = None) -> list[str]:
    """A person says: try again. Lets the sources with these names (or "campaign/name"; None: all) be due at once,
    with what they were refused or could not have, and their accounts be asked again. Returns "campaign/name" of
    each."""
    chosen = [
        one
        for one in every(connection)
        if one.enabled and (names is None or one.name in names or f"{one.campaign}/{one.name}" in names)
    ]
    for name in {one.account for one in chosen}:
        recover(connection, name)
    ids = [one.id for one in chosen]
    connection.execute(update(source).where(source.c.id.in_(ids)).values(due_at=now, attempts=0))
    connection.execute(
        update(conversation)
        .where(conversation.c.source_id.in_(ids), conversation.c.attempts > 0, conversation.c.due_at > now)
        .values(due_at=now)
    )
    return [f"{one.campaign}/{one.name}" for one in chosen]
