"""What is asked of a blog, what is remembered of it, and when it is not asked again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tagora.collector.contract import Cursor, Feed, Fetch, Lookup, MissingReason, Page, Target, Thread
from tagora.collector.platforms.feed import PLATFORM
from tagora.collector.platforms.feed.mapping import to_sightings
from tagora.collector.platforms.feed.walks import Blog
from tagora.collector.platforms.feed.web import Known
from tagora.core.clock import ManualClock
from tagora.core.errors import AuthError, Gone, QueryRefused, RateLimited, Temporary
from tagora.core.records import PostRef
from tagora.sandbox.server import Sandbox
from tagora.sandbox.web import html_answer

from .scripts import HOST, config, connected, script, target_of


def walk(fetch: Fetch, query: Any, cursor: Cursor | None = None) -> list[Page]:
    return list(fetch(query, cursor or Cursor()))


def feed(box: Sandbox, path: str = "/feed/") -> Feed:
    return Feed(config(box, path).url)


def texts(pages: list[Page]) -> list[str]:
    return [to_sightings(item)[0].post.text for page in pages for item in page.items]


def asked(box: Sandbox) -> list[tuple[str, int]]:
    """Path and status of each request since this was asked last."""
    found = [(one.path, one.status) for one in box.requests]
    box.forget_requests()
    return found


# --- the feed --------------------------------------------------------------------------------------------------------


def test_a_feed_is_read_as_far_as_it_says_where_older_entries_are() -> None:
    with Sandbox(script(further=20), now=600) as box:
        with connected(box, config(box, max_pages=4)) as fetch:
            pages = walk(fetch, feed(box))
        assert [len(page.items) for page in pages] == [3, 3, 3, 3]
        with connected(box, config(box, max_pages=1)) as fetch:
            assert len(texts(walk(fetch, feed(box)))) == 3


def test_nothing_new_is_asked_for_once_and_costs_next_to_nothing() -> None:
    with Sandbox(script(), now=600) as box, connected(box) as fetch:
        mark = walk(fetch, feed(box))[0].newest
        asked(box)
        (page,) = walk(fetch, feed(box), Cursor(mark=mark))
        assert (page.items, page.cursor, page.newest) == ((), None, mark)
        assert asked(box) == [("/feed", 304)]


def test_a_server_that_knows_dates_only_is_asked_by_date(monkeypatch: pytest.MonkeyPatch) -> None:
    date, given = "Mon, 02 Nov 2026 17:00:00 GMT", []
    with Sandbox(script(further=0), now=600) as box, connected(box) as fetch:
        blog: Any = box.networks[HOST]
        real = blog.answer

        def answer(request: Any, minute: int) -> Any:
            given.append(request.headers.get("if-modified-since"))
            return replace(real(request, minute), headers={"Last-Modified": date})

        monkeypatch.setattr(blog, "answer", answer)
        mark = walk(fetch, feed(box))[0].newest
        walk(fetch, feed(box), Cursor(mark=mark))
    assert given == [None, date]


def test_once_a_day_the_whole_is_read_whatever_the_server_says() -> None:
    with Sandbox(script(), now=600) as box:
        clock = ManualClock(box.now)
        with connected(box, clock=clock) as fetch:
            mark = walk(fetch, feed(box))[0].newest
            clock.advance(timedelta(hours=25))
            assert len(texts(walk(fetch, feed(box), Cursor(mark=mark)))) > 3


def test_a_new_entry_brings_the_feed_again() -> None:
    late = {"key": "late", "by": "ada", "blog": HOST, "at": 620, "title": "Tardi", "text": "Tardi #agora"}
    with Sandbox(script(posts=(late,)), now=600) as box:
        clock = ManualClock(box.now)
        with connected(box, clock=clock) as fetch:
            mark = walk(fetch, feed(box))[0].newest
            clock.set(box.advance(30))
            assert "Tardi #agora" in texts(walk(fetch, feed(box), Cursor(mark=mark)))


def test_a_permanent_move_is_remembered_and_the_old_address_not_asked_again() -> None:
    with Sandbox(script(moves_at=500), now=600) as box, connected(box) as fetch:
        first = walk(fetch, feed(box))
        assert asked(box)[:2] == [("/feed", 301), ("/new-feed", 200)]
        assert json.loads(first[0].newest or "")["url"] == f"https://{HOST}/new-feed/"
        walk(fetch, feed(box), Cursor(mark=first[0].newest))
        assert asked(box) == [("/new-feed", 304)]


def test_a_move_is_told_by_check() -> None:
    with Sandbox(script(moves_at=500), now=600) as box, connected(box) as fetch:
        assert PLATFORM.probe is not None
        told = PLATFORM.probe(fetch, feed(box))
        assert told.sees[0] == "3 entries, from 2026-11-02 to 2026-11-02."
        assert told.sees[1] == "The newest comments under 3 of them, each in a feed of its own."
        assert told.lacks[-1].endswith(f"Set `url` to https://{HOST}/new-feed/")


def test_a_feed_that_is_gone_for_good_is_for_a_person_to_act_on() -> None:
    with Sandbox(script(ends_at=500), now=600) as box, connected(box) as fetch:
        with pytest.raises(AuthError, match="gone for good") as caught:
            walk(fetch, feed(box))
        assert "not asked any more" in caught.value.hint


def test_a_feed_that_is_not_there_may_come_back() -> None:
    with Sandbox(script(), now=600) as box, connected(box) as fetch, pytest.raises(Gone, match="no feed at"):
        walk(fetch, feed(box, "/nowhere/feed/"))


@pytest.mark.parametrize(("header", "minutes"), [("90", 1.5), ("Mon, 02 Nov 2026 18:30:00 GMT", 30)])
def test_a_server_that_wants_a_pause_gets_it(header: str, minutes: float, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(script(), now=600) as box, connected(box) as fetch:
        later = html_answer(503, "later", {"Retry-After": header})
        monkeypatch.setattr(box.networks[HOST], "answer", lambda *_: later)
        with pytest.raises(RateLimited) as caught:
            walk(fetch, feed(box))
        assert caught.value.until == box.now + timedelta(minutes=minutes)


def test_a_page_instead_of_a_feed_says_where_the_feed_is() -> None:
    with Sandbox(script(), now=600) as box, connected(box) as fetch:
        with pytest.raises(Temporary) as caught:
            walk(fetch, feed(box, "/question/"))
        assert (
            caught.value.hint == f"It is a page, which says that its feed is https://{HOST}/feed/: set `url` to that."
        )


def test_older_entries_with_another_host_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(script(), now=600) as box, connected(box) as fetch:
        assert isinstance(fetch, Blog)
        real = fetch.web.feed(Known(config(box).url))
        assert real.document is not None and real.document.following
        elsewhere = replace(real.document, following="https://elsewhere.example/feed?page=2")
        monkeypatch.setattr(fetch.web, "feed", lambda *_: replace(real, document=elsewhere))
        assert [page.cursor for page in walk(fetch, feed(box))] == [None]


# --- comments --------------------------------------------------------------------------------------------------------


def test_the_comments_under_an_article_are_found_through_its_entry() -> None:
    with Sandbox(script(further=0), now=50) as box, connected(box) as fetch:
        walk(fetch, feed(box))
        asked(box)
        (page,) = walk(fetch, Thread((target_of(box, "question"),)))
        assert sorted(texts([page])) == ["Anch'io <così>.", "Lenta.\nMolto lenta.", "Poi via"]
        assert asked(box) == [("/question/feed", 200)]
        by_text = {one.post.text: one.post for item in page.items for one in to_sightings(item)}
        assert by_text["Lenta.\nMolto lenta."].reply_to == target_of(box, "question").ref
        assert by_text["Anch'io <così>."].reply_to == PostRef(
            HOST, f"https://{HOST}/question#{box.post_url('answer').partition('#')[2]}"
        )


@pytest.mark.parametrize("kind", ["rss", "rss1", "atom"])
def test_where_the_comments_are_is_learned_once_and_remembered(kind: str) -> None:
    """A process that never saw the entry reads the feed for it; afterwards the mark knows."""
    with Sandbox(script(further=0, kind=kind), now=600) as box:
        with connected(box) as fetch:
            pages = walk(fetch, Thread((target_of(box, "question"),)))
        assert [path for path, _ in asked(box)] == ["/feed", "/question/feed"]
        mark = pages[-1].newest
        with connected(box) as fetch:
            assert texts(walk(fetch, Thread((target_of(box, "question"),)), Cursor(mark=mark))) == []
        assert asked(box) == [("/question/feed", 304)]


def test_what_has_no_comment_feed_is_asked_for_nothing() -> None:
    with Sandbox(script(further=0, kind="json"), now=600) as box, connected(box) as fetch:
        walk(fetch, feed(box))
        asked(box)
        for key in ("apart", "answer"):
            (*_, last) = walk(fetch, Thread((target_of(box, key),)))
            assert (last.items, last.cursor) == ((), None)
        assert [path for path, _ in asked(box)] == ["/feed"]  # once, for want of any word about "apart"


def test_a_comment_feed_that_is_gone_is_no_fault_of_the_blog() -> None:
    with Sandbox(script(further=0), now=600) as box, connected(box) as fetch:
        walk(fetch, feed(box))
        box.fault("server_error", path="/question/feed", status=410)
        with pytest.raises(Gone):
            walk(fetch, Thread((target_of(box, "question"),)))


# --- known posts -----------------------------------------------------------------------------------------------------


def looked(box: Sandbox, *targets: Target, resolve: bool = False) -> list[Page]:
    with connected(box) as fetch:
        return walk(fetch, Lookup(targets, resolve=resolve))


def told(pages: list[Page]) -> dict[PostRef, str]:
    found = {ref: "unchanged" for page in pages for ref in page.unchanged}
    return found | {missing.ref: str(missing.reason) for page in pages for missing in page.missing}


def test_an_entry_that_left_the_feed_is_still_there_while_its_page_is() -> None:
    with Sandbox(script(further=20), now=600) as box:
        target = target_of(box, "question")
        assert told(looked(box, target)) == {target.ref: "unchanged"}
        assert asked(box) == [("/question", 200)]


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, MissingReason.DELETED), (410, MissingReason.DELETED), (403, MissingReason.FORBIDDEN),
     (401, MissingReason.FORBIDDEN), (451, MissingReason.WITHHELD)],
)  # fmt: skip
def test_a_page_that_is_not_there_takes_the_post_with_it(status: int, reason: MissingReason) -> None:
    with Sandbox(script(), now=600) as box:
        box.fault("server_error", path="/question", status=status)
        target, other = target_of(box, "question"), target_of(box, "apart")
        assert told(looked(box, target, other)) == {target.ref: str(reason), other.ref: "unchanged"}


def test_a_page_that_asks_robots_away_is_obeyed() -> None:
    shy = {"key": "shy", "by": "ada", "blog": HOST, "at": 50, "title": "Piano", "text": "#agora", "noindex": True}
    with Sandbox(script(posts=(shy,)), now=600) as box:
        target = target_of(box, "shy")
        assert told(looked(box, target)) == {target.ref: "forbidden"}


def test_of_a_comment_its_article_tells_only_that_it_is_there() -> None:
    with Sandbox(script(), now=50) as box:
        answer, gone = target_of(box, "answer"), target_of(box, "gone")
        assert told(looked(box, answer, gone)) == {answer.ref: "unchanged", gone.ref: "unchanged"}
        box.set_time(600)
        assert told(looked(box, answer, gone)) == {answer.ref: "unchanged"}


def test_a_blog_that_does_not_answer_has_withdrawn_nothing() -> None:
    with Sandbox(script(), now=600) as box:
        box.fault("server_error", status=502, count=None)
        with pytest.raises(Temporary):
            looked(box, target_of(box, "question"))


def test_an_article_named_by_its_address_is_looked_for_in_the_feed() -> None:
    with Sandbox(script(further=6), now=600) as box:
        url = box.post_url("question")
        ref = PLATFORM.locate(config(box), url)
        assert ref == PostRef(HOST, f"https://{HOST}/question")
        pages = looked(box, Target(ref, url=url), resolve=True)
        (item,) = [item for page in pages for item in page.items]
        (seen,) = to_sightings(item)
        assert seen.post.ref == target_of(box, "question").ref and ref in seen.also
        assert [path for path, _ in asked(box)] == ["/feed", "/feed", "/feed"]


def test_an_article_that_the_feed_does_not_show_any_more_is_not_had() -> None:
    with Sandbox(script(further=20), now=600) as box:
        ref = PostRef(HOST, f"https://{HOST}/question")
        assert told(looked(box, Target(ref, url=box.post_url("question")), resolve=True)) == {ref: "unreachable"}
        assert told(looked(box, Target(PostRef(HOST, f"https://{HOST}/never")))) == {
            PostRef(HOST, f"https://{HOST}/never"): "deleted"
        }


def test_a_page_inside_a_private_network_is_not_asked_for() -> None:
    with Sandbox(script(), now=600) as box:
        target = Target(PostRef(HOST, "x"), url=f"{box.url}/{HOST}/question/")
        assert told(looked(box, target)) == {}
        assert asked(box) == []


def test_only_an_open_feed_can_be_collected() -> None:
    with Sandbox(script(), now=600) as box, connected(box) as fetch:
        box.fault("forbidden")
        with pytest.raises(QueryRefused, match="does not give"):
            walk(fetch, feed(box))
