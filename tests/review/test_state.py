"""Whatever happens, the stored state is what the log of decisions adds up to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tagora.core.decisions import FLAGGED, OPEN, STATUS_OF, WAS_SHOWN, Decision, Seen, Verdict, standing
from tagora.core.errors import UsageError
from tagora.review.deciding import Why, decide, decide_seen, undo
from tagora.review.moderate import apply_to_queue
from tagora.storage import campaigns
from tagora.storage.decisions import Subject, rebuild, refold, subjects
from tagora.storage.rulesets import add
from tagora.storage.store import Connection, Store
from tagora.storage.tables import campaign_post

from ..agora import campaign, write
from ..make import NOON

TEXTS = ("parliamo di relazioni", "spam in vendita", "grazie a tutti", "una domanda aperta")
RULES = (
    "[]",
    "[{name: spam, when: {words: [spam]}, then: reject}, {name: thanks, when: {words: [grazie]}, then: accept}]",
    "[{name: wait, when: {words: [spam, grazie]}, then: hold}, {name: note, when: {tagged: true}, then: flag}]",
)
POST, PERSON = st.integers(0, 2), st.sampled_from(["anna", "mario"])
VERDICTS = [Verdict.APPROVE, Verdict.REJECT, Verdict.HOLD, Verdict.PEND, Verdict.FEATURE, Verdict.UNFEATURE]
STEP = st.one_of(
    st.tuples(st.just("write"), POST, st.integers(0, 3)),
    st.tuples(st.just("decide"), POST, st.sampled_from(VERDICTS), PERSON, st.booleans()),
    st.tuples(st.just("stale"), POST, PERSON),
    st.tuples(st.just("undo"), st.integers(0, 30), PERSON),
    st.tuples(st.just("undo last"), PERSON),
    st.tuples(st.just("try out"), POST, st.sampled_from(VERDICTS), PERSON),
    st.tuples(st.just("rules"), st.integers(0, 2)),
    st.tuples(st.just("policy"), st.sampled_from(["review_first", "publish_first"])),
    st.tuples(st.just("flood"), st.booleans()),
)


def reverted(log: list[Decision], decision_id: int) -> bool:
    """Whether an undo that is itself in force takes the decision back, found the slow and plain way."""
    return any(d.verdict is Verdict.UNDO and d.reverts == decision_id and not reverted(log, d.id) for d in log)


class Agora:
    """One campaign with three posts, to which anything may happen."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.campaign = campaign(connection, rules=RULES[1])
        self.minute = 0
        self.ids = [self.write(name, 0) for name in range(3)]

    def write(self, name: int, text: int) -> int:
        """The post comes in, as its author left it last."""
        self.minute += 1
        when = NOON + timedelta(minutes=self.minute)
        changes = {"edited_at": when, "seen_at": when, "now": when}
        return write(self.connection, self.campaign, f"post{name}", TEXTS[text], **changes)

    def subject(self, post: int) -> Subject:
        return subjects(self.connection, self.campaign, [self.ids[post]])[self.ids[post]]

    def do(self, step: tuple[Any, ...]) -> None:
        connection, campaign_id, now = self.connection, self.campaign, NOON + timedelta(days=1)
        match step:
            case "write", post, text:
                self.write(post, text)
            case "decide", post, verdict, person, twice:
                decide(connection, campaign_id, [self.ids[post]], verdict, person, now)
                if twice:
                    (again,) = decide(connection, campaign_id, [self.ids[post]], verdict, person, now)
                    assert again.decision_id is None
            case "stale", post, person:
                before = self.subject(post)
                old = Seen(before.post_id, "1:x", before.state.decision_id)
                outcome = decide_seen(connection, campaign_id, [old], Verdict.APPROVE, person, now)
                assert [one.why for one in outcome.refused] == [Why.EDITED]
                assert self.subject(post) == before
            case "undo", number, person:
                log = sorted((d for post in range(3) for d in self.subject(post).log), key=lambda d: d.id)
                chosen = log[number % len(log)].id
                if reverted(log, chosen):
                    with pytest.raises(UsageError, match="taken back already"):
                        undo(connection, person, now, decision_id=chosen)
                else:
                    undo(connection, person, now, decision_id=chosen)
            case "undo last", person:
                if any(d.by == person for post in range(3) for d in standing(self.subject(post).log)):
                    assert undo(connection, person, now, campaign_id=campaign_id)[0].took_back.by == person
                else:
                    with pytest.raises(UsageError, match="left to undo"):
                        undo(connection, person, now, campaign_id=campaign_id)
            case "try out", post, verdict, person:
                before = self.subject(post).state
                (decided,) = decide(connection, campaign_id, [self.ids[post]], verdict, person, now)
                if decided.decision_id:
                    undo(connection, person, now, decision_id=decided.decision_id)
                assert self.subject(post).state == before
            case "rules", number:
                add(connection, campaign_id, RULES[number], "anna", now)
                apply_to_queue(connection, campaign_id, now)
            case "policy", policy:
                campaign(connection, policy=policy)
            case "flood", on:
                (campaigns.brake if on else campaigns.release_brake)(connection, campaign_id, now)
            case _:
                raise AssertionError(step)

    def check(self) -> None:
        assert rebuild(self.connection, self.campaign, NOON) == 0
        for post in range(3):
            subject = self.subject(post)
            by_people = [
                d
                for d in standing(subject.log)
                if d.by_person and d.verdict in STATUS_OF and d.content_hash == subject.content_hash
            ]
            if by_people:
                assert subject.state.status is STATUS_OF[by_people[-1].verdict]
            elif subject.state.status.value == "approved":
                assert subject.state.decided_hash == subject.content_hash
            said = [(d.verdict, d.content_hash == subject.content_hash) for d in standing(subject.log)]
            urgency = FLAGGED * ((Verdict.FLAG, True) in said) + WAS_SHOWN * ((Verdict.APPROVE, False) in said)
            assert subject.state.urgency == (urgency if subject.state.status in OPEN else 0)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(STEP, max_size=12))
def test_the_state_rebuilt_from_the_log_is_the_stored_one(store: Store, steps: list[tuple[Any, ...]]) -> None:
    with store.writing() as connection:
        agora = Agora(connection)
        agora.check()
        for step in steps:
            agora.do(step)
            agora.check()
        connection.rollback()


def test_a_state_that_went_wrong_is_put_right_from_the_log(store: Store) -> None:
    with store.writing() as connection:
        agora = Agora(connection)
        decide(connection, agora.campaign, agora.ids[:2], Verdict.APPROVE, "anna", NOON)
        connection.execute(update(campaign_post).values(status="rejected", decided_hash=None))
        refold(connection, agora.ids[:1], NOON)
        assert agora.subject(0).state.status.value == "approved"
        assert rebuild(connection, agora.campaign, NOON) == 2
        assert [agora.subject(post).state.status.value for post in range(3)] == ["approved", "approved", "pending"]
        agora.check()
