"""Campaigns, their sources as configured, and which posts belong to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, insert, select, update

from .store import next_ids
from .tables import account, campaign, campaign_post, post, source

# Why a post belongs, the strongest first. A post that belongs for several reasons keeps the strongest.
VIAS = ("opener", "tag", "page", "hand", "conversation", "context", "quote")


@dataclass(frozen=True, slots=True)
class Campaign:
    id: int
    slug: str
    publishing: bool
    flood_since: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SourceSeed:
    """A source as the configuration names it. `fingerprint` is a one-way digest of its settings and keys: when it
    changes, an ailing account is asked again."""

    name: str
    platform: str
    account: str
    fingerprint: str


def every(connection: Connection) -> list[Campaign]:
    rows = connection.execute(select(*_COLUMNS).order_by(campaign.c.slug))
    return [Campaign(*row) for row in rows]


def by_slug(connection: Connection, slug: str) -> Campaign | None:
    row = connection.execute(select(*_COLUMNS).where(campaign.c.slug == slug)).first()
    return Campaign(*row) if row else None


def sync(
    connection: Connection, configured: Mapping[str, Sequence[SourceSeed]], now: datetime
) -> dict[str, tuple[int, dict[str, int]]]:
    """Makes the store know the configured campaigns (by slug) and sources (by name): slug -> (campaign id, name ->
    source id). Ids stay the same for ever; what is no longer configured is switched off, never deleted."""
    known = {found.slug: found.id for found in every(connection)}
    fresh = [slug for slug in configured if slug not in known]
    for campaign_id, slug in zip(next_ids(connection, campaign, len(fresh)), fresh, strict=True):
        connection.execute(insert(campaign).values(id=campaign_id, slug=slug, created_at=now))
        known[slug] = campaign_id
    _sync_accounts(connection, [seed for seeds in configured.values() for seed in seeds], now)
    rows = connection.execute(
        select(source.c.id, source.c.campaign_id, source.c.name, source.c.platform, source.c.account, source.c.enabled)
    )
    held = {(row.campaign_id, row.name): row for row in rows}
    ids: dict[str, tuple[int, dict[str, int]]] = {}
    wanted: set[int] = set()
    for slug, seeds in configured.items():
        campaign_id = known[slug]
        names: dict[str, int] = {}
        for seed in seeds:
            row = held.get((campaign_id, seed.name))
            values = {"platform": seed.platform, "account": seed.account, "enabled": True}
            if row is None:
                source_id = next_ids(connection, source, 1)[0]
                connection.execute(
                    insert(source).values(id=source_id, campaign_id=campaign_id, name=seed.name, due_at=now, **values)
                )
            else:
                source_id = row.id
                if (row.platform, row.account, row.enabled) != (seed.platform, seed.account, True):
                    connection.execute(update(source).where(source.c.id == source_id).values(**values, due_at=now))
            names[seed.name] = source_id
            wanted.add(source_id)
        ids[slug] = (campaign_id, names)
    gone = [row.id for row in held.values() if row.enabled and row.id not in wanted]
    if gone:
        connection.execute(update(source).where(source.c.id.in_(gone)).values(enabled=False))
    return ids


def admit(
    connection: Connection, campaign_id: int, source_id: int, members: Sequence[tuple[int, str]], now: datetime
) -> list[int]:
    """Makes posts part of the campaign as (post id, via); a stronger via replaces a weaker one. Returns those that
    were not part of it before; they are `new`: never published until decided on."""
    strongest: dict[int, str] = {}
    for post_id, via in members:
        held = strongest.get(post_id)
        if held is None or VIAS.index(via) < VIAS.index(held):
            strongest[post_id] = via
    present: dict[int, str] = {
        row.post_id: row.via
        for row in connection.execute(
            select(campaign_post.c.post_id, campaign_post.c.via).where(
                campaign_post.c.campaign_id == campaign_id, campaign_post.c.post_id.in_(list(strongest))
            )
        )
    }
    fresh = [post_id for post_id in strongest if post_id not in present]
    if fresh:
        connection.execute(
            insert(campaign_post),
            [
                {
                    "campaign_id": campaign_id,
                    "post_id": post_id,
                    "via": strongest[post_id],
                    "source_id": source_id,
                    "status": "new",
                    "added_at": now,
                }
                for post_id in fresh
            ],
        )
    for post_id, via in present.items():
        if VIAS.index(strongest[post_id]) < VIAS.index(via):
            connection.execute(
                update(campaign_post)
                .where(campaign_post.c.campaign_id == campaign_id, campaign_post.c.post_id == post_id)
                .values(via=strongest[post_id])
            )
    return fresh


def sizes(connection: Connection, campaign_id: int, thread_ids: Collection[int]) -> dict[int, int]:
    """How many of the campaign's posts each of these threads holds."""
    rows = connection.execute(
        select(post.c.thread_id, func.count())
        .select_from(campaign_post.join(post, post.c.id == campaign_post.c.post_id))
        .where(campaign_post.c.campaign_id == campaign_id, post.c.thread_id.in_(list(thread_ids)))
        .group_by(post.c.thread_id)
    )
    return {thread_id: count for thread_id, count in rows}


# --- the flood brake -----------------------------------------------------------------------------------------------


def published_lately(connection: Connection, source_id: int, campaign_id: int, now: datetime) -> tuple[int, int]:
    """How many posts found by this source's own question were written in the last hour, and in the week before."""
    hour, week = now - timedelta(hours=1), now - timedelta(days=7, hours=1)
    last_hour = func.sum(case((post.c.published_at > hour, 1), else_=0))
    row = connection.execute(
        select(func.coalesce(last_hour, 0), func.count())
        .select_from(campaign_post.join(post, post.c.id == campaign_post.c.post_id))
        .where(
            campaign_post.c.campaign_id == campaign_id,
            campaign_post.c.source_id == source_id,
            campaign_post.c.via.in_(("tag", "page")),
            post.c.published_at > week,
        )
    ).one()
    return int(row[0]), int(row[1]) - int(row[0])


def brake(connection: Connection, campaign_id: int, now: datetime) -> None:
    """A flood: the campaign publishes nothing unseen until a person releases it."""
    connection.execute(
        update(campaign).where(campaign.c.id == campaign_id, campaign.c.flood_since.is_(None)).values(flood_since=now)
    )


def release_brake(connection: Connection, campaign_id: int, now: datetime) -> None:
    """A person looked: today's rate counts as usual from now on, and the sources go on at once."""
    rows = connection.execute(select(source.c.id).where(source.c.campaign_id == campaign_id)).scalars()
    for source_id in list(rows):
        last_hour, _ = published_lately(connection, source_id, campaign_id, now)
        rate = func.coalesce(source.c.usual_per_hour, 0)
        connection.execute(
            update(source)
            .where(source.c.id == source_id)
            .values(due_at=now, usual_per_hour=case((rate > last_hour * 1000, rate), else_=last_hour * 1000))
        )
    connection.execute(update(campaign).where(campaign.c.id == campaign_id).values(flood_since=None))


_COLUMNS = (campaign.c.id, campaign.c.slug, campaign.c.publishing, campaign.c.flood_since, campaign.c.created_at)


def _sync_accounts(connection: Connection, seeds: Sequence[SourceSeed], now: datetime) -> None:
    known = {row.name: row for row in connection.execute(select(account.c.name, account.c.fingerprint))}
    for name, seed in {seed.account: seed for seed in seeds}.items():
        row = known.get(name)
        if row is None:
            connection.execute(
                insert(account).values(name=name, platform=seed.platform, fingerprint=seed.fingerprint)
            )
        elif row.fingerprint != seed.fingerprint:
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
