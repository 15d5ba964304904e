"""One page, one transaction: mapped, admitted, stored, decided, its window and its spend written, or nothing of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from ..core.errors import BadItem
from ..core.records import Authority, PostRef, Sighting
from ..storage import campaigns, changes, conversations, gaps, membership
from ..storage.ingest import Incoming, Stored, store_page
from ..storage.runs import Counts
from ..storage.store import Connection
from .admission import SEEDS, Admitted, Forgotten, Policy, Refused, admit, names_of, refs_of, thread_of, unplaced
from .contract import Feed, Lookup, MissingReason, Page, Platform, Query, Quotes, Raw, Support, Thread
from .language import with_language
from .plan import SourcePlan

# Gives every new or changed post of the campaign its decision, within the transaction it is handed.
Decide = Callable[[Connection, int, Sequence[int], datetime], None]
REFUSED_FOR_GOOD = frozenset({"private", "wish", "forgotten", "optout"})


@dataclass(frozen=True, slots=True)
class Item:
    raw: Raw
    sighting: Sighting
    body: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """A page as understood. `bad`: items that could not be."""

    page: Page
    items: tuple[Item, ...]
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What storing a page did. `by_question`: new posts that belong by themselves (what the flood brake counts).
    `full`: threads that reached the limit. `verdicts`: one for each item of the page, in order."""

    counts: Counts
    by_question: int
    full: frozenset[int]
    verdicts: tuple[Admitted | Refused, ...] = ()


def read(page: Page, platform: Platform) -> Read:
    """Maps a page's items. One that cannot be understood is counted, the others go on."""
    items: list[Item] = []
    bad = 0
    for raw in page.items:
        try:
            sightings = platform.to_sightings(raw)
            body = canonical({"body": raw.body, "context": raw.context})
        except (BadItem, RecursionError):
            bad += 1
            continue
        items += [Item(raw, _with_language(one), body) for one in sightings]
    return Read(page, tuple(items), bad)


def _with_language(seen: Sighting) -> Sighting:
    post = with_language(seen.post)
    return seen if post is seen.post else replace(seen, post=post)


def canonical(value: object) -> bytes:
    """JSON with sorted keys: equal values give equal bytes. Lone surrogates and huge integers stay as they were
    written in the answer."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError):
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def keep(
    connection: Connection,
    plan: SourcePlan,
    platform: Platform,
    read: Read,
    query: Query,
    *,
    forgotten: Forgotten,
    decide: Decide,
    now: datetime,
) -> Kept:
    """Stores what of the page belongs. Part of the page's transaction; the caller writes window and spend."""
    if not read.items and not read.page.missing:
        return Kept(_counts(read), 0, frozenset())
    items = _veiled(read.items, forgotten)
    sightings = [item.sighting for item in items]
    known = membership.known(connection, plan.campaign_id, refs_of(sightings))
    wanted = membership.wanted(connection, plan.campaign_id, unplaced(sightings, known))
    withdrawn = forgotten(names_of(sightings))
    verdicts = admit(sightings, _policy(plan, query), known, wanted, withdrawn)
    verdicts, full = _within_limit(connection, plan, query, verdicts, known)

    admitted = [(item, one) for item, one in zip(items, verdicts, strict=True) if isinstance(one, Admitted)]
    refused = Counter(one.reason for one in verdicts if isinstance(one, Refused))
    stored = store_page(
        connection,
        [Incoming(item.sighting, platform.name, item.raw.endpoint, item.body, platform.mapping_version)
         for item, _ in admitted],
        now,
    )  # fmt: skip
    members = [(done.post_id, one.via) for done, (_, one) in zip(stored, admitted, strict=True)]
    fresh = set(campaigns.admit(connection, plan.campaign_id, plan.source_id or None, members, now))
    changed = {done.post_id for done in stored if done.changed}
    if fresh or changed:
        decide(connection, plan.campaign_id, sorted(fresh | changed), now)
        changes.touch(connection, {done.thread_id for done in stored if done.post_id in fresh}, now)

    gaps_found = gaps.record(connection, _missing(connection, plan, read.page, verdicts), now)
    _follow(connection, plan, platform, query, stored, admitted, fresh, now)
    counts = _counts(read) + Counts(
        new=len(fresh), updated=len(changed - fresh), gaps=gaps_found, refused=dict(refused)
    )
    by_question = sum(1 for post_id, via in dict(members).items() if post_id in fresh and via in ("tag", "page"))
    return Kept(counts, by_question, frozenset(full), tuple(verdicts))


def _veiled(items: Sequence[Item], forgotten: Forgotten) -> list[Item]:
    """The items with withdrawn people made opaque. What was received must not be kept of those: it names them."""
    veiled = forgotten.veil([item.sighting for item in items])
    return [
        item if one is item.sighting else replace(item, sighting=one, body=canonical({"veiled": True}))
        for item, one in zip(items, veiled, strict=True)
    ]


def _counts(read: Read) -> Counts:
    """What a page brought before anything of it is judged."""
    refused = {"bad": read.bad, "private": read.page.dropped}
    return Counts(
        seen=len(read.page.items) + read.page.dropped,
        requests=read.page.cost.requests,
        micros=read.page.cost.micros,
        refused={reason: count for reason, count in refused.items() if count},
    )


def _policy(plan: SourcePlan, query: Query) -> Policy:
    return Policy(
        tags=frozenset(tag.casefold() for tag in plan.tags),
        openers=frozenset(plan.openers),
        by_hand=plan.by_hand,
        invitation_url=plan.invitation_url if isinstance(query, Feed) else None,
        conversation=plan.conversation,
        whole=isinstance(query, Feed) and query.whole,
        also_refuse=plan.also_refuse,
    )


def _within_limit(
    connection: Connection,
    plan: SourcePlan,
    query: Query,
    verdicts: Sequence[Admitted | Refused],
    known: dict[PostRef, membership.Known],
) -> tuple[list[Admitted | Refused], set[int]]:
    """Refuses what would make a thread larger than the plan allows; and which threads are full by now. Posts that
    belong by themselves, and posts held already, always fit."""
    newcomers = (one for one in verdicts if isinstance(one, Admitted) and not _belongs(one, known))
    if not isinstance(query, Thread) or next(newcomers, None) is None:
        return list(verdicts), set()
    asked = membership.known(connection, plan.campaign_id, [target.ref for target in query.targets])
    targets = {one.thread_id for one in asked.values()}
    threads = thread_of([one.sighting for one in verdicts], known)
    sizes = campaigns.sizes(
        connection, plan.campaign_id, {*targets, *(thread_id for thread_id in threads if thread_id is not None)}
    )
    full: set[int] = set()
    kept: list[Admitted | Refused] = []
    for verdict, thread_id in zip(verdicts, threads, strict=True):
        thread_id = thread_id if thread_id is not None else next(iter(targets)) if len(targets) == 1 else None
        if isinstance(verdict, Refused) or thread_id is None:
            kept.append(verdict)
            continue
        if _belongs(verdict, known):
            kept.append(verdict)
        elif verdict.via in SEEDS or sizes.get(thread_id, 0) < plan.max_posts_per_thread:
            sizes[thread_id] = sizes.get(thread_id, 0) + 1
            kept.append(verdict)
        else:
            full.add(thread_id)
            kept.append(Refused(verdict.sighting, "limit"))
    return kept, full


def _belongs(one: Admitted, known: Mapping[PostRef, membership.Known]) -> bool:
    """Whether the post is part of the campaign already."""
    own = known.get(one.sighting.post.ref)
    return own is not None and own.via is not None


def _missing(
    connection: Connection, plan: SourcePlan, page: Page, verdicts: Sequence[Admitted | Refused]
) -> list[tuple[PostRef, str]]:
    """What cannot be had, of the posts we know about: what the network says is missing, and what nobody may see any
    more. A refused post that was never heard of leaves nothing."""
    told = {missing.ref: str(missing.reason) for missing in page.missing}
    for verdict in verdicts:
        if isinstance(verdict, Refused) and verdict.reason in REFUSED_FOR_GOOD:
            told.setdefault(verdict.sighting.post.ref, str(MissingReason.FORBIDDEN))
    known = membership.known(connection, plan.campaign_id, told)
    return [(ref, reason) for ref, reason in told.items() if ref in known or ref in plan.openers]


def _follow(
    connection: Connection,
    plan: SourcePlan,
    platform: Platform,
    query: Query,
    stored: Sequence[Stored],
    admitted: Sequence[tuple[Item, Admitted]],
    fresh: set[int],
    now: datetime,
) -> None:
    """Notes what to ask about next: conversations and quotes of posts that belong by themselves, posts that are
    known by reference only, replies that were reported but did not come, posts to look up again."""
    supports = platform.supports(plan.config)
    whole = plan.conversation == "full"
    belonging = [(done.post_id, one.via) for done, (_, one) in zip(stored, admitted, strict=True)]
    due: dict[tuple[int, str], datetime] = {}
    if Thread in supports:
        tops = SEEDS if whole else ("opener", "page")
        due |= {(post_id, "thread"): now for post_id, via in belonging if via in tops}
        if whole and isinstance(query, Thread):
            replies = _worth_asking(connection, plan, supports[Thread], stored, admitted, fresh)
            due |= {(post_id, "thread"): now for post_id in replies}
    if Quotes in supports and whole:
        due |= {(post_id, "quotes"): now for post_id in _quotable(stored, admitted)}
    if Lookup in supports:
        if whole:
            missing = membership.not_held_above(connection, [done.post_id for done in stored])
            due |= {(post_id, "lookup"): now for post_id in missing}
        for done, (item, _) in zip(stored, admitted, strict=True):
            if done.post_id in fresh:
                due[done.post_id, "recheck"] = plan.recheck.due(now, item.sighting.post.published_at) or now
    conversations.follow(connection, plan.source_id, due)


def _quotable(stored: Sequence[Stored], admitted: Sequence[tuple[Item, Admitted]]) -> list[int]:
    """Posts whose quotes are worth asking for: those that belong by themselves, and those of conversations that are
    said to have some."""
    found: list[int] = []
    for done, (item, one) in zip(stored, admitted, strict=True):
        metrics = item.sighting.metrics
        if one.via in SEEDS or (one.via == "conversation" and metrics is not None and metrics.quotes):
            found.append(done.post_id)
    return found


def _worth_asking(
    connection: Connection,
    plan: SourcePlan,
    support: Support,
    stored: Sequence[Stored],
    admitted: Sequence[tuple[Item, Admitted]],
    fresh: set[int],
) -> list[int]:
    """Where an answer does not hold a conversation whole, posts with more replies than came are asked for by
    themselves; so are those of which only hearsay came, since their home may know more."""
    reported = {
        done.post_id: item.sighting.metrics.replies
        for done, (item, one) in zip(stored, admitted, strict=True)
        if one.via == "conversation" and item.sighting.metrics is not None and item.sighting.metrics.replies
    }
    if support.exhaustive:
        for post_id in conversations.below_seeds(connection, plan.campaign_id, list(reported)):
            reported.pop(post_id, None)
    unanswered = conversations.unanswered(connection, reported)
    if not support.exhaustive:  # a server that received a post from another may know nothing of its replies
        unanswered += [
            done.post_id
            for done, (item, one) in zip(stored, admitted, strict=True)
            if one.via == "conversation" and done.post_id in fresh and item.sighting.authority < Authority.HOME
        ]
    return unanswered
