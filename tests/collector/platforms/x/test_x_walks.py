"""Walks over answers that the sandbox does not give: empty pages, tokens going in circles, odd shapes, bad items."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tagora.collector.contract import Cursor, FreeMeter, Lookup, Page, Query, Tag, Target
from tagora.collector.platforms.x.answers import Answer, parse, read_answer
from tagora.collector.platforms.x.config import XConfig
from tagora.collector.platforms.x.mapping import to_sightings
from tagora.collector.platforms.x.walks import Params, XSession
from tagora.core.clock import ManualClock
from tagora.core.errors import BadItem, Temporary
from tagora.core.records import PostRef
from tagora.sandbox.ids import x_snowflake

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TAG = Tag(("agoraTest",))
A, B, C = (str(x_snowflake(NOW - timedelta(hours=hours))) for hours in (3, 2, 1))


class Told:
    """An X that gives prepared answers, in order, and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Params] = []

    def __call__(self, endpoint: str, params: Params) -> Answer:
        self.asked.append(params)
        return read_answer(json.dumps(self.answers.pop(0)).encode(), {}, NOW)

    def walk(self, query: Query = TAG, cursor: Cursor | None = None, **settings: Any) -> list[Page]:
        session = XSession(XConfig(**settings), self, ManualClock(NOW), FreeMeter())
        return list(session(query, cursor or Cursor()))


def found(*ids: str, token: str | None = None, **more: Any) -> dict[str, Any]:
    meta = {"result_count": len(ids), **({"next_token": token} if token else {})}
    return {**({"data": [{"id": each, "text": each} for each in ids]} if ids else {}), "meta": meta, **more}


def test_an_empty_page_with_a_token_is_passed_by_its_token() -> None:
    x = Told(found(C, token="one"), found(token="two"), found(A))
    pages = x.walk()
    assert [[raw.seen_as.native_id for raw in page.items] for page in pages] == [[C], [], [A]]
    assert [params["next_token"] for params in x.asked] == [None, None, "two"]
    assert pages[1].cursor == Cursor(below=C), "the place is kept by id, never by token"


def test_a_token_that_leads_to_itself_ends_the_walk() -> None:
    with pytest.raises(Temporary):
        Told(found(token="one"), found(token="one")).walk()


def test_no_matches_are_one_empty_page() -> None:
    (page,) = Told(found()).walk()
    assert (page.items, page.cursor, page.newest) == ((), None, None)
    assert page.oldest_at is not None and page.oldest_at < NOW - timedelta(days=6)


def test_a_walk_ends_at_its_mark_even_if_x_does_not() -> None:
    (page,) = Told(found(C, A, token="more")).walk(cursor=Cursor(mark=B))
    assert page.cursor is None


def test_the_page_says_down_to_when_everything_was_asked() -> None:
    first, last = Told(found(C, token="more"), found(B)).walk(cursor=Cursor(mark=A))
    assert first.oldest_at == NOW - timedelta(hours=1)
    assert last.oldest_at == NOW - timedelta(hours=3)


def test_archive_searches_start_with_the_first_post_there_is() -> None:
    x = Told(found(), found())
    x.walk(search="all")
    assert x.asked[0]["start_time"] == datetime(2006, 3, 21, tzinfo=UTC)
    x.walk(search="all", cursor=Cursor(mark=A))
    assert (x.asked[1]["start_time"], x.asked[1]["since_id"]) == (None, A)


@pytest.mark.parametrize(
    "answer",
    [[], "text", {}, {"surprise": 1}, {"data": {"id": A}, "meta": {}}, {"data": "x", "meta": {}},
     {"data": [], "meta": []}, {"data": [], "includes": []}, {"errors": {}}],
)  # fmt: skip
def test_an_answer_of_another_shape_is_a_passing_fault(answer: Any) -> None:
    with pytest.raises(Temporary):
        Told(answer).walk()


def test_one_bad_item_among_good_ones_is_kept_apart() -> None:
    (page,) = Told({"data": [{"id": C, "text": "ok"}, "no post", {"text": "no id"}, {"id": 7}], "meta": {}}).walk()
    results = []
    for raw in page.items:
        try:
            results.append(to_sightings(raw)[0].post.ref.native_id)
        except BadItem:
            results.append("bad")
    assert results == [C, "bad", "bad", "bad"]
    assert page.newest == C


def test_posts_that_came_beside_are_taken_only_with_their_author() -> None:
    data = [{"id": C, "text": "", "referenced_posts": [{"type": "replied_to", "id": A}, {"type": "quoted", "id": B}]}]
    beside = [{"id": A, "author_id": "1", "text": "a"}, {"id": B, "author_id": "2", "text": "b"},
              {"id": "5", "author_id": "1", "text": "nobody pointed at it"}]  # fmt: skip
    users = [{"id": "1", "username": "anna", "name": "Anna"}]
    (page,) = Told({"data": data, "includes": {"posts": beside, "users": users}, "meta": {}}).walk(fields="post")
    assert [raw.seen_as.native_id for raw in page.items] == [C, A]
    assert page.items[1].context == {"author": users[0]}
    assert page.cost.micros == 4 * 5_000 + 1 * 10_000, "all that came is paid for, taken or not"


def test_a_post_that_x_could_not_read_just_now_is_not_called_missing() -> None:
    problem = {"resource_id": A, "type": "https://api.x.com/2/problems/internal-error", "title": "Internal"}
    targets = tuple(Target(PostRef("x", native_id)) for native_id in (A, B))
    (page,) = Told({"errors": [problem]}).walk(Lookup(targets))
    assert [gap.ref.native_id for gap in page.missing] == [B]


def test_nothing_to_look_up_asks_nothing() -> None:
    x = Told()
    (page,) = x.walk(Lookup(()))
    assert page.cursor is None
    assert x.asked == []


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"data": [', b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_json_is_nothing(body: bytes) -> None:
    assert parse(body) is None
