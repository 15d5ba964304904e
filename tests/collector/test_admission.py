"""Who belongs: by what a post is, and by what stands above, below and around it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector.admission import Admitted, Policy, admit, links_to
from tagora.core.records import Author, Entity, EntityKind, Post, PostRef, Sighting, Visibility
from tagora.storage.membership import Known

from .fake_platform import ORIGIN, START

POLICY = Policy(frozenset({"mmgcasnocha"}))


def ref(number: int | None) -> PostRef | None:
    return None if number is None else PostRef(ORIGIN, str(number))


def seen(number: int, reply_to: int | None = None, *, tagged: bool = False, **changes: Any) -> Sighting:
    own = PostRef(ORIGIN, str(number))
    values: dict[str, Any] = {
        "author": Author(ORIGIN, "anna", handle="Anna"),
        "reply_to": ref(reply_to),
        "hashtags": frozenset({"mmgcasnocha"} if tagged else ()),
        **changes,
    }
    return Sighting(own, Post(own, None, published_at=START, text="", **values), START)


def verdicts(
    *page: Sighting,
    policy: Policy = POLICY,
    known: dict[int, Known] | None = None,
    wanted: dict[int, set[str]] | None = None,
    forgotten: dict[tuple[str, str], str] | None = None,
) -> dict[int, str]:
    """Post number -> via or reason."""
    held = {PostRef(ORIGIN, str(number)): one for number, one in (known or {}).items()}
    found = admit(page, policy, held, wanted or {}, forgotten or {})
    return {int(one[0].post.ref.native_id): one[1] for one in found}


def test_what_stands_below_a_tagged_post_belongs_in_whatever_order_it_comes() -> None:
    page = [seen(4, 3), seen(3, 2), seen(2, 1, tagged=True), seen(1), seen(5, 1)]
    expected = {1: "context", 2: "tag", 3: "conversation", 4: "conversation", 5: "unrelated"}
    assert verdicts(*page) == expected
    assert verdicts(*reversed(page)) == expected


def test_a_reply_to_a_held_conversation_belongs_and_one_to_mere_context_does_not() -> None:
    known = {1: Known(1, 1, True, "conversation"), 2: Known(2, 1, True, "context")}
    assert verdicts(seen(3, 1), seen(4, 2), known=known) == {3: "conversation", 4: "unrelated"}


def test_the_root_hint_counts_only_while_the_parent_is_unknown() -> None:
    root = {1: Known(1, 1, True, "tag")}
    assert verdicts(seen(3, 2, root_hint=ref(1)), known=root) == {3: "conversation"}
    elsewhere = {**root, 2: Known(2, 9, True, None)}
    assert verdicts(seen(3, 2, root_hint=ref(1)), known=elsewhere) == {3: "unrelated"}


def test_an_ancestor_known_by_reference_only_is_let_in_as_context() -> None:
    known = {1: Known(7, 7, False, None)}
    assert verdicts(seen(1), known=known, wanted={7: {"tag"}}) == {1: "context"}
    assert verdicts(seen(1), known=known, wanted={7: {"quote"}}) == {1: "unrelated"}


def test_what_a_tagged_post_quotes_and_what_quotes_it_belong() -> None:
    page = [seen(1, tagged=True, quote_of=ref(2)), seen(2), seen(3, quote_of=ref(1)), seen(4, quote_of=ref(3))]
    assert verdicts(*page) == {1: "tag", 2: "context", 3: "quote", 4: "unrelated"}


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        (seen(1, tagged=True, visibility=Visibility.PRIVATE), "private"),
        (seen(1, tagged=True, author=Author(ORIGIN, "anna", wishes=("nobot",))), "wish"),
        (seen(1, tagged=True, author=Author(ORIGIN, "anna", wishes=("limited",))), "tag"),
        (seen(1, tagged=True, visibility=Visibility.UNLISTED), "tag"),
        (seen(1, tagged=True, repost_of=ref(9)), "repost"),
    ],
)
def test_some_posts_are_refused_though_they_carry_the_tag(post: Sighting, reason: str) -> None:
    assert verdicts(post) == {1: reason}


@pytest.mark.parametrize("name", ["1", "anna", "@anna"])
def test_the_withdrawn_are_known_by_post_account_and_handle(name: str) -> None:
    assert verdicts(seen(1, tagged=True), forgotten={(ORIGIN, name): "forgotten"}) == {1: "forgotten"}


def test_children_of_a_private_post_in_a_conversation_still_belong() -> None:
    page = [seen(1, tagged=True), seen(2, 1, visibility=Visibility.PRIVATE), seen(3, 2)]
    assert verdicts(*page) == {1: "tag", 2: "private", 3: "conversation"}


@pytest.mark.parametrize(
    ("target", "same"),
    [
        ("https://www.example.org/guru/", True),
        ("http://example.org/guru?utm_source=x#top", True),
        ("https://example.org/gurus", False),
        ("https://example.net/guru", False),
        ("http://[bad", False),
    ],
)
def test_a_link_to_the_invitation_is_known_in_its_usual_spellings(target: str, same: bool) -> None:
    post = seen(1, entities=(Entity(0, 1, EntityKind.LINK, target),)).post
    assert links_to(post, "https://example.org/guru") is same


@given(st.lists(st.tuples(st.none() | st.integers(0, 9), st.booleans()), max_size=10), st.randoms())
def test_belonging_does_not_depend_on_the_order_within_a_page(
    shape: list[tuple[int | None, bool]], random: Any
) -> None:
    """Also with circles and posts that answer themselves."""
    page = [seen(number, parent, tagged=tagged) for number, (parent, tagged) in enumerate(shape)]
    expected = verdicts(*page)
    random.shuffle(page)
    assert verdicts(*page) == expected
    for number, (parent, _) in enumerate(shape):
        if expected.get(parent if parent is not None else -1) in ("tag", "conversation"):
            assert expected[number] in ("tag", "conversation")


def test_every_admitted_post_has_a_reason() -> None:
    found = admit([seen(1, tagged=True), seen(2)], POLICY, {}, {}, {})
    assert [isinstance(one, Admitted) for one in found] == [True, False]
