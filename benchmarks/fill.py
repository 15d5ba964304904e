"""Fills a store with a made-up campaign: posts come in, are admitted, and are decided by rules and people, through the
same functions that a run and a moderator use."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import orjson

from tagora.core.decisions import Verdict
from tagora.core.records import Author, Entity, EntityKind, Media, MediaKind, Metrics, Post, PostRef, Sighting
from tagora.review.decide import decide_new
from tagora.review.deciding import decide
from tagora.storage import campaigns, rulesets
from tagora.storage.campaigns import CampaignSeed, SourceSeed
from tagora.storage.ingest import Incoming, store_page
from tagora.storage.migrate import migrate
from tagora.storage.store import Store, open_store

from . import x_ids
from .discussion import Discussion, Person, Written

SLUG = "casnocha"
PAGE = "1234567890"
SOURCES = {"x": "x", "mastodon": "mastodon.uno", "facebook": f"facebook {PAGE}"}
BATCH = 500  # posts in one transaction
RULES = """\
- name: tagged posts
  when: {tagged: true}
  then: accept
"""
_KINDS = {"hashtag": EntityKind.HASHTAG, "mention": EntityKind.MENTION, "link": EntityKind.LINK}


@dataclass(frozen=True, slots=True)
class Filled:
    """What was put in, and how long it took."""

    posts: int
    threads: int
    campaign_id: int
    seconds: float


def fill(url: str, posts: int, threads: int, seed: int) -> Filled:
    """Fills the store at `url` (made and migrated where needed) with a campaign `casnocha`. Posts with the tag are
    approved by a rule, the others by a person, who rejects one in two hundred and leaves one in two hundred waiting."""
    store = open_store(url)
    try:
        migrate(store)
        return fill_store(store, Discussion(posts, threads, seed))
    finally:
        store.close()


def fill_store(store: Store, discussion: Discussion, *, waiting: int = 200, rules: str = RULES) -> Filled:
    """As `fill`, with a store that is open and a discussion that is made; one in `waiting` of what the rules leave to
    people waits."""
    begun = time.perf_counter()
    written = iter(discussion)
    ids: list[str] = []
    campaign_id, sources = 0, {}
    while batch := list(islice(written, BATCH)):
        now = batch[-1].at + timedelta(minutes=5)
        with store.writing() as connection:
            if not sources:
                seeds = tuple(SourceSeed(name, platform, name, "1") for platform, name in SOURCES.items())
                known = campaigns.sync(connection, [CampaignSeed(SLUG, "review_first", seeds)], now)[SLUG]
                campaign_id, sources = known.campaign_id, known.sources
                rulesets.seed(connection, campaign_id, rules, now)
            stored = store_page(connection, [_incoming(one, ids, now) for one in batch], now)
            for network, name in SOURCES.items():
                members = [
                    (done.post_id, "tag" if one.tagged else "conversation")
                    for done, one in zip(stored, batch, strict=True)
                    if one.network == network
                ]
                if members:
                    campaigns.admit(connection, campaign_id, sources[name], members, now)
            decide_new(connection, campaign_id, [done.post_id for done in stored], now)
            chosen: dict[Verdict, list[int]] = {Verdict.APPROVE: [], Verdict.REJECT: []}
            for done, one in zip(stored, batch, strict=True):
                if one.parent is not None and one.number % 200 == 7:
                    chosen[Verdict.REJECT].append(done.post_id)
                elif not one.tagged and one.number % waiting != 8:
                    chosen[Verdict.APPROVE].append(done.post_id)
            for verdict, post_ids in chosen.items():
                decide(connection, campaign_id, post_ids, verdict, "anna", now)
    return Filled(discussion.posts, discussion.threads, campaign_id, time.perf_counter() - begun)


def _incoming(one: Written, ids: list[str], now: datetime) -> Incoming:
    """`ids`: the native ids of all posts so far, to which this one's is added."""
    seen = sighting_of(one, ids, now)
    body = {
        "id": seen.post.ref.native_id,
        "text": seen.post.text,
        "created_at": one.at.isoformat(),
        "author": {"id": str(one.author.number), "name": one.author.name, "handle": one.author.handle},
        "replies": one.replies,
        "likes": one.likes,
    }
    return Incoming(seen, one.network, "fill", orjson.dumps({"body": body, "context": {}}), 1)


def sighting_of(one: Written, ids: list[str], now: datetime) -> Sighting:
    """The post as its network's adapter would hand it over."""
    origin = "activitypub" if one.network == "mastodon" else one.network
    native_id = _native_id(one, ids)
    ids.append(native_id)

    def ref(number: int | None) -> PostRef | None:
        return None if number is None else PostRef(origin, ids[number])

    own = PostRef(origin, native_id)
    author = _author(one.author)
    post = Post(
        ref=own,
        url=_url(one, native_id),
        author=author,
        published_at=one.at,
        text=one.text,
        entities=tuple(_entities(one)),
        lang=one.language,
        lang_guessed=one.network == "facebook",
        warning=one.warning if one.network == "mastodon" else None,
        sensitive=one.warning is not None,
        reply_to=ref(one.parent),
        root_hint=ref(one.root) if one.parent is not None and one.network == "x" else None,
        quote_of=ref(one.quotes),
        hashtags=frozenset(piece.target.casefold() for piece in one.pieces if piece.kind == "hashtag"),
        media=tuple(
            Media(MediaKind.IMAGE, f"https://media.example/{name}.jpg", None, alt, 1200, 800, name)
            for name, alt in ((f"{one.number}-{at}", alt) for at, alt in enumerate(one.images))
        ),
    )  # fmt: skip
    names = ((origin, author.native_id), (origin, f"@{author.handle}"))
    return Sighting(own, post, now, metrics=Metrics(one.likes, one.replies, one.likes // 3, None, None), names=names)


def _native_id(one: Written, ids: Sequence[str]) -> str:
    if one.network == "x":
        return x_ids.post_id(one.number, one.at)
    if one.network == "facebook":
        return f"{PAGE}_{one.number + 1}" if one.parent is None else f"{one.root + 1}_{one.number + 1}"
    return f"https://{one.author.server}/users/{one.author.handle}/statuses/{x_ids.post_id(one.number, one.at)}"


def _url(one: Written, native_id: str) -> str:
    if one.network == "x":
        return f"https://x.com/{one.author.handle}/status/{native_id}"
    if one.network == "facebook":
        return f"https://www.facebook.com/{native_id}"
    return f"https://{one.author.server}/@{one.author.handle}/{native_id.rpartition('/')[2]}"


def _author(person: Person) -> Author:
    profile = {
        "x": f"https://x.com/{person.handle}",
        "facebook": f"https://www.facebook.com/{person.number}",
        "mastodon": f"https://{person.server}/@{person.handle}",
    }[person.network]
    handle = f"{person.handle}@{person.server}" if person.network == "mastodon" else person.handle
    origin = "activitypub" if person.network == "mastodon" else person.network
    native_id = profile if person.network == "mastodon" else str(person.number)
    return Author(origin, native_id, handle, person.name, profile, created_at=person.joined)


def _entities(one: Written) -> Iterator[Entity]:
    at = 0
    for piece in one.pieces:
        if piece.kind in _KINDS:
            target = {
                "hashtag": piece.target.casefold(),
                "mention": f"https://{one.network}.example/{piece.text}",
                "link": piece.text,
            }[piece.kind]
            yield Entity(at, at + len(piece.text), _KINDS[piece.kind], target)
        at += len(piece.text)
