"""Walking the feed, conversations and known posts, against the sandbox's Graph API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tagora.collector.contract import Cursor, Feed, Lookup, MissingReason, Target, Thread
from tagora.collector.platforms.facebook import PLATFORM
from tagora.core.errors import AuthError, Gone, Temporary
from tagora.core.records import PostRef
from tagora.sandbox import DATA, Sandbox, Script, load_script, truth
from tagora.sandbox.script import Network, Post

from .scripts import FEED_PATH, PAGE, connected, id_of, native_ids, pages, raws, script, target, visible

FEED = Feed(PAGE)


@pytest.fixture(scope="module")
def discussion() -> Script:
    return script()


@pytest.fixture
def box(discussion: Script) -> Iterator[Sandbox]:
    with Sandbox(discussion, now=1000) as box:
        yield box


def test_the_feed_gives_all_that_everybody_may_see(box: Sandbox) -> None:
    assert native_ids(pages(box, FEED, max_comments=1000)) == visible(box)


@pytest.mark.parametrize("name", ["small.yaml", "casnocha.yaml"])
def test_all_that_belongs_is_given_and_says_what_its_author_said(name: str) -> None:
    discussion = load_script(DATA / name)
    with Sandbox(discussion, now=discussion.ends + 1) as box:
        posts = {
            raw.seen_as.native_id: PLATFORM.to_sightings(raw)[0].post
            for raw in raws(pages(box, FEED, max_comments=1000))
        }
        belonging = [one for one in truth(discussion, box.minute).posts if one.network is Network.FACEBOOK]
    assert belonging
    for one in belonging:
        post = posts[one.native_id]
        assert (post.text, post.url, post.published_at) == (one.sent_text, one.url, one.published_at)
        assert (post.reply_to.native_id if post.reply_to else None) == one.parent_id
        assert post.author is not None
        assert (post.author.native_id, post.author.display_name) == (one.author_id, one.name)
        assert (discussion.tag.casefold() in post.hashtags) is one.tagged
        assert len(post.media) == one.media


def test_drafts_and_hidden_comments_leave_nothing_but_their_number(box: Sandbox) -> None:
    found = pages(box, FEED, max_comments=1000)
    assert sum(page.dropped for page in found) == 2
    assert "Bozza" not in str(raws(found))
    assert "Nascosto" not in str(raws(found))


def test_each_page_of_comments_has_its_post_beside_it(box: Sandbox) -> None:
    for page in pages(box, FEED, max_comments=150):
        held = {raw.seen_as.native_id for raw in page.items}
        assert all(raw.context["post"] in held for raw in page.items if raw.context)


def test_a_tagged_comment_below_an_untagged_post_is_found(box: Sandbox) -> None:
    assert id_of(box, "tagged-below") in native_ids(pages(box, FEED))


def test_only_the_newest_comments_are_looked_through_for_the_tag(box: Sandbox) -> None:
    found = native_ids(pages(box, FEED, max_comments=30))
    assert id_of(box, "c229") in found
    assert id_of(box, "first") not in found


def test_old_posts_are_given_but_their_comments_no_longer_looked_through(box: Sandbox) -> None:
    box.set_time(1000 + 3 * 24 * 60)
    found = native_ids(pages(box, FEED, rescan_days=1))
    assert id_of(box, "opener") in found
    assert id_of(box, "tagged-below") not in found


def test_no_more_posts_are_looked_at_than_set(box: Sandbox) -> None:
    found = raws(pages(box, FEED, max_posts=7, max_comments=0))
    assert len([raw for raw in found if raw.endpoint == "feed"]) == 7


def test_without_visitors_only_the_pages_own_posts_are_asked_for(box: Sandbox) -> None:
    found = native_ids(pages(box, FEED, include_visitors=False))
    assert id_of(box, "opener") in found
    assert id_of(box, "visitor") not in found


def test_a_broken_cursor_starts_the_stream_anew(box: Sandbox) -> None:
    with connected(box, max_comments=0) as fetch:
        cursor = next(fetch(FEED, Cursor())).cursor
    assert cursor is not None and cursor.token is not None
    broken = Cursor(below=cursor.below, token='["feed","after=bm9ib2R5",50,"","",0]')
    assert native_ids(pages(box, FEED, broken, max_comments=0)) >= {id_of(box, "opener"), id_of(box, "p69")}


def test_an_empty_page_does_not_end_the_walk(discussion: Script) -> None:
    """The newest hundred are gone again: the first pages hold nothing, and yet more follows."""
    posts = tuple(
        Post(f"x{n}", "page", Network.FACEBOOK, 5000 + n, "Via", page=PAGE, deleted_at=5500) for n in range(110)
    )
    with Sandbox(replace(discussion, posts=(*discussion.posts, *posts)), now=9000) as box:
        found = pages(box, FEED, max_posts=600, max_comments=0)
        assert not found[0].items
        assert id_of(box, "opener") in native_ids(found)


def test_a_conversation_gives_the_post_and_every_comment(box: Sandbox) -> None:
    found = pages(box, Thread((target(box, "opener"),)))
    assert native_ids(found) == visible(box, "opener")
    assert found[0].items[0].seen_as.native_id == id_of(box, "opener")


def test_replies_hang_below_the_comment_they_answer(box: Sandbox) -> None:
    found = pages(box, Thread((target(box, "opener"),)))
    posts = {raw.seen_as.native_id: PLATFORM.to_sightings(raw)[0].post for raw in raws(found)}
    reply, first = posts[id_of(box, "reply")], posts[id_of(box, "first")]
    assert reply.reply_to == first.ref
    assert first.reply_to == reply.root_hint == PostRef("facebook", id_of(box, "opener"))


def test_the_conversation_of_a_comment_is_its_ancestors_and_replies(box: Sandbox) -> None:
    assert native_ids(pages(box, Thread((target(box, "reply"),)))) == {
        id_of(box, key) for key in ("opener", "first", "reply")
    }
    assert native_ids(pages(box, Thread((target(box, "first"),)))) == {
        id_of(box, key) for key in ("opener", "first", "reply")
    }


def test_the_conversation_of_a_deleted_post_is_gone(box: Sandbox) -> None:
    with pytest.raises(Gone, match="deleted, never there, or not visible"):
        pages(box, Thread((target(box, "gone"),)))


def test_the_conversation_of_a_draft_is_a_named_gap(box: Sandbox) -> None:
    (page,) = pages(box, Thread((target(box, "draft"),)))
    assert not page.items
    assert [one.reason for one in page.missing] == [MissingReason.FORBIDDEN]


def test_without_moderators_rights_comments_get_names_of_ours_and_hang_below_the_post(box: Sandbox) -> None:
    token = box.tokens.facebook.ppca
    found = raws(pages(box, Thread((target(box, "opener"),)), token=token))
    comments = [PLATFORM.to_sightings(raw)[0].post for raw in found[1:]]
    assert {comment.reply_to for comment in comments} == {PostRef("facebook", id_of(box, "opener"))}
    assert all(comment.ref.native_id.startswith("surrogate:") for comment in comments)
    assert all(comment.author is None for comment in comments)
    assert len({comment.ref for comment in comments}) == len(visible(box, "opener")) - 1


def test_comments_without_ids_cannot_be_asked_for_and_cost_nothing(box: Sandbox) -> None:
    nameless = Target(PostRef("facebook", "surrogate:" + "0" * 32))
    for query in (Thread((nameless,)), Lookup((nameless,))):
        (page,) = pages(box, query)
        assert (page.items, page.missing, page.cursor, page.cost.requests) == ((), (), None, 0)
    assert not box.requests


def test_known_posts_come_again_and_what_is_not_shown_is_missing(box: Sandbox) -> None:
    keys = ("opener", "first", "gone", "visitor", "reply", "deleted", "hidden", "draft", "edited")
    found = pages(box, Lookup(tuple(target(box, key) for key in keys)))
    assert native_ids(found) == {id_of(box, key) for key in ("opener", "first", "visitor", "reply", "edited")}
    assert {(one.ref.native_id, one.reason) for page in found for one in page.missing} == {
        (id_of(box, "gone"), MissingReason.DELETED),
        (id_of(box, "deleted"), MissingReason.DELETED),
        (id_of(box, "hidden"), MissingReason.FORBIDDEN),
        (id_of(box, "draft"), MissingReason.FORBIDDEN),
    }


def test_a_known_post_whose_kind_its_address_does_not_tell_is_found_all_the_same(box: Sandbox) -> None:
    stranger = Target(PostRef("facebook", id_of(box, "first")), url="https://www.facebook.com/lapagina/posts/1")
    assert native_ids(pages(box, Lookup((stranger, target(box, "visitor", url=False))))) == {
        id_of(box, "first"),
        id_of(box, "visitor"),
    }


def test_no_page_leaves_the_place_where_the_walk_stood_before_also_when_resumed(box: Sandbox) -> None:
    """A run takes a cursor that does not move for a network that repeats itself."""
    known = tuple(target(box, key) for key in ("gone", "opener", "deleted", "first", "visitor"))
    for query in (FEED, Thread((target(box, "opener"),)), Thread((target(box, "reply"),)), Lookup(known)):
        places = [Cursor(), *(page.cursor for page in pages(box, query))]
        for place in filter(None, places):
            before: Cursor | None = place
            for page in pages(box, query, place):
                assert page.cursor != before
                before = page.cursor


def test_a_hidden_comment_is_named_for_it_may_have_been_held_before(box: Sandbox) -> None:
    missing = [one for page in pages(box, Thread((target(box, "opener"),))) for one in page.missing]
    assert [(one.ref.native_id, one.reason) for one in missing] == [(id_of(box, "hidden"), MissingReason.FORBIDDEN)]


def test_an_edit_shows_in_the_content(box: Sandbox) -> None:
    box.set_time(200)
    before = raws(pages(box, Lookup((target(box, "edited"),))))
    box.set_time(400)
    after = raws(pages(box, Lookup((target(box, "edited"),))))
    assert [PLATFORM.to_sightings(raw)[0].post.text for raw in (*before, *after)] == ["Prima", "Dopo"]


def test_a_conversation_that_facebook_does_not_understand_does_not_disable_the_source(box: Sandbox) -> None:
    misled = Target(PostRef("facebook", id_of(box, "first")), url="https://www.facebook.com/lapagina/posts/1")
    with pytest.raises(Temporary, match="did not understand"):
        pages(box, Thread((misled,)))


def test_a_page_that_is_not_there_needs_a_person(box: Sandbox) -> None:
    with pytest.raises(AuthError, match="Check `page`"):
        pages(box, Feed("999"))


def test_posts_come_with_the_numbers_of_reactions_and_direct_replies(box: Sandbox) -> None:
    (page,) = pages(box, Lookup((target(box, "opener"),)))
    metrics = PLATFORM.to_sightings(page.items[0])[0].metrics
    assert metrics is not None
    assert metrics.likes == 3
    direct = [post for post in box.script.children(box.script.post("opener")) if post.is_there(1000)]
    assert metrics.replies == len(direct)


def test_the_feed_is_asked_with_its_fields_and_a_lawful_limit(box: Sandbox) -> None:
    pages(box, FEED)
    asked = [request for request in box.requests if request.path == FEED_PATH]
    assert asked
    for request in asked:
        assert int(request.query["limit"]) <= 100
        assert "is_published" in request.query["fields"]
        assert request.user_agent == "tagora-test"
