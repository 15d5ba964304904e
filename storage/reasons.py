"""A campaign's own reasons for rejecting."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from ..core.reasons import Reason
from .batches import add
from .review_tables import reason


def own_reasons(connection: Connection, campaign_id: int) -> list[Reason]:
    """In the campaign's order; none where it never changed them."""
    query = select(reason.c.code, reason.c.it, reason.c.en).where(reason.c.campaign_id == campaign_id)
    return [Reason(*row) for row in connection.execute(query.order_by(reason.c.position))]


def put_reasons(connection: Connection, campaign_id: int, reasons: Sequence[Reason]) -> None:
    """These, in this order, in place of what there was."""
    connection.execute(delete(reason).where(reason.c.campaign_id == campaign_id))
    add(
        connection,
        reason,
        [
            {"campaign_id": campaign_id, "code": one.code, "position": position, "it": one.it, "en": one.en}
            for position, one in enumerate(reasons)
        ],
    )
