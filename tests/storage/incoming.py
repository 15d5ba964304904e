"""Pages for the store, and what a store holds, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from tagora.core.records import PostRef, Sighting
from tagora.storage.ingest import Incoming, Stored, store_page
from tagora.storage.store import Store
from tagora.storage.tables import author, entity, media, metadata, metrics, payload, pointer, post, sighting, thread

from ..make import NOON


def item(seen: Sighting, mapping_version: int = 1) -> Incoming:
    body = orjson.dumps({"body": [*seen.seen_as, seen.post.text, str(seen.seen_at)], "context": {}})
    return Incoming(seen, seen.seen_as.origin.partition("@")[0], "test", body, mapping_version)


def keep(store: Store, *sightings: Sighting, now: datetime = NOON) -> list[Stored]:
    """Stores the sightings as one page."""
    with store.writing() as connection:
        return store_page(connection, [item(seen) for seen in sightings], now)


def keep_pages(store: Store, pages: Iterable[Sequence[Sighting]]) -> None:
    for page in pages:
        keep(store, *page)


def view(connection: Connection) -> dict[PostRef, Any]:
    """Every node by its reference, with all that is a function of the sightings, without row numbers."""
    posts = connection.execute(select(post)).mappings().all()
    own = {row["id"]: PostRef(row["origin"], row["native_id"]) for row in posts}
    threads = {row["id"]: row for row in connection.execute(select(thread)).mappings()}
    names: dict[int, set[PostRef]] = {}
    for row in connection.execute(select(sighting.c.post_id, sighting.c.origin, sighting.c.native_id)):
        names.setdefault(row[0], set()).add(PostRef(row[1], row[2]))
    parts: dict[int, list[Any]] = {}
    for table in (entity, media):
        for row in connection.execute(select(table).order_by(table.c.post_id, table.c.position)):
            parts.setdefault(row[0], []).append(tuple(row[1:]))
    hidden = {"id", "origin", "native_id", "thread_id", "parent_id", "link_id", "quote_id", "repost_id", "author_id"}
    result: dict[PostRef, Any] = {}
    for row in posts:
        around = threads[row["thread_id"]]
        result[own[row["id"]]] = {
            "ids": names[row["id"]],
            "parent": own.get(row["parent_id"]),
            "link": own.get(row["link_id"]),
            "quote": own.get(row["quote_id"]),
            "repost": own.get(row["repost_id"]),
            "root": own[around["root_id"]],
            "address": around["address"],
            "size": around["size"],
            "cuts": around["cuts"],
            "parts": parts.get(row["id"], []),
            **{name: value for name, value in row.items() if name not in hidden},
        }
    return result


def whole(store: Store) -> dict[str, Any]:
    """All of the store that is a function of the sightings."""
    with store.reading() as connection:
        rows = connection.execute(select(sighting.c.id, sighting.c.origin, sighting.c.native_id))
        ids = {row[0]: PostRef(row[1], row[2]) for row in rows}
        pointers = connection.execute(select(pointer.c.sighting_id, pointer.c.kind, pointer.c.target_id))
        payloads = connection.execute(select(payload.c.sighting_id, payload.c.sha256))
        described = ("origin", "native_id", "handle", "display_name", "authority", "seen_at")
        people = connection.execute(select(*(author.c[name] for name in described)))
        return {
            "posts": view(connection),
            "pointers": {(ids[row[0]], row[1], ids[row[2]]) for row in pointers},
            "metrics": {(ids[row[0]], *row[1:]) for row in connection.execute(select(metrics))},
            "payloads": sorted((ids[row[0]], bytes(row[1])) for row in payloads),
            "authors": sorted(map(tuple, people)),
            "threads": sorted(row[0] for row in connection.execute(select(thread.c.address))),
        }


def shape(store: Store) -> dict[str, str]:
    """{"2": "1"}: the native id of each node and of the root of its thread."""
    with store.reading() as connection:
        return {own.native_id: seen["root"].native_id for own, seen in view(connection).items()}


def empty(store: Store) -> None:
    """Takes every row out."""
    with store.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
