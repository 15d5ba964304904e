"""Where a reader's report comes in: from a form on the site, which may lie on another host. Nobody signs in and no
cookie is looked at; all it can do is add to what waits for moderators."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...core.errors import TagoraError, UsageError
from .. import reports
from ..reports import Filed, TooMany, TooOften
from .access import Here
from .answers import Written, problem, show
from .answers import language as spoken_language
from .reporting import site_of
from .surroundings import Surroundings

router = APIRouter(include_in_schema=False)
MAX_BODY = 60_000  # bytes: what MAX_WORDS characters take at most, written as a form writes them, and the rest
_PATH = re.compile(r"[A-Za-z0-9_/-]*(?:\.html)?")


@router.post("/report")
def report(
    request: Request,
    here: Here,
    kind: Written = "",
    target: Written = "",
    words: Written = "",
    contact: Written = "",
    language: Written = "",
    website: Written = "",
) -> Response:
    """`website` is a field that nobody sees: only programs fill it in. `language`: of the page that the form is on."""
    request.state.spoken = language
    if int(request.headers.get("content-length", "0")) > MAX_BODY:
        return _answer(request, here, target, UsageError("this is too long", "Say it in fewer words."), 413)
    if website:
        return _answer(request, here, target)
    now, client = here.clock.now(), request.client
    filed = Filed(kind, target, words, contact, spoken_language(request, here))
    try:
        with here.store.writing() as connection:
            reports.count_try(connection, client.host if client else None, now)
        with here.store.writing() as connection:
            reports.file(connection, filed, site_of(here), now)
    except TooOften as error:
        answer = _answer(request, here, target, error, 429)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    except TooMany as error:
        return _answer(request, here, target, error, 503)
    except UsageError as error:
        return _answer(request, here, target, error, 400)
    return _answer(request, here, target)


def _answer(
    request: Request, here: Surroundings, target: str, error: TagoraError | None = None, status: int = 200
) -> Response:
    wrong = problem(request, here, error) if error else None
    return show(request, here, "reported.html", status=status, problem=wrong, back=_back(here, target))


def _back(here: Surroundings, target: str) -> str:
    """The page the reader came from, where it is one of the site's; else its front. Never an address of another's."""
    within = reports.within(target[:2_000], here.site)
    if within is None or not _PATH.fullmatch(within[0]) or "//" in within[0]:
        return here.site
    anchor = f"#{quote(within[1])}" if within[1] else ""
    return here.site + within[0] + anchor
