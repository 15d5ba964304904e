"""What every answer carries, and what no request may be: sizes and hosts are looked at before anything else."""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1_000_000  # bytes: a page of rules is the largest thing anybody sends
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: https:",  # pictures of posts, from their networks, when a moderator asks for one
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers withhold the Origin of our own forms too
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Robots-Tag": "noindex",
}


class SafeAnswers:
    """Adds the headers; refuses bodies that are too large, and hosts that are not ours (a page elsewhere that made its
    name point at this machine: https://owasp.org/www-community/attacks/DNS_Rebinding)."""

    def __init__(self, app: ASGIApp, hosts: Callable[[], Collection[str]]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        secured = _secured(send)
        if asked.get("host", "").rsplit(":", 1)[0].strip("[]").lower() not in self._hosts():
            await PlainTextResponse("This is not the address of this review app.", 421)(scope, receive, secured)
            return
        length = asked.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            await PlainTextResponse("This is too much to be sent here.", 413)(scope, receive, secured)
            return
        await self._app(scope, _counted(receive), secured)


def secure(headers: MutableHeaders) -> None:
    """Adds to an answer's headers what every answer carries."""
    headers.update(_ALWAYS)
    headers.setdefault("Cache-Control", "no-store")


def _secured(send: Send) -> Send:
    async def secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            secure(MutableHeaders(scope=message))
        await send(message)

    return secured


def _counted(receive: Receive) -> Receive:
    """A body of untold length ends where it becomes too large."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            if read > MAX_BODY:
                return {"type": "http.disconnect"}
        return message

    return counted
