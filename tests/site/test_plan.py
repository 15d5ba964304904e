"""Pages too deep or too many to be worth a store."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from markupsafe import Markup

from tagora.presentation.markup import escaped
from tagora.presentation.posts import anchor_of
from tagora.site import render
from tagora.site.lists.material import Material
from tagora.site.lists.sitemaps import SITEMAP_MOST, sitemaps
from tagora.site.plan import ThreadPlanner, moved
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.site.threads import site_view
from tagora.site.views import Card, Sitemap, SitemapIndex
from tagora.storage.snapshot import Node, Thread, Writer

SETTINGS = SiteSettings(Path("site"), "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")
CAMPAIGN = CampaignInfo("casnocha", ("mmgCasnocha",))
ANNA = Writer(1, "id-anna", "anna", "Anna", "https://example.net/@anna", ())
NOON = 1_763_900_000_000_000
MINUTE = 60_000_000


def node(number: int, above: int | None) -> Node:
    return Node(
        id=number, thread_id=1, origin="x", native_id=str(number), held=True, above=above, quote_id=None, repost=False,
        gone=None, withheld=False, url=f"https://example.net/{number}", published_at=NOON + number * MINUTE,
        edited_at=None, title=None, text=f"reply {number}.", lang="it", warning=None, sensitive=False,
        status="approved", source=None, featured=False, publishable=True, writer=ANNA,
    )  # fmt: skip


def test_a_chain_of_ten_thousand_replies_is_whole_over_its_pages_and_nothing_recurses() -> None:
    chain = tuple(node(number, number - 1 or None) for number in range(1, 10_001))
    planned = ThreadPlanner(SETTINGS, CAMPAIGN).plan(Thread(1, "a" * 20, (), chain, {}))
    assert planned and planned.card.posts == 10_000
    pages = [page for page in planned.pages if page.template == "thread.html"]
    shown = [post for page in pages for post in page.data.nodes]
    assert len({post.anchor for post in shown}) == len(shown) == 10_000
    first, last = (render.render(pages[at], site_view(SETTINGS)).decode() for at in (0, -1))
    for page in (first, last):
        assert page.count("<ol") == page.count("</ol>") == 9
        assert page.count("<li id") == page.count("</li>") <= 100
    beside = planned.pages[1].path.removeprefix("casnocha/")
    assert f'<a href="{beside}">La discussione continua' in first
    assert "reply 10000." in last and f'href="#{anchor_of("x", "9999")}"' in last


def test_a_post_that_the_plain_eye_would_not_see_answered_is_named_with_its_page() -> None:
    long = [node(1, None), node(2, 1), *(node(number, 2) for number in range(3, 203))]
    planned = ThreadPlanner(SETTINGS, CAMPAIGN).plan(Thread(1, "a" * 20, (), tuple(long), {}))
    assert planned
    first, replies, *_ = planned.pages
    assert [post.anchor for post in first.data.nodes] == [anchor_of("x", "1"), anchor_of("x", "2")]
    assert replies.path == f"casnocha/{'a' * 20}-r{anchor_of('x', '2')[1:]}.html"
    page = render.render(replies, site_view(SETTINGS)).decode()
    assert f'in risposta a <a href="{"a" * 20}.html#{anchor_of("x", "2")}"><bdi>Anna</bdi></a>' in page
    assert '<link rel="canonical" href="https://example.org/' + replies.path in page
    assert page.count("in risposta a") == 1
    assert {1, 2} < set(replies.shown)  # the first one's words are its heading, the second's author is named


def test_the_sitemap_and_former_addresses_know_every_page() -> None:
    long = [node(1, None), *(node(number, 1) for number in range(2, 402))]
    planned = ThreadPlanner(SETTINGS, CAMPAIGN).plan(Thread(1, "a" * 20, ("b" * 20,), tuple(long), {}))
    assert planned and len(planned.card.parts) > 3
    pages = [page.path for page in planned.pages if page.template == "thread.html"]
    (whole,) = sitemaps(material([planned.card]), [""])
    assert isinstance(whole.data, Sitemap)
    assert {SETTINGS.base_url + path for path in pages} < {url for url, _ in whole.data.urls}
    moves = {page.path: page.data.target for page in planned.pages if page.template == "redirect.html"}
    assert moves == {path.replace("a" * 20, "b" * 20): path for path in pages}
    assert dict(moved(planned.card)) == moves


def card(number: int) -> Card:
    return Card(
        number, number, f"casnocha/{number:020}.html", "2026-11" if number % 2 else "2026-10", NOON + number,
        NOON + number, 1, False, False, ("X",), "Anna", None, "words", None, "it", (),
    )  # fmt: skip


def material(cards: list[Card]) -> Material:
    return Material(SETTINGS, (CAMPAIGN,), {"casnocha": cards}, date(2026, 11, 24), {})


def test_a_sitemap_may_hold_fifty_thousand_addresses_and_more_are_cut_by_month() -> None:
    lists = ["", "about/", "casnocha/"]
    cards = sorted(map(card, range(SITEMAP_MOST - len(lists) + 1)), key=lambda card: card.month)
    (whole,) = sitemaps(material(cards[1:]), lists)
    assert isinstance(whole.data, Sitemap) and len(whole.data.urls) == SITEMAP_MOST
    index, *parts = sitemaps(material(cards), lists)
    names = ["sitemap-pages.xml", "sitemap-casnocha-2026-10-1.xml", "sitemap-casnocha-2026-11-1.xml"]
    assert isinstance(index.data, SitemapIndex)
    assert list(index.data.sitemaps) == [SETTINGS.base_url + name for name in names]
    assert [part.path for part in parts] == names
    assert sum(len(part.data.urls) for part in parts) == SITEMAP_MOST + 1
    said = render.render(index, site_view(SETTINGS)).decode()
    assert re.findall("<loc>(.*?)</loc>", said) == list(index.data.sitemaps)


def test_only_markup_is_printed_as_it_is() -> None:
    assert escaped("plain") == "plain" and escaped(7) == "7"
    assert escaped("""<&>"'""") == "&lt;&amp;&gt;&#34;&#39;"
    assert escaped(Markup("<b>")) == "<b>"

    class Text(str):
        pass

    assert escaped(Text("<b>")) == "&lt;b&gt;"


def test_no_template_can_turn_escaping_off() -> None:
    jinja = render.environment("en")
    said = jinja.from_string("{{ page }}{% set block %}{{ page }}{% endset %}{{ block }}{{ '<' ~ page }}")
    assert said.render(page="<i>") == "&lt;i&gt;&lt;i&gt;&lt;&lt;i&gt;"
