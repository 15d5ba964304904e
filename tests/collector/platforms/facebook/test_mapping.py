"""What a post or comment of the Graph API becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagora.collector.contract import Raw
from tagora.collector.plain_text import hashtags, links, without_overlaps
from tagora.collector.platforms.facebook import PLATFORM
from tagora.collector.platforms.facebook.items import comment_raw, is_public, post_raw

from ..golden import check_pair, wires

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
POST = "1234567890_42"


@pytest.mark.parametrize("wire", wires(__file__))
def test_each_oddity_becomes_its_post(wire: Path) -> None:
    check_pair(PLATFORM.to_sightings, wire)


def comment(**fields: Any) -> Raw:
    body = {"message": "Sì", "created_time": "2026-11-03T09:00:00+0000", **fields}
    return comment_raw(body, POST, "comments", NOW, "token")


def test_a_comment_without_id_keeps_its_name_from_one_reading_to_the_next() -> None:
    first, again = comment(like_count=1), comment(like_count=9)
    assert first.seen_as == again.seen_as
    assert first.seen_as.native_id.startswith("surrogate:")
    assert PLATFORM.to_sightings(first)[0].seen_as == first.seen_as


def test_comments_without_ids_that_say_other_things_are_told_apart() -> None:
    assert comment().seen_as != comment(message="No").seen_as
    assert comment().seen_as != comment(created_time="2026-11-03T09:00:01+0000").seen_as


def test_a_raw_post_holds_neither_the_token_nor_other_peoples_words() -> None:
    body = {
        "id": POST,
        "message": "una prova con EAAsecret dentro",
        "parent_id": "9_9",
        "comments": {
            "data": [{"message": "altrui"}],
            "paging": {"next": "https://graph.facebook.com/?access_token=EAAsecret"},
            "summary": {"total_count": 1},
        },
        "attachments": {
            "data": [{"type": "share", "title": "altrui", "description": "altrui", "media": {"x": "altrui"}}],
            "paging": {"next": "https://graph.facebook.com/?access_token=EAAsecret"},
        },
    }
    kept = str(post_raw(body, "feed", NOW, "EAAsecret").body)
    assert "EAAsecret" not in kept
    assert "altrui" not in kept
    assert "total_count" in kept


@pytest.mark.parametrize(
    "flags",
    [
        {"is_published": False},
        {"is_hidden": True},
        {"is_expired": True},
        {"is_private": True},
        {"privacy": {"value": "ALL_FRIENDS"}},
        {"privacy": "EVERYONE?"},
        {"is_hidden": "what?"},
    ],
)
def test_what_not_everybody_may_see_is_not_public(flags: dict[str, Any]) -> None:
    assert is_public({"id": POST})
    assert not is_public({"id": POST, **flags})


@pytest.mark.parametrize(
    "text, found",
    [
        ("vedi https://a.example/x, poi", ["https://a.example/x"]),
        ("(https://it.wikipedia.org/wiki/Rete_(sociologia))", ["https://it.wikipedia.org/wiki/Rete_(sociologia)"]),
        ("www.example.org!", ["https://www.example.org"]),
        ("nessun//link, mail@www.example.org, ftp://x.example", []),
        ("https://user:pw@evil.example javascript:alert(1)", []),
    ],
)
def test_links_end_where_the_sentence_goes_on(text: str, found: list[str]) -> None:
    assert [link.target for link in links(text)] == found


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="#a_1 é\u0301/.:(htpsw)@&東\n", max_size=60))
def test_what_is_found_in_any_text_lies_inside_it_and_never_overlaps(text: str) -> None:
    found = without_overlaps(links(text), hashtags(text))
    end = 0
    for entity in found:
        assert end <= entity.start < entity.end <= len(text)
        end = entity.end


def test_a_long_text_of_brackets_and_hashes_costs_no_long_time() -> None:
    for text in ("https://a.example/" + ")" * 100_000, "#" * 100_000, "#a" * 50_000, "www." * 25_000):
        without_overlaps(links(text), hashtags(text))
