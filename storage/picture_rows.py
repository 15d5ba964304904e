"""How a row of `picture` belongs to the medium that it is a copy of."""

from __future__ import annotations

from functools import lru_cache

import orjson
from sqlalchemy import ColumnElement, and_, case, func

from ..core.pictures import Rendition
from ..core.records import MediaKind
from .tables import media, picture


def address() -> ColumnElement[str]:
    """Where a picture of the medium is: itself, or of what moves and sounds the still that its network gives."""
    return case(
        (media.c.kind == MediaKind.IMAGE.value, func.coalesce(media.c.url, media.c.preview_url)),
        (media.c.kind == MediaKind.GIF.value, func.coalesce(media.c.preview_url, media.c.url)),
        else_=media.c.preview_url,
    )


def identity() -> ColumnElement[str]:
    """What makes it another picture: a stable id outlives addresses that are signed anew."""
    return func.coalesce(media.c.stable_id, address())


def is_copy() -> ColumnElement[bool]:
    """Whether the row is of the medium as it is now: an edited post does not show its former picture."""
    return and_(
        picture.c.post_id == media.c.post_id, picture.c.position == media.c.position, picture.c.source == identity()
    )


@lru_cache(maxsize=4096)
def renditions(stored: str) -> tuple[Rendition, ...]:
    """From the column's text."""
    return tuple(Rendition(*one) for one in orjson.loads(stored))
