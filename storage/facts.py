"""What the rules may know of posts, loaded for a whole page at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, Integer, and_, bindparam, func, or_, select

from ..core.conditions import Facts, Link, Need, Stands
from ..core.fingerprint import NEAR, bands, distance
from ..core.records import EntityKind, Visibility
from ..core.wishes import needs_a_person
from .batches import Among, read
from .tables import author, campaign_post, entity, fingerprint_band, media, post, standing

# Near-duplicates are looked for among the posts stored last: what a query costs stays flat however large the store.
LOOK_BACK_POSTS = 200_000
FULL_BAND = 200  # of a band that holds more (a wave of spam), the newest are compared
MANY = 20_000  # rows of an index that are read at once and sorted out here


class _Row(NamedTuple):
    """What `_FACTS` asks, in its order."""

    id: int
    text: str | None
    published_at: datetime
    origin: str
    via: str
    title: str | None
    warning: str | None
    lang: str | None
    visibility: str | None
    fingerprint: int | None
    handle: str | None
    created_at: datetime | None
    wishes: list[str] | None
    stands: str | None


_FACTS = Among(
    lambda ids: (
        select(
            *(post.c[name] for name in ("id", "text", "published_at", "origin")),
            campaign_post.c.via,
            *(post.c[name] for name in ("title", "warning", "lang", "visibility", "fingerprint")),
            author.c.handle,
            author.c.created_at,
            author.c.wishes,
            standing.c.stands,
        )
        .join(campaign_post, campaign_post.c.post_id == post.c.id)
        .outerjoin(author, author.c.id == post.c.author_id)
        .outerjoin(
            standing,
            and_(
                standing.c.campaign_id == campaign_post.c.campaign_id,
                standing.c.author_id == post.c.author_id,
                or_(standing.c.until.is_(None), standing.c.until > bindparam("now")),
            ),
        )
        .where(campaign_post.c.campaign_id == bindparam("campaign"), post.c.id.in_(ids), post.c.held.is_(True))
    )
)
_LINKS = Among(
    lambda ids: (
        select(entity.c.post_id, entity.c.start, entity.c.end, entity.c.target)
        .where(entity.c.post_id.in_(ids), entity.c.kind == EntityKind.LINK.value)
        .order_by(entity.c.post_id, entity.c.position)
    )
)
_MEDIA = Among(
    lambda ids: (
        select(media.c.post_id, media.c.kind, media.c.alt)
        .where(media.c.post_id.in_(ids))
        .order_by(media.c.post_id, media.c.position)
    )
)
_PUBLISHED = Among(lambda ids: select(post.c.id, post.c.published_at).where(post.c.id.in_(ids)))
_HIGHEST = select(func.max(post.c.id))
_RECENT = Among(
    lambda bands_: (
        select(fingerprint_band.c.band, fingerprint_band.c.post_id, fingerprint_band.c.fingerprint)
        .where(fingerprint_band.c.band.in_(bands_), fingerprint_band.c.post_id > bindparam("after"))
        .limit(bindparam("most", type_=Integer))
    )
)


def facts(
    connection: Connection, campaign_id: int, post_ids: Sequence[int], needs: Collection[Need], now: datetime
) -> dict[int, Facts]:
    """The facts of those posts that are held and in the campaign, by id. What `needs` does not name stays empty."""
    if not post_ids:
        return {}
    rows = [_Row(*row) for row in _FACTS(connection, post_ids, campaign=campaign_id, now=now)]
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
            limited=needs_a_person(row.wishes or ()),
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
    for post_id, start, end, target in _LINKS(connection, ids):
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
    for post_id, kind, alt in _MEDIA(connection, ids):
        kinds[post_id].append(kind)
        if alt:
            alts[post_id].append(alt)
    return kinds, alts


def _near_hours(connection: Connection, rows: Iterable[_Row]) -> dict[int, tuple[float, ...]]:
    """For each post, how many hours apart from it its near-duplicates in the store were published."""
    asked = {row.id: row for row in rows if row.fingerprint}
    near = alike(connection, {row.fingerprint for row in asked.values() if row.fingerprint})
    published = {post_id: row.published_at for post_id, row in asked.items()}
    missing = {post_id for ids in near.values() for post_id in ids} - published.keys()
    published |= {post_id: at for post_id, at in _PUBLISHED(connection, missing) if at}
    return {
        row.id: tuple(
            abs((row.published_at - published[other]).total_seconds()) / 3600
            for other in sorted(near[row.fingerprint or 0] - {row.id})
            if other in published
        )
        for row in asked.values()
    }


def alike(connection: Connection, prints: Collection[int]) -> dict[int, set[int]]:
    """For each of these fingerprints, the posts whose own is near it, among those stored last."""
    by_band = _by_band(connection, {band for own in prints for band in bands(own)})
    return {
        own: {
            post_id for band in bands(own) for post_id, other in by_band.get(band, ()) if distance(own, other) <= NEAR
        }
        for own in prints
    }


def _by_band(connection: Connection, asked: Collection[int]) -> dict[int, list[tuple[int, int]]]:
    """The posts in each of these bands with their fingerprints, among those stored last; of full ones the newest."""
    after = (read(connection, _HIGHEST)[0][0] or 0) - LOOK_BACK_POSTS
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = _RECENT(connection, asked, after=after, most=MANY)
    if len(rows) < MANY:
        for value, one, print_ in rows:
            found[value].append((one, print_))
        return {value: sorted(ones)[-FULL_BAND:] for value, ones in found.items()}

    band, post_id, print_ = fingerprint_band.c.band, fingerprint_band.c.post_id, fingerprint_band.c.fingerprint
    recent = and_(band.in_(sorted(asked)), post_id > after)
    full = connection.execute(select(band).where(recent).group_by(band).having(func.count() > FULL_BAND)).scalars()
    for value in full.all():
        newest = select(post_id, print_).where(band == value).order_by(post_id.desc()).limit(FULL_BAND)
        found[value] = [(row[0], row[1]) for row in connection.execute(newest)]
    for value, one, its in connection.execute(select(band, post_id, print_).where(recent, band.not_in(list(found)))):
        found[value].append((one, its))
    return found
