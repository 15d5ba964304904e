"""Numbers over time: how long the queue was, how much people decided and how soon, what each rule did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    distinct,
    exists,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)

from ..core.decisions import NOT_PEOPLE, WAITING, Status, Verdict
from .batches import add, read
from .review_tables import queue_sample
from .tables import campaign, campaign_post, decision

HOUR = 3_600_000_000  # microseconds
SKEW = timedelta(hours=1)  # by how much the clocks of processes that decide may differ
_FINAL = (Verdict.APPROVE, Verdict.REJECT)


@dataclass(frozen=True, slots=True)
class Sample:
    """The queue at a full hour. `oldest_at`: since when the longest waiting post waited; None: none did."""

    at: datetime
    pending: int
    held: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What one rule, standing or policy did with one verdict: on how many posts, and what people made of these."""

    rule: str
    verdict: Verdict
    posts: int
    approved: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Hourly:
    """What people decided in the hour that began at `at`."""

    at: datetime
    approved: int
    rejected: int
    held: int

    @property
    def decided(self) -> int:
        return self.approved + self.rejected + self.held


# --- how long the queue was ------------------------------------------------------------------------------------------


def sample(connection: Connection, now: datetime) -> bool:
    """Notes how long every campaign's queue is, once in an hour however often it is called; inside `writing`. Whether
    anything was noted."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    if not due(connection, hour):
        return False
    waits = campaign_post.c.status.in_([status.value for status in WAITING])
    rows = connection.execute(
        select(
            campaign.c.id,
            func.sum(case((waits, 1), else_=0)).label("pending"),
            func.sum(case((campaign_post.c.status == Status.HELD.value, 1), else_=0)).label("held"),
            func.min(case((waits, campaign_post.c.added_at))).label("oldest_at"),
        )
        .outerjoin(
            campaign_post,
            and_(
                campaign_post.c.campaign_id == campaign.c.id,
                campaign_post.c.status.in_([*(status.value for status in WAITING), Status.HELD.value]),
            ),
        )
        .where(~exists().where(queue_sample.c.campaign_id == campaign.c.id, queue_sample.c.at == hour))
        .group_by(campaign.c.id)
    ).all()
    noted = [
        {"campaign_id": row.id, "at": hour, "pending": row.pending, "held": row.held, "oldest_at": row.oldest_at}
        for row in rows
    ]
    add(connection, queue_sample, noted)
    return bool(noted)


def due(connection: Connection, now: datetime) -> bool:
    """Whether some campaign has no sample of this hour yet: to be asked before anything is written."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    there = exists().where(queue_sample.c.campaign_id == campaign.c.id, queue_sample.c.at == hour)
    return connection.execute(select(campaign.c.id).where(~there).limit(1)).first() is not None


def samples(connection: Connection, campaign_id: int, since: datetime) -> list[Sample]:
    """The oldest first."""
    rows = connection.execute(
        select(queue_sample.c.at, queue_sample.c.pending, queue_sample.c.held, queue_sample.c.oldest_at)
        .where(queue_sample.c.campaign_id == campaign_id, queue_sample.c.at >= since)
        .order_by(queue_sample.c.at)
    )
    return [Sample(*row) for row in rows]


# --- what was decided ------------------------------------------------------------------------------------------------


def first_since(connection: Connection, moment: datetime) -> int:
    """A number from which on all decisions since `moment` are found. Numbers ascend with the time of deciding, so that
    halving finds it: an index by time would cost every post that comes in."""
    return read(connection, _FIRST_SINCE, since=moment - SKEW)[0][0]


def last_until(connection: Connection, moment: datetime) -> int:
    """The number up to which every decision was made by then."""
    newest = select(func.coalesce(func.max(decision.c.id), 0))
    after = select(func.min(decision.c.id)).where(
        decision.c.id >= first_since(connection, moment), decision.c.at > moment
    )
    later = connection.execute(after).scalar()
    return later - 1 if later is not None else connection.execute(newest).scalar_one()


def rule_counts(connection: Connection, campaign_id: int, since: datetime) -> list[RuleCount]:
    """What rules, standings and policy decided since then, by their name and verdict."""
    rows = read(connection, _RULE_COUNTS, campaign=campaign_id, first=first_since(connection, since), since=since)
    return [RuleCount(rule, Verdict(verdict), *counts) for rule, verdict, *counts in rows]


def decided_by_hour(connection: Connection, campaign_id: int, since: datetime) -> list[Hourly]:
    """What people approved, rejected and held in each hour in which they did, the oldest first."""
    rows = read(connection, _BY_HOUR, campaign=campaign_id, since=since)
    return [Hourly(datetime.fromtimestamp(hour * 3600, since.tzinfo), *counts) for hour, *counts in rows]


def waited(connection: Connection, campaign_id: int, since: datetime) -> list[tuple[datetime, timedelta]]:
    """Of each post that a person approved or rejected for the first time since then: when, and how long it had been in
    the campaign; the earliest first."""
    rows = read(connection, _WAITED, campaign=campaign_id, since=since)
    return [(at, max(at - added_at, timedelta(0))) for at, added_at in rows]


def _numbers_since() -> Select[Any]:
    number = decision.c.id
    start = select(
        cast(literal(0), BigInteger).label("low"),
        (func.coalesce(func.max(number), 0) + 1).cast(BigInteger).label("high"),
    )
    span = start.cte("span", recursive=True)
    middle = (span.c.low + span.c.high) // 2
    then = select(decision.c.at).where(number >= middle).order_by(number).limit(1).scalar_subquery()
    earlier = then < bindparam("since")
    halves = select(case((earlier, middle + 1), else_=span.c.low), case((earlier, span.c.high), else_=middle))
    span = span.union_all(halves.where(span.c.low < span.c.high))
    return select(span.c.low).where(span.c.low == span.c.high)


def _of_campaign() -> ColumnElement[bool]:
    """Not by the index that begins with the campaign: without statistics SQLite would take that one, and read all."""
    return decision.c.campaign_id + 0 == bindparam("campaign", type_=Integer)


def _written(*values: str) -> list[ColumnElement[str]]:
    """In the statement itself: SQLite uses a partial index only where it reads its very condition."""
    return [literal_column(f"'{value}'") for value in values]


def _by_people(column: ColumnElement[str]) -> ColumnElement[bool]:
    return column.not_in(_written(*sorted(NOT_PEOPLE)))


def _number_of(*verdicts: Verdict) -> ColumnElement[int]:
    return func.sum(case((decision.c.verdict.in_(_written(*verdicts)), 1), else_=0))


_stands, _earlier = decision.alias("stands"), decision.alias("earlier")


def _posts_now(status: Status) -> ColumnElement[int]:
    now = and_(campaign_post.c.status.in_(_written(status)), _by_people(_stands.c.by))
    return func.count(distinct(case((now, decision.c.post_id))))


_FIRST_SINCE = _numbers_since()
_RULE_COUNTS = (
    select(
        decision.c.rule,
        decision.c.verdict,
        func.count(distinct(decision.c.post_id)),
        _posts_now(Status.APPROVED),
        _posts_now(Status.REJECTED),
    )
    .join(
        campaign_post,
        and_(campaign_post.c.campaign_id == decision.c.campaign_id, campaign_post.c.post_id == decision.c.post_id),
    )
    .outerjoin(_stands, _stands.c.id == campaign_post.c.decision_id)
    .where(
        decision.c.id >= bindparam("first"),
        decision.c.at >= bindparam("since"),
        _of_campaign(),
        decision.c.rule.is_not(None),
    )
    .group_by(decision.c.rule, decision.c.verdict)
    .order_by(decision.c.rule, decision.c.verdict)
)
_hour = type_coerce(decision.c.at, BigInteger) // HOUR
_BY_HOUR = (
    select(_hour, _number_of(Verdict.APPROVE), _number_of(Verdict.REJECT), _number_of(Verdict.HOLD))
    .where(
        _of_campaign(),
        _by_people(decision.c.by),
        decision.c.at >= bindparam("since"),
        decision.c.verdict.in_(_written(*_FINAL, Verdict.HOLD)),
    )
    .group_by(_hour)
    .order_by(_hour)
)
_final = _written(*_FINAL)
_WAITED = (
    select(decision.c.at, campaign_post.c.added_at)
    .join(
        campaign_post,
        and_(campaign_post.c.campaign_id == decision.c.campaign_id, campaign_post.c.post_id == decision.c.post_id),
    )
    .where(
        _of_campaign(),
        _by_people(decision.c.by),
        decision.c.at >= bindparam("since"),
        decision.c.verdict.in_(_final),
        ~exists().where(
            _earlier.c.campaign_id == decision.c.campaign_id,
            _earlier.c.post_id == decision.c.post_id,
            _earlier.c.id < decision.c.id,
            _by_people(_earlier.c.by),
            _earlier.c.verdict.in_(_final),
        ),
    )
    .order_by(decision.c.at, decision.c.id)
)
