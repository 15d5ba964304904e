"""The log of decisions to look things up in, and what is known of an author in one campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from ..core.conditions import Stands
from ..core.decisions import WAITING, Decision, Status, Verdict
from .decisions import BY_PEOPLE, LOG, from_row
from .figures import SKEW, first_since
from .tables import author, campaign_post, decision, post, standing


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What of a campaign's log is asked for; None and () ask for all. `people`: whether people decided (False: rules
    and policy); `by` one of them; `author_id` of the post."""

    campaign_id: int
    by: str | None = None
    people: bool | None = None
    verdicts: tuple[Verdict, ...] = ()
    rule: str | None = None
    reason: str | None = None
    post_id: int | None = None
    author_id: int | None = None
    handle: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def of_few_posts(self) -> bool:
        return self.post_id is not None or self.author_id is not None or self.handle is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision with what it was about. `undone_by` is the undo that aims at it (which may be undone itself)."""

    decision: Decision
    handle: str | None
    display_name: str | None
    url: str | None
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class LogPage:
    entries: tuple[Entry, ...]
    before: int | None  # give it back for the next page; None: this was the last


def log(connection: Connection, wanted: LogFilter, *, before: int | None = None, limit: int = 100) -> LogPage:
    """One page of the log, the newest first."""
    query = _ENTRY.where(*_conditions(wanted), *_numbers(connection, wanted)).order_by(decision.c.id.desc())
    if before is not None:
        query = query.where(decision.c.id < before)
    width = len(LOG)
    found = [Entry(from_row(row[:width]), *row[width:]) for row in connection.execute(query.limit(limit + 1)).all()]
    return LogPage(tuple(found[:limit]), found[limit - 1].decision.id if len(found) > limit else None)


def people(connection: Connection, campaign_id: int) -> list[str]:
    """Everybody who ever decided in the campaign."""
    query = select(decision.c.by).where(decision.c.campaign_id + 0 == campaign_id, BY_PEOPLE)
    return sorted(connection.execute(query.distinct()).scalars())


# --- authors ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """An author in one campaign. `since`: when their first post came in; `account_since`: when they joined the network;
    `stands` until `until` (None: without end)."""

    id: int
    handle: str | None
    statuses: dict[Status, int]
    since: datetime | None
    account_since: datetime | None
    stands: Stands | None
    until: datetime | None

    @property
    def posts(self) -> int:
        return sum(self.statuses.values())

    @property
    def approved(self) -> int:
        return self.statuses.get(Status.APPROVED, 0)

    @property
    def rejected(self) -> int:
        return self.statuses.get(Status.REJECTED, 0)

    @property
    def waiting(self) -> int:
        """What is in the queue; held posts are not."""
        return sum(self.statuses.get(status, 0) for status in WAITING)


def author_record(connection: Connection, campaign_id: int, author_id: int, now: datetime) -> AuthorRecord | None:
    """None for an author that is not known."""
    who = connection.execute(
        select(author.c.handle, author.c.created_at, standing.c.stands, standing.c.until)
        .outerjoin(
            standing,
            and_(
                standing.c.author_id == author.c.id,
                standing.c.campaign_id == campaign_id,
                or_(standing.c.until.is_(None), standing.c.until > now),
            ),
        )
        .where(author.c.id == author_id)
    ).first()
    if who is None:
        return None
    statuses: Counter[Status] = Counter()
    since: datetime | None = None
    for stands, number, first in connection.execute(
        select(campaign_post.c.status, func.count(), func.min(campaign_post.c.added_at))
        .join(post, post.c.id == campaign_post.c.post_id)
        .where(post.c.author_id == author_id, campaign_post.c.campaign_id == campaign_id)
        .group_by(campaign_post.c.status)
    ):
        statuses[Status(stands)] = number
        since = first if since is None else min(since, first)
    stands = Stands(who.stands) if who.stands else None
    return AuthorRecord(author_id, who.handle, dict(statuses), since, who.created_at, stands, who.until)


_undo = decision.alias("undo")
_UNDONE_BY = (
    select(func.max(_undo.c.id))
    .where(
        _undo.c.campaign_id == decision.c.campaign_id,
        _undo.c.post_id == decision.c.post_id,
        _undo.c.reverts == decision.c.id,
    )
    .correlate(decision)
    .scalar_subquery()
)
_ENTRY = select(*LOG, author.c.handle, author.c.display_name, post.c.url, _UNDONE_BY).select_from(
    decision.join(post, post.c.id == decision.c.post_id).outerjoin(author, author.c.id == post.c.author_id)
)


def _conditions(wanted: LogFilter) -> Sequence[ColumnElement[bool]]:
    at = decision.c
    # the index that begins with the campaign serves a few posts; SQLite would also read all of a campaign by it to sort
    campaign = at.campaign_id if wanted.of_few_posts else at.campaign_id + 0
    conditions: list[ColumnElement[bool]] = [campaign == wanted.campaign_id]
    if wanted.by is not None:
        conditions.append(at.by == wanted.by)
    if wanted.people is not None:
        conditions.append(BY_PEOPLE if wanted.people else ~BY_PEOPLE)
    if wanted.verdicts:
        conditions.append(at.verdict.in_([verdict.value for verdict in wanted.verdicts]))
    for column, value in ((at.rule, wanted.rule), (at.reason, wanted.reason), (at.post_id, wanted.post_id)):
        if value is not None:
            conditions.append(column == value)
    if wanted.author_id is not None:
        conditions.append(post.c.author_id == wanted.author_id)
    if wanted.handle is not None:
        conditions.append(author.c.handle_folded == wanted.handle.strip().lstrip("@").casefold())
    if wanted.since is not None:
        conditions.append(at.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(at.at < wanted.until)
    return conditions


def _numbers(connection: Connection, wanted: LogFilter) -> Sequence[ColumnElement[bool]]:
    """Between which numbers the asked time lies, so that not all that is newer or older is read."""
    if wanted.of_few_posts:
        return ()
    bounds: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        bounds.append(decision.c.id >= first_since(connection, wanted.since))
    if wanted.until is not None:
        bounds.append(decision.c.id <= first_since(connection, wanted.until + 2 * SKEW))
    return bounds
