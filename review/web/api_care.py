"""The JSON API of what is seldom done: removing, adding, trusted and blocked authors, reasons."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ...core.conditions import Stands
from ...core.decisions import Status
from ...core.reasons import Reason
from ...storage import standing as standings
from ...storage.standing import KnownAuthor
from .. import moderate
from ..reasons import reasons, set_reasons
from .access import Administering, Here, Moderating, Viewing
from .answers import language
from .pages_remove import planned, receipt, sentence
from .surroundings import Typed

router = APIRouter(prefix="/api/v1/campaigns/{slug}", tags=["care"])


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Target(_Strict):
    target: str = Field(max_length=1_000, description="A post's address, or @name (@name@server in the fediverse).")


class RemovalTold(BaseModel):
    """What a removal takes, or took. `mentions`: other people's posts in which the name is made unreadable."""

    sentence: str
    posts: int
    discussions: int
    people: int
    mentions: int
    campaigns: list[str]


class Receipt(RemovalTold):
    """`letters`: the reply to whoever asked, by language."""

    at: datetime
    letters: dict[str, str]


class TypedIn(_Strict):
    """What is known of a post whose network cannot be asked."""

    text: str = Field(max_length=100_000)
    written_at: AwareDatetime
    permission: str = Field(max_length=5_000, description="Who allowed it to be shown, and how; never published.")
    author: str | None = Field(default=None, max_length=200, description="@name or a name; null: nobody is named.")
    title: str | None = Field(default=None, max_length=500)
    language: str | None = Field(default=None, max_length=10)


class Addition(_Strict):
    url: str = Field(max_length=2_000)
    typed: TypedIn | None = None


class AddedTold(BaseModel):
    """`known`: it was in the campaign already."""

    post: int
    known: bool
    status: Status


class AuthorTold(BaseModel):
    id: int
    network: str
    handle: str | None
    name: str | None
    url: str | None


class StandingTold(BaseModel):
    author: AuthorTold
    stands: Stands
    until: datetime | None
    by: str
    at: datetime


class ReasonTold(_Strict):
    """`code` is what the log keeps."""

    code: str = Field(max_length=40)
    it: str = Field(max_length=200)
    en: str = Field(max_length=200)


# --- removing and adding ---------------------------------------------------------------------------------------------


@router.post("/removals/preview")
def preview(request: Request, at: Moderating, here: Here, wanted: Target) -> RemovalTold:
    """What a removal would take; nothing goes. For moderators."""
    found = planned(at, here, wanted.target)
    return RemovalTold(
        sentence=sentence(found, language(request, here)),
        posts=found.posts,
        discussions=found.discussions,
        people=found.people,
        mentions=found.mentions,
        campaigns=list(found.campaigns),
    )


@router.post("/removals", status_code=201)
def remove(request: Request, at: Moderating, here: Here, wanted: Target) -> Receipt:
    """Removes for ever: from the site, from the store, not collected again. For moderators of every campaign that it
    concerns. There is no undo."""
    found = planned(at, here, wanted.target)
    done = here.acts.remove(found.target)
    told = receipt(request, here, done)
    return Receipt(
        sentence=told.sentence,
        posts=done.posts,
        discussions=done.discussions,
        people=done.people,
        mentions=done.mentions,
        campaigns=list(done.campaigns),
        at=told.at,
        letters=dict(told.letters),
    )


@router.post("/additions", status_code=201)
def add(at: Moderating, here: Here, wanted: Addition) -> AddedTold:
    """Brings a post in by its address; `typed` says what it says, where its network cannot be asked. For moderators."""
    typed = None if wanted.typed is None else Typed(**wanted.typed.model_dump())
    added = here.acts.add(at.campaign.slug, wanted.url, at.visitor.name, typed)
    return AddedTold(post=added.post_id, known=added.known, status=added.status)


# --- authors ---------------------------------------------------------------------------------------------------------


@router.get("/standings")
def standing(at: Viewing, here: Here) -> list[StandingTold]:
    """Who is trusted or blocked now. `POST` here changes it."""
    with here.store.reading() as connection:
        held = standings.standings(connection, at.campaign.id, here.clock.now())
    return [
        StandingTold(author=_author(one.author), stands=one.stands, until=one.until, by=one.by, at=one.at)
        for one in held
    ]


@router.get("/authors")
def authors(_at: Viewing, here: Here, name: str) -> list[AuthorTold]:
    """Everybody who bears a @handle, or has this profile address."""
    with here.store.reading() as connection:
        return [_author(one) for one in moderate.the_author(connection, name[:500])]


def _author(one: KnownAuthor) -> AuthorTold:
    return AuthorTold(id=one.id, network=one.origin, handle=one.handle, name=one.display_name, url=one.url)


# --- reasons ---------------------------------------------------------------------------------------------------------


@router.get("/reasons")
def reasons_told(at: Viewing, here: Here) -> list[ReasonTold]:
    """The reasons for rejecting, in their order."""
    with here.store.reading() as connection:
        return [ReasonTold(code=one.code, it=one.it, en=one.en) for one in reasons(connection, at.campaign.id)]


@router.put("/reasons")
def put_reasons(at: Administering, here: Here, wanted: list[ReasonTold]) -> list[ReasonTold]:
    """Puts these in place of the reasons there are; none: the ten to begin with. For admins of the campaign."""
    with here.store.writing() as connection:
        kept = set_reasons(connection, at.campaign.id, [Reason(one.code, one.it, one.en) for one in wanted])
    return [ReasonTold(code=one.code, it=one.it, en=one.en) for one in kept]
