"""/healthz and /metrics, before the review app: they know neither sessions nor people.

/healthz answers anybody with one word, or 503 and why. /metrics answers who shows the token that the configuration
names, from wherever; without such a token only this machine, asked by that name and by nobody in between: a proxy that
passes on what came from outside says so in its headers, and a page in a browser whose name was made to lead here comes
with its own name.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ...core.errors import ConfigError, TagoraError
from ..sending import key_of
from ..workplace import Workplace

HERE = frozenset({"127.0.0.1", "localhost", "::1"})
PASSED_ON = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched: the workplace as it is now, and which part of the process stands still, if one does."""

    place: Callable[[], Workplace]
    stands_still: Callable[[], str | None] = lambda: None


class Watching:
    def __init__(self, app: ASGIApp, watched: Watched) -> None:
        self._app = app
        self._watched = watched

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path not in ("/healthz", "/metrics") or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        answer = await run_in_threadpool(self._healthz if path == "/healthz" else lambda: self._metrics(request))
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        await answer(scope, receive, send)

    def _healthz(self) -> Response:
        stands_still = self._watched.stands_still()
        if stands_still is not None:
            return PlainTextResponse("the schedule stands still; start `tagora run` again\n", 503)
        try:
            with self._watched.place().store.reading() as connection:
                connection.exec_driver_sql("SELECT 1")
        except TagoraError:
            return PlainTextResponse("the store cannot be reached; `tagora doctor` says more\n", 503)
        return PlainTextResponse("well\n")

    def _metrics(self, request: Request) -> Response:
        from .metrics import CONTENT_TYPE, exposed, measured

        place = self._watched.place()
        try:
            if not self._may_look(request, place):
                return PlainTextResponse("not shown to you; docs/watching.md says to whom\n", 403)
            with place.store.reading() as connection:
                return Response(exposed(measured(place, connection)), media_type=CONTENT_TYPE)
        except TagoraError as error:
            return PlainTextResponse(f"{error}\n", 503)

    def _may_look(self, request: Request, place: Workplace) -> bool:
        places = place.loaded.config.review.places_of("metrics_token")
        if not places:
            asked_as = request.headers.get("host", "").rsplit(":", 1)[0].strip("[]").lower()
            by = request.client.host if request.client else ""
            return by in HERE and asked_as in HERE and not any(name in request.headers for name in PASSED_ON)
        try:
            token = key_of(place, "metrics_token", places, ("review",)) or ""
        except ConfigError:
            return False
        given = request.headers.get("authorization", "").encode("latin-1", "replace")
        return bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())
