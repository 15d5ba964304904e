"""What the figures say, from a log made by hand, on both databases."""

from __future__ import annotations

from datetime import timedelta

from tagora.core.decisions import Draft, Verdict
from tagora.storage import figures
from tagora.storage.decisions import record, subjects
from tagora.storage.store import Connection, Store

from ..agora import arrive, campaign, write
from ..make import NOON, sighting

HOUR = timedelta(hours=1)
SPAM = "- {name: odd, when: {words: [odd]}, then: flag}\n- {name: spam, when: {words: [spam]}, then: reject}\n"


def say(connection: Connection, agora: int, post_id: int, verdict: Verdict, hours: float, by: str = "anna") -> None:
    subject = subjects(connection, agora, [post_id])[post_id]
    record(connection, [(subject, [Draft(verdict, subject.content_hash, by)])], NOON + hours * HOUR)


def test_the_queue_is_measured_once_an_hour(store: Store) -> None:
    with store.writing() as c:
        agora, other = campaign(c), campaign(c, "other")
        arrive(c, agora, [sighting("1"), sighting("2"), sighting("3")])
        say(c, agora, 1, Verdict.HOLD, 0.1)
        assert figures.sample(c, NOON + 0.2 * HOUR)
        say(c, agora, 2, Verdict.APPROVE, 0.3)
        assert not figures.sample(c, NOON + 0.9 * HOUR)
        assert figures.sample(c, NOON + HOUR)
    with store.reading() as c:
        assert figures.samples(c, agora, NOON) == [
            figures.Sample(NOON, 2, 1, NOON),
            figures.Sample(NOON + HOUR, 1, 1, NOON),
        ]
        assert figures.samples(c, agora, NOON + HOUR)[0].pending == 1
        assert figures.samples(c, other, NOON) == [
            figures.Sample(NOON, 0, 0, None),
            figures.Sample(NOON + HOUR, 0, 0, None),
        ]
        assert not figures.due(c, NOON + 1.5 * HOUR) and figures.due(c, NOON + 2 * HOUR)


def test_a_rule_answers_for_what_people_made_of_its_catch(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c, rules=SPAM)
        other = campaign(c, "other", rules=SPAM)
        old = write(c, agora, "0", "spam", now=NOON - 40 * 24 * HOUR)
        wrong, right = write(c, agora, "1", "spam?"), write(c, agora, "2", "odd spam")
        write(c, agora, "2", "odd spam again", now=NOON + HOUR)  # an edit: decided on twice, one post
        write(c, agora, "3", "fine")
        write(c, other, "4", "spam")
        say(c, agora, wrong, Verdict.APPROVE, 2)
        say(c, agora, right, Verdict.REJECT, 3)
        say(c, agora, old, Verdict.APPROVE, 4)
    with store.reading() as c:
        assert figures.rule_counts(c, agora, NOON - 30 * 24 * HOUR) == [
            figures.RuleCount("odd", Verdict.FLAG, 1, 0, 1),
            figures.RuleCount("policy", Verdict.PEND, 1, 0, 0),
            figures.RuleCount("spam", Verdict.REJECT, 2, 1, 1),
        ]


def test_the_first_number_since_a_moment_is_found_by_halving(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        assert figures.first_since(c, NOON) == 0  # nothing was decided yet
        for hour in range(20):
            write(c, agora, str(hour), now=NOON + hour * HOUR)
        assert [figures.first_since(c, NOON + (hour + 1) * HOUR) for hour in (-5, 0, 7, 19, 25)] == [0, 0, 8, 20, 21]


def test_what_people_decided_is_counted_by_the_hour(store: Store) -> None:
    with store.writing() as c:
        agora, other = campaign(c), campaign(c, "other")
        ids = arrive(c, agora, [sighting("1"), sighting("2"), sighting("3")])
        say(c, agora, ids[0], Verdict.APPROVE, 1.2)
        say(c, agora, ids[1], Verdict.REJECT, 1.9)
        say(c, agora, ids[2], Verdict.HOLD, 3)
        say(c, agora, ids[2], Verdict.FEATURE, 3)
        say(c, other, arrive(c, other, [sighting("4")])[0], Verdict.HOLD, 3)
    with store.reading() as c:
        assert figures.decided_by_hour(c, agora, NOON) == [
            figures.Hourly(NOON + HOUR, 1, 1, 0),
            figures.Hourly(NOON + 3 * HOUR, 0, 0, 1),
        ]


def test_age_at_decision_is_until_the_first_word_of_a_person(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c, rules=SPAM)
        ids = arrive(c, agora, [sighting("1"), sighting("2", text="spam")])
        say(c, agora, ids[0], Verdict.HOLD, 1)
        say(c, agora, ids[0], Verdict.APPROVE, 5)
        say(c, agora, ids[0], Verdict.REJECT, 9)
        say(c, agora, ids[1], Verdict.APPROVE, 2)
    with store.reading() as c:
        assert figures.waited(c, agora, NOON) == [
            (NOON + 2 * HOUR, 2 * HOUR),
            (NOON + 5 * HOUR, 5 * HOUR),
        ]
        assert figures.waited(c, agora, NOON + 6 * HOUR) == []
