"""The walks over servers that are played in memory: several tags, cut conversations, servers that misbehave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagora.collector.contract import Cursor, Lookup, Missing, MissingReason, Page, Quota, Tag, Target, Thread
from tagora.collector.platforms.mastodon.walks import Conversations, in_order
from tagora.core.clock import ManualClock
from tagora.core.errors import Gone, OutOfBudget, Temporary
from tagora.core.records import PostRef

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
HOST = "one.example"


class Server:
    """Posts as {id: tags}; replies as {id: parent}. Three posts a page, a conversation cut at sixty."""

    quota: Quota | None = None

    def __init__(self, host: str = HOST, posts: dict[int, set[str]] | None = None, *, token: bool = False) -> None:
        self.host, self.has_token, self.refreshing = host, token, False
        self.posts = posts or {}
        self.parents: dict[int, int] = {}
        self.asked: list[str] = []

    def item(self, number: int) -> dict[str, Any]:
        parent = self.parents.get(number)
        return {
            "id": str(number),
            "in_reply_to_id": parent and str(parent),
            "replies_count": list(self.parents.values()).count(number),
            "created_at": (NOW - timedelta(days=1) + timedelta(minutes=number)).isoformat(),
        }

    def timeline(self, tag: str, *, max_id: str | None = None, min_id: str | None = None) -> list[Any]:
        self.asked.append(f"{tag} <{max_id} >{min_id}")
        found = sorted((number for number, tags in self.posts.items() if tag in tags), reverse=True)
        if min_id is not None:
            return [self.item(number) for number in [n for n in found if n > int(min_id)][-3:]]
        return [self.item(number) for number in found if max_id is None or number < int(max_id)][:3]

    def status(self, local_id: str) -> dict[str, Any]:
        self.asked.append(f"status {local_id}")
        if int(local_id) not in self.posts:
            raise Gone("It is not there.")
        return self.item(int(local_id))

    def statuses(self, local_ids: list[str]) -> list[Any]:
        self.asked.append(f"statuses {','.join(local_ids)}")
        return [self.item(int(local_id)) for local_id in local_ids if int(local_id) in self.posts]

    def context(self, local_id: str) -> tuple[list[Any], list[Any]]:
        self.asked.append(f"context {local_id}")
        found: list[int] = []
        waiting = [(child, 1) for child in self.children(int(local_id))]
        while waiting and len(found) < (4096 if self.has_token else 60):
            number, level = waiting.pop()
            found.append(number)
            if self.has_token or level < 20:
                waiting += [(child, level + 1) for child in self.children(number)]
        return [], [self.item(number) for number in found]

    def children(self, number: int) -> list[int]:
        return [child for child, parent in self.parents.items() if parent == number]

    def quotes(self, local_id: str, max_id: str | None) -> tuple[list[Any], str | None]:
        self.asked.append(f"quotes {local_id} <{max_id}")
        return [self.item(1)], "5"


class Servers:
    def __init__(self, own: Server, *others: Server) -> None:
        self.own = own
        self.others = {server.host: server for server in others}

    def by_host(self, host: str) -> Server | None:
        return self.others.get(host)


def conversations(own: Server, *others: Server) -> Conversations:
    return Conversations(Servers(own, *others), ManualClock(NOW), only_mastodon_calls=True)


def numbers(pages: list[Page]) -> list[int]:
    return [int(raw.seen_as.native_id) for page in pages for raw in page.items]


def own_target(number: int) -> Target:
    return Target(PostRef("activitypub", f"https://{HOST}/users/a/statuses/{number}"))


# --- tags ----------------------------------------------------------------------------------------------------------

timelines = st.dictionaries(
    st.integers(1, 2000), st.sets(st.sampled_from(["uno", "due", "tre"]), min_size=1), max_size=25
)


@settings(max_examples=150, deadline=None)
@given(timelines, st.lists(st.integers(0, 6), max_size=6))
def test_whatever_the_tags_and_wherever_it_stops_every_post_comes(posts: dict[int, set[str]], stops: list[int]) -> None:
    server = Server(posts=posts)
    cursor: Cursor | None = Cursor()
    got: set[int] = set()
    for stop in [*stops, 10_000]:
        if cursor is None:
            break
        for number, page in enumerate(conversations(server)(Tag(("uno", "due", "tre")), cursor)):
            got |= set(numbers([page]))
            cursor = page.cursor
            if number == stop:
                break
    assert cursor is None
    assert got == set(posts)


@settings(max_examples=100, deadline=None)
@given(timelines, timelines)
def test_the_next_walk_brings_all_that_arrived_since(before: dict[int, set[str]], later: dict[int, set[str]]) -> None:
    server = Server(posts=before)
    first = list(conversations(server)(Tag(("uno", "due", "tre")), Cursor()))
    mark = next((page.newest for page in first if page.newest), None)
    new = {number + 3000: tags for number, tags in later.items()}
    server.posts = before | new
    second = list(conversations(server)(Tag(("uno", "due", "tre")), Cursor(mark=mark)))
    assert set(numbers(second)) >= set(new)
    with_mark = {tag for tag in ("uno", "due", "tre") if mark and f"{tag}=" in mark}
    assert not any(before[number] <= with_mark for number in numbers(second) if number in before)


def test_a_tag_added_later_is_read_back_to_its_beginning() -> None:
    server = Server(posts={number: {"uno"} if number % 2 else {"due"} for number in range(1, 21)})
    mark = list(conversations(server)(Tag(("uno",)), Cursor()))[-1].newest
    later = numbers(list(conversations(server)(Tag(("uno", "due")), Cursor(mark=mark))))
    assert sorted(later) == list(range(2, 21, 2))


def test_a_walk_left_when_old_enough_has_asked_that_far_for_every_tag() -> None:
    server = Server(posts={number: {"uno"} if number % 5 else {"due"} for number in range(1, 60)})
    floor = NOW - timedelta(days=1) + timedelta(minutes=30)
    got: list[Page] = []
    for page in conversations(server)(Tag(("uno", "due")), Cursor()):
        got.append(page)
        if page.oldest_at and page.oldest_at <= floor:
            break
    assert set(numbers(got)) >= set(range(30, 60))
    assert len(numbers(got)) < 45


@pytest.mark.parametrize(
    "cursor, misbehaviour",
    [
        (Cursor(), lambda server: lambda tag, **_: Server.timeline(server, tag)),
        (Cursor(mark="uno=2"), lambda server: lambda tag, **_: Server.timeline(server, tag, min_id="2")),
    ],
    ids=["backward", "forward"],
)
def test_a_server_that_repeats_itself_is_left(
    cursor: Cursor, misbehaviour: Callable[[Server], Callable[..., list[Any]]]
) -> None:
    server = Server(posts={number: {"uno"} for number in range(1, 10)})
    server.timeline = misbehaviour(server)  # type: ignore[method-assign]
    with pytest.raises(Temporary, match="same page"):
        list(conversations(server)(Tag(("uno",)), cursor))


def test_one_item_that_is_no_post_is_counted_and_harms_no_other() -> None:
    server = Server(posts={1: {"uno"}})
    good = server.item(1)
    answers = iter([[good, "odd", {"id": "../etc"}], []])
    server.timeline = lambda tag, **_: next(answers)  # type: ignore[method-assign]
    (first, _) = conversations(server)(Tag(("uno",)), Cursor())
    assert [raw.seen_as.native_id.split("-")[0] for raw in first.items] == ["1", "unreadable", "unreadable"]


@given(st.lists(st.integers(1, 10**19).map(str)))
def test_ids_of_one_server_are_ordered_as_numbers_are(ids: list[str]) -> None:
    assert sorted(ids, key=in_order) == sorted(ids, key=int)


# --- conversations -------------------------------------------------------------------------------------------------


def long_thread(*, token: bool = False) -> Server:
    """A post with ten replies, each the head of a chain of fifteen; one chain of forty."""
    server = Server(posts={number: set() for number in range(1, 1000)}, token=token)
    number = 2
    for _ in range(10):
        server.parents[number] = 1
        for _ in range(14):
            server.parents[number + 1] = number
            number += 1
        number += 1
    server.parents[number] = 1
    for _ in range(39):
        server.parents[number + 1] = number
        number += 1
    return server


def test_a_cut_conversation_is_followed_below_its_posts() -> None:
    server = Server(posts={number: set() for number in range(1, 60)})
    server.parents = {number: number - 1 for number in range(2, 60)}
    pages = list(conversations(server)(Thread((own_target(1),)), Cursor()))
    assert set(numbers(pages)) == set(range(1, 60))
    assert not any(page.missing for page in pages)


def test_what_cannot_be_reached_without_a_token_is_told() -> None:
    server = long_thread()
    pages = list(conversations(server)(Thread((own_target(1),)), Cursor()))
    assert set(numbers(pages)) < {1, *server.parents}
    assert [missing for page in pages for missing in page.missing] == [Missing(own_target(1).ref, MissingReason.LIMIT)]


def test_with_a_token_the_whole_conversation_comes_at_once() -> None:
    server = long_thread(token=True)
    pages = list(conversations(server)(Thread((own_target(1),)), Cursor()))
    assert set(numbers(pages)) == {1, *server.parents}
    assert len(server.asked) == 2
    assert not any(page.missing for page in pages)


def test_a_conversation_that_is_still_being_completed_is_asked_for_once_more() -> None:
    server = Server(posts={1: set()})
    server.refreshing = True
    list(conversations(server)(Thread((own_target(1),)), Cursor()))
    assert server.asked == ["status 1", "context 1", "context 1"]


def test_a_conversation_that_is_gone_everywhere_is_missing() -> None:
    pages = list(conversations(Server())(Thread((own_target(1),)), Cursor()))
    assert [missing for page in pages for missing in page.missing] == [
        Missing(own_target(1).ref, MissingReason.DELETED)
    ]


def test_an_empty_purse_is_never_taken_for_a_silent_server() -> None:
    own, home = Server(posts={1: set()}), Server("two.example")

    def empty(local_id: str) -> dict[str, Any]:
        raise OutOfBudget("The purse is empty.")

    home.status = empty  # type: ignore[method-assign]
    target = Target(
        PostRef("activitypub", "https://two.example/users/b/statuses/9"), (PostRef(f"activitypub@{HOST}", "1"),)
    )
    with pytest.raises(OutOfBudget):
        list(conversations(own, home)(Thread((target,)), Cursor()))


def test_a_page_on_another_host_than_the_uri_names_no_home() -> None:
    own, victim = Server(posts={}), Server("victim.example", posts={7: set()})
    liar = Target(PostRef("activitypub", "https://evil.example/objects/x"), url="https://victim.example/@a/7")
    pages = list(conversations(own, victim)(Lookup((liar,)), Cursor()))
    assert victim.asked == []
    assert [missing.reason for page in pages for missing in page.missing] == [MissingReason.UNREACHABLE]
