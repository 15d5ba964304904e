"""Who says what a page holds: authors as they are best known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Table, bindparam, select, update

from ..core.records import Author, Sighting
from .batches import Among, add, write
from .tables import author, post

_DESCRIBED = ("handle", "display_name", "url", "avatar_url", "created_at", "bot", "protected", "wishes")

Key = tuple[str, str]  # an account: origin and native id


class _Word(NamedTuple):
    """One description of an author, in the order of _DESCRIBED, and how it compares with others: what the home said is
    never overwritten by anybody else, and of equal authority the later one holds."""

    authority: int
    seen_at: datetime
    described: tuple[Any, ...]

    def beats(self, other: _Word) -> bool:
        mine, theirs = self[:2], other[:2]
        if mine == theirs and self.described != other.described:
            # Two words of one moment have no order of their own: that of their bytes is as good as any.
            return orjson.dumps(self.described) > orjson.dumps(other.described)
        return mine > theirs


def write_authors(
    connection: Connection, sightings: Iterable[Sighting], new_id: Callable[[Table], int]
) -> tuple[dict[Key, int], set[int]]:
    """Stores the authors of these sightings as far as more is known of them now. Returns their ids, and the ids of
    those whose description changed."""
    best: dict[Key, _Word] = {}
    for seen in sightings:
        if who := seen.post.author:
            key, word = (who.origin, who.native_id), _Word(seen.authority, seen.seen_at, _described(who))
            if key not in best or word.beats(best[key]):
                best[key] = word
    stored = _stored(connection, best)
    ids: dict[Key, int] = {}
    fresh: list[dict[str, Any]] = []
    retold: list[dict[str, Any]] = []
    confirmed: list[dict[str, Any]] = []
    for key, word in best.items():
        if key not in stored:
            ids[key] = new_id(author)
            fresh.append({"id": ids[key], "origin": key[0], "native_id": key[1], **_row(word)})
            continue
        ids[key], known = stored[key]
        if word.beats(known):
            if word.described != known.described:
                retold.append({"b_id": ids[key], **_row(word)})
            else:
                confirmed.append({"b_id": ids[key], "authority": word.authority, "seen_at": word.seen_at})
    add(connection, author, fresh)
    write(connection, _UPDATE, retold)
    write(connection, _UPDATE, confirmed)
    return ids, {row["b_id"] for row in retold}


def threads_of_authors(connection: Connection, author_ids: Iterable[int]) -> set[int]:
    """The threads in which these authors speak."""
    return {row[0] for row in _THREADS_OF(connection, author_ids)}


def _described(who: Author) -> tuple[Any, ...]:
    return (who.handle, who.display_name, who.url, who.avatar_url, who.created_at, who.bot, who.protected,
            list(who.wishes) or None)  # fmt: skip


def _row(word: _Word) -> dict[str, Any]:
    row = dict(zip(_DESCRIBED, word.described, strict=True))
    folded = row["handle"].lower() if row["handle"] else None
    return {**row, "handle_folded": folded, "authority": word.authority, "seen_at": word.seen_at}


def _stored(connection: Connection, keys: Iterable[Key]) -> dict[Key, tuple[int, _Word]]:
    by_origin: dict[str, list[str]] = {}
    for origin, native_id in keys:
        by_origin.setdefault(origin, []).append(native_id)
    found: dict[Key, tuple[int, _Word]] = {}
    for origin, names in by_origin.items():
        for id_, native_id, authority, seen_at, *described in _KNOWN(connection, names, origin=origin):
            found[origin, native_id] = (id_, _Word(authority, seen_at, tuple(described)))
    return found


_KNOWN = Among(
    lambda names: select(*(author.c[name] for name in ("id", "native_id", "authority", "seen_at", *_DESCRIBED))).where(
        author.c.origin == bindparam("origin"), author.c.native_id.in_(names)
    )
)
_UPDATE = update(author).where(author.c.id == bindparam("b_id"))
_THREADS_OF = Among(lambda ids: select(post.c.thread_id).where(post.c.author_id.in_(ids)).distinct())


def handles(connection: Connection, author_ids: Iterable[int]) -> list[str]:
    """What people call these accounts: handles, or names where there is none."""
    rows = _HANDLES(connection, author_ids)
    return [f"@{handle.lstrip('@')}" if handle else name for handle, name in rows if handle or name]


_HANDLES = Among(lambda ids: select(author.c.handle, author.c.display_name).where(author.c.id.in_(ids)))
