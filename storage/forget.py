"""Withdrawing a post or a person for ever.

`plan` says what would go, `forget` does it in one transaction, `scrub_free_pages` takes the deleted bytes out of the
database's files. Killed in between, a flag in `meta` says that the scrubbing is still owed. What stays is a row that
keeps the place among the replies, under an opaque id, and digests by which the person is known again: HMACs with a
secret kept outside the store, so that nobody can try out names on a copy of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, text, update

from ..core.content_hash import bind
from ..core.decisions import TAGORA, Draft, Verdict
from ..core.errors import StoreLocked
from ..core.normalise import canonical_url
from ..core.records import PostRef
from . import changes, reports
from .batches import chunks, write
from .contents import CONTENT, carry_decisions
from .decisions import campaigns_of, record, subjects
from .forest import rebuild
from .masking import Mask, hide, mask_posts
from .review_tables import report, report_act
from .store import Store, _in_words
from .tables import (
    author,
    campaign,
    campaign_post,
    claim,
    conversation,
    decision,
    entity,
    fingerprint_band,
    media,
    meta,
    metrics,
    note,
    payload,
    payload_subject,
    picture,
    post,
    sighting,
    standing,
)
from .tombstones import ORIGIN, Digest, Tombstone, add

OWED = "scrub_free_pages"
_TOUCHED = (author, post, sighting, entity, media, picture, fingerprint_band, metrics, payload, payload_subject)
_TOUCHED += (decision, note, standing, meta, report, report_act)
_KEPT = {"published_at", "seen_at"}  # what orders the replies
_LAST = "~"  # a rank that nothing exceeds


@dataclass(frozen=True, slots=True)
class Plan:
    """What a withdrawal would take. `people`: accounts that go with it; `for_good`: whether these accounts are not
    collected again (a person asked), or only have nothing left here. `mentions`: other people's posts in which the
    handle is made unreadable."""

    target: str
    posts: tuple[int, ...]
    people: tuple[int, ...]
    for_good: bool
    threads: tuple[int, ...]
    campaigns: tuple[str, ...]
    mentions: tuple[int, ...]
    payloads: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        return not self.posts and not self.people


def plan(connection: Connection, target: str) -> Plan:
    """What withdrawing `target` would take: a post's address or id, @handle, @handle@host or an account's address.
    An empty plan when nothing of it is here."""
    people = _people(connection, target)
    if people:
        return plan_people(connection, people, target)
    return plan_posts(connection, _posts(connection, target), target)


def plan_people(connection: Connection, people: Collection[int], target: str) -> Plan:
    """What withdrawing these authors would take."""
    posts = _ids(connection, select(post.c.id), post.c.author_id, people)
    return _plan(connection, target, posts, set(people), for_good=True)


def plan_posts(connection: Connection, posts: Collection[int], target: str) -> Plan:
    """What withdrawing these posts would take."""
    return _plan(connection, target, set(posts), _alone(connection, posts), for_good=False)


def _plan(connection: Connection, target: str, posts: set[int], people: set[int], *, for_good: bool) -> Plan:
    masks = _masks(connection, people)
    posts |= _by_address(connection, people)
    ids = sorted(posts)
    payloads = _payloads(connection, ids, people)
    named = _ids(
        connection,
        select(sighting.c.post_id).join(payload, payload.c.sighting_id == sighting.c.id),
        payload.c.id,
        payloads,
    )
    mentions = {post_id for mask in masks for post_id in _mentioning(connection, mask)} | named if people else set()
    slugs = (
        select(campaign.c.slug)
        .join(campaign_post, campaign_post.c.campaign_id == campaign.c.id)
        .where(campaign_post.c.post_id.in_(ids))
        .distinct()
    )
    return Plan(
        target,
        tuple(ids),
        tuple(sorted(people)),
        for_good,
        tuple(sorted(_ids(connection, select(post.c.thread_id), post.c.id, ids))),
        tuple(sorted(connection.execute(slugs).scalars())),
        tuple(sorted(mentions - posts)),
        tuple(sorted(payloads)),
    )


def forget(connection: Connection, what: Plan, digest_of: Digest, now: datetime) -> list[Tombstone]:
    """Carries `what` out, inside the caller's writing transaction; returns by what it is known again, to be kept
    outside the store too before the transaction ends. Afterwards call `scrub_free_pages`: until then the words are gone
    from every table, and still in the files."""
    if what.is_empty:
        return []
    masks = _masks(connection, what.people)
    refs = _refs(connection, what.posts)
    tombstones = _write_tombstones(connection, what, refs, digest_of, now)
    for part in chunks(what.payloads):
        connection.execute(delete(payload_subject).where(payload_subject.c.payload_id.in_(part)))
        connection.execute(delete(payload).where(payload.c.id.in_(part)))
    for part in chunks(what.posts):
        for table in (entity, media, picture, fingerprint_band, note, claim, conversation):
            connection.execute(delete(table).where(table.c.post_id.in_(part)))
        connection.execute(update(decision).where(decision.c.post_id.in_(part)).values(matched=None, reason=None))
    _scrub_posts(connection, what.posts, refs, digest_of)
    _scrub_people(connection, what.people)
    mask_posts(connection, what.mentions, masks)
    reports.scrub(connection, what.posts, lambda words: hide(words, masks))
    _rehash_answers(connection, what.posts)
    _reject(connection, what.posts, now)
    mentioned = _ids(connection, select(post.c.thread_id), post.c.id, what.mentions)
    changes.touch(connection, {*what.threads, *mentioned, *rebuild(connection, what.threads)}, now)
    owe_scrubbing(connection, now)
    return tombstones


def owe_scrubbing(connection: Connection, now: datetime) -> None:
    """Deleted rows hold words that must not stay in the database's files."""
    connection.execute(delete(meta).where(meta.c.key == OWED))
    connection.execute(insert(meta).values(key=OWED, value=now.isoformat()))


def is_owed(connection: Connection) -> bool:
    """Whether a withdrawal was carried out whose bytes may still be in the files."""
    return connection.execute(select(meta.c.value).where(meta.c.key == OWED)).first() is not None


def scrub_free_pages(store: Store) -> None:
    """Takes the bytes of deleted rows out of the database's files; may be called again at any time. Raises StoreLocked
    when another process keeps the files from being rewritten: then it is still owed."""
    with _in_words(store), store.engine.connect() as connection:
        if store.is_sqlite:  # without a BEGIN of ours its connections are in autocommit (storage/store.py)
            # the search index only marks words as gone until its parts are merged (https://www.sqlite.org/fts5.html)
            connection.execute(text("INSERT INTO post_fts (post_fts) VALUES ('optimize')"))
            connection.execute(text("VACUUM"))
            _checkpoint(connection, store)
        else:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in _TOUCHED:
                connection.execute(text(f'VACUUM (FULL) "{table.name}"'))
    with store.writing() as connection:
        connection.execute(delete(meta).where(meta.c.key == OWED))


def _checkpoint(connection: Connection, store: Store) -> None:
    """Writes the log back into the file and empties it (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint)."""
    if connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]:
        raise StoreLocked(
            f"the store {store.url} is being read, so its log could not be emptied",
            "Stop the other tagora and run this again; the withdrawal itself is done.",
        )


# --- finding ---------------------------------------------------------------------------------------------------------


def _ids(connection: Connection, query: Any, column: Any = None, among: Iterable[int] | None = None) -> set[int]:
    """The numbers that `query` gives, where `column` is one of `among`."""
    if among is None:
        return set(connection.execute(query).scalars())
    found: set[int] = set()
    for part in chunks(among):
        found.update(connection.execute(query.where(column.in_(part))).scalars())
    return found


def _people(connection: Connection, target: str) -> set[int]:
    c = author.c
    if target.startswith("@"):
        handle = target[1:].lower()
        found = _ids(connection, select(c.id).where(c.handle_folded == handle))
        if found or "@" in handle:
            return found
        somewhere = select(c.id).where(c.handle_folded.startswith(f"{handle}@", autoescape=True))
        found = _ids(connection, somewhere)
        return found if len(found) == 1 else set()  # @anna of two servers may be two people: the host must be said
    return _ids(
        connection, select(c.id).where(or_(c.url == target.rstrip("/"), c.url == target, c.native_id == target))
    )


def _posts(connection: Connection, target: str) -> set[int]:
    ways = {target, target.rstrip("/"), target.partition("?")[0], canonical_url(target) or target}
    by_url = _ids(connection, select(post.c.id).where(post.c.url.in_(ways)))
    return by_url or _ids(connection, select(sighting.c.post_id).where(sighting.c.native_id.in_(ways)))


def _alone(connection: Connection, posts: Collection[int]) -> set[int]:
    """The authors of these posts who have no other post here."""
    people = _ids(connection, select(post.c.author_id).where(post.c.author_id.is_not(None)), post.c.id, posts)
    others = select(post.c.author_id).where(post.c.id.not_in(list(posts)))
    return people - _ids(connection, others, post.c.author_id, people)


def _by_address(connection: Connection, people: Collection[int]) -> set[int]:
    """Posts known by reference only whose id begins with the account's own address."""
    found: set[int] = set()
    rows = connection.execute(select(author.c.native_id, author.c.url).where(author.c.id.in_(list(people))))
    for address in {value for row in rows for value in row if value and value.startswith("http")}:
        asked = select(sighting.c.post_id).where(sighting.c.native_id.startswith(address + "/", autoescape=True))
        found |= _ids(connection, asked)
    return found


def _masks(connection: Connection, people: Collection[int]) -> list[Mask]:
    rows = connection.execute(
        select(author.c.handle_folded, author.c.url, author.c.native_id).where(author.c.id.in_(list(people)))
    )
    return [
        Mask.of([row[0]] if row[0] else [], [value for value in row[1:] if value and value.startswith("http")])
        for row in rows
    ]


def _mentioning(connection: Connection, mask: Mask) -> set[int]:
    """Posts in which the mask may have something to hide. Reads all texts: a withdrawal is rare and must be whole."""
    found: set[int] = set()
    for word in mask.words:
        for column in (post.c.text, post.c.title, post.c.warning, post.c.html):
            found |= _ids(connection, select(post.c.id).where(func.lower(column).contains(word, autoescape=True)))
        for column in (entity.c.target, entity.c.display):
            found |= _ids(
                connection, select(entity.c.post_id).where(func.lower(column).contains(word, autoescape=True))
            )
        found |= _ids(
            connection, select(media.c.post_id).where(func.lower(media.c.alt).contains(word, autoescape=True))
        )
    return found


def _payloads(connection: Connection, posts: Collection[int], people: Collection[int]) -> set[int]:
    c = payload_subject.c
    found = _ids(
        connection,
        select(payload.c.id).join(sighting, sighting.c.id == payload.c.sighting_id),
        sighting.c.post_id,
        posts,
    )
    for origin, names in names_of(connection, people):
        found |= _ids(connection, select(c.payload_id).where(c.origin == origin, c.name.in_(names)))
    return found


def names_of(connection: Connection, people: Collection[int]) -> list[tuple[str, list[str]]]:
    """Under which names each account may stand in a raw item: its id, address and handle."""
    rows = connection.execute(
        select(author.c.origin, author.c.native_id, author.c.url, author.c.handle_folded).where(
            author.c.id.in_(list(people))
        )
    )
    return [
        (row[0], [name for name in (row[1], row[2], f"@{row[3]}" if row[3] else None) if name is not None])
        for row in rows
    ]


def _refs(connection: Connection, posts: Iterable[int]) -> list[tuple[int, int, PostRef]]:
    """(sighting id, post id, reference) of every id of these posts."""
    s = sighting.c
    return [
        (row[0], row[1], PostRef(row[2], row[3]))
        for part in chunks(posts)
        for row in connection.execute(select(s.id, s.post_id, s.origin, s.native_id).where(s.post_id.in_(part)))
    ]


# --- doing -----------------------------------------------------------------------------------------------------------


def _write_tombstones(
    connection: Connection, what: Plan, refs: list[tuple[int, int, PostRef]], digest_of: Digest, now: datetime
) -> list[Tombstone]:
    digests = {digest_of(*ref): "post" for _, _, ref in refs if ref.origin != ORIGIN}
    if what.for_good:
        for origin, names in names_of(connection, what.people):
            digests.update({digest_of(origin, name): "author" for name in names})
    all_of_them = [Tombstone(now, kind, digest) for digest, kind in digests.items()]
    add(connection, all_of_them)
    return all_of_them


def _scrub_posts(
    connection: Connection, posts: Sequence[int], refs: list[tuple[int, int, PostRef]], digest_of: Digest
) -> None:
    opaque = {ref: ref.native_id if ref.origin == ORIGIN else digest_of(*ref).hex() for _, _, ref in refs}
    nothing = {name: None for name in CONTENT if name not in _KEPT}
    own: dict[int, str] = {}
    for part in chunks(posts):
        c = post.c
        for row in connection.execute(select(c.id, c.origin, c.native_id).where(c.id.in_(part))):
            own[row[0]] = opaque[PostRef(row[1], row[2])]
    write(
        connection,
        update(post).where(post.c.id == bindparam("b_id")),
        [
            {
                **nothing,
                "b_id": post_id,
                "origin": ORIGIN,
                "native_id": name,
                "gone": ORIGIN,
                "rank": _LAST,
                "body_hash": name,
                "content_hash": bind(name, None, None),
            }
            for post_id, name in own.items()
        ],
    )
    write(
        connection,
        update(sighting).where(sighting.c.id == bindparam("b_id")),
        [
            {"b_id": id_, "origin": ORIGIN, "native_id": opaque[ref], "rank": _LAST, "edited_at": None}
            for id_, _, ref in refs
        ],
    )
    for part in chunks(id_ for id_, _, _ in refs):
        connection.execute(delete(metrics).where(metrics.c.sighting_id.in_(part)))


def _scrub_people(connection: Connection, people: Sequence[int]) -> None:
    for part in chunks(people):
        connection.execute(update(post).where(post.c.author_id.in_(part)).values(author_id=None))
        connection.execute(delete(standing).where(standing.c.author_id.in_(part)))
        connection.execute(delete(author).where(author.c.id.in_(part)))


def _rehash_answers(connection: Connection, posts: Sequence[int]) -> None:
    """What answers or quotes these posts says the same as before: the decisions go over to the new hash."""
    c, parent, quote = post.c, post.alias(), post.alias()
    rows: list[Any] = []
    for part in chunks(posts):
        rows += connection.execute(
            select(
                c.id,
                c.body_hash,
                c.content_hash,
                parent.c.origin,
                parent.c.native_id,
                quote.c.origin,
                quote.c.native_id,
            )
            .select_from(post.outerjoin(parent, parent.c.id == c.parent_id).outerjoin(quote, quote.c.id == c.quote_id))
            .where(
                or_(c.parent_id.in_(part), c.quote_id.in_(part)),
                c.body_hash.is_not(None),
                c.gone.is_distinct_from(ORIGIN),
            )
        ).all()
    hashes: dict[int, tuple[str, str]] = {}
    for id_, body, old, *names in rows:
        parent_ref, quote_ref = (PostRef(*names[at : at + 2]) if names[at] else None for at in (0, 2))
        hashes[id_] = (old, bind(body, parent_ref, quote_ref))
    write(
        connection,
        update(post).where(c.id == bindparam("b_id")),
        [{"b_id": id_, "content_hash": new} for id_, (_, new) in hashes.items()],
    )
    carry_decisions(connection, hashes)


def _reject(connection: Connection, posts: Sequence[int], now: datetime) -> None:
    """The log says why the posts are nowhere any more."""
    for campaign_id, ids in campaigns_of(connection, posts).items():
        found = subjects(connection, campaign_id, ids).values()
        record(
            connection,
            [(one, [Draft(Verdict.REJECT, one.content_hash or "", TAGORA, reason=ORIGIN)]) for one in found],
            now,
        )
