"""The pages about the team, for those who look after it."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from ...core.errors import UsageError
from ...core.moderators import Moderator, Role
from ...storage import moderators
from ...storage.store import Connection
from .. import people
from .access import Here, NotHere, TeamAdmin
from .answers import Fields, in_words, language, problem, show
from .api_people import by_id, own_roles, with_unlisted
from .surroundings import Surroundings

router = APIRouter(prefix="/moderators", include_in_schema=False)
SAID = {
    "roles": "What they may do is kept.",
    "disabled": "They are out: signed out everywhere, tokens and links ended.",
    "enabled": "They may sign in again.",
}


@router.get("")
def team(request: Request, _visitor: TeamAdmin, here: Here) -> Response:
    return _team(request, here)


@router.post("")
def add(request: Request, _visitor: TeamAdmin, here: Here, form: Fields) -> Response:
    """Adds somebody and shows the link that lets them in, this once."""
    try:
        with here.store.writing() as connection:
            role, roles = _roles(form, here)
            made, token = people.add(
                connection,
                _field(form, "name"),
                role,
                here.clock.now(),
                roles=by_id(here, roles),
                mail=_field(form, "mail"),
                languages=_field(form, "languages").replace(",", " ").split(),
            )
    except UsageError as error:
        return _team(request, here, wrong=problem(request, here, error), status=400, form=form)
    return _link(request, here, made, token)


@router.get("/{number}")
def moderator(request: Request, _visitor: TeamAdmin, here: Here, number: int, said: str = "") -> Response:
    return _one(request, here, number, said=in_words(SAID.get(said, ""), language(request, here)))


@router.post("/{number}/roles")
def set_roles(request: Request, _visitor: TeamAdmin, here: Here, number: int, form: Fields) -> Response:
    """The field `role` and, for each campaign, `role-SLUG`; empty: the role everywhere holds."""

    def act(connection: Connection, held: Moderator) -> None:
        role, roles = _roles(form, here)
        people.set_roles(connection, number, role, with_unlisted(here, held, roles))

    return _change(request, here, number, "roles", act)


@router.post("/{number}/disable")
def disable(request: Request, _visitor: TeamAdmin, here: Here, number: int) -> Response:
    now = here.clock.now()
    return _change(request, here, number, "disabled", lambda at, held: people.disable(at, held.id, now))


@router.post("/{number}/enable")
def enable(request: Request, _visitor: TeamAdmin, here: Here, number: int) -> Response:
    return _change(request, here, number, "enabled", lambda at, held: people.enable(at, held.id))


@router.post("/{number}/link")
def new_link(request: Request, _visitor: TeamAdmin, here: Here, number: int) -> Response:
    """A new link, shown this once; earlier ones end."""
    try:
        with here.store.writing() as connection:
            held = _found(connection, number)
            token = people.invite(connection, number, here.clock.now())
    except UsageError as error:
        return _one(request, here, number, wrong=problem(request, here, error), status=400)
    return _link(request, here, held, token)


# ---------------------------------------------------------------------------------------------------------------------


def _change(
    request: Request, here: Surroundings, number: int, said: str, act: Callable[[Connection, Moderator], None]
) -> Response:
    try:
        with here.store.writing() as connection:
            act(connection, _found(connection, number))
    except UsageError as error:
        return _one(request, here, number, wrong=problem(request, here, error), status=400)
    return RedirectResponse(f"/moderators/{number}?said={said}", 303)


def _team(
    request: Request,
    here: Surroundings,
    *,
    wrong: tuple[str, str] | None = None,
    status: int = 200,
    form: FormData | None = None,
) -> Response:
    with here.store.reading() as connection:
        everybody = moderators.every(connection)
    roles = {one.id: own_roles(here, one) for one in everybody}
    written = {name: _field(form or FormData(), name) for name in ("name", "mail", "languages")}
    return show(
        request,
        here,
        "moderators.html",
        status=status,
        problem=wrong,
        everybody=everybody,
        roles=roles,
        written=written,
        kinds=list(Role),
    )


def _one(
    request: Request,
    here: Surroundings,
    number: int,
    *,
    said: str = "",
    wrong: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    with here.store.reading() as connection:
        found = _found(connection, number)
    return show(
        request,
        here,
        "moderator.html",
        status=status,
        said=said,
        problem=wrong,
        one=found,
        own=own_roles(here, found),
        kinds=list(Role),
    )


def _link(request: Request, here: Surroundings, one: Moderator, token: str) -> Response:
    link = people.invite_link(here.settings, token, str(request.base_url))
    return show(request, here, "link.html", one=one, link=link, days=people.INVITE_LASTS.days)


def _found(connection: Connection, number: int) -> Moderator:
    found = moderators.by_id(connection, number)
    if found is None:
        raise NotHere
    return found


def _roles(form: FormData, here: Surroundings) -> tuple[Role | None, dict[str, Role]]:
    """The role everywhere, and those in campaigns, by slug. Raises UsageError."""
    own = {campaign.slug: _role(_field(form, f"role-{campaign.slug}")) for campaign in here.campaigns}
    return _role(_field(form, "role")), {slug: role for slug, role in own.items() if role is not None}


def _role(written: str) -> Role | None:
    if not written:
        return None
    try:
        return Role(written)
    except ValueError:
        raise UsageError("there is no such role", "Choose admin, moderator or viewer.") from None


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
