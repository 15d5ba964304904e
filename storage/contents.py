"""What posts say: the rows beside a node's place in the forest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, update

from ..core.fingerprint import bands
from ..core.records import Post
from .batches import add, write
from .tables import campaign_post, decision, entity, fingerprint_band, media

# The columns of `post` that hold what the authoritative observation says.
CONTENT = (
    "author_id",
    "url",
    "published_at",
    "edited_at",
    "title",
    "text",
    "html",
    "lang",
    "lang_guessed",
    "warning",
    "sensitive",
    "labels",
    "withheld",
    "visibility",
    "hashtags",
    "fingerprint",
    "body_hash",
    "rank",
    "authority",
    "seen_at",
    "mapping_version",
    "gone",
)


def content_row(said: Post, author_id: int | None) -> dict[str, Any]:
    """What `said` puts into `post`, without what compares observations."""
    return {
        "author_id": author_id,
        "url": said.url,
        "published_at": said.published_at,
        "edited_at": said.edited_at,
        "title": said.title,
        "text": said.text,
        "html": said.html,
        "lang": said.lang,
        "lang_guessed": said.lang_guessed,
        "warning": said.warning,
        "sensitive": said.sensitive,
        "labels": said.labels or None,
        "withheld": said.withheld or None,
        "visibility": said.visibility.value,
        "hashtags": sorted(said.hashtags) or None,
        "gone": None,
    }


def write_parts(connection: Connection, parts: Mapping[int, tuple[Post, int, bool]]) -> None:
    """The entities, media and fingerprint bands of posts: post id → (post, fingerprint, whether it is a new row)."""
    old = [{"b_id": post_id} for post_id, (_, _, new) in parts.items() if not new]
    for statement in _CLEAR:
        write(connection, statement, old)
    add(
        connection,
        entity,
        [
            {
                "post_id": post_id,
                "position": position,
                "start": part.start,
                "end": part.end,
                "kind": part.kind.value,
                "target": part.target,
                "display": part.display,
            }
            for post_id, (said, _, _) in parts.items()
            for position, part in enumerate(said.entities)
        ],
    )
    add(
        connection,
        media,
        [
            {
                "post_id": post_id,
                "position": position,
                "kind": part.kind.value,
                "url": part.url,
                "preview_url": part.preview_url,
                "alt": part.alt,
                "width": part.width,
                "height": part.height,
                "stable_id": part.stable_id,
            }
            for post_id, (said, _, _) in parts.items()
            for position, part in enumerate(said.media)
        ],
    )
    add(
        connection,
        fingerprint_band,
        [
            {"band": band, "post_id": post_id}
            for post_id, (_, print_, _) in parts.items()
            if print_
            for band in bands(print_)
        ],
    )


_CLEAR = tuple(delete(table).where(table.c.post_id == bindparam("b_id")) for table in (entity, media, fingerprint_band))


def carry_decisions(connection: Connection, hashes: Mapping[int, tuple[str, str]]) -> None:
    """Posts (id → old content hash, new one) say the same as before: decisions on them hold for the new hash."""
    rows = [{"b_id": post_id, "b_old": old, "b_new": new} for post_id, (old, new) in hashes.items() if old != new]
    for statement in _CARRY:
        write(connection, statement, rows)


_CARRY = (
    update(decision)
    .where(decision.c.post_id == bindparam("b_id"), decision.c.content_hash == bindparam("b_old"))
    .values(content_hash=bindparam("b_new")),
    update(campaign_post)
    .where(campaign_post.c.post_id == bindparam("b_id"), campaign_post.c.decided_hash == bindparam("b_old"))
    .values(decided_hash=bindparam("b_new")),
)
