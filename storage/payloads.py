"""What was received of a post, as it came: kept once per sighting and content, compressed (storage/ingest.py)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, false, func, or_, select

from ..core.records import PostRef
from .tables import payload, post, sighting

MAX_BODY = 50_000_000  # bytes of one payload when unpacked: more was never stored by us


@dataclass(frozen=True, slots=True)
class Payload:
    """`body` and `context` as in collector.contract.Raw; `platform` is whose mapping reads it."""

    platform: str
    endpoint: str
    seen_as: PostRef
    seen_at: datetime
    body: dict[str, Any]
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a post says now."""

    text: str
    title: str | None
    warning: str | None
    edited_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A post that is held. `gone`: why its network no longer shows it; `authority`: of whose word it is."""

    post_id: int
    gone: str | None
    authority: int


def of_post(connection: Connection, post_id: int) -> list[Payload]:
    """What the post's best sightings gave, the oldest first: those whose authority is the highest that it was ever
    seen with. What cannot be read is left out."""
    best = select(func.max(sighting.c.authority)).where(sighting.c.post_id == post_id).scalar_subquery()
    rows = connection.execute(
        select(
            payload.c.platform,
            payload.c.endpoint,
            sighting.c.origin,
            sighting.c.native_id,
            payload.c.seen_at,
            payload.c.body,
        )
        .select_from(payload.join(sighting, sighting.c.id == payload.c.sighting_id))
        .where(sighting.c.post_id == post_id, sighting.c.authority == best)
        .order_by(payload.c.seen_at, payload.c.id)
    )
    found: list[Payload] = []
    for platform, endpoint, origin, native_id, seen_at, packed in rows:
        told = _unpacked(packed)
        if told is not None:
            found.append(Payload(platform, endpoint, PostRef(origin, native_id), seen_at, *told))
    return found


def said_now(connection: Connection, post_id: int) -> Said | None:
    """None where the post is not held."""
    row = connection.execute(
        select(post.c.text, post.c.title, post.c.warning, post.c.edited_at, post.c.seen_at).where(
            post.c.id == post_id, post.c.held, post.c.seen_at.is_not(None)
        )
    ).first()
    return Said(row[0] or "", *row[1:]) if row else None


def held_at(connection: Connection, refs: Collection[PostRef], addresses: Collection[str]) -> Held | None:
    """The held post that one of these references or addresses names, whichever campaign has it."""
    by_ref = [and_(sighting.c.origin == ref.origin, sighting.c.native_id == ref.native_id) for ref in refs]
    by_name = sighting.c.native_id.in_(list(addresses))
    ways = (
        post.c.id.in_(select(sighting.c.post_id).where(or_(false(), *by_ref))),
        post.c.url.in_(list(addresses)),
        post.c.id.in_(select(sighting.c.post_id).where(by_name)),
    )
    for way in ways:
        query = select(post.c.id, post.c.gone, post.c.authority).where(way, post.c.held).order_by(post.c.id)
        if row := connection.execute(query).first():
            return Held(row[0], row[1], row[2] or 0)
    return None


def _unpacked(packed: bytes) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The body and the context, or None where they cannot be read (or were not kept: the post named somebody who
    withdrew)."""
    try:
        unzipping = zlib.decompressobj()
        told = json.loads(unzipping.decompress(packed, MAX_BODY))
    except (zlib.error, ValueError, RecursionError):
        return None
    body, context = (told.get("body"), told.get("context")) if isinstance(told, dict) else (None, None)
    return (body, context) if isinstance(body, dict) and isinstance(context, dict) else None
