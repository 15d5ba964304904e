"""One sentence carried over a redirect, for people whose browser runs no scripts."""

from __future__ import annotations

from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "tagora_said"
LONGEST = 1_000
SECONDS = 60


def flash(answer: Response, sentence: str) -> None:
    """Shown by the next page; "" when it was shown."""
    value = quote(sentence[:LONGEST], safe="")
    answer.set_cookie(COOKIE, value, max_age=SECONDS if sentence else 0, path="/", httponly=True, samesite="strict")


def flashed(request: Request) -> str:
    return unquote(request.cookies.get(COOKIE, ""))[:LONGEST]
