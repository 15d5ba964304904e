"""The application put together: routers, headers, what is answered when something is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from importlib.metadata import version
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...core.errors import StoreError, StoreFull, TagoraError, UsageError
from ..passwords import Passwords
from ..people import LinkEnded
from ..signing_in import TooManyTries
from .access import Cookies, NotAllowed, NotHere, NotMeant, SignInFirst
from .again import not_meant, sign_in_first
from .answers import told
from .api_care import router as care_api
from .api_desk import router as desk_api
from .api_people import router as people_api
from .api_record import router as record_api
from .api_reports import router as reports_api
from .api_rules import router as rules_api
from .headers import SafeAnswers, secure
from .listing import Counter
from .pages_account import router as account_pages
from .pages_add import router as add_pages
from .pages_authors import router as authors_pages
from .pages_desk import router as desk_pages
from .pages_moderators import router as team_pages
from .pages_reasons import router as reasons_pages
from .pages_record import router as record_pages
from .pages_remove import router as remove_pages
from .pages_report import router as report_page
from .pages_reports import router as reports_pages
from .pages_rules import router as rules_pages
from .pages_sign_in import router as sign_in_pages
from .pages_static import router as static
from .surroundings import Surroundings

log = logging.getLogger("tagora.review")
ROUTERS = (
    static,
    sign_in_pages,
    report_page,
    account_pages,
    team_pages,
    desk_pages,
    rules_pages,
    remove_pages,
    add_pages,
    authors_pages,
    reasons_pages,
    record_pages,
    reports_pages,
    desk_api,
    rules_api,
    record_api,
    care_api,
    reports_api,
    people_api,
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
STATUSES: tuple[tuple[type[TagoraError], int], ...] = (
    (UsageError, 400),
    (NotAllowed, 403),
    (NotHere, 404),
    (LinkEnded, 410),
    (StoreError, 503),
)


def make_app(surroundings: Callable[[], Surroundings], passwords: Passwords | None = None) -> FastAPI:
    """The review app. `surroundings` is asked at each request: the configuration may change while it runs."""
    app = FastAPI(
        title="Tagora review",
        version=version("tagora"),
        summary="Everything the moderators' pages do, for other programs.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its page would load scripts from elsewhere; docs/api.md says what it says
        redoc_url=None,
    )
    app.state.surroundings = surroundings
    app.state.passwords = passwords or Passwords()
    app.state.counter = Counter()

    def hosts() -> Collection[str]:
        settings = surroundings().settings
        public = urlsplit(settings.public_url).hostname if settings.public_url else None
        return LOOPBACK | {settings.host.lower()} | ({public} if public else set())

    app.add_middleware(Cookies)
    app.add_middleware(SafeAnswers, hosts=hosts)
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(SignInFirst, sign_in_first)
    app.add_exception_handler(NotMeant, not_meant)
    app.add_exception_handler(TooManyTries, _slower)
    app.add_exception_handler(StoreFull, _full)
    app.add_exception_handler(TagoraError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(Exception, _fault)
    return app


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, TagoraError)
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 409)
    return told(request, status, error.message, error.hint)


def _full(request: Request, error: Exception) -> Response:
    log.error("%s", error)
    hint = "What is stored is safe. Tell whoever looks after the server to free some space."
    return told(request, 503, "The server’s disk is full, nothing new can be kept", hint)


def _slower(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyTries)
    answer = told(request, 429, error.message, error.hint)
    answer.headers.update(error.headers)
    return answer


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = told(request, error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _misunderstood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return told(request, 422, f"{where}: {first['msg']}")


def _fault(request: Request, error: Exception) -> Response:
    log.error("a fault in the program itself, at %s", request.url.path, exc_info=error)
    answer = told(request, 500, "A fault in the program itself", "What was decided is safe. The log says more.")
    secure(answer.headers)  # faults are answered outside of all middleware
    return answer
