"""What posts say: the rows beside a node's place in the forest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, update

from ..core.fingerprint import bands
from ..core.records import Post
from .batches import Batch, write
from .tables import campaign_post, decision, entity, fingerprint_band, media

# The columns of `post` that tell which observation its content is from.
OBSERVED = ("rank", "authority", "seen_at", "mapping_version")
_SAID = ("author_id", "url", "published_at", "edited_at", "title", "text", "html", "lang", "lang_guessed", "warning",
         "sensitive", "labels", "withheld", "visibility", "hashtags", "gone")  # fmt: skip
# Those that hold what the authoritative observation says.
CONTENT = (*_SAID, "fingerprint", "body_hash", *OBSERVED)


def said_row(said: Post, author_id: int | None) -> tuple[Any, ...]:
    """What `said` puts into `post`: the beginning of CONTENT."""
    return (
        author_id,
        said.url,
        said.published_at,
        said.edited_at,
        said.title,
        said.text,
        said.html,
        said.lang,
        said.lang_guessed,
        said.warning,
        said.sensitive,
        said.labels or None,
        said.withheld or None,
        said.visibility.value,
        sorted(said.hashtags) or None,
        None,
    )


def write_parts(connection: Connection, parts: Mapping[int, tuple[Post, int, bool]]) -> None:
    """The entities, media and fingerprint bands of posts: post id → (post, fingerprint, whether it is a new row)."""
    old = [(post_id,) for post_id, (_, _, new) in parts.items() if not new]
    for clear in _CLEAR:
        clear(connection, old)
    _ENTITIES(
        connection,
        [
            (post_id, position, part.start, part.end, part.kind.value, part.target, part.display)
            for post_id, (said, _, _) in parts.items()
            for position, part in enumerate(said.entities)
        ],
    )
    _MEDIA(
        connection,
        [
            (post_id, position, part.kind.value, part.url, part.preview_url, part.alt, part.width, part.height,
             part.stable_id)
            for post_id, (said, _, _) in parts.items()
            for position, part in enumerate(said.media)
        ],
    )  # fmt: skip
    _BANDS(
        connection,
        [(band, post_id, print_) for post_id, (_, print_, _) in parts.items() if print_ for band in bands(print_)],
    )


_ENTITIES = Batch(insert(entity), "post_id", "position", "start", "end", "kind", "target", "display")
_MEDIA = Batch(
    insert(media), "post_id", "position", "kind", "url", "preview_url", "alt", "width", "height", "stable_id"
)
_BANDS = Batch(insert(fingerprint_band), "band", "post_id", "fingerprint")
_CLEAR = tuple(
    Batch(delete(table).where(table.c.post_id == bindparam("b_id")), "b_id")
    for table in (entity, media, fingerprint_band)
)


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
