"""When somebody's session ended in mid-work: what they sent is kept in their own page and offered to them again."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ...core.errors import TagoraError
from .access import CSRF_FIELD, SAFE_METHODS, from_here, safe_next
from .answers import for_programs, show, told
from .surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent, without its CSRF token."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def written(self) -> str:
        return orjson.dumps([self.path, self.fields]).decode()


def read_kept(written: str) -> Kept | None:
    """What `written` gave. It went through the browser: nothing in it is believed but that it is a form of ours."""
    try:
        path, fields = orjson.loads(written)
        kept = Kept(str(path), tuple((str(name), str(value)) for name, value in fields))
    except (ValueError, TypeError):
        return None
    return kept if safe_next(kept.path) == kept.path != "/" else None


async def sign_in_first(request: Request, _error: Exception) -> Response:
    """Programs are told; people sign in, and go on where they were."""
    if for_programs(request):
        answer = told(request, 401, "you are not signed in, or not any more", "Sign in again.", signin="/signin")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    kept = await _sent(request)
    if kept is not None:
        here: Surroundings = request.app.state.surroundings()
        return show(request, here, "signin.html", status=401, next="/", name="", problem=None, kept=kept.written())
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = safe_next(wanted) if request.method in SAFE_METHODS else "/"
    return RedirectResponse("/signin" + ("" if wanted == "/" else "?" + urlencode({"next": wanted})), 303)


async def not_meant(request: Request, error: Exception) -> Response:
    """A form of a page that was open under another session may be sent again; anything else is refused."""
    assert isinstance(error, TagoraError)
    kept = None if for_programs(request) else await _sent(request)
    if kept is None:
        return told(request, 403, error.message, error.hint)
    return again(request, kept, 403)


def again(request: Request, kept: Kept, status: int = 200) -> Response:
    """The page that asks whether what was sent shall be done now."""
    return show(request, request.app.state.surroundings(), "again.html", status=status, kept=kept)


async def _sent(request: Request) -> Kept | None:
    """The form, if it came from a page of ours and holds no password."""
    here: Surroundings = request.app.state.surroundings()
    if request.method != "POST" or not from_here(request, here) or request.url.path == "/signout":
        return None
    fields = [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
    if any("password" in name for name, _ in fields):
        return None
    sent = tuple((name, value) for name, value in fields if name != CSRF_FIELD)
    return Kept(request.url.path, sent) if safe_next(request.url.path) == request.url.path else None
