"""Authors whom the campaign trusts or blocks: until when, by whom; adding by handle, lifting."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ...core.conditions import Stands
from ...core.errors import TagoraError, UsageError
from ...core.moderators import Role
from ...presentation.words import words
from ...storage import standing as standings
from ...storage.standing import KnownAuthor
from .. import moderate
from .access import Here, InCampaign, Moderating, Viewing
from .answers import Written, in_words, language, problem, show
from .dates import end_of
from .flash import flash, flashed
from .surroundings import Surroundings
from .templating import LOCALES

router = APIRouter(prefix="/c/{slug}/authors", include_in_schema=False)
LONGEST = 500


@router.get("")
def authors(request: Request, at: Viewing, here: Here, name: str = "") -> Response:
    """`name`: already filled in, for a link from elsewhere."""
    return _page(request, at, here, name=name)


@router.post("")
def stand(
    request: Request,
    at: Moderating,
    here: Here,
    name: Written = "",
    stands: Written = "",
    until: Written = "",
    author: Written = "",
) -> Response:
    """`name`: whom; where several accounts bear it, `author` is the one that was chosen. `until`: the last day."""
    try:
        wanted = _stands(stands)
        end = end_of(until, here.timezone) if until.strip() else None
        with here.store.writing() as connection:
            found = moderate.the_author(connection, name[:LONGEST])
            chosen = [one for one in found if len(found) == 1 or str(one.id) == author]
            left = (
                moderate.set_standing(
                    connection, at.campaign.id, chosen[0].id, wanted, at.visitor.name, here.clock.now(), until=end
                )
                if chosen
                else 0
            )
    except TagoraError as error:
        wrong = problem(request, here, error)
        return _page(request, at, here, name=name, stands=stands, until=until, problem=wrong, status=400)
    if not chosen:
        return _page(request, at, here, name=name, stands=stands, until=until, choice=found)
    told = "%(name)s is trusted." if wanted is Stands.TRUSTED else "%(name)s is blocked."
    return _done(request, at, here, told, chosen[0], left)


@router.post("/{author}/lift")
def lift(request: Request, at: Moderating, here: Here, author: int) -> Response:
    """The author is like any other again."""
    with here.store.writing() as connection:
        now = here.clock.now()
        held = [one.author for one in standings.standings(connection, at.campaign.id, now) if one.author.id == author]
        left = moderate.set_standing(connection, at.campaign.id, author, None, at.visitor.name, now)
    return _done(request, at, here, "%(name)s is like anybody again.", held[0] if held else None, left)


# ---------------------------------------------------------------------------------------------------------------------


def _stands(written: str) -> Stands:
    try:
        return Stands(written)
    except ValueError:
        raise UsageError("it is not said whether to trust or to block", "Choose one.") from None


def _done(
    request: Request, at: InCampaign, here: Surroundings, told: str, author: KnownAuthor | None, left: int
) -> Response:
    spoken = language(request, here)
    name = (author.handle or author.display_name or author.native_id) if author else "?"
    sentences = [in_words(told, spoken) % {"name": name}]
    if left:
        say = words(spoken, *LOCALES)
        sentences.append(
            say.ngettext("%(num)d post left the queue.", "%(num)d posts left the queue.", left) % {"num": left}
        )
    request.app.state.counter.forget(at.campaign.id)
    answer = RedirectResponse(f"/c/{at.campaign.slug}/authors", 303)
    flash(answer, " ".join(sentences))
    return answer


def _page(
    request: Request,
    at: InCampaign,
    here: Surroundings,
    *,
    name: str = "",
    stands: str = "",
    until: str = "",
    choice: Sequence[KnownAuthor] = (),
    problem: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    with here.store.reading() as connection:
        held = standings.standings(connection, at.campaign.id, here.clock.now())
    return show(
        request,
        here,
        "authors.html",
        status=status,
        campaign=at.campaign,
        place="authors",
        said=flashed(request),
        may_decide=at.visitor.may(Role.MODERATOR, at.campaign),
        trusted=[one for one in held if one.stands is Stands.TRUSTED],
        blocked=[one for one in held if one.stands is Stands.BLOCKED],
        name=name,
        stands=stands,
        until=until,
        choice=choice,
        problem=problem,
    )
