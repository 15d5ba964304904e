"""Signing in and out, and following an invitation."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ...core.errors import UsageError
from .. import people
from ..signing_in import TooManyTries, WrongPassword
from .access import Here, NotMeant, PerhapsSignedIn, SignedIn, enter, from_here, leave, prove, safe_next
from .again import again as once_more
from .again import read_kept
from .answers import Written, problem, show

router = APIRouter(include_in_schema=False)


@router.get("/signin")
def sign_in_page(request: Request, visitor: PerhapsSignedIn, here: Here, next: str = "") -> Response:  # noqa: A002
    """`next`: where to go afterwards."""
    if visitor is not None:
        return RedirectResponse(safe_next(next), 303)
    return show(request, here, "signin.html", next=safe_next(next), name="", problem=None, kept="")


@router.post("/signin")
def sign_in(
    request: Request,
    here: Here,
    name: Written = "",
    password: Written = "",
    next: Written = "",  # noqa: A002
    kept: Written = "",
) -> Response:
    """Nobody is signed in yet, so there is no session's token: that the form is ours, the browser says."""
    if not from_here(request, here):
        raise NotMeant
    try:
        moderator = prove(request, here, name, password)
        with here.store.writing() as connection:
            enter(connection, request, here, moderator.id)
    except (WrongPassword, TooManyTries) as error:
        told = problem(request, here, error)
        status, headers = (401, None) if isinstance(error, WrongPassword) else (429, error.headers)
        again = {"next": safe_next(next), "name": name[:80], "problem": told, "kept": kept}
        return show(request, here, "signin.html", status=status, headers=headers, **again)
    work = read_kept(kept)
    return once_more(request, work) if work else RedirectResponse(safe_next(next), 303)


@router.post("/signout")
def sign_out(request: Request, _visitor: SignedIn, here: Here) -> Response:
    with here.store.writing() as connection:
        leave(connection, request, here)
    return RedirectResponse("/signin", 303)


@router.get("/invite/{token}")
def invitation(request: Request, here: Here, token: str) -> Response:
    """Looking does not use the link up: programs that look after links in mails open them too."""
    with here.store.reading() as connection:
        found = people.invited(connection, token, here.clock.now())
    return show(request, here, "invite.html", invited=found, problem=None)


@router.post("/invite/{token}")
def follow(request: Request, here: Here, token: str, password: Written = "", again: Written = "") -> Response:
    """Sets the password, which uses the link up, and signs in."""
    if not from_here(request, here):
        raise NotMeant
    with here.store.reading() as connection:
        found = people.invited(connection, token, here.clock.now())
    try:
        people.new_password(password, again, found.name)
    except UsageError as error:
        told = problem(request, here, error)
        return show(request, here, "invite.html", status=400, invited=found, problem=told)
    hashed = request.app.state.passwords.hashed(password)
    with here.store.writing() as connection:
        people.follow_invite(connection, token, hashed, here.clock.now())
        enter(connection, request, here, found.id)
    return RedirectResponse("/", 303)
