"""A post as a person typed it in: kept like any other, under its address, with the permission as a note."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..collector import by_hand, typed
from ..collector.contract import Raw
from ..collector.plan import NO_SOURCE, SourcePlan
from ..core.errors import UsageError
from ..core.normalise import clean_line, clean_text, clean_time
from ..core.records import PostRef
from ..review.decide import decide_new
from ..review.notes import MAX_NOTE, remark
from ..review.web.surroundings import Added, Typed
from ..storage import membership, payloads
from .wanted import Wanted


def checked(words: Typed, now: datetime) -> Typed:
    """Raises UsageError for what cannot be kept: no words, no believable date, no permission."""
    text, title = clean_text(words.text).strip(), clean_line(words.title)
    if not (text or title):
        raise UsageError("what the post says is missing", "Give its text.")
    written_at = clean_time(words.written_at, now)
    if written_at is None:
        raise UsageError("no post was written at that date", "Give the day on which it was written.")
    permission = clean_text(words.permission, MAX_NOTE).strip()
    if not permission:
        raise UsageError("nobody is named who allowed the post to be shown", "Say who allowed it, and how.")
    author = clean_line(words.author)
    return replace(words, text=text, title=title, written_at=written_at, permission=permission, author=author)


def type_in(wanted: Wanted, words: Typed) -> Added:
    """Keeps the typed post; typed again in other words it was edited, in the same it is known. Raises UsageError where
    it may not be kept, or its network tells it."""
    place, campaign_id, now = wanted.place, wanted.campaign_id, wanted.place.clock.now()
    with place.store.writing() as connection:
        held = wanted.held(connection)
        before = payloads.of_post(connection, held.post_id) if held else []
        known = held is not None and membership.via(connection, campaign_id, held.post_id) is not None
        if held and any(one.platform != typed.PLATFORM.name for one in before):
            if known:
                return wanted.told(connection, held.post_id, known=True)
            raise UsageError(
                f"another campaign has {wanted.url} from its network",
                f"Give {wanted.campaign} a source of that network.",
            )
        raw = _raw(words, before[-1].seen_as if before else _name(wanted), wanted.url, now)
        edited = False
        if before and _said(before[-1].body) == _said(raw.body):
            raw = replace(raw, body=before[-1].body, seen_at=before[-1].seen_at)
            if held and known:
                return wanted.told(connection, held.post_id, known=True)
        elif before:
            raw, edited = _raw(words, raw.seen_as, wanted.url, now, edited_at=now), True
        outcome = by_hand.take_in(
            connection, _plan(wanted), typed.PLATFORM, raw, raw.seen_as, wanted.url,
            decide=decide_new, settle=wanted.settle, forgotten=wanted.forgotten(connection), now=now,
        )  # fmt: skip
        if outcome.post_id is None:
            raise wanted.refused(outcome.why_not)
        remark(connection, campaign_id, outcome.post_id, words.permission, wanted.by, now)
        return wanted.told(connection, outcome.post_id, known=known, edited=edited)


def _raw(words: Typed, ref: PostRef, url: str, now: datetime, edited_at: datetime | None = None) -> Raw:
    """All that was typed but the permission."""
    return typed.raw_of(
        ref, url, now, text=words.text, written_at=words.written_at, author=words.author, title=words.title,
        language=words.language, edited_at=edited_at,
    )  # fmt: skip


def _said(body: dict[str, Any]) -> dict[str, Any]:
    """What was typed, whatever the address's spelling and whenever it was typed."""
    return {name: value for name, value in body.items() if name not in ("url", "edited_at")}


def _name(wanted: Wanted) -> PostRef:
    """A configured network's own name for the post, so that the network's word unites with what was typed."""
    sources = [one for one, _ in wanted.candidates] or wanted.place.sources
    names = (one.platform.locate(one.config, wanted.url) for one in sources)
    return next((name for name in names if name is not None), wanted.own)


def _plan(wanted: Wanted) -> SourcePlan:
    campaign, name = wanted.place.campaign(wanted.campaign), typed.PLATFORM.name
    return SourcePlan(
        campaign_id=wanted.campaign_id,
        campaign=wanted.campaign,
        source_id=NO_SOURCE,
        name=name,
        platform=name,
        account=name,
        config=typed.PLATFORM.config(),
        secrets={},
        tags=campaign.hashtags,
        every=timedelta(days=1),
    )
