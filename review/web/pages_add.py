"""Adding a post by its address, or typed in where its network cannot be asked."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ...core.errors import TagoraError, UsageError
from ...core.normalise import clean_line
from .access import Here, InCampaign, Moderating
from .answers import Fields, Written, in_words, language, problem, show
from .dates import start_of
from .flash import flash, flashed
from .surroundings import Added, Surroundings, Typed

router = APIRouter(prefix="/c/{slug}/add", include_in_schema=False)
TYPED = ("url", "text", "title", "author", "written", "language", "permission")
LONGEST = 2_000


@router.get("")
def page(request: Request, at: Moderating, here: Here, url: str = "") -> Response:
    """`url`: already filled in, for a link from elsewhere."""
    return _page(request, at, here, {"url": url})


@router.post("")
def add(request: Request, at: Moderating, here: Here, url: Written = "") -> Response:
    try:
        added = here.acts.add(at.campaign.slug, _address(url), at.visitor.name)
    except TagoraError as error:
        return _page(request, at, here, {"url": url}, problem(request, here, error), by_hand=True, status=400)
    return _there(request, at, here, added)


@router.post("/typed")
def add_typed(request: Request, at: Moderating, here: Here, form: Fields) -> Response:
    given = {name: str(form.get(name, "")) for name in TYPED}
    try:
        typed = Typed(
            text=given["text"],
            written_at=start_of(given["written"], here.timezone),
            permission=given["permission"],
            author=clean_line(given["author"], 200),
            title=clean_line(given["title"], 500),
            language=clean_line(given["language"].lower(), 10),
        )
        added = here.acts.add(at.campaign.slug, _address(given["url"]), at.visitor.name, typed)
    except TagoraError as error:
        return _page(request, at, here, given, problem(request, here, error), by_hand=True, status=400)
    return _there(request, at, here, added)


# ---------------------------------------------------------------------------------------------------------------------


def _address(written: str) -> str:
    cleaned = clean_line(written, LONGEST)
    if not cleaned:
        raise UsageError("no address is given", "Paste the post's address as its network shows it.")
    return cleaned


def _there(request: Request, at: InCampaign, here: Surroundings, added: Added) -> Response:
    answer = RedirectResponse(f"/c/{at.campaign.slug}/posts/{added.post_id}", 303)
    told = "This post was in the campaign already." if added.known else "The post is in the campaign."
    flash(answer, in_words(told, language(request, here)))
    return answer


def _page(
    request: Request,
    at: InCampaign,
    here: Surroundings,
    given: Mapping[str, str],
    problem: tuple[str, str] | None = None,
    *,
    by_hand: bool = False,
    status: int = 200,
) -> Response:
    return show(
        request,
        here,
        "add.html",
        status=status,
        campaign=at.campaign,
        place="add",
        said=flashed(request),
        given={**dict.fromkeys(TYPED, ""), **given},
        problem=problem,
        by_hand=by_hand,
        today=here.clock.now().date().isoformat(),
    )
