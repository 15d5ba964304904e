"""What an article elsewhere is given: a line to copy, styles that keep to their place, pages it may read."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tagora.site import render
from tagora.site.embedding import beside_an_article, line
from tagora.site.headers import caddy, netlify, nginx, security
from tagora.site.publishing import repair
from tagora.site.settings import SiteSettings
from tagora.storage.store import Store

from .test_build import Site


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(html)
    return parser.found


def test_the_line_is_one_line_of_html_whatever_its_words_are() -> None:
    made = line("https://example.org/a&b/", "talk/x.html", 'Leggi "<b>&" tutto')
    assert "\n" not in made and "<b>" not in made
    assert elements(made) == [
        ("tagora-discussion", {"src": "https://example.org/a&b/talk/x.html"}),
        ("a", {"href": "https://example.org/a&b/talk/x.html"}),
        ("script", {"type": "module", "src": "https://example.org/a&b/embed.js"}),
    ]


@pytest.mark.parametrize(
    "theirs, ours",
    [
        ("p { margin: 1.2rem -.5rem 0 }", "p { margin: calc(1.2 * var(--rem)) calc(-.5 * var(--rem)) 0 }"),
        ("h1 { font: 600 1rem/1.2 x }", "h1 { font: 600 calc(1 * var(--rem))/1.2 x }"),
        ("@media (max-width: 40rem) { a {} }", "@container (max-width: 640px) { a {} }"),
        ("@media print and (min-width: 30rem) {}", "@media print and (min-width: 30rem) {}"),
        (".a3rem { width: 3em; color: #1e1 }", ".a3rem { width: 3em; color: #1e1 }"),
    ],
)
def test_styles_are_measured_by_the_text_around_and_the_width_at_hand(theirs: str, ours: str) -> None:
    assert beside_an_article(theirs) == ours


def test_the_styles_inside_an_article_hold_all_of_the_sites_and_none_of_the_articles_lengths() -> None:
    css = render.asset(render.EMBEDDED).decode()
    assert ".tagora {" in css and ".post > header" in css
    assert not re.search(r"\d(?<!calc\()rem\b", re.sub(r"@media[^{]*", "", css).replace("1rem/1.6 var(--sans)", ""))


def test_a_page_offers_its_line_and_marks_what_is_shown_of_it(sqlite_store: Store, tmp_path: Path) -> None:
    def pages(base_url: str, name: str) -> dict[str, str]:
        settings = SiteSettings(tmp_path / name, base_url, "Agorà", ("it", "en"), "Europe/Rome")
        site.settings = settings
        site.build()
        return {path: content.decode("utf-8", "replace") for path, content in site.files().items()}

    site = Site(sqlite_store, SiteSettings(tmp_path / "0", "https://example.org/", "A", ("it",), "Europe/Rome"))
    with site.filling() as f:
        f.post("1", "open words")
        f.post("2", "quiet words", by="shy", author={"wishes": ["not_indexable"]})
    at_the_top = pages("https://example.org/", "one")
    below = pages("https://example.org/agora/", "two")
    for files, words, offered in (
        (at_the_top, "open words", True),
        (at_the_top, "quiet words", True),
        (below, "open words", True),
        (below, "quiet words", False),
    ):
        threads = (text for path, text in files.items() if re.fullmatch(r"casnocha/\w{20}\.html", path))
        page = next(text for text in threads if words in text)
        assert ('data-embed="more"' in page, "&lt;tagora-discussion" in page) == (offered, offered), words
    campaign = at_the_top["en/casnocha/index.html"]
    assert "&lt;tagora-discussion src=&#34;https://example.org/en/casnocha/&#34;&gt;" in campaign
    style = re.search(r'data-style="\.\./\.\./(assets/embed\.[0-9a-f]{10}\.css)"', campaign)
    assert style and style[1] in at_the_top
    # where search engines read robots.txt, they stay away from what an article or a screen fetches
    assert "Disallow: /*?embed\nDisallow: /*/wall/feed.json\nDisallow: /*.replies.atom\n" in at_the_top["robots.txt"]
    walls = [json.loads(files["casnocha/wall/feed.json"])["items"] for files in (at_the_top, below)]
    assert [len(items) for items in walls] == [2, 1]


def test_every_kind_of_server_lets_other_sites_read_and_none_show_pages_in_frames() -> None:
    told = security("'x'")
    assert told["Access-Control-Allow-Origin"] == "*"
    assert "frame-ancestors 'none'" in told["Content-Security-Policy"]
    written = [
        netlify("https://example.org/", "'x'", []),
        nginx("https://example.org/", "/srv", "'x'", []),
        caddy("https://example.org/", "/srv", "'x'", []),
    ]
    assert all("Access-Control-Allow-Origin" in text for text in written)
    assert "text/javascript js;" in written[1]  # or browsers would run no script


def test_a_lost_record_knows_the_script_as_ours_and_another_of_that_name_not() -> None:
    assert repair._could_be("embed.js") and not repair._could_be("talk/embed.js")
    assert repair._is_ours("embed.js", render.asset("embed.js"), b"https://example.org/")
    assert not repair._is_ours("embed.js", b"// somebody else's", b"https://example.org/")
