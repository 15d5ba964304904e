"""X's escaped text and its offsets become stored text whose entities say the same words."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.platforms.x.text import read_text, unescape
from tagora.core.normalise import MAX_TEXT
from tagora.core.records import EntityKind

# What X can send: no control characters, but every sign that needs care.
words = st.text(st.sampled_from("ab &<>;#@\n🎉é한\u200d🇮🇹amplgt"), max_size=12)
names = st.text(st.sampled_from("abcZ9_"), min_size=1, max_size=8)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@st.composite
def posts(draw: st.DrawFn) -> tuple[str, dict[str, list[dict[str, Any]]], list[tuple[EntityKind, str]], str]:
    """Wire text, X's entities, the words each entity covers, and the text as its author wrote it."""
    wire, plain = "", ""
    entities: dict[str, list[dict[str, Any]]] = {"hashtags": [], "mentions": [], "urls": []}
    said: list[tuple[EntityKind, str]] = []
    for kind in draw(st.lists(st.sampled_from([None, *EntityKind]), max_size=8)):
        if kind in (None, EntityKind.EMOJI):
            piece = draw(words)
            wire, plain = wire + escaped(piece), plain + piece
            continue
        name = draw(names)
        piece = {EntityKind.HASHTAG: f"#{name}", EntityKind.MENTION: f"@{name}"}.get(kind, f"https://t.co/{name}")
        place = {"start": len(wire), "end": len(wire) + len(piece)}
        if kind is EntityKind.HASHTAG:
            entities["hashtags"].append({**place, "tag": name})
        elif kind is EntityKind.MENTION:
            entities["mentions"].append({**place, "username": name})
        else:
            entities["urls"].append({**place, "url": piece, "expanded_url": f"https://example.org/{name}"})
        said.append((kind, piece))
        wire, plain = wire + piece, plain + piece
    return wire, entities, said, plain


@given(posts())
def test_every_entity_covers_the_same_words_after_unescaping(case: tuple[Any, ...]) -> None:
    wire, entities, said, plain = case
    text, found = read_text(wire, entities)
    assert text == plain
    assert [(entity.kind, text[entity.start : entity.end]) for entity in found] == said


keys = st.sampled_from(["hashtags", "mentions", "urls", "start", "end", "tag", "url"])
trees = st.recursive(
    st.none() | st.integers() | st.text() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(keys, inner)
)


@given(st.text(), trees)
def test_whatever_stands_in_the_entities_no_entity_lies_outside_the_text(wire: str, entities: Any) -> None:
    text, found = read_text(wire, entities)
    assert all(0 <= entity.start < entity.end <= len(text) for entity in found)


@given(st.text())
def test_unescaping_undoes_one_escaping(text: str) -> None:
    plain, places = unescape(escaped(text))
    assert plain == text.replace("\r\n", "\n").replace("\r", "\n")
    assert len(places) == len(escaped(text)) + 1
    assert places[-1] == len(plain)


def test_what_was_escaped_twice_is_unescaped_once() -> None:
    assert read_text("&amp;lt;b&amp;gt; &amp;amp;", None)[0] == "&lt;b&gt; &amp;"


def test_a_text_of_a_megabyte_is_cut_and_its_later_entities_are_left_out() -> None:
    wire = "x" * 1_000_000 + " #late"
    entities = {"hashtags": [{"start": len(wire) - 5, "end": len(wire), "tag": "late"}]}
    text, found = read_text(wire, entities)
    assert len(text) == MAX_TEXT
    assert found == ()


def test_links_that_only_stand_for_media_are_cut_from_the_end_and_kept_elsewhere() -> None:
    link = {"url": "https://t.co/aa", "expanded_url": "https://x.com/a/status/1/photo/1", "display_url": "pic.x.com/aa"}
    at_end = read_text("Una foto https://t.co/aa", {"urls": [{**link, "start": 9, "end": 24}]})
    assert at_end == ("Una foto", ())
    text, found = read_text("https://t.co/aa Una foto", {"urls": [{**link, "start": 0, "end": 15}]})
    assert text == "https://t.co/aa Una foto"
    assert len(found) == 1


def test_entities_that_overlap_leave_the_first() -> None:
    tags = [{"start": 0, "end": 3, "tag": "ab"}]
    mentions = [{"start": 1, "end": 3, "username": "ab"}]
    _, found = read_text("#ab", {"hashtags": tags, "mentions": mentions})
    assert [entity.kind for entity in found] == [EntityKind.HASHTAG]
