"""Gaps: posts that are known to exist and are not held, or no longer shown by their network, each with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update

from ..core.records import PostRef
from . import changes
from .tables import gap, post, sighting

# The network says that nobody may see the post (any more). Other reasons say something about us, not about the post.
WITHDRAWN = ("deleted", "forbidden", "withheld")
OMITTED = "omitted"  # an answer left it out without a word
CONFIRMED_AFTER = timedelta(hours=1)  # the least between two omissions that are no passing fault


def record(connection: Connection, missing: Sequence[tuple[PostRef, str]], now: datetime) -> int:
    """Notes that these posts cannot be had, as (reference, reason); how many of that is news. A reference never met
    leaves nothing. A held post that its network withdrew is marked, and so leaves the site. One that an answer left out
    without a word is in doubt, which leaves readers a bare link; left out again later, it counts as deleted."""
    reasons = dict(missing)
    news, touched = 0, set()
    for post_id, thread_id, held, gone, doubt, doubted_at, ref in _posts(connection, list(reasons)):
        reason = reasons[ref]
        if held and gone is None and reason == OMITTED:
            if doubt != OMITTED:
                values = {"doubt": OMITTED, "doubted_at": now}
            elif now - doubted_at >= CONFIRMED_AFTER:
                values = {"gone": "deleted"}
            else:
                continue
            connection.execute(update(post).where(post.c.id == post_id).values(values))
        elif held and reason in WITHDRAWN and gone is None:
            connection.execute(update(post).where(post.c.id == post_id).values(gone=reason))
        elif held or not _note(connection, post_id, "post", reason, now):
            continue
        news += 1
        touched.add(thread_id)
    changes.touch(connection, touched, now)
    return news


def record_replies(connection: Connection, post_id: int, reason: str, now: datetime) -> bool:
    """Notes that some replies below this post are not held, and why. True when that is news."""
    if not _note(connection, post_id, "replies", reason, now):
        return False
    thread_ids = connection.execute(select(post.c.thread_id).where(post.c.id == post_id)).scalars()
    changes.touch(connection, list(thread_ids), now)
    return True


def told(connection: Connection, post_ids: Collection[int]) -> set[int]:
    """Those of the posts whose being missed has a reason."""
    rows = connection.execute(select(gap.c.post_id).where(gap.c.post_id.in_(list(post_ids)), gap.c.kind == "post"))
    return set(rows.scalars())


def _note(connection: Connection, post_id: int, kind: str, reason: str, now: datetime) -> bool:
    this = and_(gap.c.post_id == post_id, gap.c.kind == kind)
    held = connection.execute(select(gap.c.reason).where(this)).scalar()
    if held is None:
        connection.execute(insert(gap).values(post_id=post_id, kind=kind, reason=reason, seen_at=now))
    elif held != reason:
        connection.execute(update(gap).where(this).values(reason=reason, seen_at=now))
    return held != reason


def _posts(connection: Connection, refs: Sequence[PostRef]) -> list[tuple[Any, ...]]:
    """(post id, thread id, held, gone, doubt, doubted at, reference) of those that were ever met."""
    by_origin: dict[str, list[str]] = defaultdict(list)
    for ref in refs:
        by_origin[ref.origin].append(ref.native_id)
    if not by_origin:
        return []
    asked = or_(*(and_(sighting.c.origin == o, sighting.c.native_id.in_(ids)) for o, ids in by_origin.items()))
    rows = connection.execute(
        select(
            post.c.id,
            post.c.thread_id,
            post.c.held,
            post.c.gone,
            post.c.doubt,
            post.c.doubted_at,
            sighting.c.origin,
            sighting.c.native_id,
        )
        .select_from(sighting.join(post, post.c.id == sighting.c.post_id))
        .where(asked)
        .order_by(sighting.c.id)
    )
    return [(*row[:6], PostRef(row[6], row[7])) for row in rows]
