"""Entries of feeds beside the sightings that they become, one oddity a pair."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.plain_text import links
from tagora.collector.platforms.feed.mapping import EXCERPT, Content, excerpt, to_sightings
from tagora.core.normalise import CUT

from ..golden import check_pair, read_raw, wires

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("wire", wires(__file__))
def test_an_entry_becomes_its_sighting(wire: Path) -> None:
    check_pair(to_sightings, wire)


@given(st.text(st.sampled_from("ab. \n!?»")))
def test_an_excerpt_is_the_articles_beginning_and_says_that_more_follows(text: str) -> None:
    got = excerpt(Content(text)).text
    if len(text) <= EXCERPT:
        assert got == text
    else:
        assert got.endswith(CUT) and text.startswith(got.removesuffix(CUT)) and len(got) <= EXCERPT + len(CUT)


def test_no_link_reaches_beyond_an_excerpt() -> None:
    text = "parola " * 84 + "https://example.org/a/long/address/of/a/page and more " * 5
    short = excerpt(Content(text, tuple(links(text))))
    assert all(entity.end <= len(short.text) - len(CUT) for entity in short.entities)


def test_the_excerpt_is_all_that_changes_with_the_setting() -> None:
    short, full = (
        to_sightings(read_raw(GOLDEN / f"long-article-{how}.wire.json"))[0].post for how in ("as-excerpt", "in-full")
    )
    assert full.text.startswith(short.text.removesuffix(CUT)) and len(full.text) > 1_000
    assert dataclasses.replace(short, text="", entities=()) == dataclasses.replace(full, text="", entities=())


def test_whoever_comments_is_nobody_who_writes_articles() -> None:
    article, comment = (
        to_sightings(read_raw(GOLDEN / f"{name}.wire.json"))[0].post.author
        for name in ("wordpress-article", "comment-that-answers-a-comment")
    )
    assert article and comment and article.display_name == comment.display_name == "Ada Serra"
    assert article.native_id != comment.native_id
