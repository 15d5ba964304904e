"""The API about people: oneself, one's sessions and tokens, and the team."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request

from ...core.moderators import Moderator, Role
from ...storage import moderators, sessions
from .. import keys, people, signing_in
from .access import Here, NotAllowed, NotHere, SignedIn, TeamAdmin, Visitor, seen_by
from .surroundings import Surroundings

router = APIRouter(prefix="/api/v1", tags=["people"])
Number = Annotated[int, Path(ge=1, le=2**53)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CampaignSeen(BaseModel):
    slug: str
    title: str
    role: Role


class Me(BaseModel):
    """The person asking. `keys`: every action's key; `letters`: whether single letters do anything. `csrf`: what
    requests that change something send as X-Tagora-CSRF; empty for a program's token, which needs none."""

    id: int
    name: str
    role: Role | None = Field(description="In every campaign that has none of its own.")
    campaigns: list[CampaignSeen]
    languages: tuple[str, ...]
    interface: str | None
    keys: dict[str, str]
    letters: bool
    csrf: str


class MeChanged(_Body):
    """What is left out stays as it is."""

    languages: tuple[str, ...] | None = Field(default=None, max_length=20, description="Of posts; none: all.")
    interface: str | None = Field(default=None, description="it, en, or browser.")
    keys: dict[str, str] | None = None
    letters: bool | None = Field(default=None, description="Whether single letters do anything.")


class SessionTold(BaseModel):
    id: int
    agent: str | None
    made_at: datetime
    seen_at: datetime
    ends_at: datetime
    this: bool


class TokenTold(BaseModel):
    id: int
    label: str
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None


class TokenWanted(_Body):
    label: str = Field(max_length=200)
    ends_at: AwareDatetime | None = None


class TokenMade(BaseModel):
    """`token` is shown this once."""

    id: int
    token: str


class ModeratorTold(BaseModel):
    id: int
    name: str
    mail: str | None
    role: Role | None
    roles: dict[str, Role] = Field(description="By campaign, where it differs from `role`.")
    languages: tuple[str, ...]
    invited: bool = Field(description="Has not followed the link yet.")
    signed_in_at: datetime | None
    disabled_at: datetime | None


class ModeratorWanted(_Body):
    name: str = Field(max_length=200)
    role: Role | None = None
    roles: dict[str, Role] = Field(default_factory=dict, description="By campaign, where it differs from `role`.")
    mail: str | None = Field(default=None, max_length=300)
    languages: tuple[str, ...] = Field(default=(), max_length=20)


class ModeratorChanged(_Body):
    """What is left out stays as it is."""

    role: Role | None = None
    roles: dict[str, Role] | None = None
    disabled: bool | None = None


class Invited(BaseModel):
    """`link` works once, for seven days, and is shown this once."""

    id: int
    link: str


# --- oneself ---------------------------------------------------------------------------------------------------------


@router.get("/me")
def me(visitor: SignedIn, here: Here) -> Me:
    """Who asks, and what they may see."""
    return _me(visitor, visitor.moderator, here)


@router.patch("/me")
def change_me(visitor: SignedIn, here: Here, wanted: MeChanged) -> Me:
    """Changes one's own settings."""
    person = visitor.moderator
    with here.store.writing() as connection:
        if "languages" in wanted.model_fields_set or "interface" in wanted.model_fields_set:
            languages = person.languages if wanted.languages is None else wanted.languages
            interface = person.interface if wanted.interface is None else wanted.interface
            people.set_languages(connection, person.id, languages, None if interface == "browser" else interface)
        if wanted.keys is not None or wanted.letters is not None:
            own = keys.in_force(person.keys) | (wanted.keys or {})
            off = keys.OFF in person.keys if wanted.letters is None else not wanted.letters
            moderators.set_keys(connection, person.id, keys.changed(own, off=off))
        return _me(visitor, people.the(connection, person.id), here)


@router.get("/sessions")
def my_sessions(visitor: SignedIn, here: Here) -> list[SessionTold]:
    """Where one is signed in."""
    with here.store.reading() as connection:
        return [
            SessionTold(
                id=one.id,
                agent=one.agent,
                made_at=one.made_at,
                seen_at=one.seen_at,
                ends_at=one.ends_at,
                this=one.id == visitor.session_id,
            )
            for one in sessions.sessions_of(connection, visitor.moderator.id)
        ]


@router.delete("/sessions/{number}", status_code=204)
def end_session(visitor: SignedIn, here: Here, number: Number) -> None:
    """Signs a browser out."""
    with here.store.writing() as connection:
        if not sessions.end(connection, visitor.moderator.id, number):
            raise NotHere


@router.get("/tokens")
def my_tokens(visitor: SignedIn, here: Here) -> list[TokenTold]:
    """One's tokens, without the tokens themselves: those are not kept."""
    with here.store.reading() as connection:
        return [
            TokenTold(id=one.id, label=one.label, made_at=one.made_at, ends_at=one.ends_at, used_at=one.used_at)
            for one in sessions.tokens_of(connection, visitor.moderator.id)
        ]


@router.post("/tokens", status_code=201)
def make_token(visitor: SignedIn, here: Here, wanted: TokenWanted) -> TokenMade:
    """A key for a program that acts as oneself. Not to be had with such a key: one that leaked could live for ever."""
    if visitor.by_token:
        raise NotAllowed("a token cannot make another", "Sign in with your password to make one.")
    with here.store.writing() as connection:
        number, token = signing_in.make_token(
            connection, visitor.moderator.id, wanted.label, here.clock.now(), wanted.ends_at
        )
    return TokenMade(id=number, token=token)


@router.delete("/tokens/{number}", status_code=204)
def end_token(visitor: SignedIn, here: Here, number: Number) -> None:
    """Ends a token at once."""
    with here.store.writing() as connection:
        if not sessions.end_token(connection, visitor.moderator.id, number):
            raise NotHere


# --- the team --------------------------------------------------------------------------------------------------------


@router.get("/moderators")
def team(_visitor: TeamAdmin, here: Here) -> list[ModeratorTold]:
    """Everybody, by name. Only for admins of everything, like all that follows."""
    with here.store.reading() as connection:
        return [_told(one, here) for one in moderators.every(connection)]


@router.post("/moderators", status_code=201)
def add_moderator(request: Request, _visitor: TeamAdmin, here: Here, wanted: ModeratorWanted) -> Invited:
    """Adds somebody; the link lets them choose a password."""
    with here.store.writing() as connection:
        made, token = people.add(
            connection,
            wanted.name,
            wanted.role,
            here.clock.now(),
            roles=by_id(here, wanted.roles),
            mail=wanted.mail,
            languages=wanted.languages,
        )
    return Invited(id=made.id, link=people.invite_link(here.settings, token, str(request.base_url)))


@router.get("/moderators/{number}")
def moderator(_visitor: TeamAdmin, here: Here, number: Number) -> ModeratorTold:
    with here.store.reading() as connection:
        return _told(_found(moderators.by_id(connection, number)), here)


@router.patch("/moderators/{number}")
def change_moderator(_visitor: TeamAdmin, here: Here, number: Number, wanted: ModeratorChanged) -> ModeratorTold:
    """Changes what somebody may do; `disabled` shuts them out at once, or lets them in again."""
    with here.store.writing() as connection:
        held = _found(moderators.by_id(connection, number))
        given = wanted.model_fields_set
        if "role" in given or wanted.roles is not None:
            role = wanted.role if "role" in given else held.role
            roles = held.roles if wanted.roles is None else with_unlisted(here, held, wanted.roles)
            people.set_roles(connection, number, role, roles)
        if wanted.disabled is True and held.disabled_at is None:
            people.disable(connection, number, here.clock.now())
        if wanted.disabled is False:
            people.enable(connection, number)
        return _told(people.the(connection, number), here)


@router.post("/moderators/{number}/link", status_code=201)
def new_link(request: Request, _visitor: TeamAdmin, here: Here, number: Number) -> Invited:
    """A new one-time link, for somebody who lost the first or forgot the password; earlier links end."""
    with here.store.writing() as connection:
        _found(moderators.by_id(connection, number))
        token = people.invite(connection, number, here.clock.now())
    return Invited(id=number, link=people.invite_link(here.settings, token, str(request.base_url)))


# ---------------------------------------------------------------------------------------------------------------------


def by_id(here: Surroundings, roles: Mapping[str, Role]) -> dict[int, Role]:
    """Roles by campaign id. Raises NotHere for a campaign that there is not."""
    ids = {campaign.slug: campaign.id for campaign in here.campaigns}
    if not ids.keys() >= roles.keys():
        raise NotHere
    return {ids[slug]: role for slug, role in roles.items()}


def with_unlisted(here: Surroundings, held: Moderator, roles: Mapping[str, Role]) -> dict[int, Role]:
    """These roles, and those in campaigns that the configuration does not have at present."""
    listed = {campaign.id for campaign in here.campaigns}
    return {number: role for number, role in held.roles.items() if number not in listed} | by_id(here, roles)


def own_roles(here: Surroundings, held: Moderator) -> dict[str, Role]:
    """A person's roles by campaign, where they differ from what holds everywhere."""
    return {campaign.slug: held.roles[campaign.id] for campaign in here.campaigns if campaign.id in held.roles}


def _me(visitor: Visitor, person: Moderator, here: Surroundings) -> Me:
    return Me(
        id=person.id,
        name=person.name,
        role=person.role,
        campaigns=[
            CampaignSeen(slug=one.slug, title=one.title, role=role)
            for one in seen_by(visitor, here)
            if (role := person.role_in(one.id))
        ],
        languages=person.languages,
        interface=person.interface,
        keys=keys.in_force(person.keys),
        letters=keys.OFF not in person.keys,
        csrf=visitor.csrf,
    )


def _told(one: Moderator, here: Surroundings) -> ModeratorTold:
    return ModeratorTold(
        id=one.id,
        name=one.name,
        mail=one.mail,
        role=one.role,
        roles=own_roles(here, one),
        languages=one.languages,
        invited=not one.has_password,
        signed_in_at=one.signed_in_at,
        disabled_at=one.disabled_at,
    )


def _found(one: Moderator | None) -> Moderator:
    if one is None:
        raise NotHere
    return one
