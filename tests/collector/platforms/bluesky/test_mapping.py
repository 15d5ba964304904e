"""What the services send beside the sightings that it becomes, one oddity a pair."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.platforms.bluesky.items import raws
from tagora.collector.platforms.bluesky.mapping import to_sightings
from tagora.collector.platforms.bluesky.text import read_text
from tagora.core.clock import ManualClock
from tagora.core.records import EntityKind

from ..golden import check_pair, read_raw, wires

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("wire", wires(__file__))
def test_a_view_becomes_its_sighting(wire: Path) -> None:
    check_pair(to_sightings, wire)


def _tag_facet(text: str, before: str, tag: str) -> dict[str, Any]:
    start = len(before.encode())
    index = {"byteStart": start, "byteEnd": start + len(f"#{tag}".encode())}
    return {"index": index, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": tag}]}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_whatever_stands_before_a_tag_it_is_found_at_its_place(before: str, after: str) -> None:
    text = f"{before}#rete{after}"
    stored, (entity,) = read_text(text, [_tag_facet(text, before, "rete")])
    assert (entity.kind, entity.target) == (EntityKind.HASHTAG, "rete")
    assert stored[entity.start : entity.end] == "#rete"


@given(st.text(), st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=5))
def test_no_facet_reaches_outside_the_text_or_into_another(text: str, spans: list[tuple[int, int]]) -> None:
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/"}
    facets = [{"index": {"byteStart": start, "byteEnd": end}, "features": [link]} for start, end in spans]
    stored, entities = read_text(text, facets)
    ends = [0]
    for entity in entities:
        assert ends[-1] <= entity.start < entity.end <= len(stored)
        ends.append(entity.end)


def test_a_quoted_post_becomes_a_post_of_its_own_and_the_quote_keeps_its_name() -> None:
    raw = read_raw(GOLDEN / "quoted-post-beside.wire.json")
    quoting, quoted = raws([raw.body], "searchPosts", ManualClock(raw.seen_at).now())
    (outer,), (inner,) = to_sightings(quoting), to_sightings(quoted)
    assert outer.post.quote_of == inner.post.ref
    assert inner.post.text and inner.post.text not in str(quoting.body)
    assert inner.post.media
