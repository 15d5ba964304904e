"""Bytes that call themselves feeds: read as far as they are one, whatever they hold, and never for long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagora.collector.platforms.feed import reading
from tagora.collector.platforms.feed.reading import NotAFeed, keeps_out, read

URL = "https://quaderno.example/feed/"
ITEM = "<item><guid>1</guid><title>Uno</title><link>/uno</link></item>"


def rss(inside: str = ITEM, head: str = '<?xml version="1.0"?>') -> bytes:
    return f'{head}<rss version="2.0"><channel><title>Q</title>{inside}</channel></rss>'.encode()


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"nothing", b"<html><body>Hotel</body></html>", b"{}", b"[1]", b'{"version": 1, "items": []}',
     b"\xff\xfe", b'{"version": "https://jsonfeed.org/version/1.1"}', b"{" * 5_000, rss()[:-5],
     rss().replace(b"</rss>", b""), b"<opml><body></body></opml>"],
)  # fmt: skip
def test_what_is_no_feed_or_not_all_of_one_is_none(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        read(body, "application/xml", URL)


def test_a_relative_address_is_meant_from_the_feed() -> None:
    (entry,) = read(rss(), "application/rss+xml", URL).entries
    assert (entry["id"], entry["link"]) == ("1", "https://quaderno.example/uno")


def test_a_feed_without_entries_is_one() -> None:
    assert read(rss(""), "application/rss+xml", URL).entries == ()


@pytest.mark.parametrize(
    "kind", ["text/html", "text/plain; charset=us-ascii", "application/octet-stream", "", "nonsense"]
)
def test_what_the_server_calls_it_does_not_matter(kind: str) -> None:
    assert len(read(rss(), kind, URL).entries) == 1


def test_no_entity_leads_out_of_the_document_or_grows_without_end() -> None:
    outside = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    grown = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol" * 10}">' for n in range(12))
    for head in (outside, f'<?xml version="1.0"?><!DOCTYPE x [{grown}]>'):
        begun = time.process_time()
        document = read(rss("<item><guid>1</guid><title>&e;&l11;</title></item>", head), "application/xml", URL)
        assert "root:" not in str(document) and len(str(document)) < 10_000
        assert time.process_time() - begun < 5


def test_a_large_feed_must_be_well_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MENDABLE", 100)
    assert len(read(rss(), "application/xml", URL).entries) == 1
    with pytest.raises(NotAFeed):
        read(rss(ITEM + "<item><title>&nowhere;</title></item>"), "application/xml", URL)


@given(st.binary(max_size=300), st.integers(0, 300))
@settings(max_examples=150, deadline=None)
def test_damage_anywhere_gives_entries_or_no_feed(junk: bytes, at: int) -> None:
    body = rss(ITEM * 3)
    try:
        document = read(body[:at] + junk + body[at:], "application/xml", URL)
    except NotAFeed:
        return
    assert all(isinstance(entry, dict) for entry in document.entries)


@pytest.mark.parametrize(
    ("words", "out"),
    [("noindex", True), ("NoIndex, nofollow", True), ("none", True), ("googlebot: noindex", True), ("nofollow", False),
     ("index, follow", False), ("", False), (None, False), ("max-snippet:-1", False)],
)  # fmt: skip
def test_robots_words_are_heard(words: str | None, out: bool) -> None:
    assert keeps_out(words) is out


def test_a_page_names_its_feed() -> None:
    page = b"""<html><head><link rel='alternate' type="application/atom+xml" href='/a.xml?x=1&amp;y=2'></head></html>"""
    with pytest.raises(NotAFeed) as caught:
        read(page, "text/html", "https://quaderno.example/")
    assert caught.value.feed_url == "https://quaderno.example/a.xml?x=1&y=2"
