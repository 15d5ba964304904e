"""What the rules may know of posts, loaded for a whole page at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, and_, func, or_, select

from ..core.conditions import Facts, Link, Need, Stands
from ..core.fingerprint import NEAR, bands, distance
from ..core.records import EntityKind, Visibility
from .tables import author, campaign_post, entity, fingerprint_band, media, post, standing

# Near-duplicates are looked for among the posts stored last: what a query costs stays flat however large the store.
LOOK_BACK_POSTS = 200_000
FULL_BAND = 200  # of a band that holds more (a wave of spam), the newest are compared


def facts(
    connection: Connection, campaign_id: int, post_ids: Sequence[int], needs: Collection[Need], now: datetime
) -> dict[int, Facts]:
    """The facts of those posts that are held and in the campaign, by id. What `needs` does not name stays empty."""
    if not post_ids:
        return {}
    rows = connection.execute(
        select(
            post.c.id,
            post.c.text,
            post.c.published_at,
            post.c.origin,
            campaign_post.c.via,
            post.c.title,
            post.c.warning,
            post.c.lang,
            post.c.visibility,
            post.c.fingerprint,
            author.c.handle,
            author.c.created_at,
            standing.c.stands,
        )
        .join(campaign_post, campaign_post.c.post_id == post.c.id)
        .outerjoin(author, author.c.id == post.c.author_id)
        .outerjoin(
            standing,
            and_(
                standing.c.campaign_id == campaign_id,
                standing.c.author_id == post.c.author_id,
                or_(standing.c.until.is_(None), standing.c.until > now),
            ),
        )
        .where(campaign_post.c.campaign_id == campaign_id, post.c.id.in_(post_ids), post.c.held.is_(True))
    ).all()
    ids = [row.id for row in rows]
    links = _links(connection, ids) if Need.LINKS in needs else {}
    kinds, alts = _media(connection, ids) if Need.MEDIA in needs else ({}, {})
    near = _near_hours(connection, rows) if Need.NEAR in needs else {}
    return {
        row.id: Facts(
            text=row.text or "",
            published_at=row.published_at,
            network=row.origin,
            via=row.via,
            title=row.title,
            warning=row.warning,
            alts=tuple(alts.get(row.id, ())),
            language=row.lang,
            unlisted=row.visibility == Visibility.UNLISTED,
            handle=row.handle,
            account_created_at=row.created_at,
            stands=Stands(row.stands) if row.stands else None,
            links=tuple(links.get(row.id, ())),
            media=tuple(kinds.get(row.id, ())),
            near_hours=near.get(row.id, ()),
        )
        for row in rows
    }


def _links(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[Link]]:
    links: dict[int, list[Link]] = defaultdict(list)
    rows = connection.execute(
        select(entity.c.post_id, entity.c.start, entity.c.end, entity.c.target)
        .where(entity.c.post_id.in_(ids), entity.c.kind == EntityKind.LINK)
        .order_by(entity.c.post_id, entity.c.position)
    )
    for post_id, start, end, target in rows:
        try:
            host = urlsplit(target).hostname or ""
        except ValueError:
            host = ""
        links[post_id].append(Link(host.rstrip("."), start, end))
    return links


def _media(connection: Connection, ids: Sequence[int]) -> tuple[Mapping[int, list[str]], Mapping[int, list[str]]]:
    """Kinds and descriptions of the posts' media."""
    kinds: dict[int, list[str]] = defaultdict(list)
    alts: dict[int, list[str]] = defaultdict(list)
    rows = connection.execute(
        select(media.c.post_id, media.c.kind, media.c.alt)
        .where(media.c.post_id.in_(ids))
        .order_by(media.c.post_id, media.c.position)
    )
    for post_id, kind, alt in rows:
        kinds[post_id].append(kind)
        if alt:
            alts[post_id].append(alt)
    return kinds, alts


def _near_hours(connection: Connection, rows: Iterable[Any]) -> dict[int, tuple[float, ...]]:
    """For each post, how many hours apart from it its near-duplicates in the store were published."""
    asked = [row for row in rows if row.fingerprint]
    by_band = _by_band(connection, {band for row in asked for band in bands(row.fingerprint)})
    compared = {row.id: (row.fingerprint, row.published_at) for row in asked}
    missing = sorted({post_id for ids in by_band.values() for post_id in ids} - compared.keys())
    for first in range(0, len(missing), 1_000):
        columns = (post.c.id, post.c.fingerprint, post.c.published_at)
        others = connection.execute(select(*columns).where(post.c.id.in_(missing[first : first + 1_000])))
        compared |= {other.id: (other.fingerprint, other.published_at) for other in others if other.published_at}
    near: dict[int, tuple[float, ...]] = {}
    for row in asked:
        others = {post_id for band in bands(row.fingerprint) for post_id in by_band.get(band, ())} - {row.id}
        near[row.id] = tuple(
            abs((row.published_at - compared[other][1]).total_seconds()) / 3600
            for other in sorted(others)
            if other in compared and distance(row.fingerprint, compared[other][0]) <= NEAR
        )
    return near


def _by_band(connection: Connection, asked: Collection[int]) -> dict[int, list[int]]:
    """The posts in each of these bands, of full ones the newest."""
    band, post_id = fingerprint_band.c.band, fingerprint_band.c.post_id
    after = (connection.execute(select(func.max(post.c.id))).scalar() or 0) - LOOK_BACK_POSTS
    recent = and_(band.in_(sorted(asked)), post_id > after)
    full = connection.execute(select(band).where(recent).group_by(band).having(func.count() > FULL_BAND)).scalars()
    found: dict[int, list[int]] = defaultdict(list)
    for value in full.all():
        newest = select(post_id).where(band == value).order_by(post_id.desc()).limit(FULL_BAND)
        found[value] = list(connection.execute(newest).scalars())
    for value, one in connection.execute(select(band, post_id).where(recent, band.not_in(list(found)))):
        found[value].append(one)
    return found
