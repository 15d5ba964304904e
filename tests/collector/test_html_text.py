"""HTML of posts as text: what readers see, where the entities lie, and that no input costs much."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagora.collector.html_text import plain_text
from tagora.core.records import EntityKind

LINK = (
    '<a href="https://example.org/a/long/way"><span class="invisible">https://</span>'
    '<span class="ellipsis">example.org/a/lo</span><span class="invisible">ng/way</span></a>'
)


@pytest.mark.parametrize(
    "html, text",
    [
        ("<p>uno</p><p>due</p>", "uno\n\ndue"),
        ("<p>uno<br>due<br/>tre</p>", "uno\ndue\ntre"),
        ("uno<br><br><br><br>due", "uno\n\ndue"),
        ("<p>  molto \n spazio\t</p>", "molto spazio"),
        ("<p>a <b>b</b> c<i>d</i></p>", "a b cd"),
        ("<p>5 &lt; 6 &amp;&amp; 7 &gt; 3 &#x1F310;</p>", "5 < 6 && 7 > 3 🌐"),
        ("<ul><li>uno</li><li>due</li></ul>dopo", "- uno\n- due\n\ndopo"),
        ("<ol><li>uno<ul><li>dentro</li></ul></li><li>due</li></ol>", "1. uno\n  - dentro\n2. due"),
        ("<blockquote><p>uno</p><p>due</p></blockquote><p>tre</p>", "> uno\n\n> due\n\ntre"),
        ("<pre><code>if x:\n    y()</code></pre>", "if x:\n    y()"),
        ("<p>non chiuso <b>mai", "non chiuso mai"),
        ("senza markup", "senza markup"),
        ("<script>alert(1)</script><style>p{}</style>resta", "resta"),
        ('<img src="x" alt=":gatto:">', ":gatto:"),
        ("", ""),
        (None, ""),
        (["<p>"], ""),
    ],
)
def test_html_reads_as_people_see_it(html: object, text: str) -> None:
    assert plain_text(html).text == text


def test_a_shortened_link_stands_in_full_and_knows_what_readers_saw() -> None:
    read = plain_text(f"<p>🌐 guardate {LINK}.</p>")
    (entity,) = read.entities
    assert read.text[entity.start : entity.end] == "https://example.org/a/long/way"
    assert (entity.kind, entity.display) == (EntityKind.LINK, "example.org/a/lo…")


def test_a_link_that_pretends_to_be_a_mention_is_a_link() -> None:
    (entity,) = plain_text('<a href="https://evil.example" class="mention">Vinci un premio</a>').entities
    assert entity.kind is EntityKind.LINK


def test_a_hashtag_without_the_usual_class_is_known_by_the_posts_tags() -> None:
    (entity,) = plain_text('<a href="https://x.example/t/Uno">#Uno</a>', tags=["uno"]).entities
    assert (entity.kind, entity.target) == (EntityKind.HASHTAG, "uno")


def test_only_shortcodes_that_the_server_knows_are_emojis_and_none_inside_links() -> None:
    read = plain_text('<p>:uno: :due: alle 10:30:15 <a href="https://a.example/:uno:">:uno:</a></p>', emojis=["uno"])
    assert [(entity.kind, entity.start) for entity in read.entities] == [(EntityKind.EMOJI, 0), (EntityKind.LINK, 26)]


def test_the_line_that_stands_in_for_a_quote_is_left_out_when_the_quote_is_there() -> None:
    html = f'<p class="quote-inline">RE: {LINK}</p><p>Ecco</p>'
    assert plain_text(html, without_quote_line=True).text == "Ecco"
    assert plain_text(html).text.startswith("RE: https://example.org/")


pieces = st.sampled_from(
    ["<p>", "</p>", "<br>", "<a href='https://a.example/x'>", "</a>", "<span class=invisible>", "<span class=ellipsis>",
     "</span>", "<ul>", "<li>", "</ul>", "<ol>", "<blockquote>", "</blockquote>", "<pre>", "</pre>", "#tag", "@a",
     ":e:", " ", "\n", "\x00", "&#13;", "&amp;", "🌐", "testo", "<", '"', "<!--",
     "<a class='mention' href='https://b.example'>"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces | st.text(max_size=5), max_size=40).map("".join))
def test_entities_always_lie_in_order_within_the_text(html: str) -> None:
    read = plain_text(html, tags=["tag"], emojis=["e"])
    assert "\x00" not in read.text and "\r" not in read.text
    end = 0
    for entity in read.entities:
        assert end <= entity.start < entity.end <= len(read.text)
        end = entity.end


@pytest.mark.parametrize(
    "html",
    ["<" * 300_000, "<a " * 100_000, "<!--" * 80_000, '<a href="' * 40_000, "<ul><li>x" * 30_000, "<div>" * 60_000,
     "&" * 300_000, "<a href='https://a.b'>x" * 15_000, ":a:" * 100_000],
    ids=lambda html: html[:10],
)  # fmt: skip
def test_no_megabyte_of_markup_costs_more_than_seconds(html: str) -> None:
    started = time.process_time()
    plain_text(html, emojis=["a"])
    assert time.process_time() - started < 15  # html.parser alone: minutes
