"""Campaigns, their sources as configured, and which posts belong to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, case, exists, func, insert, select, update

from .batches import Among, Batch
from .store import next_ids
from .tables import account, campaign, campaign_post, post, source

# Why a post belongs, the strongest first. A post that belongs for several reasons keeps the strongest.
VIAS = ("opener", "tag", "page", "hand", "conversation", "context", "quote")


@dataclass(frozen=True, slots=True)
class Campaign:
    id: int
    slug: str
    policy: str  # review_first | publish_first
    publishing: bool
    flood_since: datetime | None
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceSeed:
    """A source as the configuration names it. `fingerprint` is a one-way digest of its settings and keys: when it
    changes, an ailing account is asked again; empty where the keys are not known here."""

    name: str
    platform: str
    account: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class CampaignSeed:
    """A campaign as the configuration names it."""

    slug: str
    policy: str
    sources: tuple[SourceSeed, ...]


@dataclass(frozen=True, slots=True)
class Ids:
    """A campaign's id and its sources' ids by name."""

    campaign_id: int
    sources: Mapping[str, int]


def every(connection: Connection) -> list[Campaign]:
    rows = connection.execute(select(*_COLUMNS).order_by(campaign.c.slug))
    return [Campaign(*row) for row in rows]


def by_slug(connection: Connection, slug: str) -> Campaign | None:
    row = connection.execute(select(*_COLUMNS).where(campaign.c.slug == slug)).first()
    return Campaign(*row) if row else None


def sync(connection: Connection, configured: Sequence[CampaignSeed], now: datetime) -> dict[str, Ids]:
    """Makes the store know the configured campaigns and sources; their ids by slug. Ids stay the same for ever; what
    is no longer configured is switched off, never deleted."""
    known = {found.slug: found for found in every(connection)}
    _sync_accounts(connection, [source for one in configured for source in one.sources], now)
    ids: dict[str, Ids] = {}
    for one in configured:
        found = known.get(one.slug)
        if found is None:
            campaign_id = next_ids(connection, campaign, 1)[0]
            connection.execute(
                insert(campaign).values(id=campaign_id, slug=one.slug, policy=one.policy, created_at=now)
            )
        else:
            campaign_id = found.id
            if found.policy != one.policy:
                connection.execute(update(campaign).where(campaign.c.id == campaign_id).values(policy=one.policy))
        ids[one.slug] = Ids(campaign_id, _sync_sources(connection, campaign_id, one.sources, now))
    wanted = [source_id for one in ids.values() for source_id in one.sources.values()]
    connection.execute(update(source).where(source.c.enabled, source.c.id.not_in(wanted)).values(enabled=False))
    return ids


def close(connection: Connection, campaign_id: int, now: datetime) -> None:
    """Its tags are searched no more. Closed already, the first time counts."""
    this = and_(campaign.c.id == campaign_id, campaign.c.closed_at.is_(None))
    connection.execute(update(campaign).where(this).values(closed_at=now))


def reopen(connection: Connection, campaign_id: int, now: datetime) -> None:
    """As if it had never been closed; its sources are due at once."""
    connection.execute(update(campaign).where(campaign.c.id == campaign_id).values(closed_at=None))
    connection.execute(update(source).where(source.c.campaign_id == campaign_id).values(due_at=now))


def closed_at(connection: Connection, campaign_id: int) -> datetime | None:
    return connection.execute(select(campaign.c.closed_at).where(campaign.c.id == campaign_id)).scalar()


def admit(
    connection: Connection, campaign_id: int, source_id: int | None, members: Sequence[tuple[int, str]], now: datetime
) -> list[int]:
    """Makes posts part of the campaign as (post id, via); a stronger via replaces a weaker one. Returns those that
    were not part of it before; they are `new`: never published until decided on. `source_id` None: no source's."""
    strongest: dict[int, str] = {}
    for post_id, via in members:
        held = strongest.get(post_id)
        if held is None or VIAS.index(via) < VIAS.index(held):
            strongest[post_id] = via
    present: dict[int, str] = dict(map(tuple, _MEMBERS(connection, strongest, campaign=campaign_id)))
    fresh = [post_id for post_id in strongest if post_id not in present]
    _JOIN(connection, [(campaign_id, post_id, strongest[post_id], source_id, "new", now) for post_id in fresh])
    for post_id, via in present.items():
        if VIAS.index(strongest[post_id]) < VIAS.index(via):
            connection.execute(
                update(campaign_post)
                .where(campaign_post.c.campaign_id == campaign_id, campaign_post.c.post_id == post_id)
                .values(via=strongest[post_id])
            )
    return fresh


_JOIN = Batch(insert(campaign_post), "campaign_id", "post_id", "via", "source_id", "status", "added_at")
_MEMBERS = Among(
    lambda ids: select(campaign_post.c.post_id, campaign_post.c.via).where(
        campaign_post.c.campaign_id == bindparam("campaign"), campaign_post.c.post_id.in_(ids)
    )
)


def sizes(connection: Connection, campaign_id: int, thread_ids: Collection[int]) -> dict[int, int]:
    """How many of the campaign's posts each of these threads holds."""
    member = exists().where(campaign_post.c.post_id == post.c.id, campaign_post.c.campaign_id == campaign_id)
    rows = connection.execute(
        select(post.c.thread_id, func.count())
        .where(post.c.thread_id.in_(list(thread_ids)), member)  # as a join, SQLite would walk the whole campaign
        .group_by(post.c.thread_id)
    )
    return {key: count for key, count in rows}  # noqa: C416 - rows are no pairs to a type checker


# --- the flood brake -----------------------------------------------------------------------------------------------


def published_since(connection: Connection, source_id: int, campaign_id: int, since: datetime) -> int:
    """How many posts found by this source's own question were written after this moment. Costs as much as there are
    posts since then: SQLite has no statistics, and would otherwise walk the whole campaign."""
    found_by_question = (
        select(campaign_post.c.post_id)
        .where(
            campaign_post.c.campaign_id == campaign_id,
            campaign_post.c.post_id == post.c.id,
            campaign_post.c.source_id == source_id,
            campaign_post.c.via.in_(("tag", "page")),
        )
        .exists()
    )
    query = select(func.count()).select_from(post).where(post.c.published_at > since, found_by_question)
    return connection.execute(query).scalar_one()


def brake(connection: Connection, campaign_id: int, now: datetime) -> None:
    """A flood: the campaign publishes nothing unseen until a person releases it."""
    connection.execute(
        update(campaign).where(campaign.c.id == campaign_id, campaign.c.flood_since.is_(None)).values(flood_since=now)
    )


def release_brake(connection: Connection, campaign_id: int, now: datetime) -> None:
    """A person looked: today's rate counts as usual from now on, and the sources go on at once."""
    rows = connection.execute(select(source.c.id).where(source.c.campaign_id == campaign_id)).scalars()
    for source_id in list(rows):
        last_hour = published_since(connection, source_id, campaign_id, now - timedelta(hours=1))
        rate = func.coalesce(source.c.usual_per_hour, 0)
        connection.execute(
            update(source)
            .where(source.c.id == source_id)
            .values(due_at=now, usual_per_hour=case((rate > last_hour * 1000, rate), else_=last_hour * 1000))
        )
    connection.execute(update(campaign).where(campaign.c.id == campaign_id).values(flood_since=None))


_COLUMNS = (
    campaign.c.id,
    campaign.c.slug,
    campaign.c.policy,
    campaign.c.publishing,
    campaign.c.flood_since,
    campaign.c.created_at,
    campaign.c.closed_at,
)


def _sync_sources(
    connection: Connection, campaign_id: int, seeds: Sequence[SourceSeed], now: datetime
) -> dict[str, int]:
    held = {
        row.name: row
        for row in connection.execute(
            select(source.c.id, source.c.name, source.c.platform, source.c.account, source.c.enabled).where(
                source.c.campaign_id == campaign_id
            )
        )
    }
    ids: dict[str, int] = {}
    for seed in seeds:
        row = held.get(seed.name)
        if row is None:
            ids[seed.name] = next_ids(connection, source, 1)[0]
            connection.execute(
                insert(source).values(
                    id=ids[seed.name],
                    campaign_id=campaign_id,
                    name=seed.name,
                    platform=seed.platform,
                    account=seed.account,
                    due_at=now,
                )
            )
            continue
        ids[seed.name] = row.id
        if (row.platform, row.account, row.enabled) != (seed.platform, seed.account, True):
            connection.execute(
                update(source)
                .where(source.c.id == row.id)
                .values(platform=seed.platform, account=seed.account, enabled=True, due_at=now)
            )
    return ids


def _sync_accounts(connection: Connection, seeds: Sequence[SourceSeed], now: datetime) -> None:
    known = {row.name: row for row in connection.execute(select(account.c.name, account.c.fingerprint))}
    for name, seed in {seed.account: seed for seed in seeds}.items():
        row = known.get(name)
        if row is None:
            connection.execute(insert(account).values(name=name, platform=seed.platform, fingerprint=seed.fingerprint))
        elif seed.fingerprint and row.fingerprint != seed.fingerprint:
            connection.execute(
                update(account)
                .where(account.c.name == name)
                .values(
                    platform=seed.platform,
                    fingerprint=seed.fingerprint,
                    ailing_since=None,
                    problem=None,
                    rests_until=None,
                )
            )
            connection.execute(update(source).where(source.c.account == name).values(due_at=now, attempts=0))
