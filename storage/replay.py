"""Withdrawals that a store does not know of, carried out again by their digests alone: after an older copy was put
back, or after a process died between noting a withdrawal and committing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from . import changes, forget, reports
from .batches import chunks
from .masking import Mask, hide, mask_posts
from .tables import author, payload, payload_subject, post, sighting
from .tombstones import ORIGIN, Digest, Tombstone, add, is_forgotten

BATCH = 10_000
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was held of it: `posts` of these and of withdrawn people; `people`: their accounts; `mentions`: posts of
    others in which a name was struck out."""

    withdrawals: int
    posts: int
    people: int
    mentions: int


def replay(
    connection: Connection, tombstones: Sequence[Tombstone], digest_of: Digest, now: datetime
) -> Replayed | None:
    """Withdraws what these digests stand for, where it is held, inside the caller's writing transaction; None when the
    store knows them all. Reads every reference: it is rare, and must be whole."""
    known = is_forgotten(connection, [one.digest for one in tombstones])
    missing = {one.digest: one for one in tombstones if one.digest not in known}
    if not missing:
        return None
    people = _people(connection, missing, digest_of)
    posts = _posts(connection, missing, digest_of)
    plans = [forget.plan_people(connection, people, "")] if people else []
    if plans:
        forget.forget(connection, plans[0], digest_of, now)
    rest = posts.difference(*(plan.posts for plan in plans))
    if rest:
        plans.append(forget.plan_posts(connection, rest, ""))
        forget.forget(connection, plans[-1], digest_of, now)
    named = _named(connection, missing, digest_of)
    mentions = _strike_out(connection, named, now) if named else set[int]()
    add(connection, list(missing.values()))
    return Replayed(
        len(missing),
        sum(len(plan.posts) for plan in plans),
        len(people),
        len(mentions.union(*(plan.mentions for plan in plans))),
    )


def _people(connection: Connection, missing: dict[bytes, Tombstone], digest_of: Digest) -> set[int]:
    """The accounts that go for good."""
    c = author.c
    found: set[int] = set()
    rows = connection.execute(select(c.id, c.origin, c.native_id, c.url, c.handle_folded))
    for partition in rows.partitions(BATCH):
        for id_, origin, native_id, url, handle in partition:
            names = (native_id, url, f"@{handle}" if handle else None)
            if any(_is_author(missing.get(digest_of(origin, name))) for name in names if name):
                found.add(id_)
    return found


def _posts(connection: Connection, missing: dict[bytes, Tombstone], digest_of: Digest) -> set[int]:
    c = sighting.c
    rows = connection.execute(select(c.post_id, c.origin, c.native_id).where(c.origin != ORIGIN))
    return {
        post_id
        for partition in rows.partitions(BATCH)
        for post_id, origin, native_id in partition
        if digest_of(origin, native_id) in missing
    }


def _named(connection: Connection, missing: dict[bytes, Tombstone], digest_of: Digest) -> list[Name]:
    """Accounts that are not held here and yet named in what others wrote."""
    c = payload_subject.c
    names = connection.execute(select(c.origin, c.name).distinct())
    return [(origin, name) for origin, name in names if _is_author(missing.get(digest_of(origin, name)))]


def _strike_out(connection: Connection, names: Sequence[Name], now: datetime) -> set[int]:
    """Deletes the raw items that name them, and makes the names unreadable in the posts."""
    c = payload_subject.c
    payloads: set[int] = set()
    for origin, name in names:
        payloads |= set(connection.execute(select(c.payload_id).where(c.origin == origin, c.name == name)).scalars())
    posts: set[int] = set()
    of_payload = select(sighting.c.post_id).join(payload, payload.c.sighting_id == sighting.c.id)
    for part in chunks(payloads):
        posts |= set(connection.execute(of_payload.where(payload.c.id.in_(part))).scalars())
        connection.execute(delete(payload_subject).where(c.payload_id.in_(part)))
        connection.execute(delete(payload).where(payload.c.id.in_(part)))
    handles = [name[1:] for _, name in names if name.startswith("@")]
    masks = [Mask.of(handles, [name for _, name in names if name.startswith("http")])]
    mask_posts(connection, posts, masks)
    reports.scrub(connection, (), lambda words: hide(words, masks))
    threads: set[int] = set()
    for part in chunks(posts):
        threads |= set(connection.execute(select(post.c.thread_id).where(post.c.id.in_(part))).scalars())
    changes.touch(connection, threads, now)
    forget.owe_scrubbing(connection, now)
    return posts


def _is_author(found: Tombstone | None) -> bool:
    return found is not None and found.kind == "author"
