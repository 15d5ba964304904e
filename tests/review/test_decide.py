"""The rules at work on what comes in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tagora.core.conditions import Stands
from tagora.core.decisions import Decision, Status, Verdict
from tagora.core.records import Entity, EntityKind, Media, MediaKind, Visibility
from tagora.review.decide import EDITED, decide_new
from tagora.review.deciding import decide, undo
from tagora.review.moderate import apply_to_queue, load_rules, set_standing
from tagora.storage import campaigns
from tagora.storage.decisions import Subject, subjects
from tagora.storage.ingest import Incoming, store_page
from tagora.storage.standing import find_authors
from tagora.storage.store import Connection, Store

from ..agora import arrive, campaign, write
from ..make import NOON, author, sighting

SPAM = "[{name: no spam, when: {words: [spam]}, then: reject, reason: advertising}]"
LATER = NOON + timedelta(hours=3)


def subject(connection: Connection, campaign_id: int, post_id: int) -> Subject:
    return subjects(connection, campaign_id, [post_id])[post_id]


def status(connection: Connection, campaign_id: int, post_id: int) -> Status:
    return subject(connection, campaign_id, post_id).state.status


def last(connection: Connection, campaign_id: int, post_id: int) -> Decision:
    return subject(connection, campaign_id, post_id).log[-1]


def edit(connection: Connection, campaign_id: int, name: str, text: str, hours: float = 1, **changes: Any) -> int:
    when = NOON + timedelta(hours=hours)
    return write(connection, campaign_id, name, text, edited_at=when, seen_at=when, now=when, **changes)


def test_under_review_first_what_no_rule_decides_waits(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        assert status(c, agora, write(c, agora)) is Status.PENDING


def test_under_publish_first_it_is_approved_until_the_flood_brake_is_on(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c, policy="publish_first")
        assert status(c, agora, write(c, agora, "1")) is Status.APPROVED
        campaigns.brake(c, agora, NOON)
        assert status(c, agora, write(c, agora, "2")) is Status.PENDING
        campaigns.release_brake(c, agora, NOON)
        assert status(c, agora, write(c, agora, "3")) is Status.APPROVED


def test_a_decision_records_rule_version_reason_and_stretch(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c, rules=SPAM)
        load_rules(c, agora, SPAM + " # second", "anna", NOON, name="rules.yaml")
        decision = last(c, agora, write(c, agora, text="Però, SPAM!"))
        assert (decision.verdict, decision.by, decision.rule) == (Verdict.REJECT, "rule", "no spam")
        assert (decision.reason, decision.matched, decision.ruleset_id) == ("advertising", (6, 10), 2)


def test_the_facts_that_rules_ask_for_are_loaded(store: Store) -> None:
    rules = """
- {name: link, when: {links: {domains: [bit.ly]}}, then: flag}
- {name: video, when: {media: {kinds: [video]}}, then: flag}
- {name: alt, when: {words: [gatto]}, then: flag}
- {name: age, when: {account_age_days: {below: 10}}, then: flag}
- {name: network, when: {network: x, language: it, tagged: true, author: anna}, then: flag}
"""
    with store.writing() as c:
        agora = campaign(c, rules=rules)
        link = Entity(4, 21, EntityKind.LINK, "https://BIT.ly/abc")
        video = Media(MediaKind.VIDEO, "https://example.net/v", alt="un Gatto che dorme")
        who = author(created_at=NOON - timedelta(days=3))
        post_id = write(
            c, agora, text="vai https://bit.ly/abc", entities=(link,), media=(video,), author=who, lang="it"
        )
        log = subject(c, agora, post_id).log
        assert [(d.rule, d.matched) for d in log] == [
            ("link", (4, 21)),
            ("video", "1 media"),
            ("alt", "Gatto"),
            ("age", "account of 3 days"),
            ("network", "x"),
            ("policy", None),
        ]


WAVE = "Guadagna subito 500 euro al giorno lavorando da casa, scrivimi in privato e ti spiego come fare"


def test_a_wave_of_near_duplicates_is_caught_within_one_page_and_across_pages(store: Store) -> None:
    rules = "[{name: wave, when: {near_duplicates: {at_least: 2, hours: 24}}, then: hold}]"
    with store.writing() as c:
        agora = campaign(c, rules=rules)
        page = [sighting(f"s{n}", text=f"{WAVE} @amico{n} https://bit.ly/{n}", minutes=n) for n in range(2)]
        first = arrive(c, agora, [*page, sighting("other", text="Tutt'altro discorso su come nascono le relazioni")])
        assert [status(c, agora, post_id) for post_id in first] == [Status.PENDING] * 3
        third = write(c, agora, "s3", WAVE.upper(), minutes=9)
        assert last(c, agora, third).matched == "2 near-duplicates"
        assert status(c, agora, write(c, agora, "s4", WAVE, minutes=-60 * 30)) is Status.PENDING


def test_in_a_wave_larger_than_a_band_may_be_the_newest_are_compared(store: Store) -> None:
    rules = "[{name: wave, when: {near_duplicates: {at_least: 100, hours: 24}}, then: hold}]"
    with store.writing() as c:
        agora = campaign(c, rules=rules)
        page = [sighting(f"s{n}", text=WAVE, minutes=n / 10, author=author(f"a{n}")) for n in range(260)]
        arrive(c, agora, page[:200])
        last_ones = arrive(c, agora, page[200:])
        assert {status(c, agora, post_id) for post_id in last_ones} == {Status.HELD}


def test_an_unlisted_post_waits_for_a_person_under_publish_first(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c, policy="publish_first")
        post_id = write(c, agora, visibility=Visibility.UNLISTED)
        assert status(c, agora, post_id) is Status.PENDING
        decide(c, agora, [post_id], Verdict.APPROVE, "anna", NOON)
        assert status(c, agora, post_id) is Status.APPROVED


def test_a_post_of_a_limited_account_waits_for_a_person_whatever_a_rule_says(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c, policy="publish_first", rules="[{name: thanks, when: {words: [grazie]}, then: accept}]")
        asking = author("shy", wishes=("not_indexable", "limited"))
        (post_id,) = arrive(c, agora, [sighting("1", text="grazie", author=asking)])
        assert status(c, agora, post_id) is Status.PENDING
        assert last(c, agora, post_id).reason == "limited: only a person may publish it"


# --- edits -----------------------------------------------------------------------------------------------------------


def test_an_edit_of_an_approved_post_puts_it_back_into_review(sqlite_store: Store) -> None:
    rules = "[{name: thanks, when: {words: [grazie]}, then: accept}]"
    with sqlite_store.writing() as c:
        agora = campaign(c, rules=rules)
        post_id = write(c, agora, "1", "grazie")
        assert status(c, agora, post_id) is Status.APPROVED
        edit(c, agora, "1", "grazie mille")
        assert (status(c, agora, post_id), last(c, agora, post_id).reason) == (Status.PENDING, EDITED)
        edit(c, agora, "1", "grazie mille davvero", hours=2)
        assert status(c, agora, post_id) is Status.PENDING


def test_under_publish_first_an_edit_that_the_rules_accept_stays_public(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c, policy="publish_first", rules=SPAM)
        post_id = write(c, agora, "1", "ciao")
        decide(c, agora, [post_id], Verdict.APPROVE, "anna", NOON)
        edit(c, agora, "1", "ciao a tutti")
        state = subject(c, agora, post_id).state
        assert (state.status, state.decided_hash) == (Status.APPROVED, subject(c, agora, post_id).content_hash)
        edit(c, agora, "1", "solo spam", hours=2)
        assert status(c, agora, post_id) is Status.REJECTED


@pytest.mark.parametrize("policy", ["review_first", "publish_first"])
def test_no_edit_brings_back_what_a_person_rejected_or_held(sqlite_store: Store, policy: str) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c, policy=policy)
        rejected, held = write(c, agora, "1"), write(c, agora, "2")
        decide(c, agora, [rejected], Verdict.REJECT, "anna", NOON)
        decide(c, agora, [held], Verdict.HOLD, "anna", NOON)
        for hours in (1, 2, 3):
            edit(c, agora, "1", f"versione {hours}", hours=hours)
            edit(c, agora, "2", f"versione {hours}", hours=hours)
            assert status(c, agora, rejected) is Status.REJECTED
            assert status(c, agora, held) is Status.PENDING


def test_an_edit_met_by_one_campaign_is_an_edit_in_all_that_have_the_post(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora, other = campaign(c), campaign(c, "other")
        post_id = write(c, agora, "1", "prima")
        write(c, other, "1", "prima")
        decide(c, other, [post_id], Verdict.APPROVE, "anna", NOON)
        edit(c, agora, "1", "dopo")
        assert (status(c, other, post_id), last(c, other, post_id).reason) == (Status.PENDING, EDITED)


def test_seen_again_without_an_edit_nothing_is_decided_twice(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c, rules=SPAM)
        post_id = write(c, agora, "1", "spam")
        load_rules(c, agora, "[]", "anna", NOON, name="r")
        write(c, agora, "1", "spam", seen_at=LATER)
        decide_new(c, agora, [post_id, post_id], LATER)
        assert len(subject(c, agora, post_id).log) == 1


# --- authors and the queue -------------------------------------------------------------------------------------------


def test_blocking_an_author_empties_the_queue_of_them_until_the_end_date(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        waiting, approved = write(c, agora, "1"), write(c, agora, "2")
        decide(c, agora, [approved], Verdict.APPROVE, "mario", NOON)
        (anna,) = find_authors(c, "@Anna")
        until = NOON + timedelta(days=7)
        assert set_standing(c, agora, anna.id, Stands.BLOCKED, "mario", NOON, until=until) == 1
        assert status(c, agora, waiting) is Status.REJECTED
        assert status(c, agora, approved) is Status.APPROVED
        assert last(c, agora, write(c, agora, "3", now=until - timedelta(hours=1))).rule == "blocked author"
        assert status(c, agora, write(c, agora, "4", now=until + timedelta(hours=1))) is Status.PENDING


def test_a_trusted_author_is_accepted_in_that_campaign_only(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora, other = campaign(c), campaign(c, "other")
        write(c, agora, "1")
        (anna,) = find_authors(c, "https://example.net/anna")
        assert set_standing(c, agora, anna.id, Stands.TRUSTED, "mario", NOON) == 1
        assert last(c, agora, write(c, agora, "2")).rule == "trusted author"
        assert status(c, other, write(c, other, "2")) is Status.PENDING


def test_new_rules_reach_the_queue_when_asked_to_and_leave_people_s_will_alone(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c, rules="[{name: first, when: {words: [svendita]}, then: reject}]")
        waiting, approved = write(c, agora, "1", "spam"), write(c, agora, "2", "spam anche qui")
        wronged = write(c, agora, "3", "spam in svendita")
        decide(c, agora, [approved], Verdict.APPROVE, "anna", NOON)
        undo(c, "anna", NOON, decision_id=last(c, agora, wronged).id)
        load_rules(c, agora, SPAM, "anna", NOON, name="r")
        assert status(c, agora, waiting) is Status.PENDING
        assert apply_to_queue(c, agora, NOON) == 1
        assert [status(c, agora, p) for p in (waiting, approved, wronged)] == [
            Status.REJECTED,
            Status.APPROVED,
            Status.PENDING,
        ]
        assert apply_to_queue(c, agora, NOON) == 0


def test_a_page_costs_the_same_few_statements_whatever_its_size(sqlite_store: Store) -> None:
    counted: list[int] = []
    with sqlite_store.writing() as c:
        agora = campaign(c, rules=SPAM)
        for size in (1, 90):
            statements: list[str] = []
            seen = [sighting(f"{size}-{n}", text=f"numero {n}") for n in range(size)]
            ids = [s.post_id for s in store_page(c, [Incoming(one, "x", "e", b"{}", 1) for one in seen], NOON)]
            campaigns.admit(c, agora, 1, [(post_id, "tag") for post_id in ids], NOON)
            listen = lambda *arguments, to=statements: to.append(arguments[2])  # noqa: E731
            event.listen(sqlite_store.engine, "before_cursor_execute", listen)
            decide_new(c, agora, ids, NOON)
            event.remove(sqlite_store.engine, "before_cursor_execute", listen)
            counted.append(len(statements))
    assert counted[0] == counted[1] <= 13
