"""`tagora check`: what can be known before collecting. Stores no post."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ..collector.contract import MICROS, Cost, Cursor, Estimate, Fetch, Page, Query
from ..collector.plan import SourcePlan
from ..core.errors import BadItem, CollectorError, ConfigError, OutOfBudget, RateLimited
from ..core.records import Sighting
from ..site.look.contrast import too_faint
from ..site.settings import check as check_slugs
from ..storage import budget
from .building import campaign_infos, site_settings, try_look
from .closing import closed_on
from .collecting import source_id
from .forecasting import ahead, shortfalls
from .printing import count, dollars
from .sources import Configured, openers, plan
from .starter import TO_WRITE, unfilled
from .workplace import Workplace

MONTH = timedelta(days=30)


class Level(StrEnum):
    WELL = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """`todo`: what to do about it, where something is to be done."""

    level: Level
    about: str
    words: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Peek:
    """One of the newest matches, as it would be stored."""

    about: str
    sighting: Sighting


def check(place: Workplace, *, offline: bool = False, peek: int = 0) -> Iterator[Finding | Peek]:
    """Everything that can be said about the configuration, and of each source what it can see. `peek`: how many of
    the newest matches to give, from networks where asking is free. Raises nothing that a network does."""
    yield from _settings(place)
    for one in place.sources:
        yield from ask_source(place, one, offline=offline, peek=peek)
    yield from _rechecks(place)


def _settings(place: Workplace) -> Iterator[Finding]:
    config = place.loaded.config
    yield Finding(
        Level.WELL, "configuration", f"{place.loaded.document.name} is read, {count(len(config.campaigns), 'campaign')}"
    )
    yield Finding(Level.WELL, "store", f"{place.store.url} opens")
    folder = place.site_folder
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        yield Finding(Level.FAULT, "site", f"{folder} cannot be written: see the rights of {there}")
    try:
        try_look(place)
        if config.site.look is not None:
            yield Finding(Level.WELL, "look", f"{config.site.look} is read")
            yield from (Finding(Level.WARNING, "look", f"look.css: {said}") for said in too_faint(place.look.style))
    except ConfigError as error:
        yield Finding(Level.FAULT, "look", str(error))
    if config.legal is None:
        yield Finding(Level.WARNING, "legal", "`legal:` is missing; readers must know who answers for the collection")
    if config.contact is None:
        yield Finding(Level.WARNING, "contact", "`contact:` is missing; networks like to know whom to write to")
    for key in unfilled(config):
        yield Finding(Level.WARNING, key, "to be filled in still")
    if not config.campaigns:
        yield Finding(Level.WARNING, "campaigns", "there is none, so nothing is collected")
    for info in campaign_infos(place):
        try:
            check_slugs(site_settings(place), (info,))
        except ConfigError as error:
            yield Finding(Level.FAULT, info.slug, str(error))
    for campaign in config.campaigns:
        sources = [one for one in place.sources if one.campaign.slug == campaign.slug]
        if not sources:
            yield Finding(Level.WARNING, campaign.slug, "it has no source, so nothing is collected")
        for url in campaign.openers:
            if not any(one.platform.locate(one.config, url) for one in sources):
                yield Finding(
                    Level.WARNING, campaign.slug, f"the opener {url} is on no network of this campaign's sources"
                )
        with place.store.reading() as connection:
            is_open = closed_on(place, connection, campaign.slug) is None
        written = place.invitations[campaign.slug]
        today = place.clock.now().astimezone(place.zone).date()
        if is_open and written is not None and written.closes is not None and written.closes < today:
            words = f"its invitation closed on {written.closes}; it is collected on until: tagora close {campaign.slug}"
            yield Finding(Level.WARNING, campaign.slug, words)
        if campaign.invitation is None:
            yield Finding(Level.WARNING, campaign.slug, "it has no invitation; the page shows the tag alone")
        if written is not None and written.body.strip() == TO_WRITE:
            yield Finding(Level.WARNING, campaign.slug, f"its invitation is to be written still: {campaign.invitation}")


def ask_source(place: Workplace, one: Configured, *, offline: bool = False, peek: int = 0) -> Iterator[Finding | Peek]:
    """What one source can see, by one cheap question, booked like any other. Raises nothing that a network does."""
    about = f"{one.campaign.slug}/{one.name}"
    try:
        ready = plan(
            one,
            place.loaded,
            place.ids[one.campaign.slug].campaign_id,
            source_id(place, one),
            place.invitations[one.campaign.slug],
        )
    except ConfigError as error:
        yield Finding(Level.FAULT, about, str(error))
        return
    meter = Purse(place, ready)
    query = one.platform.entry_query(one.config, one.campaign.hashtags)
    try:
        with one.platform.connect(  # which asks nothing, but tells of a key that is none
            one.config, ready.secrets, place.clock, one.base_url, user_agent=ready.user_agent, meter=meter
        ) as fetch:
            if offline:
                return
            yield from _asked(one, about, fetch, query, meter, peek)
    except (OutOfBudget, RateLimited) as error:
        yield Finding(Level.WARNING, about, f"not asked: {error}")
    except (CollectorError, ConfigError) as error:
        yield Finding(Level.FAULT, about, str(error))
    if one.campaign.openers and openers(one):
        yield Finding(Level.WELL, about, f"{count(len(openers(one)), 'opener')} of the campaign on this network")


def _rechecks(place: Workplace) -> Iterator[Finding]:
    with place.store.reading() as connection:
        every = ahead(place, connection)
    for one in every:
        about = f"{one.source.campaign.slug}/{one.source.name}"
        if one.posts or not one.source.recheck.steps:
            yield Finding(Level.WELL if one.source.recheck.steps else Level.WARNING, about, one.words)
        yield from (Finding(Level.WARNING, about, words) for words in shortfalls(one, every))


def _asked(
    one: Configured, about: str, fetch: Fetch, query: Query, meter: Purse, peek: int
) -> Iterator[Finding | Peek]:
    if one.platform.estimate is not None:
        estimate = one.platform.estimate(fetch, query)
        meter.settle(estimate.cost)
        yield Finding(Level.WELL, about, _priced(one, estimate))
        return
    if one.platform.probe is not None:
        told = one.platform.probe(fetch, query)
        meter.settle(Cost())
        for words in told.sees:
            yield Finding(Level.WELL, about, f"sees: {words}")
        for words in told.lacks:
            yield Finding(Level.WARNING, about, f"does not see: {words}")
        if not peek:
            return
    page: Page = next(iter(fetch(query, Cursor())))
    meter.settle(page.cost)
    if one.platform.probe is None:
        yield Finding(Level.WELL, about, f"answers; {count(len(page.items), 'match', 'matches')} on the first page")
    for raw in page.items[:peek]:
        try:
            yield from (Peek(about, sighting) for sighting in one.platform.to_sightings(raw)[:1])
        except BadItem as error:
            yield Finding(Level.WARNING, about, f"one item cannot be understood: {error}")


def _priced(one: Configured, estimate: Estimate) -> str:
    days = estimate.over / timedelta(days=1)
    monthly = int(estimate.micros * (MONTH / estimate.over))
    words = (
        f"answers; {count(estimate.posts, 'post')} in the last {days:.0f} days; reading them costs at most "
        f"{dollars(estimate.micros)}, at this rate {dollars(monthly)} a month, conversations apart "
        f"(this question cost {dollars(estimate.cost.micros)})"
    )
    ceiling = one.account_budget.usd_per_month or one.source.budget.usd_per_month
    if ceiling is not None and monthly > ceiling * MICROS:
        words += f"; the ceiling of ${ceiling} a month will be reached, and kept"
    return words


class Purse:
    """A purse for the few calls of a check: booked like any other, without a source's lease."""

    def __init__(self, place: Workplace, ready: SourcePlan) -> None:
        self._place = place
        self._purse = ready.purse
        self._entry: int | None = None

    def page_size(self, unit_micros: int, least: int, most: int) -> int:
        return least if unit_micros else most

    def reserve(self, worst: Cost) -> None:
        now = self._place.clock.now()
        with self._place.store.writing() as connection:
            self._entry = budget.reserve(connection, self._purse, worst.requests, worst.micros, "check", now)
        if self._entry is None:
            raise OutOfBudget("The budget does not allow this question any more.", "See `tagora status`.")

    def release(self) -> None:
        if self._entry is not None:
            with self._place.store.writing() as connection:
                budget.release(connection, self._entry, "check")
            self._entry = None

    def settle(self, cost: Cost) -> None:
        if self._entry is not None:
            with self._place.store.writing() as connection:
                budget.settle(connection, self._entry, cost.requests, cost.micros, "check")
            self._entry = None


def worst(findings: list[Finding]) -> int:
    """The exit status: 0 fit to collect, 1 something is not."""
    faults = [finding for finding in findings if finding.level is Level.FAULT]
    return 0 if not faults else 1
