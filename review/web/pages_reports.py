"""Moderators' reports: the list, one with its post in its conversation, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from ...core.errors import TagoraError, UsageError
from ...presentation.words import words as catalogue
from ...storage import reports as stored
from ...storage.reports import Kind, Outcome, Report
from ...storage.store import Connection
from .. import reports
from ..reasons import reasons
from .access import Here, InCampaign, Moderating, NotHere
from .answers import Written, in_words, language, problem, show
from .flash import flash, flashed
from .opening import reasons_shown
from .pages_remove import TYPED, planned, receipt, sentence
from .reporting import line, outcomes, site_of, targets, told
from .sentences import Speaker
from .surroundings import Removal, Surroundings
from .templating import LANGUAGES, LOCALES

router = APIRouter(prefix="/c/{slug}/reports", include_in_schema=False)
PAGE = 50
# The reason that is chosen beforehand, by what a reader reports; a campaign may not have it (any more).
FITTING = {Kind.HURTFUL: "insult", Kind.PRIVATE: "private", Kind.ILLEGAL: "illegal", Kind.COPYRIGHT: "illegal"}
OTHERWISE = "other"

Act = Callable[[Connection, Report], None]


@dataclass(frozen=True, slots=True)
class Planned:
    """What a withdrawal would take, in words. `what`: post | account."""

    what: str
    sentence: str
    removal: Removal


@router.get("")
def listed(request: Request, at: Moderating, here: Here, closed: str = "", before: int | None = None) -> Response:
    """Open ones, the oldest first; `closed`: those, the newest first, with numbers below `before`."""
    tell = catalogue(language(request, here), *LOCALES).gettext
    with here.store.reading() as connection:
        found = stored.some(connection, at.campaign.id, closed=bool(closed), limit=PAGE + 1, before=before)
    now = here.clock.now()
    return show(
        request,
        here,
        "reports.html",
        campaign=at.campaign,
        place="reports",
        said=flashed(request),
        closed=bool(closed),
        lines=[line(one, now, tell) for one in found[:PAGE]],
        next=found[PAGE - 1].id if closed and len(found) > PAGE else None,
    )


@router.get("/{number}")
def opened(request: Request, at: Moderating, here: Here, number: int) -> Response:
    return _page(request, at, here, number)


@router.post("/{number}/reject")
def reject(
    request: Request, at: Moderating, here: Here, number: int, reason: Written = "", words: Written = ""
) -> Response:
    """The post leaves the site."""
    act = _against(at, here, reports.reject, words.strip() or reason or None)
    return _acted(request, at, here, number, act, Outcome.REJECTED)


@router.post("/{number}/block")
def block(
    request: Request, at: Moderating, here: Here, number: int, reason: Written = "", words: Written = ""
) -> Response:
    """So does everything else of its author, and what they write later is rejected."""
    act = _against(at, here, reports.block, words.strip() or reason or None)
    return _acted(request, at, here, number, act, Outcome.BLOCKED)


@router.post("/{number}/dismiss")
def dismiss(request: Request, at: Moderating, here: Here, number: int, why: Written = "") -> Response:
    def act(connection: Connection, found: Report) -> None:
        reports.dismiss(connection, at.campaign.id, found, at.visitor.name, here.clock.now(), why=why)

    return _acted(request, at, here, number, act, Outcome.DISMISSED)


@router.post("/{number}/gone")
def gone(request: Request, at: Moderating, here: Here, number: int) -> Response:
    """The post was withdrawn in another way already."""

    def act(connection: Connection, found: Report) -> None:
        if not targets(connection, at.campaign, found).gone:
            raise UsageError("the post is still held", "Withdraw it first.")
        _settle(connection, at, here, found, Outcome.WITHDRAWN)

    return _acted(request, at, here, number, act, Outcome.WITHDRAWN)


@router.post("/{number}/not-collected")
def not_collected(request: Request, at: Moderating, here: Here, number: int, account: Written = "") -> Response:
    """Nothing of the account is held: it is noted that it is not to be collected."""
    try:
        with here.store.reading() as connection:
            reports.must_be_open(_the(connection, at, number))
        here.acts.opt_out(account.strip()[:1_000], at.visitor.name)
    except TagoraError as error:
        return _page(request, at, here, number, problem=problem(request, here, error), status=400)
    return _acted(
        request,
        at,
        here,
        number,
        lambda connection, found: _settle(connection, at, here, found, Outcome.NOT_COLLECTED),
        Outcome.NOT_COLLECTED,
    )


@router.post("/{number}/place")
def place(request: Request, at: Moderating, here: Here, number: int, target: Written = "") -> Response:
    """Which post is meant, where nobody could tell from the reader's address."""

    def act(connection: Connection, found: Report) -> None:
        now = here.clock.now()
        reports.place(connection, at.campaign.id, found, target, site_of(here), at.visitor.name, now)

    return _acted(request, at, here, number, act)


@router.post("/{number}/reopen")
def reopen(request: Request, at: Moderating, here: Here, number: int) -> Response:
    """Takes back what was done, and lets the report wait again."""
    said: list[str] = []

    def act(connection: Connection, found: Report) -> None:
        taken = reports.reopen(connection, at.campaign.id, found, at.visitor.name, here.clock.now())
        speaker = Speaker(language(request, here), here.timezone, reasons(connection, at.campaign.id))
        if taken.undone or taken.refused:
            said.append(speaker.taken_back(taken))

    return _acted(request, at, here, number, act, said=said)


@router.post("/{number}/withdraw")
def withdraw(
    request: Request,
    at: Moderating,
    here: Here,
    number: int,
    what: Written = "post",
    typed: Annotated[str | None, Form()] = None,
) -> Response:
    """Without the typed word: what would go. With it: it goes, for ever."""
    try:
        with here.store.reading() as connection:
            found = _the(connection, at, number)
            meant = targets(connection, at.campaign, found)
        reports.must_be_open(found)
        target = reports.to_withdraw(meant.account if what == "account" else meant.post)
        would = planned(at, here, target)
        plan = Planned(what, sentence(would, language(request, here)), would)
        if typed is None:
            return _page(request, at, here, number, plan=plan)
        if typed.strip().casefold() not in {in_words(TYPED, one) for one in LANGUAGES}:
            error = UsageError("nothing was removed: the word was not typed", "Type it as it stands there.")
            return _page(request, at, here, number, plan=plan, problem=problem(request, here, error), status=400)
        done = here.acts.remove(target)
        with here.store.writing() as connection:
            _settle(connection, at, here, _the(connection, at, number), Outcome.WITHDRAWN)
    except TagoraError as error:
        if isinstance(error, NotHere):
            raise
        return _page(request, at, here, number, problem=problem(request, here, error), status=400)
    request.app.state.counter.forget(at.campaign.id)
    return _page(request, at, here, number, receipt=receipt(request, here, done))


# ---------------------------------------------------------------------------------------------------------------------


def _the(connection: Connection, at: InCampaign, number: int) -> Report:
    found = stored.one(connection, at.campaign.id, number)
    if found is None:
        raise NotHere
    return found


def _against(at: InCampaign, here: Surroundings, done: Callable[..., object], reason: str | None) -> Act:
    def act(connection: Connection, found: Report) -> None:
        done(connection, at.campaign.id, found, at.visitor.name, here.clock.now(), reason=reason)

    return act


def _settle(connection: Connection, at: InCampaign, here: Surroundings, found: Report, outcome: Outcome) -> None:
    reports.settled(connection, at.campaign.id, found, outcome, at.visitor.name, here.clock.now())


def _acted(
    request: Request,
    at: InCampaign,
    here: Surroundings,
    number: int,
    act: Act,
    outcome: Outcome | None = None,
    *,
    said: list[str] | None = None,
) -> Response:
    """Does `act` in one transaction, then leads on: to the list where the report is closed by it, else back to it."""
    try:
        with here.store.writing() as connection:
            act(connection, _the(connection, at, number))
    except NotHere:
        raise
    except TagoraError as error:
        return _page(request, at, here, number, problem=problem(request, here, error), status=400)
    request.app.state.counter.forget(at.campaign.id)
    tell = catalogue(language(request, here), *LOCALES).gettext
    path = f"/c/{at.campaign.slug}/reports"
    answer = RedirectResponse(path if outcome else f"{path}/{number}", 303)
    if outcome:
        flash(answer, tell("Report %(number)s: %(outcome)s.") % {"number": number, "outcome": outcomes(tell)[outcome]})
    elif said:
        flash(answer, " ".join(said))
    return answer


def _page(
    request: Request,
    at: InCampaign,
    here: Surroundings,
    number: int,
    *,
    plan: Planned | None = None,
    problem: tuple[str, str] | None = None,
    receipt: Any = None,
    status: int = 200,
) -> Response:
    spoken = language(request, here)
    tell = catalogue(spoken, *LOCALES).gettext
    with here.store.reading() as connection:
        found = _the(connection, at, number)
        shown = told(connection, here, at.campaign, found, tell, spoken)
        known = reasons(connection, at.campaign.id)
    return show(
        request,
        here,
        "report.html",
        status=status,
        campaign=at.campaign,
        place="reports",
        said=flashed(request),
        told=shown,
        reasons=reasons_shown(known, spoken),
        fitting=FITTING.get(found.kind, OTHERWISE),
        plan=plan,
        word=in_words(TYPED, spoken),
        problem=problem,
        receipt=receipt,
    )
