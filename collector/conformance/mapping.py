"""What becomes of what a network gave."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ...core.errors import BadItem
from ...core.normalise import clean_url
from ...core.records import EntityKind, PostRef, Sighting
from ..contract import (  # fmt: skip
    Lookup,
    Raw,
    Target,
)
from .bench import Bench, raws, walk


def each_item_maps_or_is_a_bad_item(bench: Bench) -> None:
    """Mapping gives sound sightings, the item's own first, the same each time, also from a Raw out of the store."""
    mapped = 0
    for raw in raws(bench):
        stored = dataclasses.replace(
            raw, body=json.loads(json.dumps(raw.body)), context=json.loads(json.dumps(raw.context))
        )
        first, second, third = (_map(bench, item) for item in (raw, raw, stored))
        assert first == second, f"{raw.seen_as} maps to another post the second time"
        assert first == third, f"{raw.seen_as} maps to another post when it comes from the store"
        if first is not None:
            mapped += 1
            assert first, f"{raw.seen_as} maps to nothing and does not say why"
            assert first[0].seen_as == raw.seen_as, f"{raw.seen_as}: the first sighting is {first[0].seen_as}"
            for sighting in first:
                sound(sighting)
    assert mapped, "not one item of the bench could be mapped"


def a_posts_address_leads_back_to_it(bench: Bench) -> None:
    """Where the platform recognises the address of a post, that names the post: by an id under which it was seen, or
    by one that, looked up, gives it."""
    asked = False
    for raw in raws(bench):
        sighting = next(iter(_map(bench, raw) or ()), None)
        url = sighting.post.url if sighting else None
        ref = _located(bench, url) if url else None
        if sighting is None or ref is None:
            continue
        is_own = ref in (sighting.seen_as, sighting.post.ref, *sighting.also)
        if is_own and asked:
            continue
        if Lookup not in bench.platform.supports(bench.config):
            assert is_own, f"{url} is said to name {ref}, but is the address of {sighting.post.ref}"
            continue
        pages = walk(bench, Lookup((Target(ref, url=url),), resolve=True))
        found = {one.post.ref for page in pages for item in page.items for one in _map(bench, item) or ()}
        assert sighting.post.ref in found, f"{url} names {ref}; looked up, that gave {sorted(found)[:3]}"
        asked = True


def strange_addresses_name_nothing(bench: Bench) -> None:
    """Whatever a person pastes, `locate` gives a sound reference or None, the same each time."""
    from hypothesis import given, settings
    from hypothesis import strategies as st

    odd = ("", " ", "#", "@anna", "javascript:alert(1)", "data:text/html,x", "http://[", "https://", "//host/1",
           "1/../2", "https://user:password@example.org/1", "https://a.example/\x00", "https://a:99999/1")  # fmt: skip
    for text in odd:
        assert _located(bench, text) is None, f"{text!r} is taken for a post's address"
    known = [one.post.url for raw in raws(bench)[:20] for one in _map(bench, raw) or () if one.post.url]
    damaged = st.sampled_from(known or ["https://example.org/1"]).flatmap(
        lambda url: st.tuples(st.integers(0, len(url)), st.text(max_size=5)).map(
            lambda cut: url[: cut[0]] + cut[1] + url[cut[0] :]
        )
    )

    @settings(max_examples=bench.examples, deadline=None, database=None, derandomize=True)
    @given(st.text() | damaged)
    def hold(text: str) -> None:
        ref = _located(bench, text)
        assert ref is None or all(isinstance(part, str) and part for part in ref), f"{text!r} names {ref!r}"
        assert _located(bench, text) == ref, f"{text!r} names another post the second time"

    hold()


def _located(bench: Bench, text: str) -> PostRef | None:
    try:
        return bench.platform.locate(bench.config, text)
    except Exception as error:
        raise AssertionError(f"locating {text!r} raised {error!r}") from error


def damaged_items_map_or_are_bad_items(bench: Bench) -> None:
    """Whatever stands where a value should be, mapping gives sound sightings or BadItem, and changes nothing."""
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    items = raws(bench)
    scalars = (
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20)
    )
    texts = ("", "\x00", "\ud800", "javascript:alert(1)", "http://[", "9" * 400, "0001-01-01T00:00:00Z", "<" * 500)
    values = st.sampled_from(texts) | st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=5,
    )

    @settings(max_examples=bench.examples, deadline=None, database=None, derandomize=True, report_multiple_bugs=False,
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])  # fmt: skip
    @given(st.data())
    def hold(data: Any) -> None:
        raw = data.draw(st.sampled_from(items))
        tree = json.loads(json.dumps({"body": raw.body, "context": raw.context}))
        for _ in range(data.draw(st.integers(1, 3))):
            places = [*_places(tree["body"]), *_places(tree["context"])]
            if places:
                parent, key = data.draw(st.sampled_from(places))
                parent[key] = data.draw(values)
        damaged = dataclasses.replace(raw, body=tree["body"], context=tree["context"])
        before = json.dumps(tree)
        for sighting in _map(bench, damaged) or ():
            sound(sighting)
        assert json.dumps(tree) == before, "mapping changed the Raw"

    hold()


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Each (container, key) of a JSON tree."""
    todo = [tree]
    while todo:
        node = todo.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node))
        for key in keys:
            yield node, key
            if isinstance(node[key], dict | list):
                todo.append(node[key])


def _map(bench: Bench, raw: Raw) -> tuple[Sighting, ...] | None:
    try:
        return bench.platform.to_sightings(raw)
    except BadItem:
        return None
    except Exception as error:
        raise AssertionError(f"mapping {raw.seen_as} raised {error!r}; only BadItem is allowed") from error


def sound(sighting: Sighting) -> None:
    """Raises AssertionError unless the sighting holds what core.records promises of every record."""
    post = sighting.post
    for ref in filter(None, (sighting.seen_as, post.ref, post.reply_to, post.root_hint, post.quote_of, post.repost_of,
                             *sighting.also)):  # fmt: skip
        assert all(isinstance(part, str) and part for part in ref), f"{ref!r} is no reference"
    for moment in filter(None, (sighting.seen_at, post.published_at, post.edited_at,
                                post.author.created_at if post.author else None)):  # fmt: skip
        assert moment.utcoffset() == timedelta(0), f"{moment!r} is not an aware UTC time"
    for text in _texts(sighting):
        assert "\x00" not in text, f"NUL in {text!r}"
        text.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, which is a ValueError
    for entity in post.entities:
        assert 0 <= entity.start < entity.end <= len(post.text), f"{entity} lies outside its text"
        assert entity.kind is not EntityKind.LINK or clean_url(entity.target), f"{entity} links to something odd"
    urls = [post.url, *(url for media in post.media for url in (media.url, media.preview_url))]
    if post.author:
        urls += [post.author.url, post.author.avatar_url]
        assert (post.author.origin, post.author.native_id) in sighting.names, f"{post.ref} does not name its author"
    for url in filter(None, urls):
        assert clean_url(url) == url, f"{url!r} is no clean http address"
    assert all(tag and tag == tag.casefold() for tag in post.hashtags), f"{post.hashtags} are not casefolded"
    for origin, name in sighting.names:
        assert origin and name, f"{post.ref} names nobody: {(origin, name)}"
        assert not name.startswith("@") or name == name.lower(), f"the handle {name} is not in lower case"
    numbers = dataclasses.astuple(sighting.metrics) if sighting.metrics else ()
    for number in numbers:
        assert number is None or (type(number) is int and number >= 0), f"{number!r} counts nothing"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for item in dataclasses.fields(value):
            yield from _texts(getattr(value, item.name))
    elif isinstance(value, tuple | frozenset):
        for item in value:
            yield from _texts(item)
