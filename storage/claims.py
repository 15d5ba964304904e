"""Who has which post open. A claim keeps others from deciding on the post until it runs out, is given back or is taken
over; one that ran out counts for nothing, whether or not its row is still there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, select, update

from .batches import Among, add, write
from .tables import campaign_post, claim


@dataclass(frozen=True, slots=True)
class Claim:
    """`taken_from` had it before and is told `note` by who took it over."""

    post_id: int
    by: str
    at: datetime
    until: datetime
    note: str | None = None
    taken_from: str | None = None


def claims(connection: Connection, campaign_id: int, post_ids: Sequence[int], now: datetime) -> dict[int, Claim]:
    """The claims in force on these posts, by post."""
    return {row[0]: Claim(*row) for row in _CLAIMS(connection, post_ids, campaign=campaign_id, now=now)}


def holders(connection: Connection, campaign_id: int, now: datetime) -> dict[int, str]:
    """Who has which post of the campaign open."""
    query = select(claim.c.post_id, claim.c.by).where(claim.c.campaign_id == campaign_id, claim.c.until > now)
    return {row[0]: row[1] for row in connection.execute(query)}


def taken_over_from(connection: Connection, campaign_id: int, by: str, now: datetime) -> list[Claim]:
    """What somebody else took over from this person and still has open."""
    query = _CLAIM.where(claim.c.campaign_id == campaign_id, claim.c.taken_from == by, claim.c.until > now)
    return [Claim(*row) for row in connection.execute(query.order_by(claim.c.at))]


def put(connection: Connection, campaign_id: int, claimed: Sequence[Claim]) -> None:
    """Writes the claims in place of whatever there was on the same posts."""
    release(connection, campaign_id, [one.post_id for one in claimed])
    add(
        connection,
        claim,
        [
            {
                "campaign_id": campaign_id,
                "post_id": one.post_id,
                "by": one.by,
                "at": one.at,
                "until": one.until,
                "note": one.note,
                "taken_from": one.taken_from,
            }
            for one in claimed
        ],
    )


def extend(connection: Connection, campaign_id: int, post_ids: Sequence[int], until: datetime) -> None:
    """The claims on these posts last until then."""
    write(connection, _EXTEND, [{"of": campaign_id, "on": post_id, "until": until} for post_id in post_ids])


def release(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> None:
    """Nobody has these posts open any more."""
    write(connection, _RELEASE, [{"of": campaign_id, "on": post_id} for post_id in post_ids])


def release_all(connection: Connection, by: str) -> None:
    """Whatever this person has open is free again, as when they sign out."""
    connection.execute(delete(claim).where(claim.c.by == by))


def forget_ended(connection: Connection, now: datetime) -> None:
    """Takes away claims that ran out."""
    connection.execute(delete(claim).where(claim.c.until <= now))


def claimed_by_others(by: str, now: datetime) -> ColumnElement[bool]:
    """The condition that somebody else has a row of campaign_post open."""
    return exists().where(
        claim.c.campaign_id == campaign_post.c.campaign_id,
        claim.c.post_id == campaign_post.c.post_id,
        claim.c.by != by,
        claim.c.until > now,
    )


_CLAIM = select(claim.c.post_id, claim.c.by, claim.c.at, claim.c.until, claim.c.note, claim.c.taken_from)
_CLAIMS = Among(
    lambda ids: _CLAIM.where(
        claim.c.campaign_id == bindparam("campaign"), claim.c.post_id.in_(ids), claim.c.until > bindparam("now")
    )
)
_ON = and_(claim.c.campaign_id == bindparam("of"), claim.c.post_id == bindparam("on"))
_RELEASE = delete(claim).where(_ON)
_EXTEND = update(claim).where(_ON)
