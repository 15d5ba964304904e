"""The screen in the hall: which posts it shows, and that none stays that should not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from tagora.site import render
from tagora.site.build import build
from tagora.site.explain import explain
from tagora.site.settings import SiteSettings
from tagora.storage import publishable
from tagora.storage.store import Store

from ..make import NOON
from .json_feed import SCHEMA
from .test_build import CAMPAIGN, Site


@pytest.fixture
def settings(tmp_path: Path) -> SiteSettings:
    return SiteSettings(tmp_path / "site", "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")


@pytest.fixture
def site(sqlite_store: Store, settings: SiteSettings) -> Site:
    return Site(sqlite_store, settings)


def feed(site: Site) -> dict[str, Any]:
    told = json.loads(site.files()["casnocha/wall/feed.json"])
    Draft202012Validator(SCHEMA).validate(told)
    return told


def texts(site: Site) -> list[str]:
    return [item["content_text"] for item in feed(site)["items"]]


def walls(site: Site) -> Sequence[str]:
    files = site.files()
    return [files[f"{top}casnocha/wall/index.html"].decode() for top in ("", "en/")]


def test_the_newest_posts_stand_first_whatever_discussion_they_are_in(store: Store, settings: SiteSettings) -> None:
    site = Site(store, settings)
    with site.filling() as f:
        old = f.post("1", "an old question", minutes=-5_000)
        f.post("2", "a new one", minutes=-20)
        f.post("3", "an answer just now", reply_to=old, minutes=-1)
    site.build()
    assert texts(site) == ["an answer just now", "a new one", "an old question"]
    for page in walls(site):
        assert page.index("an answer just now") < page.index("a new one") < page.index("an old question")
        assert '<meta name="robots" content="noindex">' in page and "#mmgCasnocha" in page and 'src="qr.svg"' in page
        assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
    (item, *_) = feed(site)["items"]
    path, _, anchor = item["url"].removeprefix("https://example.org/").partition("#")
    assert f'id="{anchor}"' in site.files()[path].decode()
    assert item["_tagora"]["time"] == {"it": "23 nov 2026, 12:59", "en": "23 Nov 2026, 12:59"}
    assert site.build(full=True).written == 0


def test_what_may_not_be_shown_to_a_hall_is_not(site: Site) -> None:
    with site.filling() as f:
        root = f.post("1", "shown", minutes=-60)
        f.post("2", "folded", warning="the ending", reply_to=root)
        f.post("3", "spam", status="rejected", reply_to=root)
        f.post("4", "in doubt", doubt="overdue", reply_to=root)
        f.post("5", "only linked to", source_id=site.source["quiet"], reply_to=root)
        f.post("6", "waits for what it answers", reply_to=f.post("0", held=False))
        f.post("7", "a private name", source_id=site.source["facebook"], by="rosa.b", reply_to=root)
    site.build()
    assert texts(site) == ["a private name", "shown"]
    assert feed(site)["items"][0]["authors"] == [{"name": "R."}] and "rosa" not in "".join(walls(site)).lower()
    assert "the ending" not in "".join(walls(site))


@pytest.mark.parametrize("how", ["rejected", "forgotten", "edited"])
def test_a_withdrawn_post_leaves_the_wall_with_the_next_build_even_if_pages_fail(
    site: Site, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.filling() as f:
        root = f.post("1", "stays")
        leaves = f.post("2", "words of hers", reply_to=root, minutes=1)
    site.build()
    assert texts(site) == ["words of hers", "stays"]
    with site.filling() as f:
        if how == "rejected":
            f.decide(leaves, "rejected")
        elif how == "forgotten":
            f.change(leaves, gone="forgotten", text="")
        else:
            f.change(leaves, text="other words", content_hash="1:other")
    whole = render.render

    def failing(page: render.Page, *others: Any) -> bytes:
        if "wall" in page.path:
            raise RuntimeError("broken")
        return whole(page, *others)

    monkeypatch.setattr(render, "render", failing)
    assert site.build().failed == 3
    assert "words of hers" not in site.everything()
    monkeypatch.undo()
    site.build()
    assert texts(site) == ["stays"]


def test_a_closed_campaigns_wall_shows_no_post_and_asks_for_none(site: Site) -> None:
    with site.filling() as f:
        f.post("1", "words")
    site.build()
    assert CAMPAIGN.invitation
    site.campaigns = [replace(CAMPAIGN, invitation=replace(CAMPAIGN.invitation, closes=NOON.date()))]
    build(site.store, site.settings, site.campaigns, now=NOON + timedelta(days=1))
    told = feed(site)
    assert (told["items"], told["expired"], told["_tagora"]["closed"]["en"]) == ([], True, "23 November 2026")
    for page in walls(site):
        assert "words" not in page and "data-open" not in page and "refresh" not in page
    assert "Closed on 23 November 2026" in walls(site)[1]


def test_hostile_words_stay_words(site: Site) -> None:
    words = "<script>alert(1)</script> & </li><li>"
    with site.filling() as f:
        f.post("1", words, by="eve", author={"display_name": "<b>Eve</b>"}, title='"><img src=x onerror=alert(2)>')
    site.build()
    assert texts(site) == [words]
    for page in walls(site):
        assert page.count("<script") == page.count('<script type="module" src=') and "<img src=x" not in page
        assert "<b>Eve" not in page


def test_a_long_post_is_cut_and_links_stand_under_their_shown_names(site: Site) -> None:
    link = {"start": 5, "end": 21, "kind": "link", "target": "https://example.org/x", "display": "example.org/x"}
    with site.filling() as f:
        f.post("1", "read https://t.co/abc now", entities=(link,), minutes=-1)
        f.post("2", "word " * 400, minutes=-2)
    site.build()
    first, second = texts(site)
    assert first == "read example.org/x now" and second.endswith("word…") and len(second) < 710


def test_a_phone_is_led_to_the_campaign_in_the_walls_language(site: Site) -> None:
    site.build()
    files = site.files()
    for top in ("", "en/"):
        code = ElementTree.fromstring(files[f"{top}casnocha/wall/qr.svg"])
        assert code.tag == "{http://www.w3.org/2000/svg}svg"
        assert code.findtext("{http://www.w3.org/2000/svg}title") == f"https://example.org/{top}casnocha/"
    with site.filling() as f:
        f.post("1", "words")
    before = {path: (site.settings.out / path).stat().st_mtime_ns for path in files if path.endswith("qr.svg")}
    site.build()
    assert before == {path: (site.settings.out / path).stat().st_mtime_ns for path in before}


def test_a_page_of_the_wall_can_be_explained(site: Site) -> None:
    with site.filling() as f:
        f.post("1", "words")
    site.build()
    for path in ("casnocha/wall/", "casnocha/wall/feed.json"):
        told = explain(site.store, site.settings, site.campaigns, path, now=NOON)
        assert told.owned and told.planned and told.changed == ()


def test_the_newest_are_found_by_reading_few_discussions(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.filling() as f:
        for number in range(120):
            f.post(str(number), f"thread {number}", minutes=-number)
    asked: list[int] = []
    whole = publishable.newest_ids

    def counted(connection: Any, of: Any, among: Any, most: int) -> list[int]:
        asked.append(len(among))
        return whole(connection, of, among, most)

    monkeypatch.setattr(publishable, "newest_ids", counted)
    site.build()
    assert texts(site) == [f"thread {number}" for number in range(24)]
    assert asked == [48]
