"""Two people never have one post open; a claim runs out, is given back, or is taken over with a word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tagora.core.decisions import Verdict
from tagora.core.errors import UsageError
from tagora.review.claims import close_posts, keep_open, open_post, take_over
from tagora.review.deciding import decide
from tagora.review.notes import answered, remark
from tagora.storage.claims import claims, release_all
from tagora.storage.notes import questions
from tagora.storage.queue import QueueFilter, next_key, queue
from tagora.storage.store import Store

from ..agora import arrive, campaign, write
from ..make import NOON, sighting

LASTS = timedelta(minutes=5)
THEN = NOON + timedelta(minutes=4)
ENDED = NOON + LASTS


def test_who_opens_first_has_it_and_the_other_learns_who_and_until_when(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        post_id = write(c, agora)
        first = open_post(c, agora, post_id, "anna", NOON, LASTS)
        assert first is not None and (first.by, first.until) == ("anna", ENDED)
        assert open_post(c, agora, post_id, "mario", THEN, LASTS) == first
        assert claims(c, agora, [post_id], THEN) == {post_id: first}
        assert open_post(c, agora, 999, "anna", NOON, LASTS) is None


def test_a_claim_goes_on_while_the_page_is_open_and_runs_out_after(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        post_id = write(c, agora)
        open_post(c, agora, post_id, "anna", NOON, LASTS)
        (kept,) = keep_open(c, agora, [post_id], "anna", THEN, LASTS)
        assert kept.until == THEN + LASTS
        assert claims(c, agora, [post_id], THEN + LASTS) == {}
        taken = open_post(c, agora, post_id, "mario", THEN + LASTS, LASTS)
        assert taken is not None and (taken.by, taken.taken_from) == ("mario", None)


def test_a_page_that_slept_has_its_post_again_if_nobody_took_it(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        post_id = write(c, agora)
        open_post(c, agora, post_id, "anna", NOON, LASTS)
        (again,) = keep_open(c, agora, [post_id], "anna", NOON + timedelta(hours=2), LASTS)
        assert again.by == "anna"


def test_closing_frees_one_s_own_and_leaves_others(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting("1"), sighting("2"), sighting("3")])
        for post_id, by in zip(ids, ("anna", "anna", "mario"), strict=True):
            open_post(c, agora, post_id, by, NOON, LASTS)
        close_posts(c, agora, [ids[0], ids[2]], "anna", NOON)
        assert list(claims(c, agora, ids, NOON)) == ids[1:]
        release_all(c, "anna")
        assert list(claims(c, agora, ids, NOON)) == ids[2:]


def test_taking_over_tells_the_former_holder_who_and_why(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        post_id = write(c, agora)
        open_post(c, agora, post_id, "anna", NOON, LASTS)
        with pytest.raises(UsageError, match="with a note"):
            take_over(c, agora, post_id, "  ", "mario", NOON, LASTS)
        taken = take_over(c, agora, post_id, "è urgente", "mario", THEN, LASTS)
        assert (taken.by, taken.taken_from, taken.note) == ("mario", "anna", "è urgente")
        assert take_over(c, agora, post_id, "è urgente", "mario", THEN, LASTS) == taken
        assert keep_open(c, agora, [post_id], "anna", THEN, LASTS) == [taken]
        with pytest.raises(UsageError, match="open at mario"):
            decide(c, agora, [post_id], Verdict.APPROVE, "anna", THEN)
        with pytest.raises(UsageError, match="not held"):
            take_over(c, agora, 999, "x", "mario", NOON, LASTS)


def test_the_next_post_is_one_that_nobody_else_has_open(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting(str(n)) for n in range(4)])
        open_post(c, agora, ids[1], "mario", NOON, LASTS)
        open_post(c, agora, ids[2], "anna", NOON, LASTS)
        wanted = QueueFilter(agora)
        place = next_key(c, wanted, None, "anna", NOON)
        met = []
        while place is not None:
            met.append(place.post_id)
            place = next_key(c, wanted, place, "anna", NOON)
        assert met == [ids[0], ids[2], ids[3]]
        first = next_key(c, wanted, queue(c, wanted).items[2].key, "anna", NOON, backwards=True)
        assert first is not None and first.post_id == ids[0]
        assert next_key(c, wanted, first, "anna", NOON, backwards=True) is None


def test_a_question_waits_for_the_colleague_until_they_speak_or_the_post_is_decided(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        one, two, three = arrive(c, agora, [sighting(str(n)) for n in range(3)])
        for post_id in (one, two, three):
            remark(c, agora, post_id, "che ne pensi?", "anna", NOON, asks="mario")
        assert [(q.post_id, q.by, q.open_for) for q in questions(c, "mario", agora)] == [
            (post_id, "anna", "mario") for post_id in (one, two, three)
        ]
        assert questions(c, "anna") == []
        asked = queue(c, QueueFilter(agora, asked="mario", order="newest"))
        assert [item.post_id for item in asked.items] == [three, two, one]
        decide(c, agora, [one], Verdict.HOLD, "anna", NOON)  # who asked puts it aside: the question stays
        remark(c, agora, two, "va bene", "mario", NOON)
        decide(c, agora, [three], Verdict.APPROVE, "luca", NOON)
        assert [q.post_id for q in questions(c, "mario")] == [one]
        decide(c, agora, [one], Verdict.HOLD, "mario", NOON, reason="vediamo")
        assert questions(c, "mario") == []
        number = remark(c, agora, one, "e tu?", "anna", NOON, asks="luca")
        for _ in range(2):
            answered(c, agora, number, NOON)
        assert questions(c, "luca") == []
        with pytest.raises(UsageError, match="no question"):
            answered(c, agora, 999, NOON)
        with pytest.raises(UsageError, match="to yourself"):
            remark(c, agora, one, "?", "anna", NOON, asks="anna")
