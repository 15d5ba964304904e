"""Which posts the site may show, as it stands at one moment: every function reads inside the caller's one `reading`.

A post is *publishable* in a campaign when it is approved there with the content it has now, is held, and the network
still shows it. While publishing is stopped only what was decided before counts, so that the site stays as it was and
withdrawals still leave it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, select, true, type_coerce

from .tables import campaign, campaign_post, post

BATCH = 500  # rows, or threads, asked for at once


@dataclass(frozen=True, slots=True)
class Campaign:
    """`stopped_after`: the last decision that counts while publishing is stopped; None while it is not."""

    id: int
    slug: str
    stopped_after: int | None


def campaigns(connection: Connection) -> dict[str, Campaign]:
    """Every campaign in the store, by slug."""
    rows = connection.execute(select(campaign.c.id, campaign.c.slug, campaign.c.publishing, campaign.c.stopped_after))
    return {row.slug: Campaign(row.id, row.slug, None if row.publishing else row.stopped_after or 0) for row in rows}


def is_publishable(of: Campaign) -> ColumnElement[bool]:
    return and_(
        campaign_post.c.status == "approved",
        campaign_post.c.decided_hash == post.c.content_hash,
        post.c.held,
        post.c.gone.is_(None),
        post.c.withheld.is_(None) | (type_coerce(post.c.withheld, post.c.text.type) == "[]"),
        post.c.repost_id.is_(None),
        true() if of.stopped_after is None else campaign_post.c.decision_id <= of.stopped_after,
    )


def candidates(connection: Connection, of: Campaign, among: Collection[int] | None = None) -> list[int]:
    """The threads with a publishable post, ascending; `among` these, or all."""
    query = (
        select(post.c.thread_id)
        .select_from(campaign_post.join(post, post.c.id == campaign_post.c.post_id))
        .where(campaign_post.c.campaign_id == of.id, is_publishable(of))
        .distinct()
    )
    if among is None:
        return sorted(connection.execute(query).scalars())
    found: set[int] = set()
    for batch in in_batches(sorted(among)):
        found.update(connection.execute(query.where(post.c.thread_id.in_(batch))).scalars())
    return sorted(found)


def speakable_ids(connection: Connection, post_ids: Collection[int]) -> set[int]:
    """Those of the posts whose words at least one campaign may show: the publishable ones that are not in doubt."""
    found: set[int] = set()
    for of in campaigns(connection).values():
        for batch in in_batches(sorted(post_ids)):
            found.update(id_ for id_, _, may in _looked_at(connection, of, batch) if may)
    return found


def withdrawn_ids(connection: Connection, post_ids: Collection[int]) -> set[int]:
    """Those of the posts that were withdrawn: the store knows them, and some campaign of theirs, or all, may not show
    their words as they are now. A post that is not in the store at all was not withdrawn but lost."""
    found: set[int] = set()
    in_store = campaigns(connection).values()
    for batch in in_batches(sorted(post_ids)):
        there = set(connection.execute(select(post.c.id).where(post.c.id.in_(batch))).scalars())
        member: set[int] = set()
        for of in in_store:
            for id_, belongs, may in _looked_at(connection, of, batch):
                if belongs is not None:
                    member.add(id_)
                    if not may:
                        found.add(id_)
        found |= there - member
    return found


def newest_ids(connection: Connection, of: Campaign, among: Collection[int], most: int) -> list[int]:
    """Of these posts the ones that came last, `most` at most, among those that are publishable, not in doubt and
    without a warning before them."""
    found: list[tuple[int, str, str, int]] = []
    at = type_coerce(post.c.published_at, BigInteger)
    for batch in in_batches(sorted(among)):
        query = (
            select(at, post.c.origin, post.c.native_id, post.c.id, is_publishable(of))
            .select_from(post.outerjoin(campaign_post, _belongs(of)))
            .where(post.c.id.in_(batch), post.c.doubt.is_(None), post.c.warning.is_(None))
        )
        found += [(-(row[0] or 0), row[1], row[2], row[3]) for row in connection.execute(query) if row[4]]
    return [id_ for *_, id_ in sorted(found)[:most]]


def _looked_at(connection: Connection, of: Campaign, batch: Sequence[int]) -> Iterator[tuple[int, int | None, bool]]:
    """Of each of these posts: its id, the same where it belongs to the campaign (else None), and whether the campaign
    may show its words."""
    may = and_(is_publishable(of), post.c.doubt.is_(None))
    query = (
        select(post.c.id, campaign_post.c.post_id, may)
        .select_from(post.outerjoin(campaign_post, _belongs(of)))
        .where(post.c.id.in_(batch))
    )
    for id_, belongs, speakable in connection.execute(query):
        yield id_, belongs, bool(speakable)


def _belongs(of: Campaign) -> ColumnElement[bool]:
    """Asked of each post by an outer join: with an inner one SQLite would begin with the campaign, and walk through all
    of it (docs/decisions.md)."""
    return and_(campaign_post.c.post_id == post.c.id, campaign_post.c.campaign_id == of.id)


def in_batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
