"""The desk: the queue beside an open post, and the forms by which everything also works without scripts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from ...core.decisions import Seen, Verdict
from ...core.errors import UsageError
from ...core.moderators import Role
from ...core.normalise import clean_line
from ...presentation.markup import in_script
from ...storage import campaigns as stored_campaigns
from ...storage import counts, near, saved_filters
from ...storage.claims import taken_over_from
from ...storage.reports import waiting
from ...storage.store import Connection
from .. import claims as claiming
from .. import deciding, moderate, notes
from ..keys import OFF, in_force
from ..reasons import reasons
from .access import Here, InCampaign, Moderating, NotHere, SignedIn, Viewing, seen_by
from .answers import show
from .api_desk import SeenPost, set_standing, speaker_of, subjects
from .filters import asked
from .flash import flash, flashed
from .keys import shown_keys
from .listing import Counter, list_queue
from .opening import open_post, reasons_shown
from .sentences import Speaker
from .surroundings import Surroundings

router = APIRouter(include_in_schema=False)
HEARTBEATS = 3  # in the time that a claim lasts
REFRESH = 20  # seconds between two looks at the counts


@router.get("/")
def front(request: Request, visitor: SignedIn, here: Here) -> Response:
    """The one campaign there is, or a choice: with how many posts wait in each, and how many reports for whom they are
    meant."""
    seen = seen_by(visitor, here)
    if len(seen) == 1:
        return RedirectResponse(f"/c/{seen[0].slug}/", 303)
    with here.store.reading() as connection:
        lines = [
            (
                one,
                counts.of_queue(connection, one.id).waiting,
                waiting(connection, one.id).number if visitor.moderator.may(Role.MODERATOR, one.id) else 0,
            )
            for one in seen
        ]
    return show(request, here, "campaigns.html", campaigns=lines)


@router.get("/c/{slug}/")
def queue(request: Request, at: Viewing, here: Here) -> Response:
    return _desk(request, at, here, None)


@router.get("/c/{slug}/posts/{post_id}")
def post(request: Request, post_id: int, at: Viewing, here: Here) -> Response:
    return _desk(request, at, here, post_id)


def _desk(request: Request, at: InCampaign, here: Surroundings, post_id: int | None) -> Response:
    """The whole page, or the part of it that a script asks for."""
    part = request.query_params.get("part")
    campaign, visitor, now = at.campaign, at.visitor, here.clock.now()
    said = asked(request.query_params)
    may_decide = visitor.may(Role.MODERATOR, campaign)
    counter: Counter = request.app.state.counter
    with here.store.reading() as connection:
        known = reasons(connection, campaign.id)
        speaker = speaker_of(request, here, known)
        opened = listing = None
        if post_id is not None:
            opened = open_post(
                connection,
                here,
                campaign,
                post_id,
                visitor.name,
                speaker,
                here.acts.versions,
                whole=request.query_params.get("whole") == "1",
            )
            if opened is None:
                raise NotHere
        if part != "opened":
            counted = counter(connection, campaign.id, now)
            after = request.query_params.get("after")
            listing = list_queue(connection, campaign, visitor.moderator, said, after, counted, speaker, now)
        state = _state(connection, at, here, speaker) if part is None else {}
    shown: dict[str, Any] = {
        "campaign": campaign,
        "place": "queue",
        "listing": listing,
        "opened": opened,
        "query_back": said.query,
        "may_decide": may_decide,
        "reasons": reasons_shown(known, speaker.language),
    }
    if part is not None:
        return show(request, here, {"opened": "opened.html"}.get(part, "items.html"), **shown)
    keys = in_force(visitor.moderator.keys)
    keys_off = OFF in visitor.moderator.keys
    shown |= state | {
        "said": flashed(request),
        "keys": shown_keys(keys, speaker.tell),
        "keys_off": keys_off,
    }
    shown["desk"] = in_script(
        {
            "slug": campaign.slug,
            "csrf": visitor.csrf,
            "person": visitor.name,
            "query": said.query,
            "post": post_id,
            "may_decide": may_decide,
            "one_status": listing.one_status if listing else True,
            "heartbeat": max(5, here.settings.claim.total_seconds() / HEARTBEATS),
            "refresh": REFRESH,
            "keys": keys,
            "keys_off": keys_off,
            "words": _words(speaker),
        }
    )
    return show(request, here, "desk.html", **shown)


def _state(connection: Connection, at: InCampaign, here: Surroundings, speaker: Speaker) -> dict[str, Any]:
    """What banners tell."""
    stored = next(one for one in stored_campaigns.every(connection) if one.id == at.campaign.id)
    return {
        "publishing": stored.publishing,
        "flood_since": stored.flood_since,
        "questions": counts.asked(connection, at.campaign.id, at.visitor.name),
        "taken": taken_over_from(connection, at.campaign.id, at.visitor.name, here.clock.now()),
        "troubles": [
            one
            for one in here.acts.troubles(speaker.language)
            if one.campaign in (None, at.campaign.slug) and one.kind != "flood"  # which has a banner with a button
        ],
    }


# --- forms -----------------------------------------------------------------------------------------------------------

Text = Annotated[str, Form()]


@router.post("/c/{slug}/decide")
def decide(
    request: Request,
    at: Moderating,
    here: Here,
    verdict: Text,
    post: Annotated[list[str] | None, Form()] = None,
    scope: Text = "post",
    reason: Text = "",
    words: Text = "",
    parent: Annotated[int | None, Form()] = None,
    back: Text = "",
) -> Response:
    said = Verdict(verdict) if verdict in set(Verdict) else None
    if said is None:
        raise UsageError("there is no such verdict")
    if not post:
        raise UsageError("no post was chosen", "Tick the posts that are meant.")
    why = (words.strip() or reason) if said is Verdict.REJECT else None
    seen = [_seen(one) for one in post]
    if parent is not None:
        seen.append(SeenPost(post=parent))
    with here.store.writing() as connection:
        speaker = speaker_of(request, here, reasons(connection, at.campaign.id))
        meant = subjects(connection, at, seen, scope)
        if scope == "group":
            meant += deciding.as_now(connection, at.campaign.id, _group(connection, at, seen[0].post))
        outcome = deciding.decide_seen(
            connection, at.campaign.id, _distinct(meant), said, at.visitor.name, here.clock.now(), reason=why
        )
    request.app.state.counter.moved(at.campaign.id, ((one.before, one.after) for one in outcome.decided))
    refused = {one.post_id for one in outcome.refused}
    stay = seen[0].post if refused or said in deciding.FEATURING else None
    return _back(at, back, speaker.decided(said, outcome), stay)


@router.post("/c/{slug}/undo")
def undo(
    request: Request,
    at: Moderating,
    here: Here,
    decision: Annotated[int | None, Form()] = None,
    post: Annotated[int | None, Form(alias="at")] = None,
    back: Text = "",
) -> Response:
    name, now = at.visitor.name, here.clock.now()
    with here.store.writing() as connection:
        speaker = speaker_of(request, here, reasons(connection, at.campaign.id))
        ids = [decision] if decision is not None else deciding.last_stroke(connection, name, at.campaign.id)
        taken = deciding.take_back(connection, ids, name, now, campaign_id=at.campaign.id, forced=decision is not None)
    request.app.state.counter.moved(at.campaign.id, ((one.before, one.after) for one in taken.undone))
    return _back(at, back, speaker.taken_back(taken), post)


@router.post("/c/{slug}/claim")
def claim(at: Moderating, here: Here, post: Annotated[int, Form()], note: Text = "", back: Text = "") -> Response:
    """Taking over what somebody else has open."""
    with here.store.writing() as connection:
        claiming.take_over(
            connection, at.campaign.id, post, note, at.visitor.name, here.clock.now(), here.settings.claim
        )
    return _back(at, back, "", post)


@router.post("/c/{slug}/note")
def note(
    at: Moderating, here: Here, post: Annotated[int, Form()], text: Text = "", asks: Text = "", back: Text = ""
) -> Response:
    with here.store.writing() as connection:
        notes.remark(
            connection, at.campaign.id, post, text, at.visitor.name, here.clock.now(), asks=asks.strip() or None
        )
    return _back(at, back, "", post)


@router.post("/c/{slug}/answered")
def answered(
    at: Moderating,
    here: Here,
    note: Annotated[int, Form()],
    post: Annotated[int | None, Form(alias="at")] = None,
    back: Text = "",
) -> Response:
    with here.store.writing() as connection:
        notes.answered(connection, at.campaign.id, note, here.clock.now())
    return _back(at, back, "", post)


@router.post("/c/{slug}/standing")
def standing(
    request: Request,
    at: Moderating,
    here: Here,
    post: Annotated[int, Form()],
    author: Annotated[int, Form()],
    stands: Text = "",
    until: Text = "",
    back: Text = "",
) -> Response:
    speaker = speaker_of(request, here)
    try:
        end = date.fromisoformat(until) if until else None
    except ValueError:
        raise UsageError("the end date cannot be read", "Write it like 2026-12-31.") from None
    left = set_standing(here, at, author, stands or None, end)
    request.app.state.counter.forget(at.campaign.id)
    said = speaker.count("%(num)d post left the queue.", "%(num)d posts left the queue.", left) % {"num": left}
    return _back(at, back, said, post)


@router.post("/c/{slug}/publishing")
def publishing(request: Request, at: Moderating, here: Here, on: Text = "") -> Response:
    with here.store.writing() as connection:
        change = moderate.resume_publishing if on == "1" else moderate.stop_publishing
        change(connection, at.campaign.id)
    return _back(at, "", "", None)


@router.post("/c/{slug}/flood")
def release_flood(at: Moderating, here: Here) -> Response:
    with here.store.writing() as connection:
        stored_campaigns.release_brake(connection, at.campaign.id, here.clock.now())
    return _back(at, "", "", None)


@router.post("/c/{slug}/filters")
def save_filter(at: Viewing, here: Here, name: Text, query: Text = "") -> Response:
    said = clean_line(name, saved_filters.MAX_NAME)
    if said is None:
        raise UsageError("the filter has no name", "Give it one.")
    with here.store.writing() as connection:
        saved_filters.save(
            connection, at.visitor.moderator.id, at.campaign.id, said, _asked_again(query), here.clock.now()
        )
    return _back(at, query, "", None)


@router.post("/c/{slug}/filters/drop")
def drop_filter(at: Viewing, here: Here, name: Text) -> Response:
    with here.store.writing() as connection:
        saved_filters.drop(connection, at.visitor.moderator.id, at.campaign.id, name)
    return _back(at, "", "", None)


# ---------------------------------------------------------------------------------------------------------------------


def _seen(value: str) -> SeenPost:
    """ "12:1:abc…:34": a post, the content that was seen, the decision that stood."""
    post, _, rest = value.partition(":")
    content, _, decision = rest.rpartition(":")
    if not post.isdecimal() or (decision and not decision.isdecimal()):
        raise UsageError("the form cannot be read", "Load the page again.")
    return SeenPost(post=int(post), hash=content or None, decision=int(decision) if decision else None)


def _distinct(seen: list[Seen]) -> list[Seen]:
    return list({one.post_id: one for one in reversed(seen)}.values())[::-1]


def _group(connection: Connection, at: InCampaign, post_id: int) -> list[int]:
    return list(near.of_post(connection, at.campaign.id, post_id))


def _asked_again(query: str) -> str:
    """A filter's address as this program writes it, whatever a form sent."""
    return asked(dict(parse_qsl(query[:2_000]))).query


def _back(at: InCampaign, query: str, said: str, post_id: int | None) -> Response:
    """To the list as it was, or to the post."""
    wanted = _asked_again(query)
    path = f"/c/{quote(at.campaign.slug)}/" + (f"posts/{post_id}" if post_id is not None else "")
    answer = RedirectResponse(path + (f"?{wanted}" if wanted else ""), 303)
    if said:
        flash(answer, said)
    return answer


def _words(speaker: Speaker) -> dict[str, str]:
    """What the script says."""
    tell = speaker.tell
    return {
        "chosen": tell("With the % chosen ones:"),
        "with_chosen": tell("With the chosen ones:"),
        "none_chosen": tell("No post is chosen: tick some first."),
        "offline": tell("The network does not answer. Try again in a moment."),
        "end": tell("There is no further one."),
        "done": tell("All done here."),
        "reason_missing": tell("A rejection needs a reason."),
        "sending": tell("% on the way …"),
        "retried": tell("Kept here (%) and tried again: the network or the server does not answer."),
        "again": tell("Kept here (%) and tried again."),
        "kept": tell("Kept here (%): your session has ended."),
        "ended": tell("Your session has ended."),
        "sign_in": tell("Sign in again"),
        "open_at": tell("open at %"),
        "nothing_to_undo": tell("There is nothing of yours left to undo."),
        "no_picture": tell("The picture could not be loaded. Open it at its network"),
    }
