"""A post's text becomes HTML without ever becoming markup of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.core.records import Entity, EntityKind
from tagora.presentation.entities import text_html, without_link_to


def html(text: str, *entities: Entity, origin: str = "x", url: str | None = "https://mastodon.example/@a/1") -> str:
    return str(text_html(text, entities, origin, url))


def test_tags_mentions_and_links_are_linked_to_their_network() -> None:
    text = "#Milano con @anna: https://t.co/abc"
    entities = (
        Entity(0, 7, EntityKind.HASHTAG, "milano"),
        Entity(12, 17, EntityKind.MENTION, "https://x.com/anna"),
        Entity(19, 35, EntityKind.LINK, "https://example.org/long/address", "example.org/long…"),
    )
    assert html(text, *entities) == (
        '<a href="https://x.com/hashtag/milano" rel="nofollow ugc noopener">#Milano</a> con '
        '<a href="https://x.com/anna" rel="nofollow ugc noopener">@anna</a>: '
        '<a href="https://t.co/abc" rel="nofollow ugc noopener">example.org/long…</a>'
    )


def test_a_link_outside_x_goes_where_its_author_meant_it() -> None:
    entity = Entity(0, 3, EntityKind.LINK, "https://example.org/?a=1&b=2", "here")
    assert 'href="https://example.org/?a=1&amp;b=2"' in html("abc", entity, origin="activitypub")


QUOTING = "see https://t.co/one and https://t.co/two"
ONE = Entity(4, 20, EntityKind.LINK, "https://x.com/anna/status/1", "x.com/anna/…")
TWO = Entity(25, 41, EntityKind.LINK, "https://twitter.com/bruno/status/2?s=20", "x.com/bruno/…")


def test_what_links_to_a_quoted_post_at_the_end_of_a_text_is_left_out() -> None:
    assert without_link_to({"2"}, QUOTING, [ONE, TWO]) == ("see https://t.co/one and", [ONE])
    only = Entity(0, 16, EntityKind.LINK, "https://x.com/i/web/status/3", None)
    assert without_link_to({"3"}, "https://t.co/abc \n", [only]) == ("", [])


@pytest.mark.parametrize(
    "post_ids, text, entities",
    [
        ({"1"}, QUOTING, [ONE, TWO]),  # it stands within a sentence
        ({"9"}, QUOTING, [ONE, TWO]),  # another post
        ({"2"}, QUOTING + " or not", [ONE, TWO]),
        ({"2"}, QUOTING, [ONE, replace(TWO, target="https://x.com.example/bruno/status/2")]),
        ({"2"}, QUOTING, [ONE, replace(TWO, target="https://x.com/bruno/status/2/photo/1")]),
        ({"2"}, QUOTING, [ONE, replace(TWO, kind=EntityKind.MENTION)]),
        ({"2"}, "short", [ONE, TWO]),
        ({"2"}, QUOTING, []),
    ],
)
def test_every_other_link_stays(post_ids: set[str], text: str, entities: list[Entity]) -> None:
    assert without_link_to(post_ids, text, entities) == (text, entities)


def test_a_fediverse_tag_leads_to_the_server_of_its_post() -> None:
    entity = Entity(0, 5, EntityKind.HASHTAG, "perché")
    assert 'href="https://mastodon.example/tags/perch%C3%A9"' in html("#perc", entity, origin="activitypub")


def test_addresses_that_are_not_of_the_web_stay_text() -> None:
    for target in ("javascript:alert(1)", "data:text/html,x", "https://a b", 'https://x"onclick="y'):
        assert html("click", Entity(0, 5, EntityKind.LINK, target)) == "click"


_KINDS = st.sampled_from(list(EntityKind))
_ENTITIES = st.builds(
    Entity, st.integers(-5, 60), st.integers(-5, 60), _KINDS, st.text(max_size=20), st.none() | st.text(max_size=9)
)


@given(st.text(max_size=50), st.lists(_ENTITIES, max_size=6), st.sampled_from(["x", "facebook", "activitypub", "?"]))
def test_for_all_posts_the_only_markup_is_ours(text: str, entities: list[Entity], origin: str) -> None:
    made = html(text, *entities, origin=origin)
    rest = re.sub(r'<a href="https?://[^"<>]*" rel="nofollow ugc noopener">|</a>', "", made)
    assert "<" not in rest and ">" not in rest and '"' not in rest


@given(st.text(max_size=50), st.lists(_ENTITIES, max_size=6))
def test_for_all_posts_the_text_reads_unmodified(text: str, entities: list[Entity]) -> None:
    plain = [Entity(e.start, e.end, e.kind, e.target, None) for e in entities]
    assert unescape(re.sub(r"</?a[^>]*>", "", html(text, *plain)).replace("\0", "")) == unescape(
        html(text).replace("\0", "")
    )
