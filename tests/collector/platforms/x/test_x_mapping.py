"""X's raw posts become our records: one golden pair per oddity, and what holds for all of them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tagora.collector.platforms.x.mapping import to_sightings

from ..golden import check_pair, read_raw, wires

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("wire", wires(__file__))
def test_a_post_of_x_becomes(wire: Path) -> None:
    check_pair(to_sightings, wire)


@pytest.mark.parametrize("pair", [("names-before-august-2026", "names-since-august-2026"),
                                  ("long-post-before-august-2026", "long-post-since-august-2026")])  # fmt: skip
def test_both_spellings_of_the_field_names_give_the_same_sighting(pair: tuple[str, str]) -> None:
    old, new = (to_sightings(read_raw(GOLDEN / f"{name}.wire.json")) for name in pair)
    assert old == new


def test_old_and_new_names_mixed_in_one_post_are_all_read() -> None:
    """X's prose and description contradict each other; an answer of both kinds is possible."""
    raw = read_raw(GOLDEN / "names-before-august-2026.wire.json")
    mixed = {**raw.body, "referenced_posts": raw.body["referenced_tweets"], "edit_history_post_ids": [raw.body["id"]]}
    del mixed["referenced_tweets"], mixed["edit_history_tweet_ids"]
    assert to_sightings(dataclasses.replace(raw, body=mixed)) == to_sightings(raw)


def test_a_stored_raw_gives_the_same_sightings_again() -> None:
    for path in GOLDEN.glob("edit-chain*.wire.json"):
        raw = read_raw(path)
        stored = dataclasses.replace(raw, body=json.loads(json.dumps(raw.body)))
        assert to_sightings(stored) == to_sightings(raw)


def test_all_versions_of_an_edited_post_are_one_post() -> None:
    first, newest = (
        to_sightings(read_raw(GOLDEN / f"edit-chain-{name}.wire.json"))[0]
        for name in ("first-version", "newest-version")
    )
    assert first.post.ref == newest.post.ref
    assert first.seen_as in newest.also
    assert first.post.edited_at is None
    assert newest.post.edited_at is not None and newest.post.edited_at > newest.post.published_at
