"""For all sets of sightings, in any order, cut into pages anyhow: the same posts, threads and roots, and those that
the pure function says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from tagora.core.content_hash import content_hash
from tagora.core.records import Authority, Entity, EntityKind, Metrics, PostRef, Sighting
from tagora.core.threads import Node, Pointing, address, forest, pick
from tagora.storage.migrate import migrate
from tagora.storage.rank import rank_of
from tagora.storage.store import Store, _prepare_sqlite

from ..make import NOON, author, post, sighting
from .incoming import empty, keep_pages, whole

GLOBAL, SERVERS = "activitypub", ("activitypub@a", "activitypub@b")

names = st.sampled_from(["1", "2", "3", "4", "5"])
places = st.sampled_from([GLOBAL, *SERVERS])
refs = st.builds(PostRef, places, names)


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    """One server's word on one of five posts: mostly under its global reference, sometimes only under the local one
    (so that two held posts turn out to be one), with pointers to anything under any id, itself included."""
    name, place = draw(names), draw(places)
    own = PostRef(GLOBAL, name) if draw(st.integers(0, 5)) else PostRef(place, name)
    text = draw(st.sampled_from(["first words", "other words"]))
    return sighting(
        post(
            own,
            text,
            reply_to=draw(st.none() | refs),
            root_hint=draw(st.none() | refs),
            quote_of=draw(st.none() | st.none() | refs),
            edited_at=draw(st.none() | st.sampled_from([NOON + timedelta(hours=hour) for hour in (1, 2)])),
            entities=(Entity(0, 5, EntityKind.HASHTAG, text[:5]),),
            author=draw(st.sampled_from([author("anna"), author("anna", display_name="Anna B."), author("bo"), None])),
        ),
        seen_as=PostRef(place, name),
        seen_at=NOON + timedelta(hours=3, minutes=draw(st.integers(0, 2))),
        authority=draw(st.sampled_from([Authority.RUMOUR, Authority.HEARSAY, Authority.HOME])),
        also=(PostRef(SERVERS[0], name),) if not draw(st.integers(0, 7)) else (),
        metrics=draw(st.none() | st.builds(Metrics, likes=st.integers(0, 2))),
    )


@st.composite
def arrivals(draw: st.DrawFn, least: int = 1, most: int = 9) -> tuple[list[list[Sighting]], list[list[Sighting]]]:
    """The same sightings twice, in two orders, cut into pages in two ways; some come again."""
    told = draw(st.lists(sightings(), min_size=least, max_size=most))
    ways: list[list[list[Sighting]]] = []
    for _ in range(2):
        order = draw(st.permutations(told)) + draw(st.lists(st.sampled_from(told), max_size=2))
        cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=len(order))))
        ways.append([order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True) if a < b])
    return ways[0], ways[1]


def expected(told: list[Sighting]) -> dict[PostRef, Any]:
    """What the store should hold, thought out from nothing: identity by union, content and pointers by rank, threads
    by the pure function."""
    group: dict[PostRef, set[PostRef]] = {}
    for seen in told:
        own = {seen.seen_as, seen.post.ref, *seen.also}
        for ref in [*own, *_targets(seen).values()]:
            group.setdefault(ref, {ref})
        united = set().union(*(group[ref] for ref in own))
        for ref in united:
            group[ref] = united
    keys = {id(group[ref]): number for number, ref in enumerate(sorted(group))}
    key = {ref: keys[id(group[ref])] for ref in group}
    newest: dict[PostRef, Sighting] = {}
    teller: dict[int, Sighting] = {}
    for seen in sorted(told, key=lambda seen: rank_of(seen, 1)):
        newest[seen.seen_as] = seen
        teller[key[seen.seen_as]] = seen
    said: dict[tuple[int, str], list[Pointing]] = {}
    for own, seen in newest.items():
        for kind, ref in _targets(seen).items():
            said.setdefault((key[own], kind), []).append(Pointing(seen.authority, ref, key[ref]))
    nodes = {
        number: Node(
            teller[number].post.ref if number in teller else next(iter(members)),
            number in teller,
            tuple(said.get((number, "reply_to"), ())),
            tuple(said.get((number, "root_hint"), ())),
        )
        for number, members in ((key[ref], group[ref]) for ref in group)
    }
    trees = forest(nodes)
    own = {number: node.ref for number, node in nodes.items()}
    result: dict[PostRef, Any] = {}
    for number, node in nodes.items():
        root = trees.root[number]
        quote = pick(number, said.get((number, "quote_of"), ()), lambda other: nodes[other].held)
        parent, link = trees.parent[number], trees.link[number]
        result[node.ref] = {
            "ids": group[node.ref],
            "held": node.held,
            "parent": own.get(parent),
            "link": own.get(link),
            "quote": own.get(quote),
            "cut": number in trees.cut,
            "root": own[root],
            "address": address(own[root]),
            "size": sum(top == root for top in trees.root.values()),
            "cuts": int(root in trees.cut),
            "text": teller[number].post.text if node.held else None,
            "content_hash": content_hash(teller[number].post, own.get(parent), own.get(quote)) if node.held else None,
        }
    return result


def _targets(seen: Sighting) -> dict[str, PostRef]:
    said = seen.post
    pairs = {"reply_to": said.reply_to, "root_hint": said.root_hint, "quote_of": said.quote_of}
    return {kind: ref for kind, ref in pairs.items() if ref is not None}


def check(store: Store, ways: tuple[list[list[Sighting]], list[list[Sighting]]]) -> None:
    first, second = ways
    empty(store)
    keep_pages(store, first)
    once = whole(store)
    wanted = expected([seen for page in first for seen in page])
    assert {ref: {name: seen[name] for name in wanted[ref]} for ref, seen in once["posts"].items()} == wanted
    assert [(row[1], row[-2:]) for row in once["authors"]] == sorted(_authors(first).items())
    empty(store)
    keep_pages(store, second)
    assert whole(store) == once


def _authors(pages: list[list[Sighting]]) -> dict[str, tuple[int, datetime]]:
    """By account: whose word on it stands, and from when."""
    best: dict[str, tuple[int, datetime]] = {}
    for seen in (seen for page in pages for seen in page):
        if who := seen.post.author:
            word = (seen.authority, seen.seen_at)
            best[who.native_id] = max(best.get(who.native_id, word), word)
    return best


@pytest.fixture(scope="module")
def memory() -> Iterator[Store]:
    from sqlalchemy import event

    engine = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(engine, "connect", _prepare_sqlite)
    store = Store(engine)
    migrate(store)
    yield store
    store.close()


# The failing example is printed as it is found: shrinking sets of sightings takes minutes and says little more.
QUICK = {
    "deadline": None,
    "phases": (Phase.explicit, Phase.reuse, Phase.generate),
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@settings(max_examples=100, **QUICK)
@given(ways=arrivals())
def test_any_order_gives_the_same_store_and_the_one_the_pure_function_says(memory: Store, ways):
    check(memory, ways)


@settings(max_examples=25, **QUICK)
@given(ways=arrivals(least=2))
def test_so_it_is_on_both_databases(store: Store, ways):
    check(store, ways)
    once = whole(store)
    keep_pages(store, ways[1])
    assert whole(store) == once  # storing twice is storing once
