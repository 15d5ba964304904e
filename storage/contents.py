"""What posts say, and who says it: the rows beside a node's place in the forest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update

from ..core.fingerprint import bands
from ..core.records import Author, Post
from .batches import Among, add, write
from .tables import author, campaign_post, decision, entity, fingerprint_band, media, post

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
_AUTHOR = ("handle", "display_name", "url", "avatar_url", "created_at", "bot", "protected", "wishes")


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


def write_authors(
    connection: Connection, told: Iterable[tuple[datetime, Author]], new_id: Any
) -> tuple[dict[tuple[str, str], int], set[int]]:
    """Stores authors as last seen (the latest `seen_at` holds). Returns their ids by (origin, native id), and the ids
    of those whose description changed."""
    newest: dict[tuple[str, str], tuple[datetime, Author]] = {}
    for seen_at, who in told:
        key = (who.origin, who.native_id)
        former = newest.get(key)
        if former is None or seen_at > former[0] or (seen_at == former[0] and _described(who) > _described(former[1])):
            newest[key] = (seen_at, who)
    by_origin: dict[str, list[str]] = {}
    for origin, native_id in newest:
        by_origin.setdefault(origin, []).append(native_id)
    stored: dict[tuple[str, str], Any] = {}
    for origin, names in by_origin.items():
        for row in _AUTHORS(connection, names, origin=origin):
            stored[origin, row[1]] = row
    ids: dict[tuple[str, str], int] = {}
    fresh: list[dict[str, Any]] = []
    newer: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    changed: set[int] = set()
    for key, (seen_at, who) in newest.items():
        row = stored.get(key)
        if row is not None and seen_at < row[2]:
            ids[key] = row[0]
            continue
        values = _author_row(who)
        folded = who.handle.lower() if who.handle else None
        if row is None:
            ids[key] = new_id(author)
            own = {"id": ids[key], "origin": key[0], "native_id": key[1]}
            fresh.append({**own, **values, "seen_at": seen_at, "handle_folded": folded})
            continue
        ids[key] = id_ = row[0]
        before: dict[str, Any] = dict(zip(_AUTHOR, row[3:], strict=True))
        if values == before:
            if seen_at > row[2]:
                again.append({"b_id": id_, "seen_at": seen_at})
        elif seen_at > row[2] or _bytes(values) > _bytes(before):
            newer.append({"b_id": id_, **values, "seen_at": seen_at, "handle_folded": folded})
            changed.add(id_)
    add(connection, author, fresh)
    write(connection, _UPDATE_AUTHOR, newer)
    write(connection, _UPDATE_AUTHOR, again)
    return ids, changed


_AUTHORS = Among(
    lambda names: select(*(author.c[name] for name in ("id", "native_id", "seen_at", *_AUTHOR))).where(
        author.c.origin == bindparam("origin"), author.c.native_id.in_(names)
    )
)
_UPDATE_AUTHOR = update(author).where(author.c.id == bindparam("b_id"))


def _author_row(who: Author) -> dict[str, Any]:
    return {**{name: getattr(who, name) for name in _AUTHOR}, "wishes": list(who.wishes) or None}


def _described(who: Author) -> bytes:
    return _bytes(_author_row(who))


def _bytes(row: Mapping[str, Any]) -> bytes:
    """Two descriptions of one moment have no order of their own: that of their bytes is as good as any."""
    return orjson.dumps(dict(row))


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


def threads_of_authors(connection: Connection, author_ids: Iterable[int]) -> set[int]:
    """The threads in which these authors speak."""
    return {row[0] for row in _THREADS_OF(connection, author_ids)}


_THREADS_OF = Among(lambda ids: select(post.c.thread_id).where(post.c.author_id.in_(ids)).distinct())
