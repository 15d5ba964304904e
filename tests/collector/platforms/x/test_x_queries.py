"""What is asked of X fits its search language and its length limits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.contract import Quotes, Tag, Target, Thread
from tagora.collector.platforms.x.queries import newest_id, pool_size, pooled_query, tag_query
from tagora.core.errors import ConfigError
from tagora.core.records import PostRef
from tagora.sandbox.x_query import ALL_LENGTH, RECENT_LENGTH, Searched, parse


def target(number: int | str, *versions: str) -> Target:
    return Target(PostRef("x", str(number)), tuple(PostRef("x", version) for version in versions))


def test_tags_are_asked_for_without_reposts() -> None:
    assert tag_query(Tag(("mmgCasnocha",)), 512) == "#mmgCasnocha -is:retweet"
    assert tag_query(Tag(("uno", "due")), 512) == "(#uno OR #due) -is:retweet"


def test_excluded_words_and_accounts_are_in_the_query() -> None:
    query = tag_query(Tag(("uno",), exclude=("compra ora", 'a"b'), without=("@spam", "chi@mastodon.uno")), 512)
    assert query == '#uno -is:retweet -"compra ora" -"a b" -from:spam'


@given(st.lists(st.text(max_size=80), max_size=30), st.lists(st.text(max_size=20), max_size=60))
def test_exclusions_never_break_the_language_nor_the_limit(words: list[str], handles: list[str]) -> None:
    query = tag_query(Tag(("uno", "due"), exclude=tuple(words), without=tuple(handles)), RECENT_LENGTH)
    assert len(query) <= RECENT_LENGTH
    parse(query, RECENT_LENGTH)


def test_exclusions_that_do_not_fit_leave_room_for_shorter_ones() -> None:
    query = tag_query(Tag(("uno",), exclude=("lunga " * 100, "corta")), 512)
    assert query.endswith('-"corta"')


@pytest.mark.parametrize("tag", ["perché", "हिन्दी", "می\u200cخواهم", "2026anno", "col·legi", "日本"])
def test_tags_of_every_script_can_be_asked_for(tag: str) -> None:
    assert tag_query(Tag((tag,)), 512) == f"#{tag} -is:retweet"


@pytest.mark.parametrize(
    "tags", [(), ("due parole",), ("uno OR from:chiunque",), ("x" * 600,), ("",), ("2026",), ("a#b",)]
)
def test_tags_that_x_could_never_find_are_a_fault_of_the_configuration(tags: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError):
        tag_query(Tag(tags), 512)


@pytest.mark.parametrize("limit", [RECENT_LENGTH, ALL_LENGTH])
@pytest.mark.parametrize("kind", [Thread, Quotes])
def test_as_many_posts_share_one_search_as_the_limit_allows(kind: type[Thread] | type[Quotes], limit: int) -> None:
    size = pool_size(kind, limit)
    longest = [replace(target(9_999_999_999_999_999_000 + n), top=False) for n in range(size + 1)]
    assert len(pooled_query(kind(tuple(longest[:size])), limit)) <= limit
    with pytest.raises(ConfigError):
        pooled_query(kind(tuple(longest)), limit)


def test_below_a_post_that_begins_no_thread_only_direct_replies_are_asked_for() -> None:
    query = Thread((target(1), replace(target(2), top=False)))
    assert pooled_query(query, 512) == "conversation_id:1 OR in_reply_to_tweet_id:2"


def test_the_pools_hold_a_dozen_and_two() -> None:
    sizes = [pool_size(kind, limit) for kind in (Thread, Quotes) for limit in (512, 1024)]
    assert sizes == [11, 23, 12, 24]


def test_an_edited_post_is_asked_for_under_every_id_that_fits() -> None:
    query = pooled_query(Thread((target(1, "1", "2"), target(3))), 512)
    assert query == "conversation_id:1 OR conversation_id:3 OR conversation_id:2"
    assert pooled_query(Quotes((target(1, "2"),)), 30) == "quotes_of_tweet_id:1"


def test_a_pooled_query_finds_each_conversation() -> None:
    query = parse(pooled_query(Thread((target(7), target(8))), 512), 512)
    post = Searched(text="", tags=frozenset(), author="a", author_id="1", conversation_id="8", chain=("9",))
    assert query.matches(post)


def test_the_newest_version_is_the_one_to_look_up() -> None:
    assert newest_id(target(9, "9", "10")) == "10"
    assert newest_id(Target(PostRef("x", "nonsense"))) is None
