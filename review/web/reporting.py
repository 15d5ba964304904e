"""A reader's report put together for a moderator: what is asked, the post in its conversation, what was done so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...presentation.entities import safe_url
from ...presentation.formats import Formats
from ...presentation.posts import Showing
from ...storage import publishable, snapshot
from ...storage import reports as stored
from ...storage.queue import QueueItem, queue_items
from ...storage.reports import PLACED, REOPENED, Kind, Outcome, Report
from ...storage.standing import author_of
from ...storage.store import Connection
from ..in_view import InView, in_view
from ..reports import Site
from .surroundings import Campaign, Surroundings

OVERDUE = timedelta(hours=12)  # half of the day that the strictest network gives


@dataclass(frozen=True, slots=True)
class Line:
    """One report of a list."""

    report: Report
    kind: str
    outcome: str | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    by: str
    what: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Targets:
    """`item`: the post that is meant, where it can be shown; `gone`: one is meant that cannot be any more. `post` and
    `account`: by what a withdrawal of each is called; None where there is nothing to withdraw."""

    item: QueueItem | None
    gone: bool
    post: str | None
    account: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """`view`: the post in its conversation, where it can be shown. `link`: the address that was given, where it is
    one."""

    line: Line
    meant: Targets
    view: InView | None
    link: str | None
    steps: tuple[Step, ...]


def site_of(here: Surroundings) -> Site:
    return Site(here.site, {one.slug: one.id for one in here.campaigns})


def line(report: Report, now: datetime, tell: Callable[[str], str]) -> Line:
    return Line(
        report,
        kinds(tell)[report.kind],
        outcomes(tell)[report.outcome] if report.outcome else None,
        report.closed_at is None and now - report.at >= OVERDUE,
    )


def told(
    connection: Connection,
    here: Surroundings,
    campaign: Campaign,
    report: Report,
    tell: Callable[[str], str],
    language: str,
) -> Told:
    """In the interface's `language`, by its `tell`."""
    meant = targets(connection, campaign, report)
    view = None
    if meant.item is not None:
        view = in_view(
            connection,
            publishable.campaigns(connection)[campaign.slug],
            meant.item.thread_id,
            meant.item.post_id,
            lambda node: campaign.showing.get(node.source or "", Showing(authors="initials")),
            Formats(language, here.timezone),
        )
    acts = _acts(tell)
    return Told(
        line=line(report, here.clock.now(), tell),
        meant=meant,
        view=view,
        link=safe_url(report.target),
        steps=tuple(Step(one.at, one.by, acts[one.act], one.words) for one in stored.acts(connection, report.id)),
    )


def targets(connection: Connection, campaign: Campaign, report: Report) -> Targets:
    """What the report is about, as far as it is held."""
    post_id = report.post_id
    if post_id is None:
        return Targets(None, False, None, report.target if report.kind is Kind.ACCOUNT else None)
    items = queue_items(connection, campaign.id, [post_id])
    item = items[0] if items and items[0].gone is None else None
    if item is None:
        return Targets(None, True, None, None)
    (node,) = snapshot.nodes(connection, publishable.campaigns(connection)[campaign.slug], [post_id])
    author = author_of(connection, post_id)
    account = (author.url or (f"@{author.handle}" if author.handle else author.native_id)) if author else None
    return Targets(item, False, item.url or node.native_id, account)


def kinds(tell: Callable[[str], str]) -> dict[Kind, str]:
    return {
        Kind.POST: tell("The author withdraws a post"),
        Kind.ACCOUNT: tell("Somebody withdraws all of their account"),
        Kind.ILLEGAL: tell("Reported as illegal"),
        Kind.HURTFUL: tell("Reported as hurtful"),
        Kind.PRIVATE: tell("Reported for private data"),
        Kind.COPYRIGHT: tell("Reported for copyright"),
        Kind.OTHER: tell("Reported for something else"),
    }


def outcomes(tell: Callable[[str], str]) -> dict[Outcome, str]:
    return {
        Outcome.WITHDRAWN: tell("withdrawn for ever"),
        Outcome.REJECTED: tell("taken off the site"),
        Outcome.BLOCKED: tell("author blocked, posts taken off the site"),
        Outcome.NOT_COLLECTED: tell("account not collected"),
        Outcome.DISMISSED: tell("nothing done"),
    }


def _acts(tell: Callable[[str], str]) -> dict[str, str]:
    closing = {outcome.value: words for outcome, words in outcomes(tell).items()}
    return {**closing, PLACED: tell("said which post is meant"), REOPENED: tell("opened it again")}
