"""Finding posts by what people call them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from ..core.normalise import canonical_url
from .tables import campaign, campaign_post, post, sighting


@dataclass(frozen=True, slots=True)
class Place:
    """One post in one campaign."""

    campaign_id: int
    campaign: str
    post_id: int
    content_hash: str


def find_posts(connection: Connection, reference: str, campaign_id: int | None = None) -> list[Place]:
    """Held posts by the store's id, their address, or any id or address under which they were seen; one entry for each
    campaign that has them."""
    reference = reference.strip()
    query = (
        select(campaign.c.id, campaign.c.slug, post.c.id, post.c.content_hash)
        .select_from(
            post.join(campaign_post, campaign_post.c.post_id == post.c.id).join(
                campaign, campaign.c.id == campaign_post.c.campaign_id
            )
        )
        .where(post.c.held.is_(True))
        .order_by(campaign.c.slug, post.c.id)
    )
    if campaign_id is not None:
        query = query.where(campaign.c.id == campaign_id)
    bare = reference.lstrip("#")
    if bare.isascii() and bare.isdigit() and len(bare) < 16:
        rows = connection.execute(query.where(post.c.id == int(bare))).all()
        if rows:
            return [Place(*row) for row in rows]
    names = {reference, canonical_url(reference) or reference}
    seen = select(sighting.c.post_id).where(sighting.c.native_id.in_(names))
    rows = connection.execute(query.where(or_(post.c.url == reference, post.c.id.in_(seen)))).all()
    return [Place(*row) for row in rows]
