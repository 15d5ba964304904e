"""What search engines, networks that preview a link, and programs that follow feeds find."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from jsonschema import Draft202012Validator

from tagora.site import render
from tagora.site.lists import sitemaps as of_sitemaps
from tagora.site.look.trial import sample
from tagora.site.settings import SiteSettings
from tagora.site.structured import structured
from tagora.site.threads import site_view
from tagora.site.views import FrontPage
from tagora.storage.store import Store

from .json_feed import SCHEMA
from .test_build import Site
from .test_embedding import elements
from .test_plan import SETTINGS, card, material

BASE = "https://example.org/agora/"
LEGAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


@pytest.fixture
def files(sqlite_store: Store, tmp_path: Path) -> Mapping[str, str]:
    """A site with all there can be: hostile words, warnings, authors who are not to be found, moved discussions."""
    site = Site(sqlite_store, SiteSettings(tmp_path / "site", BASE, 'A "<b>" & Ω', ("it", "en"), "Europe/Rome"))
    with site.filling() as f:
        root = f.post("1", 'a & b < c ]]> "quoted" <![CDATA[ \N{REPLACEMENT CHARACTER}', minutes=-90, by="eve")
        f.post("2", "an answer", reply_to=root, minutes=-5, edited_at=f.now)
        f.post("3", "quiet words", by="shy", author={"wishes": ["not_indexable"]}, minutes=-30)
        f.post("4", "spoiler", warning="the <ending>", minutes=-40)
        f.post("5", "", title="only a title", minutes=-50)
    assert site.build().failures == ()
    return {path: content.decode("utf-8", "replace") for path, content in site.files().items()}


def pages(files: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path.endswith(".html") and path != "404.html"}


def address(path: str) -> str:
    return BASE + path.removesuffix("index.html")


def head(page: str) -> tuple[dict[str, str], dict[str, str], str]:
    """Its properties by name, its alternates by language, its canonical address."""
    said: dict[str, str] = {}
    alternates: dict[str, str] = {}
    canonical = ""
    for tag, attributes in elements(page):
        if tag == "meta" and (name := attributes.get("property") or attributes.get("name")):
            said[name] = attributes.get("content") or ""
        if tag == "link" and attributes.get("rel") == "canonical":
            canonical = attributes.get("href") or ""
        if tag == "link" and attributes.get("rel") == "alternate" and (language := attributes.get("hreflang")):
            alternates[language] = attributes.get("href") or ""
    return said, alternates, canonical


def test_every_page_says_its_one_address_and_the_same_in_each_language(files: Mapping[str, str]) -> None:
    told = {address(path): head(text) for path, text in pages(files).items()}
    for here, (said, alternates, canonical) in told.items():
        assert canonical == said["og:url"] == here
        if alternates:
            assert alternates["x-default"] == alternates["it"] and set(alternates) == {"it", "en", "x-default"}
            assert here in alternates.values()
            assert all(told[there][1] == alternates for there in alternates.values()), here


def test_every_page_can_be_shown_as_a_preview(files: Mapping[str, str]) -> None:
    for path, text in pages(files).items():
        said, alternates, _ = head(text)
        english = path.startswith("en/")
        assert said["og:title"] and said["og:site_name"] == 'A "<b>" & Ω', path
        assert said["og:locale"] == ("en_US" if english else "it_IT"), path
        assert said.get("og:locale:alternate") == (None if not alternates else "it_IT" if english else "en_US"), path
        assert said["twitter:card"] == "summary"
        assert (said["og:type"] == "article") == ("article:published_time" in said)
        assert LEGAL_TIME.fullmatch(said.get("article:published_time", "2026-11-23T13:00:00Z")), path
        assert said.get("description") == said.get("og:description"), path


def test_sitemaps_name_every_page_that_may_be_found_and_no_other(files: Mapping[str, str]) -> None:
    root = ElementTree.fromstring(files["sitemap.xml"])
    listed = [element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(listed) == len(set(listed))
    for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}lastmod"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", element.text or "")
    indexed = {address(path) for path, text in pages(files).items() if head(text)[0].get("robots") != "noindex"}
    assert set(listed) == indexed
    robots = files["robots.txt"].splitlines()
    assert f"Sitemap: {BASE}sitemap.xml" in robots and robots[0] == "User-agent: *"


def test_the_site_its_campaigns_and_discussions_say_what_they_are_once_each(files: Mapping[str, str]) -> None:
    kinds: dict[str, set[str]] = {}
    for path, text in pages(files).items():
        told = [
            json.loads(one) for one in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
        ]
        assert len(told) <= 1, path
        for facts in told:
            assert facts["@context"] == "https://schema.org" and facts["url"] == address(path)
            kinds.setdefault(facts["@type"], set()).add(path)
    assert kinds["WebSite"] == {"index.html", "en/index.html"}
    assert kinds["CollectionPage"] == {"casnocha/index.html", "en/casnocha/index.html"}
    assert len(kinds["DiscussionForumPosting"]) == 4
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', files["casnocha/index.html"], re.S)
    facts = json.loads(found)
    assert facts["name"] == facts["about"]["headline"] == "Che networker sei?"
    assert facts["about"]["about"] == [{"@type": "Person", "name": "Ben Casnocha"}]
    assert facts["isPartOf"] == {"@type": "WebSite", "url": BASE, "name": 'A "<b>" & Ω', "inLanguage": "it"}
    listed = facts["mainEntity"]["itemListElement"]
    assert [item["position"] for item in listed] == [1, 2, 3, 4] and facts["mainEntity"]["numberOfItems"] == 4
    for item in listed:
        leads_to(files, item["url"])


def test_a_site_with_a_search_tells_where_it_is_asked() -> None:
    site = site_view(replace(SETTINGS, search=True))
    page = sample(FrontPage, full=False)
    page = replace(page, head=replace(page.head, home="en/"))
    told = structured(page, site)
    assert told and told["potentialAction"]["target"]["urlTemplate"] == (
        "https://example.org/en/search/?q={search_term_string}"
    )
    assert "potentialAction" not in (structured(page, site_view(SETTINGS)) or {})


def test_no_sitemap_is_larger_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_sitemaps, "SITEMAP_BYTES", 3_000)
    cards = sorted((card(number) for number in range(200)), key=lambda each: each.month)
    index, *parts = of_sitemaps.sitemaps(material(cards), [f"list-{number}/" for number in range(100)])
    sizes = [len(render.render(part, site_view(SETTINGS))) for part in parts]
    assert max(sizes) <= 3_000 and len(parts) > 5
    assert list(index.data.sitemaps) == [SETTINGS.base_url + part.path for part in parts]
    urls = [url for part in parts for url, _ in part.data.urls]
    assert len(urls) == len(set(urls)) and sum("casnocha/0" in url for url in urls) == 200


def test_feeds_are_valid_and_their_entries_lead_to_what_they_tell_of(files: Mapping[str, str]) -> None:
    feeds = [path for path in files if path.endswith(".atom")]
    assert {"feed.atom", "casnocha/feed.atom"} <= set(feeds)
    for path in feeds:
        told = feedparser.parse(files[path])
        assert not told.bozo and told.version == "atom10", (path, told.get("bozo_exception"))
        links = {link.rel: link.href for link in told.feed.links}
        assert told.feed.id and told.feed.title and links["self"] == BASE + path
        assert LEGAL_TIME.fullmatch(told.feed.updated) and told.feed.author
        ids = [entry.id for entry in told.entries]
        assert len(ids) == len(set(ids)) and ids
        for entry in told.entries:
            assert entry.title and (entry.get("summary") is not None or entry.get("content"))
            assert LEGAL_TIME.fullmatch(entry.updated) and LEGAL_TIME.fullmatch(entry.published)
            assert entry.updated_parsed <= told.feed.updated_parsed and entry.published_parsed <= entry.updated_parsed
            leads_to(files, entry.link)


def test_json_feeds_are_valid_and_say_the_same(files: Mapping[str, str]) -> None:
    for path in (path for path in files if path.endswith("feed.json")):
        told = json.loads(files[path])
        Draft202012Validator(SCHEMA).validate(told)
        assert told["feed_url"] == BASE + path
        ids = [item["id"] for item in told["items"]]
        assert len(ids) == len(set(ids)) and ids
        for item in told["items"]:
            leads_to(files, item["url"])
        atom = path.removesuffix("json") + "atom"
        if atom in files:
            assert ids == [entry.id for entry in feedparser.parse(files[atom]).entries]


def leads_to(files: Mapping[str, str], url: str) -> None:
    path, _, anchor = url.removeprefix(BASE).partition("#")
    assert not urlsplit(path).scheme and path in files, url
    assert not anchor or f'id="{anchor}"' in files[path], url


def test_every_kind_of_page_says_in_its_title_what_it_is(files: Mapping[str, str]) -> None:
    titles = {path: re.findall(r"<title>(.*?)</title>", text)[0] for path, text in files.items() if "<html" in text}
    site = "A &#34;&lt;b&gt;&#34; &amp; Ω"
    assert titles["index.html"] == site
    assert titles["en/about/index.html"] == f"About this collection · {site}"
    assert titles["report/index.html"] == f"Segnalare o ritirare un post · {site}"
    assert titles["404.html"] == f"Questa pagina non c’è · {site}"
    assert [path for path, title in titles.items() if title == site] == ["en/index.html", "index.html"]
