"""What moderators do, and what they are told when it cannot be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tagora.core.conditions import Stands
from tagora.core.decisions import Status, Verdict
from tagora.core.errors import ConfigError, UsageError
from tagora.core.records import PostRef
from tagora.core.rules_yaml import read_rules
from tagora.review.backtest import back_test
from tagora.review.deciding import decide, undo
from tagora.review.moderate import load_rules, locate, resume_publishing, set_standing, stop_publishing, the_author
from tagora.review.notes import remark
from tagora.storage import campaigns, rulesets
from tagora.storage.changes import newest
from tagora.storage.decisions import subjects
from tagora.storage.notes import notes
from tagora.storage.queue import QueueFilter, queue
from tagora.storage.standing import standings
from tagora.storage.store import Connection, Store

from ..agora import arrive, campaign, write
from ..make import NOON, sighting


def states(connection: Connection, campaign_id: int, *post_ids: int) -> list[str]:
    return [subject.state.status.value for subject in subjects(connection, campaign_id, post_ids).values()]


def test_posts_are_found_by_number_and_by_any_address(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        uri = "https://mastodon.uno/users/anna/statuses/7"
        own = PostRef("activitypub", uri)
        post_id = write(
            c, agora, own, seen_as=PostRef("activitypub@mastodon.uno", "777"), url="https://mastodon.uno/@anna/7"
        )
        for reference in (str(post_id), f"#{post_id}", "https://mastodon.uno/@anna/7", uri, "777"):
            assert [place.post_id for place in locate(c, [reference], agora)] == [post_id]
        with pytest.raises(UsageError, match=r"no post .* is held"):
            locate(c, [str(post_id), "https://example.org/nowhere"])


def test_one_or_many_posts_are_approved_and_their_threads_touched(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting("1"), sighting("2")])
        before = newest(c)
    with sqlite_store.writing() as c:
        done = decide(c, agora, ids, Verdict.APPROVE, "anna", NOON)
        assert [(one.before, one.after) for one in done] == [(Status.PENDING, Status.APPROVED)] * 2
        assert newest(c) == before + 2


def test_said_twice_it_is_recorded_once_and_another_person_may_say_otherwise(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        post_id = write(c, agora)
        decide(c, agora, [post_id], Verdict.REJECT, "anna", NOON, reason="off topic")
        before = newest(c)
        (again,) = decide(c, agora, [post_id], Verdict.REJECT, "anna", NOON, reason="off topic")
        assert again.decision_id is None and newest(c) == before
        (other,) = decide(c, agora, [post_id], Verdict.APPROVE, "mario", NOON)
        assert (other.before, other.after) == (Status.REJECTED, Status.APPROVED)


def test_undo_last_goes_back_one_step_at_a_time_through_one_s_own_decisions(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting("1"), sighting("2")])
        decide(c, agora, ids[:1], Verdict.APPROVE, "anna", NOON)
        decide(c, agora, ids[1:], Verdict.APPROVE, "mario", NOON)
        decide(c, agora, ids[:1], Verdict.FEATURE, "anna", NOON)
        assert undo(c, "anna", NOON)[0].took_back.verdict is Verdict.FEATURE
        (undone,) = undo(c, "anna", NOON)
        assert (undone.before, undone.after) == (Status.APPROVED, Status.PENDING)
        assert states(c, agora, *ids) == ["pending", "approved"]
        with pytest.raises(UsageError, match="no decision left"):
            undo(c, "anna", NOON)


def test_an_undo_is_undone_and_a_second_click_is_told_so(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        post_id = write(c, agora)
        (done,) = decide(c, agora, [post_id], Verdict.REJECT, "anna", NOON)
        undo(c, "mario", NOON, decision_id=done.decision_id)
        with pytest.raises(UsageError, match=r"taken back already, by mario \(decision 3\)"):
            undo(c, "anna", NOON, decision_id=done.decision_id)
        undo(c, "anna", NOON, decision_id=3)
        assert states(c, agora, post_id) == ["rejected"]


def test_only_people_decide_here_and_only_on_what_is_there(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        post_id = write(c, agora)
        for name in ("", "rule", " Tagora "):
            with pytest.raises(UsageError, match="cannot be a moderator's name"):
                decide(c, agora, [post_id], Verdict.APPROVE, name, NOON)
        with pytest.raises(UsageError, match="#999 is not held"):
            decide(c, agora, [post_id, 999], Verdict.APPROVE, "anna", NOON)
        with pytest.raises(UsageError, match="there is no decision 77"):
            undo(c, "anna", NOON, decision_id=77)
        assert states(c, agora, post_id) == ["pending"]


def test_notes_stay_with_the_post(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        post_id = write(c, agora)
        remark(c, agora, post_id, "chiedere a Luca\x1b[2J", "anna", NOON)
        assert [(note.text, note.by) for note in notes(c, agora, [post_id])] == [("chiedere a Luca�[2J", "anna")]
        assert queue(c, QueueFilter(agora)).items[0].notes == 1
        with pytest.raises(UsageError, match="empty"):
            remark(c, agora, post_id, " \n", "anna", NOON)


def test_standings_end_are_replaced_and_lifted(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        write(c, agora)
        (anna,) = the_author(c, "anna")
        until = NOON + timedelta(days=1)
        set_standing(c, agora, anna.id, Stands.BLOCKED, "mario", NOON)
        set_standing(c, agora, anna.id, Stands.TRUSTED, "mario", NOON, until=until)
        assert [(s.author.handle, s.stands, s.until) for s in standings(c, agora, NOON)] == [("anna", "trusted", until)]
        assert standings(c, agora, until) == []
        set_standing(c, agora, anna.id, None, "mario", NOON)
        assert standings(c, agora, NOON) == []
        with pytest.raises(UsageError, match="passed already"):
            set_standing(c, agora, anna.id, Stands.BLOCKED, "mario", NOON, until=NOON)
        with pytest.raises(UsageError, match="no author"):
            the_author(c, "@nobody")


def test_publishing_stops_and_goes_on(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        for switch, on in ((stop_publishing, False), (resume_publishing, True)):
            switch(c, agora)
            found = campaigns.by_slug(c, "casnocha")
            assert found is not None and found.publishing is on


def test_rules_are_versions_and_wrong_ones_leave_the_former_in_force(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        rulesets.seed(c, agora, "[]\n", NOON)
        text = "# ours\n- {name: a, when: {words: [x]}, then: flag}\n"
        assert load_rules(c, agora, text, "anna", NOON, name="r.yaml").version == 2
        assert load_rules(c, agora, text, "anna", NOON, name="r.yaml").version == 2
        with pytest.raises(ConfigError, match=r"r[.]yaml:1"):
            load_rules(c, agora, "- {name: b}", "anna", NOON, name="r.yaml")
        assert rulesets.seed(c, agora, "- changed in the config", NOON).body == text
        assert [(v.version, v.by) for v in rulesets.versions(c, agora)] == [(1, "config.yaml"), (2, "anna")]
        first = rulesets.version(c, agora, 1)
        assert first is not None and first.body == "[]\n"


def test_a_back_test_says_what_rules_would_catch_and_what_people_made_of_it(sqlite_store: Store) -> None:
    rules = read_rules("""
- {name: mark, when: {words: [spam]}, then: flag}
- {name: sale, when: {words: [svendita]}, then: reject}
- {name: spam, when: {words: [spam]}, then: reject}
""")
    with sqlite_store.writing() as c:
        agora = campaign(c)
        texts = ["ciao", "spam", "spam in svendita", "altro spam", "niente"]
        ids = arrive(c, agora, [sighting(str(n), text=text) for n, text in enumerate(texts)])
        decide(c, agora, [ids[1]], Verdict.APPROVE, "anna", NOON)
        decide(c, agora, [ids[2]], Verdict.REJECT, "anna", NOON)
        report = back_test(c, agora, rules, 100, NOON)
        assert (report.posts, report.untouched) == (5, 2)
        assert [(t.rule.name, t.caught, t.decided, t.approved, t.rejected) for t in report.trials] == [
            ("mark", 3, 3, 1, 1),
            ("sale", 1, 1, 0, 1),
            ("spam", 3, 2, 1, 1),
        ]
        assert {caught.text for caught in report.trials[1].examples} == {"spam in svendita"}
        assert back_test(c, agora, rules, 2, NOON).posts == 2


def test_eight_clicks_at_once_are_one_decision(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        post_id = write(c, agora)

    def click(by: str) -> None:
        with store.writing() as c:
            decide(c, agora, [post_id], Verdict.APPROVE, by, NOON)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(click, ["anna"] * 8))
    with store.reading() as c:
        log = subjects(c, agora, [post_id])[post_id].log
    assert [(d.verdict.value, d.by) for d in log] == [("pend", "tagora"), ("approve", "anna")]
