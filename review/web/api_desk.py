"""The JSON API of the desk: queue, posts, claims, decisions, undo, notes, standings, the switch of publishing."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from ...core.conditions import Stands
from ...core.decisions import Seen, Verdict
from ...core.errors import UsageError
from ...storage.claims import claims, holders
from ...storage.queue import queue, queue_items, read_key
from .. import claims as claiming
from .. import deciding, moderate, notes
from ..deciding import Refused, TakenBack
from ..reasons import reasons
from .access import Here, InCampaign, Moderating, Viewing
from .answers import language
from .filters import Asked, asked, queue_filter
from .listing import counted_json
from .sentences import Speaker
from .shapes import item_json
from .surroundings import Surroundings

router = APIRouter(prefix="/api/v1/campaigns/{slug}", tags=["desk"])
MOST = 500  # posts in one stroke


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SeenPost(_Strict):
    """A post as it was seen. Without `hash` it is decided on as it is now."""

    post: int
    hash: str | None = Field(default=None, description="The content hash that was seen.")
    decision: int | None = Field(default=None, description="The number of the decision that stood.")


class Decision(_Strict):
    """A verdict on posts, in one stroke. `scope`: these posts, the first one with all that waits below it, or all that
    waits by the first one's author."""

    verdict: Literal["approve", "reject", "hold", "pend", "feature", "unfeature"]
    posts: list[SeenPost] = Field(min_length=1, max_length=MOST)
    reason: str | None = Field(default=None, max_length=500, description="A reason's code, or words.")
    scope: Literal["post", "branch", "author"] = "post"


class Undo(_Strict):
    """Which decisions to take back; none: the last stroke of whoever asks."""

    decisions: list[int] | None = Field(default=None, max_length=MOST)
    forced: bool = Field(default=False, description="Also where somebody else decided after.")


class Claimed(_Strict):
    take_over: bool = False
    note: str = Field(default="", max_length=500, description="Why it is taken over; the other one reads it.")


class NewNote(_Strict):
    post: int
    text: str = Field(min_length=1, max_length=5_000)
    asks: str | None = Field(default=None, description="The colleague whose view is asked for.")


class NewStanding(_Strict):
    author: int
    stands: Literal["trusted", "blocked"] | None
    until: date | None = Field(default=None, description="The last day, in the campaign's time zone.")


class Publishing(_Strict):
    on: bool


@router.get("/queue")
def list_queue(
    request: Request,
    at: Viewing,
    here: Here,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """One page of the queue. Beside `after` and `limit` it takes what the page's address takes: status, network,
    language, rule, author, tagged, flagged, asked, older, words, order."""
    now = here.clock.now()
    said: Asked = asked(request.query_params)
    with here.store.reading() as connection:
        wanted = queue_filter(said, at.campaign.id, at.visitor.moderator, now)
        page = queue(connection, wanted, after=read_key(after) if after else None, limit=limit)
        held = claims(connection, at.campaign.id, [item.post_id for item in page.items], now)
    return {
        "items": [item_json(item, held.get(item.post_id)) for item in page.items],
        "next": page.after.written if page.after else None,
    }


@router.get("/posts/{post_id}")
def show_post(post_id: int, at: Viewing, here: Here) -> Any:
    """One post with where it stands."""
    with here.store.reading() as connection:
        found = queue_items(connection, at.campaign.id, [post_id])
        held = claims(connection, at.campaign.id, [post_id], here.clock.now())
    if not found:
        raise UsageError(f"post #{post_id} is not held in this campaign")
    return item_json(found[0], held.get(post_id))


@router.get("/counts")
def counts(request: Request, at: Viewing, here: Here) -> Any:
    """How many posts stand where, and who has which post open."""
    now = here.clock.now()
    with here.store.reading() as connection:
        counted = request.app.state.counter(connection, at.campaign.id, now)
        return counted_json(counted, holders(connection, at.campaign.id, now))


@router.post("/decisions")
def decide(request: Request, body: Decision, at: Moderating, here: Here) -> Any:
    """Decides. What changed or was decided meanwhile, is open at somebody else or is gone is refused, post by post; the
    same decision sent again is a success and recorded once."""
    with here.store.writing() as connection:
        speaker = speaker_of(request, here, reasons(connection, at.campaign.id))
        outcome = deciding.decide_seen(
            connection,
            at.campaign.id,
            subjects(connection, at, body.posts, body.scope),
            Verdict(body.verdict),
            at.visitor.name,
            here.clock.now(),
            reason=body.reason,
        )
    request.app.state.counter.moved(at.campaign.id, ((one.before, one.after) for one in outcome.decided))
    return {
        "decided": [
            {
                "post": one.post_id,
                "before": one.before.value,
                "after": one.after.value,
                "featured": one.featured,
                "decision": one.decision_id,
            }
            for one in outcome.decided
        ],
        "refused": [_refused_json(one, speaker) for one in outcome.refused],
        "stroke": outcome.stroke,
        "said": speaker.decided(Verdict(body.verdict), outcome),
    }


@router.get("/undo")
def last_stroke(at: Moderating, here: Here) -> Any:
    """The decisions that an undo would take back: the last stroke of whoever asks."""
    with here.store.reading() as connection:
        return {"decisions": deciding.last_stroke(connection, at.visitor.name, at.campaign.id)}


@router.post("/undo")
def undo(request: Request, body: Undo, at: Moderating, here: Here) -> Any:
    """Takes decisions back; taken back already, it is a success."""
    name, now = at.visitor.name, here.clock.now()
    with here.store.writing() as connection:
        speaker = speaker_of(request, here, reasons(connection, at.campaign.id))
        ids = body.decisions
        if ids is None:
            ids = deciding.last_stroke(connection, name, at.campaign.id)
        taken = (
            deciding.take_back(connection, ids, name, now, campaign_id=at.campaign.id, forced=body.forced)
            if ids
            else TakenBack((), ())
        )
    request.app.state.counter.moved(at.campaign.id, ((one.before, one.after) for one in taken.undone))
    return {
        "undone": [
            {"post": one.post_id, "decision": one.took_back.id, "before": one.before.value, "after": one.after.value}
            for one in taken.undone
        ],
        "refused": [_refused_json(one, speaker) for one in taken.refused],
        "said": speaker.taken_back(taken),
    }


@router.put("/claims/{post_id}")
def claim(request: Request, post_id: int, body: Claimed, at: Moderating, here: Here) -> Response:
    """Opens a post, or keeps it open. 409 with who has it, where somebody else does."""
    name, now, lasts = at.visitor.name, here.clock.now(), here.settings.claim
    with here.store.writing() as connection:
        if body.take_over:
            held = claiming.take_over(connection, at.campaign.id, post_id, body.note, name, now, lasts)
        else:
            held = claiming.open_post(connection, at.campaign.id, post_id, name, now, lasts)
    if held is None:
        raise UsageError(f"post #{post_id} is not held in this campaign")
    told = {"post": post_id, "by": held.by, "until": held.until.isoformat(), "note": held.note}
    if held.by == name:
        return JSONResponse(told)
    speaker = speaker_of(request, here)
    sentence = speaker.refused(Refused(post_id, deciding.Why.CLAIMED, claim=held))
    if held.taken_from == name and held.note:
        sentence = f"{sentence} “{held.note}”"
    return JSONResponse({"error": sentence, **told}, 409)


@router.delete("/claims/{post_id}", status_code=204)
def release(post_id: int, at: Moderating, here: Here) -> None:
    """Gives a post back."""
    with here.store.writing() as connection:
        claiming.close_posts(connection, at.campaign.id, [post_id], at.visitor.name, here.clock.now())


@router.post("/notes", status_code=201)
def note(body: NewNote, at: Moderating, here: Here) -> Any:
    """Leaves a note on a post, or asks a colleague."""
    with here.store.writing() as connection:
        id_ = notes.remark(
            connection, at.campaign.id, body.post, body.text, at.visitor.name, here.clock.now(), asks=body.asks
        )
    return {"note": id_}


@router.post("/standings")
def stand(body: NewStanding, at: Moderating, here: Here) -> Any:
    """Trusts or blocks an author, or neither."""
    return {"left_the_queue": set_standing(here, at, body.author, body.stands, body.until)}


@router.put("/publishing")
def publishing(body: Publishing, at: Moderating, here: Here) -> Any:
    """Stops the public site where it is (withdrawals still pass), or lets it go on."""
    with here.store.writing() as connection:
        change = moderate.resume_publishing if body.on else moderate.stop_publishing
        change(connection, at.campaign.id)
    return {"publishing": body.on}


# --- shared with the pages -------------------------------------------------------------------------------------------


def speaker_of(request: Request, here: Surroundings, known: Any = ()) -> Speaker:
    return Speaker(language(request, here), here.timezone, known)


def subjects(connection: Any, at: InCampaign, posts: list[SeenPost], scope: str) -> list[Seen]:
    """The posts that are meant, each as it was seen; those not seen one by one as they are now."""
    first = posts[0]
    campaign_id = at.campaign.id
    seen = [Seen(one.post, one.hash, one.decision) for one in posts if one.hash is not None]
    unseen = deciding.as_now(connection, campaign_id, [one.post for one in posts if one.hash is None])
    more: list[Seen] = []
    if scope == "branch":
        more = deciding.branch(connection, campaign_id, first.post)
    elif scope == "author":
        found = queue_items(connection, campaign_id, [first.post])
        if found and found[0].author_id is not None:
            more = deciding.all_by(connection, campaign_id, found[0].author_id)
    known = {one.post_id for one in (*seen, *unseen)}
    return [*unseen, *seen, *(one for one in more if one.post_id not in known)]


def set_standing(here: Surroundings, at: InCampaign, author: int, stands: str | None, until: date | None) -> int:
    """Trusts or blocks until the end of that day; how many posts left the queue by it."""
    end = datetime.combine(until, time.max, ZoneInfo(here.timezone)) if until else None
    with here.store.writing() as connection:
        return moderate.set_standing(
            connection,
            at.campaign.id,
            author,
            Stands(stands) if stands else None,
            at.visitor.name,
            here.clock.now(),
            until=end,
        )


def _refused_json(one: Refused, speaker: Speaker) -> dict[str, Any]:
    return {
        "post": one.post_id,
        "why": one.why.value,
        "sentence": speaker.refused(one),
        "hash": one.content_hash,
        "decision": one.decision.id if one.decision else None,
    }
