"""The page about oneself: languages, password, where one is signed in, tokens, keys."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ...core.errors import TagoraError, UsageError
from ...storage import moderators, sessions
from ...storage.store import Connection
from .. import keys, people, signing_in
from ..signing_in import TooManyTries, WrongPassword
from . import agents
from .access import Here, NotHere, SignedIn, Visitor, enter, prove
from .answers import Fields, Written, in_words, language, problem, show
from .dates import end_of
from .surroundings import Surroundings

router = APIRouter(prefix="/account", include_in_schema=False)
SAID = {
    "languages": "Your languages are kept.",
    "password": "Your password is changed; everywhere else you are signed out.",
    "session": "That browser is signed out.",
    "sessions": "Everywhere else you are signed out.",
    "token": "The token ends.",
    "keys": "Your keys are kept.",
}


@router.get("")
def account(request: Request, visitor: SignedIn, here: Here, said: str = "") -> Response:
    return _page(request, visitor, here, said=in_words(SAID.get(said, ""), language(request, here)))


@router.post("/languages")
def set_languages(
    request: Request, visitor: SignedIn, here: Here, languages: Written = "", interface: Written = ""
) -> Response:
    """`languages`: codes, with anything between them; `interface` empty: what the browser asks for."""
    codes = languages.replace(",", " ").replace(";", " ").split()
    return _change(
        request,
        visitor,
        here,
        "languages",
        lambda connection: people.set_languages(connection, visitor.moderator.id, codes, interface or None),
    )


@router.post("/password")
def change_password(
    request: Request, visitor: SignedIn, here: Here, current: Written = "", password: Written = "", again: Written = ""
) -> Response:
    """Whoever finds the browser open does not know the present password; guessing it is slowed down like signing in."""
    try:
        people.new_password(password, again, visitor.name)
        prove(request, here, visitor.name, current)
    except WrongPassword:
        wrong = UsageError("this is not your present password", "Look for a slip.")
        return _wrong(request, visitor, here, wrong, 400)
    except TooManyTries as error:
        return _wrong(request, visitor, here, error, 429)
    except UsageError as error:
        return _wrong(request, visitor, here, error, 400)
    hashed = request.app.state.passwords.hashed(password)
    with here.store.writing() as connection:
        people.set_password(connection, visitor.moderator.id, hashed)
        enter(connection, request, here, visitor.moderator.id)
    return RedirectResponse("/account?said=password", 303)


@router.post("/sessions/end")
def end_others(request: Request, visitor: SignedIn, here: Here) -> Response:
    return _change(
        request,
        visitor,
        here,
        "sessions",
        lambda connection: sessions.end_all(connection, visitor.moderator.id, but=visitor.session_id),
    )


@router.post("/sessions/{number}/end")
def end_session(request: Request, visitor: SignedIn, here: Here, number: int) -> Response:
    def act(connection: Connection) -> None:
        if not sessions.end(connection, visitor.moderator.id, number):
            raise NotHere

    return _change(request, visitor, here, "session", act)


@router.post("/tokens")
def make_token(request: Request, visitor: SignedIn, here: Here, label: Written = "", until: Written = "") -> Response:
    """Shows the token this once. `until`: its last day, in the campaign's zone; none: without end."""
    try:
        ends_at = end_of(until, here.timezone) if until else None
        with here.store.writing() as connection:
            _, token = signing_in.make_token(connection, visitor.moderator.id, label, here.clock.now(), ends_at)
    except UsageError as error:
        return _wrong(request, visitor, here, error, 400)
    return _page(request, visitor, here, token=token)


@router.post("/tokens/{number}/end")
def end_token(request: Request, visitor: SignedIn, here: Here, number: int) -> Response:
    def act(connection: Connection) -> None:
        if not sessions.end_token(connection, visitor.moderator.id, number):
            raise NotHere

    return _change(request, visitor, here, "token", act)


@router.post("/keys")
def set_keys(request: Request, visitor: SignedIn, here: Here, form: Fields) -> Response:
    """One field `key-ACTION` for each action; `letters` is there when single letters do something."""
    wanted = {action: str(form.get(f"key-{action}", "")) for action in keys.DEFAULTS}

    def act(connection: Connection) -> None:
        moderators.set_keys(connection, visitor.moderator.id, keys.changed(wanted, off="letters" not in form))

    return _change(request, visitor, here, "keys", act)


# ---------------------------------------------------------------------------------------------------------------------


def _change(
    request: Request, visitor: Visitor, here: Surroundings, said: str, act: Callable[[Connection], None]
) -> Response:
    try:
        with here.store.writing() as connection:
            act(connection)
    except UsageError as error:
        return _wrong(request, visitor, here, error, 400)
    return RedirectResponse(f"/account?said={said}", 303)


def _wrong(request: Request, visitor: Visitor, here: Surroundings, error: TagoraError, status: int) -> Response:
    return _page(request, visitor, here, wrong=problem(request, here, error), status=status)


def _page(
    request: Request,
    visitor: Visitor,
    here: Surroundings,
    *,
    said: str = "",
    wrong: tuple[str, str] | None = None,
    token: str | None = None,
    status: int = 200,
) -> Response:
    with here.store.reading() as connection:
        person = people.the(connection, visitor.moderator.id)
        open_sessions = sessions.sessions_of(connection, person.id)
        tokens = sessions.tokens_of(connection, person.id)
    return show(
        request,
        here,
        "account.html",
        status=status,
        said=said,
        problem=wrong,
        person=person,
        sessions=[(one, agents.told(one.agent)) for one in open_sessions],
        tokens=tokens,
        token=token,
        keys=keys.in_force(person.keys),
        usual=keys.DEFAULTS,
        letters=keys.OFF not in person.keys,
        now=here.clock.now(),
    )
