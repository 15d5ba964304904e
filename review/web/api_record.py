"""The JSON API of the record: the log, as pages and as files; figures; counts that may be published."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ...core.decisions import Verdict
from ...storage import figures, history
from .. import figures as drawn
from ..export import told
from .access import Here, Viewing
from .figures import counted, span_of
from .logbook import AskedLog, asked_log, log_filter
from .pages_record import Form, exported

router = APIRouter(prefix="/api/v1/campaigns/{slug}", tags=["record"])
MOST_DAYS = 366


class EntryTold(BaseModel):
    """One decision. `number` is its own; `takes_back` the number of what it undoes, `taken_back_by` that of its undo;
    `stroke` the number of the first one decided together with it. `matched`: "12-16" for a stretch of the text."""

    number: int
    at: datetime
    by: str = Field(description="A person, or rule, or tagora.")
    verdict: Verdict
    post: int
    author: str | None
    address: str | None
    reason: str | None
    rule: str | None
    matched: str | None
    takes_back: int | None
    taken_back_by: int | None
    stroke: int | None
    content: str


class LogTold(BaseModel):
    entries: list[EntryTold]
    before: int | None = Field(description="Give it back for the next page; null: this was the last.")


class Place(BaseModel):
    """One hour or day. `waiting` and `held`: how long the queue was, null where it was not measured; the others: what
    people decided."""

    at: str
    waiting: int | None
    held: int | None
    approved: int
    rejected: int
    put_on_hold: int


class Day(BaseModel):
    """How many hours the posts that were decided on one day had waited."""

    day: str
    posts: int
    median_hours: float
    longest_hours: float


class FiguresTold(BaseModel):
    by_hour: bool
    places: list[Place]
    ages: list[Day]
    busiest_hour: int = Field(description="The most that people decided within one hour.")


class CountsTold(BaseModel):
    """What became of everything. The kinds that follow `collected` add up to it; `reasons` by code, "" for those in
    other words."""

    collected: int
    approved_by_people: int
    approved_by_rules: int
    rejected_by_people: int
    rejected_by_rules: int
    waiting: int
    gone: int
    withdrawn: int
    reasons: dict[str, int]
    edited_after_approval: int


def _asked(
    by: Annotated[str, Query(description="A name, *people or *rules.")] = "",
    verdict: str = "",
    rule: str = "",
    reason: Annotated[str, Query(description="A reason's code.")] = "",
    post: str = "",
    author: Annotated[str, Query(description="The post's author, @handle.")] = "",
    since: Annotated[str, Query(description="The first day, 2026-12-31, in the campaign's time zone.")] = "",
    until: Annotated[str, Query(description="The last day.")] = "",
) -> AskedLog:
    given = {"by": by, "verdict": verdict, "rule": rule, "reason": reason, "post": post, "author": author}
    return asked_log({**given, "since": since, "until": until})


Asked = Annotated[AskedLog, Depends(_asked)]


@router.get("/log")
def log(
    at: Viewing, here: Here, asked: Asked, before: int | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> LogTold:
    """The log of all decisions, the newest first. What a filter cannot mean is left out."""
    wanted = log_filter(asked, at.campaign.id, here.timezone)
    with here.store.reading() as connection:
        page = history.log(connection, wanted, before=before, limit=limit)
    entries: list[Any] = [told(entry) for entry in page.entries]
    return LogTold(entries=[EntryTold.model_validate(entry) for entry in entries], before=page.before)


@router.get("/log.{form}", response_class=Response)
def log_file(request: Request, at: Viewing, here: Here, asked: Asked, form: Form) -> Response:
    """The same, whole, as a file: `log.csv` for spreadsheets, `log.jsonl` with one entry a line."""
    return exported(at, here, asked, form)


@router.get("/figures")
def figures_told(at: Viewing, here: Here, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7) -> FiguresTold:
    """How long the queue was, what people decided and how soon: of the last days, by the hour up to seven of them."""
    span = span_of(days, here)
    with here.store.reading() as connection:
        hours = figures.decided_by_hour(connection, at.campaign.id, span.since)
        queue = drawn.queue_lengths(figures.samples(connection, at.campaign.id, span.since), span)
        ages = drawn.ages(figures.waited(connection, at.campaign.id, span.since), span)
    places = [
        Place(
            at=place.isoformat(),
            waiting=length[0] if length else None,
            held=length[1] if length else None,
            approved=approved,
            rejected=rejected,
            put_on_hold=held,
        )
        for place, length, (approved, rejected, held) in zip(
            span.places, queue, drawn.decided(hours, span), strict=True
        )
    ]
    told_ages = [
        Day(
            day=day.isoformat(),
            posts=age.posts,
            median_hours=age.median.total_seconds() / 3600,
            longest_hours=age.worst.total_seconds() / 3600,
        )
        for day, age in zip(span.dates, ages, strict=True)
        if age
    ]
    return FiguresTold(by_hour=span.by_hour, places=places, ages=told_ages, busiest_hour=drawn.busiest(hours))


@router.get("/transparency")
def transparency(at: Viewing, here: Here) -> CountsTold:
    """What became of everything that was collected, as it stands now."""
    with here.store.reading() as connection:
        found = counted(connection, at.campaign.id)
    return CountsTold.model_validate(found, from_attributes=True)
