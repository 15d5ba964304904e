"""What is known at one moment of sources, campaigns, the machine and who could not be told. Reads; judges nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from ...collector import walks
from ...collector.coverage import Coverage, Hole, coverage
from ...storage import budget, builds, publications, rechecks, reports, running, runs, sources, stats, windows
from ...storage import campaigns as stored_campaigns
from ...storage import troubles as kept
from ...storage.budget import Ceiling, Purse
from ...storage.publications import Publication
from ...storage.reports import NOTHING_WAITS, Waiting
from ...storage.running import Running
from ...storage.sources import Source
from ...storage.store import Connection
from ..backup_keeper import standing as backup_standing
from ..collecting import source_id
from ..rechecking import looking
from ..sources import Configured, limits
from ..workplace import Workplace


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source. `label`: what people call its network here. `reach`: how far back the network answers. `asked_until`:
    everything before this moment was asked. `closes_at`: from when something not yet read can no longer be had.
    `key_at`: where its key stands, ("file" | "env", name). `failing_since`: when the first run failed after the last
    good one."""

    now: datetime
    source: Source
    label: str
    reach: timedelta | None
    asked_until: datetime | None
    closes_at: datetime | None
    holes: tuple[Hole, ...]
    ceilings: tuple[Ceiling, ...]
    failing_since: datetime | None
    key_at: tuple[str, str] | None
    key_ends: datetime | None

    @property
    def name(self) -> str:
        return f"{self.source.campaign}/{self.source.name}"


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """`fallen_back`: published posts that became bare links because nobody could look them up in time."""

    slug: str
    title: str
    flood_since: datetime | None
    waiting: int
    oldest_at: datetime | None
    fallen_back: int = 0
    fallen_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk under what `of` names: store | site. Bytes."""

    of: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Unreached:
    """A way of telling people (`channel`: mail | webhook) that fails."""

    channel: str
    since: datetime
    problem: str


@dataclass(frozen=True, slots=True)
class Facts:
    """`oldest_pending`: how long a post may wait. `review`: the review app's address. `at_work`: whether a `tagora
    run` is. `run_silent`: the one that gives no sign of life and did not say goodbye. `idle_since`: since when a
    source is due that nobody asks, while no `tagora run` is at work. `unshown_since`: when the first change was
    made that the site does not show. `unpublished`: the places to which publishing fails. `noticed`: since when
    troubles are known, by their keys. `backup_since`: when the last backup was made, where the next one is overdue;
    `backup_problem`: why the last try failed. `reports`: what readers reported and nobody closed yet. `refused`: why
    the configuration as it is now is not in force."""

    now: datetime
    sources: tuple[SourceFacts, ...] = ()
    campaigns: tuple[CampaignFacts, ...] = ()
    disks: tuple[Disk, ...] = ()
    oldest_pending: timedelta = timedelta(hours=12)
    review: str | None = None
    at_work: bool = False
    refused: str | None = None
    run_silent: Running | None = None
    idle_since: datetime | None = None
    unshown_since: datetime | None = None
    unreached: tuple[Unreached, ...] = ()
    backup_since: datetime | None = None
    backup_problem: str | None = None
    unpublished: tuple[Publication, ...] = ()
    reports: Waiting = NOTHING_WAITS
    noticed: Mapping[str, datetime] = field(default_factory=dict)


def gather(place: Workplace, connection: Connection) -> Facts:
    """Everything at the clock's moment, from one moment of the store."""
    now = place.clock.now()
    config = place.loaded.config
    held = {one.id: one for one in sources.every(connection)}
    own = [(one, held[source_id(place, one)]) for one in place.sources]
    closed = {one.slug for one in stored_campaigns.every(connection) if one.closed_at is not None}
    alive = running.running(connection, now)
    backup = backup_standing(place, connection)
    return Facts(
        now=now,
        sources=tuple(
            _source(place, connection, one, source, now, closed=source.campaign in closed) for one, source in own
        ),
        campaigns=tuple(_campaigns(place, connection)),
        disks=tuple(disks(place)),
        oldest_pending=config.alerts.oldest_pending,
        review=config.review.public_url,
        at_work=alive is not None,
        refused=running.refusal(connection) if alive else None,
        run_silent=running.silent(connection, now),
        idle_since=None if alive else _idle([source for _, source in own if source.campaign not in closed], now),
        unshown_since=builds.unshown_since(connection),
        unreached=tuple(
            Unreached(name, one.failing_since, one.problem or "?")
            for name, one in kept.channels(connection).items()
            if one.failing_since is not None
        ),
        backup_since=backup.last.at if backup.overdue and backup.last else None,
        backup_problem=backup.problem,
        unpublished=tuple(
            one
            for one in publications.publications(connection, [place.called for place in config.publish])
            if one.failing_since is not None
        ),
        reports=reports.waiting(connection),
        noticed=kept.noticed(connection),
    )


def _source(
    place: Workplace, connection: Connection, one: Configured, source: Source, now: datetime, *, closed: bool
) -> SourceFacts:
    """`closed`: the campaign is, so that nothing new is wanted."""
    query = one.platform.entry_query(one.config, one.campaign.hashtags)
    support = one.platform.supports(one.config).get(type(query))
    reach = support.reach if support else None
    told = coverage(windows.of_query(connection, source.id, walks.question(query)), reach)
    asked_until = max((stretch.until for each in told for stretch in each.asked), default=None)
    purse = Purse(one.account, source.id, limits(one.account_budget), limits(one.source.budget))
    account = place.loaded.config.accounts.get(one.source.account or "")
    ends = one.source.key_ends or (account.key_ends if account else None)
    return SourceFacts(
        now=now,
        source=source,
        label=_label(place, one),
        reach=reach,
        asked_until=asked_until,
        closes_at=None if closed else _closes_at(told, asked_until, reach),
        holes=tuple(hole for each in told for hole in each.holes),
        ceilings=tuple(budget.ceilings(connection, purse, now)),
        failing_since=runs.failing_since(connection, source.id) if source.last_error else None,
        key_at=next(iter(one.places.values()), None),
        key_ends=datetime.combine(ends, time.max, place.zone).astimezone(UTC) if ends else None,
    )


def _closes_at(told: Sequence[Coverage], asked_until: datetime | None, reach: timedelta | None) -> datetime | None:
    open_ends = [gap.unreachable_at for each in told for gap in each.open if gap.unreachable_at is not None]
    if asked_until is not None and reach is not None:  # what came after the newest question
        open_ends.append(asked_until + reach)
    return min(open_ends, default=None)


def _label(place: Workplace, one: Configured) -> str:
    """ "Facebook"; where that is not one thing only, with the source's own name."""
    alike = {other.name for other in place.sources if other.platform is one.platform}
    if one.platform.is_home is not None:
        return one.name
    return one.platform.title if len(alike) == 1 else f"{one.platform.title} ({one.name})"


def _campaigns(place: Workplace, connection: Connection) -> list[CampaignFacts]:
    stored = {one.slug: one for one in stored_campaigns.every(connection)}
    waiting = stats.oldest_waiting(connection)
    fallen = rechecks.fallen_back(connection, looking(place, connection))
    found: list[CampaignFacts] = []
    for slug, ids in place.ids.items():
        number, oldest_at = waiting.get(ids.campaign_id, (0, None))
        invitation = place.invitations.get(slug)
        title = invitation.title if invitation else f"#{place.campaign(slug).hashtags[0]}"
        bare, since = fallen.get(ids.campaign_id, (0, None))
        found.append(CampaignFacts(slug, title, stored[slug].flood_since, number, oldest_at, bare, since))
    return found


def disks(place: Workplace) -> list[Disk]:
    """The disks of store and site; where they are the same, it is told once."""
    found: dict[int, Disk] = {}
    for of, folder in (("store", place.store.path), ("site", place.site_folder)):
        there = next((each for each in (folder, *folder.parents) if each.exists()), None) if folder else None
        if there is not None:
            room = shutil.disk_usage(there)
            found.setdefault(there.stat().st_dev, Disk(of, room.free, room.total))
    return list(found.values())


def _idle(of: Sequence[Source], now: datetime) -> datetime | None:
    """Since when the longest waiting source waits that nothing keeps from being asked."""
    waiting = [
        one.due_at
        for one in of
        if one.enabled and one.ailing_since is None and (one.rests_until is None or one.rests_until <= now)
    ]
    since = min(waiting, default=now)
    return since if since < now else None
