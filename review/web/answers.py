"""Pages and sentences as answers: in the visitor's language, with what every page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Form
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from ...core.errors import TagoraError
from ...core.moderators import Role
from ...core.tongue import in_tongue
from ...presentation.words import words
from ...storage.reports import waiting
from ..signing_in import TRY_AGAIN, TooManyTries
from .flash import flash
from .surroundings import Campaign, Surroundings
from .templating import LANGUAGES, LOCALES, language_of, page

API = "/api/"
Written = Annotated[str, Form()]  # a field of a form; how much may be sent at all, headers.py says


async def _fields(request: Request) -> FormData:
    return await request.form()


Fields = Annotated[FormData, Depends(_fields)]  # all of a form, whose fields are not known beforehand


def for_programs(request: Request) -> bool:
    """Whether JSON is wanted, not a page."""
    return request.url.path.startswith(API)


def language(request: Request, here: Surroundings) -> str:
    """The interface's language: what the page before was in, where it says so; the visitor's own choice, what the
    browser asks for, the campaign's."""
    before = getattr(request.state, "spoken", None)
    if before in LANGUAGES:
        return before
    who = getattr(request.state, "visitor", None)
    ours = tuple(dict.fromkeys((*(one for one in here.languages if one in LANGUAGES), *LANGUAGES)))
    return language_of(who.moderator.interface if who else None, request.headers.get("accept-language"), ours)


def show(
    request: Request,
    here: Surroundings,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **data: Any,
) -> HTMLResponse:
    """A page. Beside `data` it knows `here` and `who` (the Visitor; None when nobody is signed in). What was carried to
    it over a redirect, `said`, is shown once."""
    who, campaign = getattr(request.state, "visitor", None), data.get("campaign")
    given = {"here": here, "who": who, "reports_waiting": lambda: _reports(here, who, campaign), **data}
    answer = page(request, template, language(request, here), here.timezone, status=status, **given)
    answer.headers.update(headers or {})
    if data.get("said"):
        flash(answer, "")
    return answer


def _reports(here: Surroundings, who: Any, campaign: Campaign | None) -> int | None:
    """How many reports wait, for the head of a page; None for whom they are not meant for."""
    if who is None or campaign is None or not who.moderator.may(Role.MODERATOR, campaign.id):
        return None
    with here.store.reading() as connection:
        return waiting(connection, campaign.id).number


def in_words(sentence: str, language: str) -> str:
    """A sentence of the program in the interface's language, where it has one. Not for templates' `_`: that takes what
    it is given for markup, and a sentence may hold what somebody wrote."""
    return in_tongue(sentence, words(language, *LOCALES))


def problem(request: Request, here: Surroundings, error: TagoraError) -> tuple[str, str]:
    """What went wrong and what to do, in the visitor's language."""
    spoken = language(request, here)
    hint = in_words(error.hint, spoken)
    if isinstance(error, TooManyTries):
        hint = in_words(TRY_AGAIN, spoken) % {"seconds": error.seconds}
    return in_words(error.message, spoken), hint


def told(request: Request, status: int, sentence: str, hint: str = "", **more: Any) -> Response:
    """One sentence: as JSON for programs, as a page for people."""
    here: Surroundings = request.app.state.surroundings()
    sentence, hint = problem(request, here, TagoraError(sentence, hint))
    if for_programs(request):
        return JSONResponse({"error": sentence, "hint": hint, **more}, status)
    return show(request, here, "wrong.html", status=status, sentence=sentence, hint=hint)
