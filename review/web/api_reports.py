"""The JSON API of what readers ask for and report."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from ...storage import reports as stored
from ...storage.reports import Kind, Outcome, Report
from ...storage.store import Connection
from .. import reports
from .access import Here, InCampaign, Moderating, NotHere
from .pages_remove import planned
from .reporting import site_of, targets
from .surroundings import Surroundings

router = APIRouter(prefix="/api/v1/campaigns/{slug}/reports", tags=["reports"])


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ActTold(BaseModel):
    at: datetime
    by: str
    act: str = Field(description="An outcome; placed: the post was found by hand; reopened.")
    words: str | None


class ReportTold(BaseModel):
    """`target`, `words` and `contact` as the reader wrote them; gone some time after it was closed. `post` null:
    nothing held was found at the target."""

    number: int
    at: datetime
    kind: Kind
    language: str
    target: str | None
    words: str | None
    contact: str | None = Field(description="Where the reader wants an answer.")
    post: int | None
    closed_at: datetime | None
    outcome: Outcome | None
    acts: list[ActTold]


class Closing(_Strict):
    """What is done. `reject` and `block` take a reason's code, or words; `dismiss` wants words. `withdraw` is for ever:
    it takes the post, or with `account` everything of its author."""

    act: Literal["reject", "block", "dismiss", "withdraw"]
    reason: str | None = Field(default=None, max_length=500)
    account: bool = False


class Placing(_Strict):
    target: str = Field(max_length=2_000, description="The post's address on the site, or at its network.")


class NotCollected(_Strict):
    account: str = Field(max_length=1_000, description="@name, @name@server, @name.bsky.social, or the account's page.")


@router.get("")
def listed(
    at: Moderating, here: Here, closed: bool = False, before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[ReportTold]:  # fmt: skip
    """What waits, the oldest first; or what is `closed`, the newest first, with numbers below `before`. For moderators,
    like all that follows."""
    with here.store.reading() as connection:
        found = stored.some(connection, at.campaign.id, closed=closed, limit=limit, before=before)
        return [_told(connection, one) for one in found]


@router.get("/{number}")
def one(at: Moderating, here: Here, number: int) -> ReportTold:
    """One report, with what was done about it."""
    with here.store.reading() as connection:
        return _told(connection, _the(connection, at, number))


@router.post("/{number}/close")
def close(at: Moderating, here: Here, number: int, wanted: Closing) -> ReportTold:
    """Does it, and closes the report. 409 where somebody else was quicker: then nothing is done."""
    if wanted.act == "withdraw":
        _withdraw(at, here, number, account=wanted.account)
    now, by, of = here.clock.now(), at.visitor.name, at.campaign.id
    with here.store.writing() as connection:
        found = _the(connection, at, number)
        if wanted.act == "reject":
            reports.reject(connection, of, found, by, now, reason=wanted.reason)
        elif wanted.act == "block":
            reports.block(connection, of, found, by, now, reason=wanted.reason)
        elif wanted.act == "dismiss":
            reports.dismiss(connection, of, found, by, now, why=wanted.reason or "")
        else:
            reports.settled(connection, of, found, Outcome.WITHDRAWN, by, now)
        return _told(connection, _the(connection, at, number))


@router.post("/{number}/reopen")
def reopen(at: Moderating, here: Here, number: int) -> ReportTold:
    """Takes back what was done, and lets the report wait again. What was done for good cannot be taken back."""
    with here.store.writing() as connection:
        found = _the(connection, at, number)
        reports.reopen(connection, at.campaign.id, found, at.visitor.name, here.clock.now())
        return _told(connection, _the(connection, at, number))


@router.post("/{number}/place")
def place(at: Moderating, here: Here, number: int, wanted: Placing) -> ReportTold:
    """Says which post is meant."""
    with here.store.writing() as connection:
        found, now = _the(connection, at, number), here.clock.now()
        reports.place(connection, at.campaign.id, found, wanted.target, site_of(here), at.visitor.name, now)
        return _told(connection, _the(connection, at, number))


@router.post("/{number}/not-collected")
def not_collected(at: Moderating, here: Here, number: int, wanted: NotCollected) -> ReportTold:
    """Notes that an account is not to be collected of which nothing is held, and closes the report."""
    with here.store.reading() as connection:
        reports.must_be_open(_the(connection, at, number))
    here.acts.opt_out(wanted.account, at.visitor.name)
    with here.store.writing() as connection:
        found, now = _the(connection, at, number), here.clock.now()
        reports.settled(connection, at.campaign.id, found, Outcome.NOT_COLLECTED, at.visitor.name, now)
        return _told(connection, _the(connection, at, number))


# ---------------------------------------------------------------------------------------------------------------------


def _the(connection: Connection, at: InCampaign, number: int) -> Report:
    found = stored.one(connection, at.campaign.id, number)
    if found is None:
        raise NotHere
    return found


def _withdraw(at: InCampaign, here: Surroundings, number: int, *, account: bool) -> None:
    with here.store.reading() as connection:
        found = _the(connection, at, number)
        reports.must_be_open(found)
        meant = targets(connection, at.campaign, found)
    here.acts.remove(planned(at, here, reports.to_withdraw(meant.account if account else meant.post)).target)


def _told(connection: Connection, one: Report) -> ReportTold:
    return ReportTold(
        number=one.id,
        at=one.at,
        kind=one.kind,
        language=one.language,
        target=one.target,
        words=one.words,
        contact=one.contact,
        post=one.post_id,
        closed_at=one.closed_at,
        outcome=one.outcome,
        acts=[ActTold(at=act.at, by=act.by, act=act.act, words=act.words) for act in stored.acts(connection, one.id)],
    )
