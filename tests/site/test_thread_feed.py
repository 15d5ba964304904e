"""The feeds of long discussions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest

from tagora.site.settings import SiteSettings
from tagora.site.thread_feed import LEAST, MOST
from tagora.storage.store import Store

from ..make import NOON
from .test_build import Site
from .test_embedding import elements


@pytest.fixture
def site(sqlite_store: Store, tmp_path: Path) -> Site:
    settings = SiteSettings(tmp_path / "site", "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")
    return Site(sqlite_store, settings)


def talk(site: Site, posts: int) -> list[int]:
    """A discussion with so many posts, the question first; one a minute."""
    with site.filling() as f:
        made = [f.post("q", "what <kind> & why?", minutes=-1_000)]
        for number in range(1, posts):
            made.append(f.post(str(number), f"answer {number}.", reply_to=made[0], minutes=number - 1_000))
    return made


def feed(site: Site) -> Any:
    """What a program reads out of the one feed of a discussion; None where there is none."""
    paths = [path for path in site.files() if path.endswith(".replies.atom")]
    return feedparser.parse(site.files()[paths[0]]) if paths else None


def test_a_discussion_has_a_feed_once_it_is_long(site: Site) -> None:
    made = talk(site, LEAST - 1)
    site.build()
    assert feed(site) is None and "replies.atom" not in site.page("answer 1.")
    with site.filling() as f:
        f.post("last", "the last one needed", reply_to=made[0])
    site.build()
    told = feed(site)
    assert told and [entry.title for entry in told.entries][:2] == ["Anna: the last one needed", "Anna: answer 13."]
    named = [
        attributes["href"]
        for tag, attributes in elements(site.page("answer 1."))
        if tag == "link" and attributes.get("type") == "application/atom+xml"
    ]
    assert re.fullmatch(r"\.\./casnocha/\w{20}\.replies\.atom", named[0] or "")
    assert (named[0] or "").removeprefix("../") in site.files()
    clean = Site.__new__(Site)
    clean.store, clean.campaigns = site.store, site.campaigns
    clean.settings = replace(site.settings, out=site.settings.out.with_name("clean"))
    clean.build()
    assert site.files() == clean.files()


def test_it_holds_the_newest_posts_each_leading_to_its_place(site: Site) -> None:
    made = talk(site, MOST + 40)
    with site.filling() as f:
        f.change(made[-1], edited_at=NOON - timedelta(minutes=3))
        f.post("cw", "spoiler", warning="the <ending>", reply_to=made[3], minutes=-2)
    site.build()
    told = feed(site)
    assert told and not told.bozo and told.version == "atom10" and len(told.entries) == MOST
    assert told.feed.title == "what <kind> & why?" and told.feed.author == "Agorà"
    newest, edited = told.entries[:2]
    assert newest.title == "Anna: the <ending>" and "spoiler" not in str(told)
    assert edited.updated > edited.published and edited.content[0].value == f"answer {MOST + 39}."
    assert told.feed.updated == newest.updated
    ids = {entry.id for entry in told.entries}
    assert len(ids) == MOST
    for entry in told.entries:
        path, _, anchor = entry.link.removeprefix("https://example.org/").partition("#")
        assert f'id="{anchor}"' in site.files()[path].decode()
    (page,) = [link.href for link in told.feed.links if link.rel == "alternate"]
    assert page.removeprefix("https://example.org/") in site.files()


def test_a_withdrawn_post_leaves_it_with_the_next_build(site: Site) -> None:
    made = talk(site, LEAST + 3)
    site.build()
    with site.filling() as f:
        f.change(made[-1], gone="forgotten", text="")
    site.build()
    assert "answer 17." not in site.everything() and feed(site)
    with site.filling() as f:
        for post in made[5:]:
            f.decide(post, "rejected")
    site.build()
    assert feed(site) is None


def test_hostile_words_stay_words_for_programs_and_for_who_shows_their_html(site: Site) -> None:
    made = talk(site, LEAST)
    words = "<script>alert(1)</script> ]]> & <b>x"
    link = {"start": 0, "end": 8, "kind": "link", "target": "javascript:alert(2)"}
    with site.filling() as f:
        f.post("e", words, reply_to=made[0], by="eve", author={"display_name": "<i>Eve"}, entities=(link,))
    site.build()
    told = feed(site)
    assert told and not told.bozo and told.entries[0].author == "<i>Eve"
    (raw,) = [content.decode() for path, content in site.files().items() if path.endswith(".replies.atom")]
    assert "&amp;lt;script&amp;gt;alert(1)" in raw and "<script" not in raw and "javascript:" not in raw


def test_where_an_author_is_not_to_be_found_it_says_only_that_there_is_something_new(site: Site) -> None:
    site.settings = replace(site.settings, base_url="https://example.org/agora/")
    made = talk(site, LEAST)
    with site.filling() as f:
        f.post("s", "quiet words", reply_to=made[0], by="shy", author={"wishes": ["not_indexable"]})
    site.build()
    (raw,) = [content.decode() for path, content in site.files().items() if path.endswith(".replies.atom")]
    assert "quiet words" not in raw and "Shy" not in raw and raw.count("<entry") == LEAST + 1
    assert not feedparser.parse(raw).bozo
