"""Deciding on posts as they were seen: what is refused, with what happened; said twice, recorded once; taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tagora.core.decisions import Seen, Status, Verdict
from tagora.core.errors import UsageError
from tagora.core.records import PostRef
from tagora.review.claims import open_post
from tagora.review.deciding import (
    Outcome,
    TakenBack,
    Why,
    all_by,
    as_now,
    branch,
    decide,
    decide_seen,
    last_stroke,
    take_back,
    undo,
)
from tagora.review.moderate import apply_to_queue, load_rules
from tagora.storage.claims import claims
from tagora.storage.decisions import logs, stroke, subjects
from tagora.storage.store import Connection, Store
from tagora.storage.tables import post

from ..agora import arrive, campaign, write
from ..make import NOON, author, sighting

LATER = NOON + timedelta(hours=1)


def posts(c: Connection, agora: int, count: int) -> list[int]:
    return arrive(c, agora, [sighting(str(n)) for n in range(count)])


def status(c: Connection, agora: int, *ids: int) -> list[str]:
    return [subject.state.status.value for subject in subjects(c, agora, ids).values()]


def whys(outcome: Outcome | TakenBack) -> list[tuple[int, Why]]:
    return [(one.post_id, one.why) for one in outcome.refused]


def test_a_stroke_on_several_posts_is_recorded_as_one(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 3)
        outcome = decide_seen(c, agora, as_now(c, agora, ids), Verdict.APPROVE, "anna", NOON)
        assert [(one.post_id, one.before, one.after) for one in outcome.decided] == [
            (post_id, Status.PENDING, Status.APPROVED) for post_id in ids
        ]
        decided = [one.decision_id for one in outcome.decided]
        assert outcome.stroke is not None and stroke(c, outcome.stroke) == decided
        assert last_stroke(c, "anna") == decided


def test_a_decision_alone_is_a_stroke_of_its_own(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        (one,) = decide(c, agora, posts(c, agora, 1), Verdict.APPROVE, "anna", NOON)
        assert one.decision_id is not None and stroke(c, one.decision_id) == [one.decision_id]


def test_what_changed_meanwhile_is_refused_with_what_happened_and_the_rest_is_decided(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        edited, decided, opened, gone, withdrawn, well = ids = posts(c, agora, 6)
        seen = as_now(c, agora, ids)
        write(c, agora, "0", "dopo", edited_at=LATER, seen_at=LATER, now=LATER)
        decide(c, agora, [decided], Verdict.REJECT, "mario", LATER, reason="spam")
        open_post(c, agora, opened, "luca", LATER, timedelta(minutes=5))
        c.execute(update(post).where(post.c.id == gone).values(gone="deleted"))
        c.execute(update(post).where(post.c.id == withdrawn).values(held=False, content_hash=None))
        elsewhere = Seen(999, "1:x")
        outcome = decide_seen(c, agora, [*seen, elsewhere], Verdict.APPROVE, "anna", LATER)
        assert [one.post_id for one in outcome.decided] == [well]
        refused = {one.why: one for one in outcome.refused}
        assert {why: one.post_id for why, one in refused.items() if why is not Why.GONE} == {
            Why.EDITED: edited,
            Why.DECIDED: decided,
            Why.CLAIMED: opened,
            Why.ABSENT: 999,
        }
        assert [one.post_id for one in outcome.refused if one.why is Why.GONE] == [gone, withdrawn]
        said, claim = refused[Why.DECIDED].decision, refused[Why.CLAIMED].claim
        assert said is not None and (said.by, said.verdict, said.reason, said.at) == (
            "mario", Verdict.REJECT, "spam", LATER,
        )  # fmt: skip
        assert claim is not None and (claim.by, claim.until) == ("luca", LATER + timedelta(minutes=5))
        assert refused[Why.EDITED].content_hash == subjects(c, agora, [edited])[edited].content_hash
        assert status(c, agora, edited, decided, opened) == ["pending", "rejected", "pending"]
        assert "mario said “reject” (spam) at 13:00" in str(refused[Why.DECIDED])
        assert "open at luca until 13:05" in str(refused[Why.CLAIMED])


def test_the_same_decision_once_more_is_a_success_and_recorded_once(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 2)
        seen = as_now(c, agora, ids)
        first = decide_seen(c, agora, seen, Verdict.REJECT, "anna", NOON, reason="spam")
        again = decide_seen(c, agora, seen, Verdict.REJECT, "anna", LATER, reason="spam")
        assert [one.decision_id for one in again.decided] == [one.decision_id for one in first.decided]
        assert all(one.repeated for one in again.decided) and again.refused == ()
        assert [len(logs(c, agora, [post_id])[post_id]) for post_id in ids] == [2, 2]  # the policy's and anna's


def test_a_retry_after_a_colleague_decided_otherwise_is_still_no_second_decision(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 1)
        seen = as_now(c, agora, ids)
        decide_seen(c, agora, seen, Verdict.APPROVE, "anna", NOON)
        decide_seen(c, agora, as_now(c, agora, ids), Verdict.REJECT, "mario", NOON)
        (again,) = decide_seen(c, agora, seen, Verdict.APPROVE, "anna", LATER).decided
        assert again.repeated and again.after is Status.REJECTED
        assert status(c, agora, *ids) == ["rejected"]


def test_another_tab_of_the_same_person_is_told_of_their_own_decision(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 1)
        seen = as_now(c, agora, ids)
        decide_seen(c, agora, seen, Verdict.APPROVE, "anna", NOON)
        refused = decide_seen(c, agora, seen, Verdict.REJECT, "anna", LATER).refused
        assert [(one.why, one.decision and one.decision.by) for one in refused] == [(Why.DECIDED, "anna")]


def test_a_decision_taken_back_can_be_made_again(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 1)
        decide_seen(c, agora, as_now(c, agora, ids), Verdict.APPROVE, "anna", NOON)
        undo(c, "anna", NOON)
        (again,) = decide_seen(c, agora, as_now(c, agora, ids), Verdict.APPROVE, "anna", LATER).decided
        assert not again.repeated and status(c, agora, *ids) == ["approved"]


def test_another_rule_that_says_the_same_stops_nobody(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c, rules="[{name: a, when: {tagged: true}, then: hold}]")
        ids = posts(c, agora, 1)
        seen = as_now(c, agora, ids)
        load_rules(c, agora, "[{name: b, when: {tagged: true}, then: hold}]", "mario", NOON, name="r")
        apply_to_queue(c, agora, NOON)
        assert len(decide_seen(c, agora, seen, Verdict.APPROVE, "anna", LATER).decided) == 1


def test_featuring_is_a_question_of_its_own(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 1)
        seen = as_now(c, agora, ids)
        for _ in range(2):
            (done,) = decide_seen(c, agora, seen, Verdict.FEATURE, "anna", NOON).decided
            assert done.featured
        assert len(logs(c, agora, ids)[ids[0]]) == 2
        decide_seen(c, agora, seen, Verdict.UNFEATURE, "anna", NOON)
        assert decide_seen(c, agora, seen, Verdict.FEATURE, "anna", NOON).decided[0].repeated is False


def test_deciding_gives_the_claim_back_and_only_people_decide_here(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 1)
        open_post(c, agora, ids[0], "anna", NOON, timedelta(minutes=5))
        decide_seen(c, agora, as_now(c, agora, ids), Verdict.APPROVE, "anna", NOON)
        assert claims(c, agora, ids, NOON) == {}
        for verdict, by in ((Verdict.UNDO, "anna"), (Verdict.FLAG, "anna"), (Verdict.APPROVE, "rule")):
            with pytest.raises(UsageError):
                decide_seen(c, agora, as_now(c, agora, ids), verdict, by, NOON)


def test_by_command_nobody_decides_on_what_a_colleague_has_open(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 2)
        open_post(c, agora, ids[1], "mario", NOON, timedelta(minutes=5))
        with pytest.raises(UsageError, match="open at mario until 12:05"):
            decide(c, agora, ids, Verdict.APPROVE, "anna", NOON)
        assert status(c, agora, *ids) == ["pending", "pending"]
        decide(c, agora, ids, Verdict.APPROVE, "anna", NOON + timedelta(minutes=5))


def test_a_branch_is_the_post_and_what_waits_below_it_however_deep(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting("0")])
        ids += arrive(c, agora, [sighting(str(n), reply_to=str(n - 1), minutes=n) for n in range(1, 3_000)])
        decide(c, agora, [ids[5]], Verdict.APPROVE, "anna", NOON)
        arrive(c, agora, [sighting("aside", reply_to="1")])
        below = branch(c, agora, ids[2])
        assert [one.post_id for one in below] == [post_id for post_id in ids[2:] if post_id != ids[5]]
        outcome = decide_seen(c, agora, below, Verdict.REJECT, "anna", NOON, reason="off-topic")
        assert len(outcome.decided) == 2_997
        assert branch(c, agora, ids[2]) == [] and {one.post_id for one in branch(c, agora, ids[0])} >= set(ids[:2])
        taken = take_back(c, last_stroke(c, "anna"), "anna", NOON)
        assert len(taken.undone) == 2_997 and len(branch(c, agora, ids[2])) == 2_997


def test_all_by_an_author_is_what_waits_of_them_in_this_campaign(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora, other = campaign(c), campaign(c, "other")
        ids = arrive(c, agora, [sighting(str(n), author=author("mario")) for n in range(3)])
        write(c, agora, "9", author=author("luca"))
        write(c, other, "8", author=author("mario"))
        decide(c, agora, ids[:1], Verdict.APPROVE, "anna", NOON)
        who = c.execute(post.select().where(post.c.id == ids[0])).one().author_id
        assert [one.post_id for one in all_by(c, agora, who)] == ids[1:]


def test_a_stroke_is_taken_back_whole_also_tomorrow_and_once_only(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 3)
        decide_seen(c, agora, as_now(c, agora, ids), Verdict.APPROVE, "anna", NOON)
    tomorrow = NOON + timedelta(days=1)
    with store.writing() as c:
        numbers = last_stroke(c, "anna", agora)
        taken = take_back(c, numbers, "anna", tomorrow)
        assert [(one.post_id, one.before, one.after) for one in taken.undone] == [
            (post_id, Status.APPROVED, Status.PENDING) for post_id in ids
        ]
        again = take_back(c, numbers, "anna", tomorrow)
        assert all(one.repeated for one in again.undone)
        assert [one.decision_id for one in again.undone] == [one.decision_id for one in taken.undone]
        assert [len(logs(c, agora, [post_id])[post_id]) for post_id in ids] == [3, 3, 3]
        back = take_back(c, stroke(c, taken.undone[0].decision_id), "anna", tomorrow)
        assert [one.after for one in back.undone] == [Status.APPROVED] * 3


def test_what_somebody_else_decided_after_is_not_taken_from_under_them_unless_forced(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = posts(c, agora, 2)
        decide_seen(c, agora, as_now(c, agora, ids), Verdict.APPROVE, "anna", NOON)
        numbers = last_stroke(c, "anna")
        decide_seen(c, agora, as_now(c, agora, ids[1:]), Verdict.REJECT, "mario", LATER, reason="spam")
        taken = take_back(c, numbers, "anna", LATER)
        assert [one.post_id for one in taken.undone] == ids[:1] and whys(taken) == [(ids[1], Why.DECIDED)]
        said = taken.refused[0].decision
        assert said is not None and (said.by, said.verdict) == ("mario", Verdict.REJECT)
        assert len(take_back(c, numbers, "anna", LATER, forced=True).undone) == 2
        assert status(c, agora, *ids) == ["pending", "rejected"]


def test_only_decisions_of_the_campaign_are_taken_back(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora, other = campaign(c), campaign(c, "other")
        decide(c, agora, posts(c, agora, 1), Verdict.APPROVE, "anna", NOON)
        for ids, place in (([999], None), (last_stroke(c, "anna"), other)):
            with pytest.raises(UsageError, match="there is no decision"):
                take_back(c, ids, "anna", NOON, campaign_id=place)


def test_my_last_decision_is_found_behind_many_that_were_taken_back(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        (first,) = decide(c, agora, posts(c, agora, 1), Verdict.APPROVE, "anna", NOON)
        other = write(c, agora, PostRef("x", "other"))
        for _ in range(130):
            decide(c, agora, [other], Verdict.APPROVE, "anna", NOON)
            undo(c, "anna", NOON)
        assert last_stroke(c, "anna") == [first.decision_id]
