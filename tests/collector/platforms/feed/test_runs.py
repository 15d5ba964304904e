"""Whole runs over a blog into a store: what is kept of it, from one look to the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tagora.collector.plan import RunReport, SourcePlan
from tagora.collector.platforms.feed import PLATFORM
from tagora.collector.run import run_source
from tagora.core.clock import ManualClock
from tagora.sandbox import Sandbox, Script
from tagora.sandbox.web import Answer
from tagora.storage import campaigns
from tagora.storage.campaigns import CampaignSeed, SourceSeed
from tagora.storage.store import Store
from tagora.storage.tables import campaign_post, post

from .scripts import HOST, config, script

EVIL = "evil.example"


class Collector:
    """A store that collects feeds of a box."""

    def __init__(self, store: Store, box: Sandbox) -> None:
        self.store, self.box = store, box
        self.clock = ManualClock(box.now)

    def run(self, *, url: str | None = None, keys: str = "1", later: int = 0, **settings: Any) -> RunReport:
        """One run, `later` minutes after the one before. `keys` stands for the settings' fingerprint."""
        self.clock.set(self.box.advance(later))
        name = url or "blog"
        settings = {"url": url, **settings} if url else settings
        with self.store.writing() as connection:
            seeds = (SourceSeed("blog", "feed", "blog", keys), SourceSeed(f"https://{EVIL}/feed/", "feed", "evil", "1"))
            ids = campaigns.sync(connection, [CampaignSeed("c", "review_first", seeds)], self.clock.now())["c"]
        plan = SourcePlan(
            campaign_id=ids.campaign_id,
            campaign="c",
            source_id=ids.sources[name],
            name=name,
            platform="feed",
            account="evil" if url else "blog",
            config=config(self.box, **settings),
            secrets={},
            tags=("agora",),
            every=timedelta(minutes=30),
            recheck=PLATFORM.recheck(None),
        )
        self.box.forget_requests()
        return run_source(plan, PLATFORM, self.store, self.clock, lambda *_: None, when_due=False)

    def held(self) -> dict[str, Any]:
        """Every post of the campaign by its text."""
        upper = post.alias()
        columns = (post.c.text, post.c.url, post.c.gone, campaign_post.c.via, upper.c.text.label("above"))
        with self.store.reading() as connection:
            rows = connection.execute(
                select(*columns)
                .select_from(campaign_post.join(post, post.c.id == campaign_post.c.post_id))
                .outerjoin(upper, upper.c.id == post.c.parent_id)
                .where(post.c.held)
            ).all()
        return {row.text: row for row in rows}

    @property
    def asked(self) -> list[tuple[str, int]]:
        return [(one.path, one.status) for one in self.box.requests]


class Forger:
    """A host that answers with one document, whatever is asked."""

    name, posts_to = EVIL, frozenset[str]()

    def __init__(self, document: str) -> None:
        self.document = document

    def answer(self, request: Any, minute: int) -> Answer:
        return Answer(200, self.document.encode(), "application/rss+xml")

    def fault_answer(self, fault: Any, now: Any) -> Answer:
        raise AssertionError(fault)


def collecting(store: Store, discussion: Script, now: int = 600) -> Iterator[Collector]:
    with Sandbox(discussion, now=now) as box:
        yield Collector(store, box)


@pytest.fixture
def blog(sqlite_store: Store) -> Iterator[Collector]:
    yield from collecting(sqlite_store, script(further=1))


def test_a_tagged_article_comes_with_its_comments_each_where_it_belongs(blog: Collector) -> None:
    report = blog.run()
    assert (report.error, report.new, report.refused) == (None, 4, {"unrelated": 1})
    held = blog.held()
    assert held["Lenta.\nMolto lenta."].above.startswith("Una domanda & una storia.")
    assert held["Anch'io <così>."].above == "Lenta.\nMolto lenta."
    assert {one.via for one in held.values()} == {"tag", "conversation"}


def test_when_nothing_is_new_one_question_is_all_that_is_asked(blog: Collector) -> None:
    blog.run()
    blog.run(later=5)
    assert blog.asked == [("/feed", 304)]


def test_a_feed_that_is_gone_is_never_asked_again_until_its_settings_change(sqlite_store: Store) -> None:
    for blog in collecting(sqlite_store, script(ends_at=700)):
        blog.run()
        error = blog.run(later=120).error
        assert error is not None and "gone for good" in error
        for days in (1, 30, 400):
            report = blog.run(later=days * 24 * 60)
            assert report.skipped is not None and "gone for good" in report.skipped
            assert blog.asked == []
        assert "gone for good" in (blog.run(keys="2").error or "")
        assert blog.asked[-1] == ("/feed", 410)


def test_an_article_that_was_taken_down_leaves_and_one_that_left_the_feed_stays(sqlite_store: Store) -> None:
    taken_down = {"key": "brief", "by": "ada", "blog": HOST, "at": 50, "title": "Breve", "text": "Breve #agora",
                  "deleted_at": 900}  # fmt: skip
    many = tuple(
        {"key": f"n{n}", "by": "ada", "blog": HOST, "at": 1_000 + n, "title": f"N{n}", "text": f"N{n}"}
        for n in range(9)
    )
    for blog in collecting(sqlite_store, script(further=0, posts=(taken_down, *many))):
        blog.run()
        assert len(blog.held()) == 4
        for _ in range(4):  # it is looked at again some days later; by then other entries fill the feed
            blog.run(later=24 * 60)
        held = blog.held()
        assert held["Breve #agora"].gone == "deleted"
        assert held["Una domanda & una storia.\n\nSi legge su https://example.org/a oggi."].gone is None


def test_robots_words_of_a_page_are_obeyed_while_the_feed_still_shows_the_entry(sqlite_store: Store) -> None:
    shy = {
        "key": "shy",
        "by": "ada",
        "blog": HOST,
        "at": 500,
        "title": "Piano",
        "text": "Piano #agora",
        "noindex": True,
    }
    late = {"key": "late", "by": "ada", "blog": HOST, "at": 2_110, "title": "Tardi", "text": "Tardi #agora"}
    for blog in collecting(sqlite_store, script(further=0, posts=(shy, late))):
        blog.run()
        assert blog.held()["Piano #agora"].gone is None
        blog.run(later=25 * 60)
        assert blog.held()["Piano #agora"].gone == "forbidden"
        blog.run(later=30)  # the feed is another now, and shows it again
        assert blog.held()["Piano #agora"].gone == "forbidden"
        assert "Tardi #agora" in blog.held()


def test_a_feed_that_belongs_as_a_whole_needs_no_tag(blog: Collector) -> None:
    blog.run(filter="none")
    assert "Niente di tutto questo." in blog.held()


def test_of_a_feed_of_all_comments_those_under_what_belongs_belong(sqlite_store: Store) -> None:
    elsewhere = {"key": "off", "by": "bea", "at": 90, "reply_to": "apart", "text": "Fuori tema"}
    for blog in collecting(sqlite_store, script(further=0, kind="json", posts=(elsewhere,))):  # names no comment feeds
        blog.run()
        assert set(blog.held()) == {"Una domanda & una storia.\n\nSi legge su https://example.org/a oggi."}
        blog.run(keys="2", url=None, path="/comments/feed/")
        held = blog.held()
        assert held["Lenta.\nMolto lenta."].above.startswith("Una domanda")
        assert held["Anch'io <così>."].above == "Lenta.\nMolto lenta."
        assert "Fuori tema" not in held


def test_a_feed_cannot_overwrite_what_another_host_wrote(sqlite_store: Store) -> None:
    """It claims the other's guid and page, by the very words."""
    discussion = script(further=0)
    for blog in collecting(sqlite_store, discussion):
        blog.run()
        before = blog.held()
        page, guid = blog.box.post_url("question"), blog.box.native_id("question")
        forged = f"""<rss version="2.0"><channel><title>Evil</title><item><title>Che rete siete?</title>
            <link>{page}</link><guid isPermaLink="false">{guid}</guid><category>agora</category>
            <pubDate>Mon, 02 Nov 2026 09:59:00 GMT</pubDate><description>Forged</description></item></channel></rss>"""
        box = blog.box

        box.networks[EVIL] = Forger(forged)
        homes = {**box.blog_homes, EVIL: f"{box.url}/{EVIL}"}
        assert blog.run(url=f"https://{EVIL}/feed/", homes=homes).new == 1
        after = blog.held()
        assert after.pop("Forged").above is None
        assert after == before
