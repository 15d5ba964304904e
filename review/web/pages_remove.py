"""Removing by a pasted address or @handle: what it would take, done after a typed word, and the letter about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...core.errors import TagoraError, UsageError
from ...core.moderators import Role
from ...core.normalise import clean_line
from ...presentation.words import words
from .access import Here, InCampaign, Moderating, NotAllowed
from .answers import Written, in_words, language, problem, show
from .replies import replies
from .surroundings import Removal, Surroundings
from .templating import LANGUAGES, LOCALES

router = APIRouter(prefix="/c/{slug}/remove", include_in_schema=False)
TYPED = "remove"  # what is typed to mean it: this or its word in another language
LONGEST = 1_000
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed, in words, and the letters: (language, text)."""

    at: datetime
    sentence: str
    letters: list[tuple[str, str]]


@router.get("")
def page(request: Request, at: Moderating, here: Here) -> Response:
    return _page(request, at, here)


@router.post("")
def preview(request: Request, at: Moderating, here: Here, target: Written = "") -> Response:
    """What would go. Nothing does."""
    try:
        found = planned(at, here, target)
    except TagoraError as error:
        return _page(request, at, here, target=target, problem=problem(request, here, error), status=400)
    return _page(request, at, here, target=found.target, planned=found)


@router.post("/now")
def remove(request: Request, at: Moderating, here: Here, target: Written = "", typed: Written = "") -> Response:
    try:
        found = planned(at, here, target)
    except TagoraError as error:
        return _page(request, at, here, target=target, problem=problem(request, here, error), status=400)
    if typed.strip().casefold() not in {in_words(TYPED, one) for one in LANGUAGES}:
        error = UsageError("nothing was removed: the word was not typed", "Type it as it stands there.")
        return _page(request, at, here, target=target, planned=found, problem=problem(request, here, error), status=400)
    done = here.acts.remove(found.target)
    return _page(request, at, here, receipt=receipt(request, here, done))


# ---------------------------------------------------------------------------------------------------------------------


def planned(at: InCampaign, here: Surroundings, target: str) -> Removal:
    """What removing would take. Raises UsageError when there is nothing, NotAllowed where it reaches into a campaign in
    which the person may not decide."""
    wanted = clean_line(target, LONGEST)
    if not wanted:
        raise UsageError("no address and no name is given", "Paste the post's address, or write @name.")
    found = here.acts.removal(wanted)
    for slug in found.campaigns:
        campaign = next((one for one in here.campaigns if one.slug == slug), None)
        role = at.visitor.moderator.role_in(campaign.id) if campaign else at.visitor.moderator.role
        if role is None or not role.covers(Role.MODERATOR):
            raise NotAllowed(
                "this is also in a campaign in which you may not decide", "Ask an admin to remove it, or for the role."
            )
    return found


def sentence(found: Removal, spoken: str, *, done: bool = False) -> str:
    """ "This removes 3 posts by @x from 2 discussions and blocks their return"."""
    say = words(spoken, *LOCALES)
    posts = say.ngettext("%(num)d post", "%(num)d posts", found.posts) % {"num": found.posts}
    discussions = say.ngettext("%(num)d discussion", "%(num)d discussions", found.discussions)
    names = say.gettext(" and ").join(f"@{name.lstrip('@')}" for name in found.names[:MOST_NAMES])
    if done:
        told = say.gettext("Removed: %(posts)s from %(discussions)s; their return is blocked.")
    elif names:
        told = say.gettext("This removes %(posts)s by %(names)s from %(discussions)s and blocks their return.")
    else:
        told = say.gettext("This removes %(posts)s from %(discussions)s and blocks their return.")
    return told % {"posts": posts, "names": names, "discussions": discussions % {"num": found.discussions}}


def receipt(request: Request, here: Surroundings, done: Removal) -> Receipt:
    when = done.at or here.clock.now()
    letters = replies(done, here.title, here.legal, when, here.timezone)
    return Receipt(when, sentence(done, language(request, here), done=True), letters)


def _page(
    request: Request,
    at: InCampaign,
    here: Surroundings,
    *,
    target: str = "",
    planned: Removal | None = None,
    problem: tuple[str, str] | None = None,
    receipt: Receipt | None = None,
    status: int = 200,
) -> Response:
    spoken = language(request, here)
    return show(
        request,
        here,
        "remove.html",
        status=status,
        campaign=at.campaign,
        place="remove",
        target=target,
        planned=planned,
        sentence=sentence(planned, spoken) if planned else "",
        word=in_words(TYPED, spoken),
        problem=problem,
        receipt=receipt,
    )
