"""The campaign's reasons for rejecting: their order and their words in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from ...core.errors import UsageError
from ...core.reasons import STARTERS, Reason
from ..reasons import MAX_WORDS, MOST, reasons, set_reasons
from .access import Administering, Here, InCampaign
from .answers import Fields, in_words, language, problem, show
from .flash import flash, flashed
from .surroundings import Surroundings

router = APIRouter(prefix="/c/{slug}/reasons", include_in_schema=False)
EMPTY = 3  # rows for new ones


@router.get("")
def page(request: Request, at: Administering, here: Here) -> Response:
    with here.store.reading() as connection:
        known = reasons(connection, at.campaign.id)
    return _page(request, at, here, known)


@router.post("")
def save(request: Request, at: Administering, here: Here, form: Fields) -> Response:
    """One `code`, `it`, `en` and `order` for each row; a row without words is left out."""
    wanted = read(form)
    try:
        with here.store.writing() as connection:
            set_reasons(connection, at.campaign.id, wanted)
    except UsageError as error:
        return _page(request, at, here, wanted, problem(request, here, error), 400)
    return _saved(request, at, here, "The reasons are kept.")


@router.post("/starters")
def starters(request: Request, at: Administering, here: Here) -> Response:
    """Back to the ten to begin with."""
    with here.store.writing() as connection:
        set_reasons(connection, at.campaign.id, ())
    return _saved(request, at, here, "These are the ten to begin with.")


def read(form: FormData) -> list[Reason]:
    """The rows in their order; rows with the same number stay as they stood."""
    columns = [[str(value).strip() for value in form.getlist(name)] for name in ("order", "code", "it", "en")]
    rows = [row for row in zip(*columns, strict=False) if row[2] or row[3]]
    rows.sort(key=lambda row: int(row[0]) if row[0].isdecimal() and len(row[0]) < 6 else 10_000)
    return [Reason(code.lower(), it, en) for _, code, it, en in rows]


def _saved(request: Request, at: InCampaign, here: Surroundings, told: str) -> Response:
    answer = RedirectResponse(f"/c/{at.campaign.slug}/reasons", 303)
    flash(answer, in_words(told, language(request, here)))
    return answer


def _page(
    request: Request,
    at: InCampaign,
    here: Surroundings,
    rows: Sequence[Reason],
    problem: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    return show(
        request,
        here,
        "reasons.html",
        status=status,
        campaign=at.campaign,
        place="reasons",
        said=flashed(request),
        rows=rows,
        own=tuple(rows) != STARTERS,
        empty=min(EMPTY, MOST - len(rows)),
        longest=MAX_WORDS,
        problem=problem,
    )
