"""The record: the log, filtered, page by page; taking back from there; as files; its figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from ...core.decisions import Verdict
from ...core.moderators import Role
from ...storage import history
from ...storage.rulesets import latest
from .. import deciding
from ..decide import compiled
from ..export import as_csv, as_json_lines
from ..reasons import reasons
from .access import Here, InCampaign, Moderating, Viewing
from .answers import Written, language, show
from .figures import charts, counted
from .flash import flash, flashed
from .logbook import PEOPLE, RULES, AskedLog, asked_log, log_filter
from .sentences import Speaker
from .surroundings import Surroundings

router = APIRouter(prefix="/c/{slug}/record", include_in_schema=False)
PAGE = 50
SPANS = (7, 30, 90)  # days
Form = Literal["csv", "jsonl"]
MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


@router.get("")
def record(request: Request, at: Viewing, here: Here, before: int | None = None) -> Response:
    """`before`: the number of the decision where the former page ended."""
    said = asked_log(request.query_params)
    wanted = log_filter(said, at.campaign.id, here.timezone)
    with here.store.reading() as connection:
        page = history.log(connection, wanted, before=before, limit=PAGE)
        known = reasons(connection, at.campaign.id)
        people = history.people(connection, at.campaign.id)
        held = latest(connection, at.campaign.id)
    speaker = Speaker(language(request, here), here.timezone, known)
    return show(
        request,
        here,
        "record.html",
        campaign=at.campaign,
        place="record",
        said=flashed(request),
        asked=said,
        entries=[(entry, speaker.who(entry.decision), speaker.why(entry.decision)) for entry in page.entries],
        next=page.before,
        may_decide=at.visitor.may(Role.MODERATOR, at.campaign),
        people=people,
        groups=(PEOPLE, RULES),
        verdicts_known=[(one.value, speaker.verdict(one)) for one in Verdict],
        rules=[rule.name for rule in compiled(held.body)] if held else [],
        reasons=[(one.code, one.in_language(speaker.language)) for one in known],
    )


@router.post("/undo")
def undo(
    request: Request, at: Moderating, here: Here, decision: Written = "", stroke: Written = "", back: Written = ""
) -> Response:
    """`stroke`: with all that was decided together with it; what others decided after stays then. `back`: a filter."""
    number = int(decision) if decision.isdecimal() and len(decision) < 16 else 0
    with here.store.writing() as connection:
        ids = deciding.stroke(connection, number) if stroke else [number]
        taken = deciding.take_back(
            connection, ids, at.visitor.name, here.clock.now(), campaign_id=at.campaign.id, forced=not stroke
        )
        speaker = Speaker(language(request, here), here.timezone, reasons(connection, at.campaign.id))
    request.app.state.counter.forget(at.campaign.id)
    said = asked_log(dict(parse_qsl(back[:2_000])))
    answer = RedirectResponse(f"/c/{at.campaign.slug}/record" + (f"?{said.query}" if said.query else ""), 303)
    flash(answer, speaker.taken_back(taken))
    return answer


@router.get("/log.{form}")
def export(request: Request, at: Viewing, here: Here, form: Form) -> Response:
    return exported(at, here, asked_log(request.query_params), form)


@router.get("/figures")
def figures(request: Request, at: Viewing, here: Here, days: int = SPANS[0]) -> Response:
    span = min(SPANS, key=lambda one: abs(one - days))
    spoken = language(request, here)
    with here.store.reading() as connection:
        drawn = charts(connection, at.campaign.id, span, here, spoken)
        counts = counted(connection, at.campaign.id)
        known = reasons(connection, at.campaign.id)
    return show(
        request,
        here,
        "figures.html",
        campaign=at.campaign,
        place="record",
        charts=drawn,
        counts=counts,
        reasons={one.code: one.in_language(spoken) for one in known},
        days=span,
        spans=SPANS,
    )


# ---------------------------------------------------------------------------------------------------------------------


def exported(at: InCampaign, here: Surroundings, asked: AskedLog, form: Form) -> Response:
    """What is asked of the log, as a file, written while it is read."""
    wanted = log_filter(asked, at.campaign.id, here.timezone)
    written: Iterator[bytes] = as_csv(here.store, wanted) if form == "csv" else as_json_lines(here.store, wanted)
    name = quote(f"{at.campaign.slug}-log-{here.clock.now():%Y-%m-%d}.{form}")
    return StreamingResponse(
        written, media_type=MEDIA[form], headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )
