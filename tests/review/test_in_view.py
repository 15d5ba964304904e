"""The conversation around an open post: what is shown of it, where each post stands, what is left out."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tagora.core.decisions import Verdict
from tagora.presentation.formats import Formats
from tagora.presentation.posts import Showing
from tagora.review.deciding import decide
from tagora.review.in_view import MOST, MOST_WORDS, InView, in_view
from tagora.review.wording_diff import LONGEST, pieces
from tagora.storage import publishable
from tagora.storage.store import Connection, Store
from tagora.storage.tables import post
from tagora.storage.thread_view import thread_of

from ..agora import arrive, campaign, write
from ..make import NOON, sighting


def look(connection: Connection, campaign_id: int, post_id: int, **given: object) -> InView:
    of = next(one for one in publishable.campaigns(connection).values() if one.id == campaign_id)
    found = thread_of(connection, post_id)
    assert found is not None
    formats = Formats("en", "UTC")
    return in_view(connection, of, found, post_id, lambda _: Showing(), formats, **given)  # type: ignore[arg-type]


def test_a_post_stands_among_what_it_answers_what_answers_it_and_its_neighbours(store: Store) -> None:
    with store.writing() as connection:
        agora = campaign(connection)
        root = write(connection, agora, "root", minutes=0)
        asked = write(connection, agora, "asked", reply_to="root", minutes=1)
        beside = write(connection, agora, "beside", reply_to="root", minutes=2)
        below = write(connection, agora, "below", reply_to="asked", minutes=3)
        decide(connection, agora, [root], Verdict.APPROVE, "anna", NOON)
        seen = look(connection, agora, asked)

    assert [(row.post_id, row.depth, row.kin) for row in seen.rows] == [
        (root, 0, "above"),
        (asked, 1, "self"),
        (below, 2, "below"),
        (beside, 1, "beside"),
    ]
    assert [row.status.value if row.status else None for row in seen.rows] == ["approved", *["pending"] * 3]
    assert (seen.waiting_below, seen.unpublished_parent, seen.left_out) == ((below,), None, 0)


def test_who_decides_below_an_unpublished_post_is_told_which_one(store: Store) -> None:
    with store.writing() as connection:
        agora = campaign(connection)
        root = write(connection, agora, "root")
        reply = write(connection, agora, "reply", reply_to="root", minutes=1)
        assert look(connection, agora, reply).unpublished_parent == root
        decide(connection, agora, [root], Verdict.APPROVE, "anna", NOON)
        assert look(connection, agora, reply).unpublished_parent is None


def test_the_open_post_is_shown_whole_and_its_neighbours_do_not_fill_the_page(sqlite_store: Store) -> None:
    with sqlite_store.writing() as connection:
        agora = campaign(connection)
        write(connection, agora, "root", "a" * 100_000)
        reply = write(connection, agora, "reply", "b" * 100_000, reply_to="root", minutes=1)
        shown = [row.view.post.text for row in look(connection, agora, reply).rows if row.view.post]

    assert shown == ["a" * MOST_WORDS + " […]", "b" * 100_000]


@pytest.mark.parametrize("deep", [True, False])
def test_of_a_long_thread_the_near_part_is_shown_and_the_rest_counted(sqlite_store: Store, deep: bool) -> None:
    with sqlite_store.writing() as connection:
        agora = campaign(connection)
        chain = [sighting("0")]
        chain += [sighting(str(n), reply_to=str(n - 1) if deep else "0", minutes=n) for n in range(1, 3_000)]
        ids = arrive(connection, agora, chain)
        seen = look(connection, agora, ids[1_500])
        whole = look(connection, agora, ids[1_500], whole=True)

    assert len(seen.rows) <= MOST
    assert (seen.size, seen.left_out, len(whole.rows)) == (3_000, 3_000 - len(seen.rows), 3_000)
    shown = [row.post_id for row in seen.rows]
    assert {ids[0], ids[1_500]} <= set(shown)
    if deep:
        assert {ids[1_499], ids[1_501]} <= set(shown)
    else:
        assert {ids[1_499], ids[1_501]} <= set(shown)


def test_what_a_rule_found_is_marked_in_the_text_also_inside_links(store: Store) -> None:
    with store.writing() as connection:
        agora = campaign(connection)
        post = write(connection, agora, "1", "buy <b> now")
        seen = look(connection, agora, post, highlights=[(4, 7)])
    view = seen.rows[0].view.post
    assert view is not None
    assert view.body == "buy <mark>&lt;b&gt;</mark> now"


def test_an_edit_is_told_word_by_word() -> None:
    assert [tuple(piece) for piece in pieces("one two three", "one 2 three!")] == [
        ("same", "one "),
        ("gone", "two"),
        ("new", "2"),
        ("same", " three"),
        ("new", "!"),
    ]


def test_the_pieces_of_an_edit_are_both_texts_and_bounded_for_huge_ones() -> None:
    before, after = "ciao " * 100_000, "addio " * 100_000
    found = pieces(before, after)
    assert "".join(words for kind, words in found if kind != "new") == before[:LONGEST]
    assert "".join(words for kind, words in found if kind != "gone") == after[:LONGEST]


def test_moderators_see_the_words_of_what_readers_get_a_bare_link_of(sqlite_store: Store) -> None:
    with sqlite_store.writing() as connection:
        agora = campaign(connection)
        root = write(connection, agora, "root", "words")
        connection.execute(update(post).where(post.c.id == root).values(doubt="overdue"))
        of = next(iter(publishable.campaigns(connection).values()))
        found = thread_of(connection, root)
        assert found is not None
        seen = in_view(connection, of, found, root, lambda _: Showing(bare="closed"), Formats("en", "UTC"))
    (row,) = seen.rows
    assert row.view.post is not None
    assert row.view.post.text == "words"
    assert row.view.post.author is not None
