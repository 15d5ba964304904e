"""Who asks, and what they may do here: the dependencies of every page and of the API.

Pages know people by a session's cookie, programs show a token. The cookie is SameSite=Lax, not Strict: who follows a
link from a mail or a chat to the queue should not have to sign in again, and Lax withholds the cookie from whatever
changes something. What changes something needs the session's CSRF token besides, so that nothing hangs on SameSite
alone (a neighbour on a subdomain counts as the same site).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...core.errors import TagoraError
from ...core.moderators import Moderator, Role
from ...storage.store import Connection
from .. import signing_in
from ..signing_in import Asking, Browser
from ..throttle import know_browser
from .answers import API, for_programs
from .surroundings import Campaign, Surroundings

SESSION, BROWSER = "tagora_session", "tagora_browser"
CSRF_FIELD, CSRF_HEADER = "csrf", "x-tagora-csrf"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
BROWSER_KNOWN_FOR = 400 * 86_400  # seconds; browsers keep no cookie longer


class SignInFirst(Exception):
    """Nobody is signed in, or not any more."""


class NotHere(TagoraError):
    """There is no such thing, at least not for this person."""

    def __init__(self) -> None:
        super().__init__("there is no such page, or it is not for you")


class NotAllowed(TagoraError):
    """The person is known, and may not do this."""


class NotMeant(TagoraError):
    """What came does not come from a page of this session: an old tab, or another site."""

    def __init__(self) -> None:
        super().__init__("this did not come from a page of your present session", "Load the page again and repeat it.")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `csrf` goes into every form and into the header X-Tagora-CSRF; empty for a program's token.
    `session_id` is None then."""

    moderator: Moderator
    csrf: str
    by_token: bool
    session_id: int | None = None

    def may(self, role: Role, campaign: Campaign) -> bool:
        return self.moderator.may(role, campaign.id)

    @property
    def name(self) -> str:
        """What the log calls them."""
        return self.moderator.name


@dataclass(frozen=True, slots=True)
class InCampaign:
    """Who asks, in which campaign; their role there was looked at."""

    visitor: Visitor
    campaign: Campaign


async def _surroundings(request: Request) -> Surroundings:
    return request.app.state.surroundings()


Here = Annotated[Surroundings, Depends(_surroundings)]


_bearer = HTTPBearer(auto_error=False, description="A token made under “your account”.")


def _asking(
    request: Request, here: Here, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Visitor | None:
    """Whoever asks, if anybody: in the thread pool, as it reads the store. Only the API takes tokens."""
    now = here.clock.now()
    if bearer is not None and for_programs(request):
        found = signing_in.asking_by_token(here.store, bearer.credentials, now)
        request.state.visitor = Visitor(found[0], "", True) if found else None
        return request.state.visitor
    token = request.cookies.get(cookie_name(here, SESSION))
    asking = signing_in.asking(here.store, token, here.settings.session, now) if token else None
    return _known(request, here, asking) if asking else None


def _known(request: Request, here: Surroundings, asking: Asking) -> Visitor:
    if asking.fresh:
        _set_cookie(request, here, SESSION, asking.fresh, int(signing_in.LASTS_AT_MOST.total_seconds()))
    session = asking.session
    csrf = csrf_of(here.key, session.id, session.made_at.isoformat())
    request.state.visitor = Visitor(asking.moderator, csrf, False, session.id)
    return request.state.visitor


async def signed_in(request: Request, here: Here, asking: Annotated[Visitor | None, Depends(_asking)]) -> Visitor:
    """The visitor, who proved to mean what they ask. Raises SignInFirst or NotMeant."""
    if asking is None:
        raise SignInFirst
    if request.method not in SAFE_METHODS and not asking.by_token:
        given = request.headers.get(CSRF_HEADER) or await _field(request, CSRF_FIELD)
        if not from_here(request, here) or not hmac.compare_digest(given.encode(), asking.csrf.encode()):
            raise NotMeant
    return asking


PerhapsSignedIn = Annotated[Visitor | None, Depends(_asking)]  # for pages that change nothing
SignedIn = Annotated[Visitor, Depends(signed_in)]


async def looks_after_team(visitor: SignedIn) -> Visitor:
    """An admin of everything. An admin of one campaign could otherwise make themselves one of all. Raises
    NotAllowed."""
    if visitor.moderator.role is not Role.ADMIN:
        raise NotAllowed("only admins look after the team", "Ask one of them.")
    return visitor


TeamAdmin = Annotated[Visitor, Depends(looks_after_team)]


def _in_campaign(role: Role) -> Callable[..., Awaitable[InCampaign]]:
    async def find(slug: str, visitor: SignedIn, here: Here) -> InCampaign:
        campaign = next((one for one in here.campaigns if one.slug == slug), None)
        if campaign is None or not visitor.may(Role.VIEWER, campaign):
            raise NotHere
        if not visitor.may(role, campaign):
            raise NotAllowed(TOO_SMALL[role], "Ask an admin for a larger role.")
        return InCampaign(visitor, campaign)

    return find


TOO_SMALL = {
    Role.VIEWER: "you may not look at this campaign",
    Role.MODERATOR: "you may look at this campaign, not decide in it",
    Role.ADMIN: "only admins of this campaign may do that",
}
# The campaign of the path's {slug}, for those whose role there is at least this.
Viewing = Annotated[InCampaign, Depends(_in_campaign(Role.VIEWER))]
Moderating = Annotated[InCampaign, Depends(_in_campaign(Role.MODERATOR))]
Administering = Annotated[InCampaign, Depends(_in_campaign(Role.ADMIN))]


def seen_by(visitor: Visitor, here: Surroundings) -> tuple[Campaign, ...]:
    """The campaigns the person may look at."""
    return tuple(campaign for campaign in here.campaigns if visitor.may(Role.VIEWER, campaign))


def csrf_of(key: bytes, session_id: int, made: str) -> str:
    """The same for a session's whole life, whatever its token is by now: a page that was open for hours still works.
    Ids are given anew when sessions end; with the time they began there are no two alike."""
    return hmac.new(key, f"csrf\x1f{session_id}\x1f{made}".encode(), hashlib.sha256).hexdigest()


def from_here(request: Request, here: Surroundings) -> bool:
    """Whether a browser says that a page of ours sent this. One that says nothing is believed: the token decides."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    ours = (request.headers.get("host"), urlsplit(here.settings.public_url or "").netloc)
    return origin is None or urlsplit(origin).netloc in filter(None, ours)


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: a path of ours, or the front. Nobody's link leads through us to another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/signin", "/signout", API)):
        return "/"
    if len(wanted) > 2_000 or "\\" in wanted or any(c.isspace() or not c.isprintable() for c in wanted):
        return "/"
    return wanted


# --- cookies ---------------------------------------------------------------------------------------------------------


def is_https(here: Surroundings) -> bool:
    return (here.settings.public_url or "").lower().startswith("https://")


def cookie_name(here: Surroundings, name: str) -> str:
    """Over https the prefix makes the browser hold that only this host, over https, set it."""
    return f"__Host-{name}" if is_https(here) else name


def browser_of(request: Request, here: Surroundings) -> Browser:
    """Where the request comes from, for the throttle and for people to know their sessions again."""
    cookie = request.cookies.get(cookie_name(here, BROWSER))
    return Browser(request.client.host if request.client else None, cookie, request.headers.get("user-agent"))


def prove(request: Request, here: Surroundings, name: str, password: str) -> Moderator:
    """Whoever has this name and password. Raises WrongPassword or TooManyTries."""
    passwords, browser = request.app.state.passwords, browser_of(request, here)
    return signing_in.check(here.store, passwords, here.key, name, password, browser, here.clock.now())


def enter(connection: Connection, request: Request, here: Surroundings, moderator_id: int) -> None:
    """Signs in somebody who proved who they are: a new session in place of the one this browser had, and a mark by
    which the browser is known at the next sign-in. Raises WrongPassword when they were disabled meanwhile."""
    leave(connection, request, here)
    browser = browser_of(request, here)
    _known(request, here, signing_in.start(connection, moderator_id, browser.agent, here.clock.now()))
    mark = know_browser(here.key, browser.cookie, moderator_id)
    _set_cookie(request, here, BROWSER, mark, BROWSER_KNOWN_FOR)


def leave(connection: Connection, request: Request, here: Surroundings) -> None:
    """Ends the session of this browser, if it has one."""
    token = request.cookies.get(cookie_name(here, SESSION))
    if token:
        signing_in.stop(connection, token)
        _set_cookie(request, here, SESSION, "", 0)


def _set_cookie(request: Request, here: Surroundings, name: str, value: str, seconds: int) -> None:
    cookie: Morsel[str] = Morsel()
    cookie.set(cookie_name(here, name), value, value)
    for attribute, given in (("path", "/"), ("httponly", "1"), ("samesite", "Lax"), ("max-age", str(seconds))):
        cookie[attribute] = given
    if is_https(here):
        cookie["secure"] = "1"
    request.scope.setdefault("state", {}).setdefault("cookies", {})[name] = cookie.OutputString()


class Cookies:
    """Puts the cookies that a dependency set on whatever answer comes out, also one that an error made."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for cookie in scope.get("state", {}).get("cookies", {}).values():
                    headers.append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, with_cookies if scope["type"] == "http" else send)


# ---------------------------------------------------------------------------------------------------------------------


async def _field(request: Request, name: str) -> str:
    kind = Headers(scope=request.scope).get("content-type", "").split(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return ""
    value = (await request.form()).get(name)
    return value if isinstance(value, str) else ""
