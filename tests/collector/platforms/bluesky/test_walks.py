"""Walks: what comes of the four questions, whatever the services do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagora.collector.contract import Cursor, Lookup, MissingReason, Quota, Quotes, Tag, Target, Thread
from tagora.collector.platforms.bluesky import client, walks
from tagora.collector.platforms.bluesky.mapping import to_sightings
from tagora.collector.platforms.bluesky.problems import error_of
from tagora.collector.platforms.bluesky.walks import Conversations
from tagora.core.clock import ManualClock
from tagora.core.errors import AuthError, CollectorError, Gone, QueryRefused, RateLimited, Temporary
from tagora.core.records import PostRef
from tagora.sandbox.server import Sandbox

from .scripts import connected, reply, script, target_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"


# --- searching -------------------------------------------------------------------------------------------------------


class Searched:
    """A service that knows posts by name and moment, and answers searches alone."""

    quota: Quota | None = None
    signed_in = True

    def __init__(self, posts: dict[str, datetime], size: int) -> None:
        self.posts, self.size = posts, size
        self.calls = 0

    def search(
        self, tag: str, *, since: str | None, until: str | None, cursor: str | None
    ) -> tuple[list[Any], str | None]:
        self.calls += 1
        low = datetime.fromisoformat(since) if since else None
        high = datetime.fromisoformat(until) if until else None
        found = [
            (moment, name)
            for name, moment in self.posts.items()
            if (low is None or moment >= low) and (high is None or moment < high)
        ]
        found.sort(reverse=True)
        start = int(cursor or 0)
        more = str(start + self.size) if len(found) > start + self.size else None
        return [view(name, moment) for moment, name in found[start : start + self.size]], more

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a search asks nothing else, but: {name}")


def view(name: str, moment: datetime) -> dict[str, Any]:
    uri = f"at://{DID}/app.bsky.feed.post/{name}"
    record = {"$type": "app.bsky.feed.post", "text": name, "createdAt": moment.isoformat()}
    return {"uri": uri, "author": {"did": DID}, "record": record, "indexedAt": moment.isoformat()}


def names(pages: list[Any]) -> list[str]:
    return [raw.body["record"]["text"] for page in pages for raw in page.items]


minutes = st.integers(20, 60)
moments = st.lists(minutes, max_size=25).map(
    lambda times: {f"p{n}": NOW - timedelta(minutes=minute) for n, minute in enumerate(times)}
)


@settings(max_examples=80, deadline=None)
@given(moments, st.integers(1, 6), st.lists(st.integers(1, 4), max_size=4))
def test_a_search_stopped_and_resumed_anywhere_gives_each_post_once(
    posts: dict[str, datetime], size: int, stops: list[int]
) -> None:
    service = Searched(posts, size)
    held: list[str] = []
    cursor: Cursor | None = Cursor()
    for stop in [*stops, 10_000]:
        if cursor is None:
            break
        walk = Conversations(service, ManualClock(NOW), page_size=size)(Tag(("agora",)), cursor)
        pages = [page for page, _ in zip(walk, range(stop), strict=False)]
        held += names(pages)
        cursor = pages[-1].cursor
        if cursor is not None:
            cursor = Cursor(mark=cursor.mark, below=cursor.below)
    assert sorted(held) == sorted(posts)


def test_the_next_search_brings_what_came_since_and_what_was_slow_to_be_found() -> None:
    clock = ManualClock(NOW)
    posts = {"old": NOW - timedelta(hours=3), "young": NOW - timedelta(minutes=2)}
    service = Searched(posts, 10)
    (first,) = Conversations(service, clock, page_size=10)(Tag(("agora",)), Cursor())
    assert names([first]) == ["young", "old"]
    posts["slow"] = NOW - timedelta(minutes=5)  # written before that search, found only now
    posts["new"] = NOW + timedelta(minutes=3)
    clock.advance(timedelta(minutes=15))
    (second,) = Conversations(service, clock, page_size=10)(Tag(("agora",)), Cursor(mark=first.newest))
    assert names([second]) == ["new", "young", "slow"]


def test_more_posts_of_one_instant_than_a_page_holds_are_all_read() -> None:
    service = Searched({f"p{n}": NOW - timedelta(hours=1) for n in range(9)}, 2)
    pages = list(Conversations(service, ManualClock(NOW), page_size=2)(Tag(("agora",)), Cursor()))
    assert sorted(names(pages)) == [f"p{n}" for n in range(9)]


def test_each_tag_is_searched_and_what_was_asked_is_told_when_it_holds_for_all() -> None:
    service = Searched({f"p{n}": NOW - timedelta(hours=n + 1) for n in range(3)}, 2)
    pages = list(Conversations(service, ManualClock(NOW), page_size=2)(Tag(("agora", "altra")), Cursor()))
    told = [page.oldest_at for page in pages]
    assert told[:1] == [None] and any(told)
    assert pages[-1].cursor is None


def test_a_place_that_cannot_be_read_begins_at_the_newest() -> None:
    service = Searched({"p": NOW - timedelta(hours=1)}, 2)
    for below in ("", "{", "[1]", '{"tag": "gone", "until": null, "held": []}'):
        pages = list(Conversations(service, ManualClock(NOW), page_size=2)(Tag(("agora",)), Cursor(below=below)))
        assert names(pages) == ["p"]


# --- conversations, look-ups, quotes ---------------------------------------------------------------------------------


def keys(box: Sandbox, pages: list[Any]) -> set[str]:
    by_uri = {box.native_id(post.key): post.key for post in box.script.posts}
    return {by_uri[raw.seen_as.native_id] for page in pages for raw in page.items}


def test_a_conversation_deeper_than_an_answer_is_asked_on_from_where_it_ends() -> None:
    discussion = script(further=0, deep=20)
    with Sandbox(discussion, now=300) as box, connected(box) as fetch:
        pages = list(fetch(Thread((target_of(box, "question"),)), Cursor()))
        assert keys(box, pages) == {"question", "answer", *(f"d{n}" for n in range(20))}
        asked = {request.network for request in box.requests}
    assert asked == {"bluesky-public"}
    missing = {one.ref.native_id: one.reason for page in pages for one in page.missing}
    assert missing == {box.native_id("blocked"): MissingReason.FORBIDDEN}


def test_what_stays_cut_after_many_calls_is_a_named_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "DEEPER_CALLS", 1)
    with Sandbox(script(further=0, deep=30), now=300) as box, connected(box) as fetch:
        target = target_of(box, "question")
        pages = list(fetch(Thread((target,)), Cursor()))
    assert (target.ref, MissingReason.LIMIT) in [(one.ref, one.reason) for page in pages for one in page.missing]


def test_a_deleted_parent_is_named_and_the_reply_keeps_its_pointer() -> None:
    with Sandbox(script(further=0), now=300) as box, connected(box) as fetch:
        pages = list(fetch(Thread((target_of(box, "orphan"),)), Cursor()))
        (raw,) = (raw for page in pages for raw in page.items)
        (sighting,) = to_sightings(raw)
        gone = PostRef("bluesky", box.native_id("deleted"))
        assert [(one.ref, one.reason) for page in pages for one in page.missing] == [(gone, MissingReason.DELETED)]
        assert sighting.post.reply_to == gone
        assert sighting.post.root_hint == PostRef("bluesky", box.native_id("question"))


def test_known_posts_are_looked_up_25_a_call_and_what_is_left_out_is_named() -> None:
    with Sandbox(script(further=40), now=300) as box, connected(box) as fetch:
        targets = tuple(target_of(box, post.key) for post in box.script.posts)
        pages = list(fetch(Lookup(targets), Cursor()))
        assert len(box.requests) == 2
        missing = {one.ref.native_id: one.reason for page in pages for one in page.missing}
        assert missing == {box.native_id(key): MissingReason.OMITTED for key in ("deleted", "blocked")}, (
            "the answer does not say why"
        )
        assert len(keys(box, pages)) == len(targets) - 2


def test_a_post_named_by_its_authors_handle_is_found_under_both_names() -> None:
    with Sandbox(script(further=0), now=300) as box, connected(box) as fetch:
        rkey = box.native_id("question").rpartition("/")[2]
        named = PostRef("bluesky", f"at://celeste.example.org/app.bsky.feed.post/{rkey}")
        unknown = PostRef("bluesky", "at://nobody.example.org/app.bsky.feed.post/3k")
        pages = list(fetch(Lookup((Target(named), Target(unknown)), resolve=True), Cursor()))
        (sighting,) = (one for page in pages for raw in page.items for one in to_sightings(raw))
        assert (sighting.post.ref.native_id, sighting.also) == (box.native_id("question"), (named,))
        assert [one.ref for page in pages for one in page.missing] == [unknown]


def test_a_post_that_a_person_names_is_told_blocked_from_deleted() -> None:
    with Sandbox(script(further=0), now=300) as box, connected(box) as fetch:
        targets = (target_of(box, "blocked"), target_of(box, "deleted"))
        pages = list(fetch(Lookup(targets, resolve=True), Cursor()))
    reasons = [one.reason for page in pages for one in page.missing]
    assert reasons == [MissingReason.FORBIDDEN, MissingReason.DELETED]


def test_quotes_come_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE_SIZE", 1)
    with Sandbox(script(further=0), now=300) as box, connected(box) as fetch:
        pages = list(fetch(Quotes((target_of(box, "question"),)), Cursor()))
        assert keys(box, pages) == {"quoting", "quoting-too", "question"}  # the quoted post stands within them


def test_only_the_accounts_own_service_gets_the_session() -> None:
    posts = (reply("more", "otto", 30, "More."),)
    with Sandbox(script(posts=posts), now=300) as box, connected(box) as fetch:
        target = target_of(box, "question")
        for query in (Tag(("agora",)), Thread((target,)), Quotes((target,)), Lookup((target,))):
            list(fetch(query, Cursor()))
        asked = {(request.network, request.path.rpartition(".")[2]) for request in box.requests}
    assert {name for network, name in asked if network == "bluesky"} <= {"createSession", "searchPosts"}
    assert {name for network, name in asked if network == "bluesky-public"} == {
        "getPostThread",
        "getQuotes",
        "getPosts",
    }


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status, name, signing_in, error",
    [
        (400, "NotFound", False, Gone),
        (404, None, False, Gone),
        (400, "InvalidRequest", False, QueryRefused),
        (400, "ExpiredToken", False, AuthError),
        (401, "AuthMissing", False, AuthError),
        (401, "AuthenticationRequired", True, AuthError),
        (401, "AuthFactorTokenRequired", True, AuthError),
        (400, "AccountTakedown", True, AuthError),
        (403, None, False, AuthError),
        (429, "RateLimitExceeded", True, RateLimited),
        (302, None, False, Temporary),
        (500, "InternalServerError", False, Temporary),
        (502, "UpstreamFailure", False, Temporary),
    ],
)
def test_a_refusal_names_its_recovery(
    status: int, name: str | None, signing_in: bool, error: type[CollectorError]
) -> None:
    problem = {"error": name, "message": "secret words"} if name else None
    found = error_of(status, {}, problem, NOW, host="bsky.social", what="posts", signing_in=signing_in)
    assert type(found) is error or (error is AuthError and isinstance(found, AuthError))
    assert "secret words" not in str(found)


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({"ratelimit-reset": str(int(NOW.timestamp()) + 60)}, 61),
        ({"ratelimit-reset": str(int(NOW.timestamp()) - 60)}, 1),
        ({"retry-after": "5"}, 6),
        ({"ratelimit-reset": "99999999999"}, None),
        ({"ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_pause_ends_when_the_service_says(headers: dict[str, str], seconds: int | None) -> None:
    found = error_of(429, headers, None, NOW, host="bsky.social", what="posts", signing_in=False)
    assert isinstance(found, RateLimited)
    assert found.until == (NOW + timedelta(seconds=seconds) if seconds is not None else None)
