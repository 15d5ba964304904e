"""Bringing one post into a campaign by its address: from what is held of it, else from its network, else as typed in
(typing_in.py)."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..collector import by_hand, typed
from ..collector.by_hand import Outcome
from ..collector.contract import Lookup, MissingReason, Raw
from ..collector.plan import SourcePlan
from ..core.errors import CollectorError, UsageError
from ..core.normalise import clean_line, clean_url
from ..core.records import PostRef
from ..review.decide import decide_new
from ..review.names import person
from ..review.web.surroundings import Added, Typed
from ..storage import membership, payloads
from ..storage.payloads import Held, Payload
from . import typing_in
from .collecting import source_id
from .sources import Configured, plan
from .wanted import TYPE_IT_IN, Wanted, has_reason
from .workplace import Workplace

UNTOLD = (str(MissingReason.UNREACHABLE), "bad")  # the network said nothing that would speak against typing in
WEAK = ("context", "quote")  # it belongs for another post's sake; who names it wants its whole conversation


def add(place: Workplace, campaign: str | None, url: str, by: str, words: Typed | None = None) -> Added:
    """Makes the post at `url` part of the campaign and puts it before people, whatever the rules say. `words`: what
    was typed in, for where its network cannot be asked or does not answer; what a network says goes before it.

    Raises UsageError, saying what to do, for a post that may not or cannot be added; CollectorError (OutOfBudget among
    them) where its network fails; ConfigError where a key is missing. Nothing is stored then.
    """
    wanted = _wanted(place, campaign, url, person(by))
    if words is not None:
        words = typing_in.checked(words, place.clock.now())
    with place.store.reading() as connection:
        if wanted.forgotten(connection)([ref for _, ref in wanted.candidates] + [wanted.own]):
            raise wanted.refused("forgotten")
        held = wanted.held(connection)
        kept = payloads.of_post(connection, held.post_id) if held else []
        via = membership.via(connection, wanted.campaign_id, held.post_id) if held else None
        told = [one for one in kept if one.platform != typed.PLATFORM.name]
        if held and via and (told or words is None) and not (via in WEAK and wanted.candidates):
            return wanted.told(connection, held.post_id, known=True)
    outcome = _from_what_is_held(wanted, held, told[-1]) if held and told else None
    outcome = outcome or _from_networks(wanted, silently=words is not None)
    if words is not None and (outcome is None or outcome.why_not in UNTOLD):
        return typing_in.type_in(wanted, words)
    if outcome is None:
        raise UsageError(f"no source of {wanted.campaign} can be asked for {wanted.url}", TYPE_IT_IN)
    if outcome.post_id is None:
        raise wanted.refused(outcome.why_not)
    with place.store.reading() as connection:
        return wanted.told(connection, outcome.post_id, known=via is not None)


def _wanted(place: Workplace, campaign: str | None, url: str, by: str) -> Wanted:
    slug = place.campaign(campaign).slug
    address, own = clean_url(url), typed.ref_of(url)
    if address is None or own is None:
        raise UsageError(f"{clean_line(url, 80) or 'nothing'!r} is no web address", "Copy it from the browser.")
    found: dict[tuple[str, str, PostRef], tuple[Configured, PostRef]] = {}
    for one in place.sources:
        if one.campaign.slug == slug and Lookup in one.platform.supports(one.config):
            ref = one.platform.locate(one.config, address)
            if ref is not None:
                found.setdefault((one.platform.name, one.account, ref), (one, ref))
    host = urlsplit(address).hostname
    at_home_first = sorted(found.values(), key=lambda each: host not in (each[0].name, _host(each[0].base_url)))
    return Wanted(place, slug, address, own, by, tuple(at_home_first))


def _host(base_url: str | None) -> str | None:
    return urlsplit(base_url).hostname if base_url else None


def _from_what_is_held(wanted: Wanted, held: Held, kept: Payload) -> Outcome | None:
    """Another campaign has the post, or this one for another post's sake: nobody need be asked. None where no source of
    this campaign could look after it."""
    if held.gone is not None:
        return Outcome(None, held.gone if has_reason(held.gone) else "forgotten")
    place = wanted.place
    for one, _ in wanted.candidates:
        if one.platform.name == kept.platform:
            raw = Raw(kept.seen_as, kept.endpoint, kept.body, kept.seen_at, kept.context)
            ready = _plan(wanted, one)
            with place.store.writing() as connection:
                return by_hand.take_in(
                    connection, ready, one.platform, raw, raw.seen_as, wanted.url,
                    decide=decide_new, settle=wanted.settle, forgotten=wanted.forgotten(connection),
                    now=place.clock.now(),
                )  # fmt: skip
    return None


def _from_networks(wanted: Wanted, *, silently: bool) -> Outcome | None:
    """The post from the first source that has it; else the best reason why none has. None: there is none to ask.
    `silently`: a network that fails counts as one that does not answer."""
    reason: Outcome | None = None
    failed: CollectorError | None = None
    for one, ref in wanted.candidates:
        try:
            outcome = by_hand.look_up(
                _plan(wanted, one), one.platform, wanted.place.store, wanted.place.clock, ref, wanted.url,
                decide=decide_new, settle=wanted.settle, forgotten=wanted.forgotten,
            )  # fmt: skip
        except CollectorError as error:
            failed = failed or error
            continue
        if outcome.post_id is not None:
            return outcome
        if reason is None or reason.why_not == MissingReason.UNREACHABLE:
            reason = outcome
    if failed is None or (reason is not None and reason.why_not != MissingReason.UNREACHABLE):
        return reason
    if not silently:
        raise failed
    return Outcome()


def _plan(wanted: Wanted, one: Configured) -> SourcePlan:
    place = wanted.place
    invitation = place.invitations[wanted.campaign]
    return plan(one, place.loaded, wanted.campaign_id, source_id(place, one), invitation)
