"""The application put together: routers, headers, what is answered when something is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from importlib.metadata import version
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ...core.errors import StoreError, TagoraError, UsageError
from .headers import SafeAnswers
from .pages_static import router as static
from .surroundings import Surroundings
from .templating import language_of, page

log = logging.getLogger("tagora.review")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def make_app(surroundings: Callable[[], Surroundings]) -> FastAPI:
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

    def hosts() -> Collection[str]:
        settings = surroundings().settings
        public = urlsplit(settings.public_url).hostname if settings.public_url else None
        return LOOPBACK | {settings.host.lower()} | ({public} if public else set())

    app.add_middleware(SafeAnswers, hosts=hosts)
    for router in (static,):
        app.include_router(router)
    app.add_exception_handler(TagoraError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(Exception, _fault)
    return app


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, TagoraError)
    status = 400 if isinstance(error, UsageError) else 503 if isinstance(error, StoreError) else 409
    return _told(request, status, error.message, error.hint)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = _told(request, error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _misunderstood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return _told(request, 422, f"{where}: {first['msg']}")


def _fault(request: Request, error: Exception) -> Response:
    log.error("a fault in the program itself, at %s", request.url.path, exc_info=error)
    return _told(request, 500, "A fault in the program itself", "What was decided is safe. The log says more.")


def _told(request: Request, status: int, sentence: str, hint: str = "") -> Response:
    """One sentence: as JSON for programs, as a page for people."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": sentence, "hint": hint}, status)
    here: Surroundings = request.app.state.surroundings()
    language = language_of(None, request.headers.get("accept-language"), here.languages)
    return page(request, "wrong.html", language, here.timezone, status=status, here=here, sentence=sentence, hint=hint)
