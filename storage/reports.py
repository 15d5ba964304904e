"""What readers report: kept until somebody closed it, and what names anybody no longer than is needed after that.

A report is closed at most once: `close` says whether it was this caller who did it. What is done is added to
report_act, which never loses a row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, true, update

from .batches import chunks
from .review_tables import report, report_act
from .store import next_ids
from .tables import campaign_post, post, thread, thread_alias


class Kind(StrEnum):
    """What is asked for (the first two), or what is wrong with the post."""

    POST = "post"  # its author withdraws it
    ACCOUNT = "account"  # somebody withdraws everything of theirs
    ILLEGAL = "illegal"
    HURTFUL = "hurtful"
    PRIVATE = "private"  # it tells what is nobody's business
    COPYRIGHT = "copyright"
    OTHER = "other"


TO_WITHDRAW = (Kind.POST, Kind.ACCOUNT)


class Outcome(StrEnum):
    """How a report was closed."""

    WITHDRAWN = "withdrawn"  # the post, or all of the account, for ever
    REJECTED = "rejected"  # the post left the site
    BLOCKED = "blocked"  # its author's posts left the site, and later ones are rejected
    NOT_COLLECTED = "not_collected"  # nothing was held; the account is not collected
    DISMISSED = "dismissed"  # nothing was done


PLACED, REOPENED = "placed", "reopened"  # acts that close nothing: the post was found by hand; it is open again


@dataclass(frozen=True, slots=True)
class Report:
    """`target`, `words` and `contact` as the reader wrote them; None where there is nothing, or no more. `stroke`: the
    decision by which it was closed."""

    id: int
    at: datetime
    kind: Kind
    language: str
    target: str | None
    words: str | None
    contact: str | None
    campaign_id: int | None
    post_id: int | None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    stroke: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what about a report."""

    at: datetime
    by: str
    act: str
    words: str | None


class Waiting(NamedTuple):
    """How many reports are open, and since when the oldest."""

    number: int
    oldest_at: datetime | None


NOTHING_WAITS = Waiting(0, None)

_REPORT = [report.c[name] for name in Report.__dataclass_fields__]


def _read(row: tuple[object, ...]) -> Report:
    found = Report(*row)  # type: ignore[arg-type]
    outcome = Outcome(found.outcome) if found.outcome else None
    return Report(*row[:2], Kind(found.kind), *row[3:10], outcome, found.stroke)  # type: ignore[arg-type]


def add(
    connection: Connection,
    kind: Kind,
    now: datetime,
    *,
    language: str,
    target: str,
    words: str | None = None,
    contact: str | None = None,
    campaign_id: int | None = None,
    post_id: int | None = None,
) -> int:
    """A new report; its number. The very same one that is open already is not kept twice."""
    c = report.c
    same = select(c.id).where(
        c.closed_at.is_(None),
        c.kind == kind,
        c.target == target,
        c.words.is_not_distinct_from(words),
        c.contact.is_not_distinct_from(contact),
    )
    known = connection.execute(same).scalar()
    if known is not None:
        return known
    number = next_ids(connection, report, 1)[0]
    connection.execute(
        insert(report).values(
            id=number,
            at=now,
            kind=kind.value,
            language=language,
            target=target,
            words=words,
            contact=contact,
            campaign_id=campaign_id,
            post_id=post_id,
        )
    )
    return number


def waiting(connection: Connection, campaign_id: int | None = None) -> Waiting:
    """The open ones: all, or the campaign's and those of which nobody knows yet whose they are."""
    query = select(func.count(), func.min(report.c.at)).where(report.c.closed_at.is_(None), _of(campaign_id))
    number, oldest = connection.execute(query).one()
    return Waiting(number, oldest)


def some(
    connection: Connection, campaign_id: int, *, closed: bool, limit: int, before: int | None = None
) -> list[Report]:
    """The campaign's, and those of which nobody knows yet whose they are: open ones, the oldest first; or closed ones,
    the newest first, those with numbers below `before`."""
    query = select(*_REPORT).where(_of(campaign_id)).limit(limit)
    if closed:
        query = query.where(report.c.closed_at.is_not(None)).order_by(report.c.id.desc())
        query = query if before is None else query.where(report.c.id < before)
    else:
        query = query.where(report.c.closed_at.is_(None)).order_by(report.c.at, report.c.id)
    return [_read(tuple(row)) for row in connection.execute(query)]


def one(connection: Connection, campaign_id: int, number: int) -> Report | None:
    """The report with this number, where it is the campaign's or nobody knows yet whose it is."""
    row = connection.execute(select(*_REPORT).where(report.c.id == number, _of(campaign_id))).first()
    return None if row is None else _read(tuple(row))


def _of(campaign_id: int | None) -> ColumnElement[bool]:
    if campaign_id is None:
        return true()
    return or_(report.c.campaign_id == campaign_id, report.c.campaign_id.is_(None))


def acts(connection: Connection, number: int) -> list[Act]:
    """What was done about it, the oldest first."""
    c = report_act.c
    query = select(c.at, c.by, c.act, c.words).where(c.report_id == number).order_by(c.id)
    return [Act(*row) for row in connection.execute(query)]


# --- doing -----------------------------------------------------------------------------------------------------------


def close(
    connection: Connection,
    number: int,
    campaign_id: int,
    outcome: Outcome,
    by: str,
    now: datetime,
    *,
    words: str | None = None,
    stroke: int | None = None,
) -> bool:
    """Closes an open report, which is the campaign's from then on. False when somebody else was quicker: then nothing
    is changed."""
    done = connection.execute(
        update(report)
        .where(report.c.id == number, report.c.closed_at.is_(None))
        .values(
            closed_at=now,
            outcome=outcome.value,
            stroke=stroke,
            campaign_id=func.coalesce(report.c.campaign_id, campaign_id),
        )
    )
    if done.rowcount != 1:
        return False
    _note(connection, number, outcome.value, by, now, words)
    return True


def reopen(connection: Connection, number: int, by: str, now: datetime) -> bool:
    """A closed report is open again. False when it was open."""
    done = connection.execute(
        update(report)
        .where(report.c.id == number, report.c.closed_at.is_not(None))
        .values(closed_at=None, outcome=None, stroke=None)
    )
    if done.rowcount != 1:
        return False
    _note(connection, number, REOPENED, by, now, None)
    return True


def place(connection: Connection, number: int, campaign_id: int, post_id: int, by: str, now: datetime) -> None:
    """It is about this post."""
    connection.execute(update(report).where(report.c.id == number).values(campaign_id=campaign_id, post_id=post_id))
    _note(connection, number, PLACED, by, now, None)


def _note(connection: Connection, number: int, act: str, by: str, now: datetime, words: str | None) -> None:
    (act_id,) = next_ids(connection, report_act, 1)
    connection.execute(insert(report_act).values(id=act_id, report_id=number, at=now, by=by, act=act, words=words))


# --- forgetting ------------------------------------------------------------------------------------------------------


def forget_words(connection: Connection, number: int) -> None:
    """What it is about and what was said goes; the wish for an answer stays until the report is cleaned."""
    connection.execute(update(report).where(report.c.id == number).values(target=None, words=None))
    connection.execute(update(report_act).where(report_act.c.report_id == number).values(words=None))


def scrub(connection: Connection, post_ids: Collection[int], hide: Callable[[str], str]) -> None:
    """For a withdrawal: of reports on these posts, what they are about and what was said goes; in all others `hide`
    makes a withdrawn person's name unreadable."""
    for part in chunks(post_ids):
        for number in connection.execute(select(report.c.id).where(report.c.post_id.in_(part))).scalars().all():
            forget_words(connection, number)
    for table, names in ((report, ("target", "words")), (report_act, ("words",))):
        for name in names:
            column = table.c[name]
            for id_, said in connection.execute(select(table.c.id, column).where(column.is_not(None))).all():
                hidden = hide(said)
                if hidden != said:
                    connection.execute(update(table).where(table.c.id == id_).values({name: hidden}))


def to_clean(connection: Connection, closed_before: datetime) -> list[int]:
    """The reports that were closed before and still hold what readers wrote."""
    c = report.c
    written = or_(c.target.is_not(None), c.words.is_not(None), c.contact.is_not(None))
    return list(connection.execute(select(c.id).where(c.closed_at < closed_before, written)).scalars())


def clean(connection: Connection, numbers: Collection[int]) -> None:
    """Takes what readers wrote out of these reports."""
    for part in chunks(numbers):
        connection.execute(update(report).where(report.c.id.in_(part)).values(target=None, words=None, contact=None))


# --- what a report is about ------------------------------------------------------------------------------------------


def thread_posts(connection: Connection, campaign_id: int, address: str) -> list[tuple[int, str, str]]:
    """(number, origin, native id) of the posts of the thread with this address, or one it had before, that are in the
    campaign; its first post first."""
    former = select(thread_alias.c.thread_id).where(thread_alias.c.address == address)
    of = or_(thread.c.address == address, thread.c.published_as == address, thread.c.id.in_(former))
    rows = connection.execute(
        select(post.c.id, post.c.origin, post.c.native_id)
        .select_from(
            thread.join(post, post.c.thread_id == thread.c.id).join(campaign_post, campaign_post.c.post_id == post.c.id)
        )
        .where(of, campaign_post.c.campaign_id == campaign_id, post.c.held.is_(True))
        .order_by(post.c.published_at, post.c.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]
