"""Figures of a campaign, filters that people keep, the log to look things up in, and since when posts are live."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tagora.core.conditions import Stands
from tagora.core.decisions import Status, Verdict
from tagora.core.errors import UsageError
from tagora.core.records import PostRef
from tagora.review.deciding import decide, undo
from tagora.review.moderate import set_standing, stop_publishing
from tagora.review.notes import remark
from tagora.storage import live, publishable, saved_filters
from tagora.storage.builds import Built, record_build
from tagora.storage.changes import newest, touch
from tagora.storage.counts import asked, of_queue
from tagora.storage.decisions import subjects
from tagora.storage.history import LogFilter, author_record, log, people
from tagora.storage.review_tables import moderator
from tagora.storage.store import Connection, Store
from tagora.storage.tables import post

from ..agora import arrive, campaign, write
from ..make import NOON, author, sighting

LATER = NOON + timedelta(hours=1)


def test_counts_tell_where_posts_stand_and_what_waiting_ones_have_in_common(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c, rules="[{name: mark, when: {words: [segno]}, then: flag}]")
        write(c, agora, "1", "uno segno", lang="it")
        write(c, agora, PostRef("activitypub", "https://m.uno/2"), "due segno")
        held, approved, gone = (write(c, agora, name, "altro segno", lang="en") for name in "345")
        decide(c, agora, [held], Verdict.HOLD, "anna", NOON)
        decide(c, agora, [approved], Verdict.APPROVE, "anna", NOON)
        c.execute(update(post).where(post.c.id == gone).values(gone="deleted"))
        write(c, campaign(c, "other"), "9")
        counted = of_queue(c, agora)
        assert counted.statuses == {Status.PENDING: 2, Status.HELD: 1, Status.APPROVED: 1}
        assert (counted.networks, counted.languages) == ({"x": 1, "activitypub": 1}, {"it": 1, None: 1})
        assert (counted.rules, counted.flagged, counted.waiting) == ({"mark": 2}, 2, 2)
        moved = counted.moved([(Status.PENDING, Status.APPROVED), (Status.HELD, Status.REJECTED)])
        assert {status: number for status, number in moved.statuses.items() if number} == {
            Status.PENDING: 1,
            Status.APPROVED: 2,
            Status.REJECTED: 1,
        }
        remark(c, agora, held, "?", "anna", NOON, asks="mario")
        assert (asked(c, agora, "mario"), asked(c, agora, "anna")) == (1, 0)


def test_filters_are_kept_by_person_and_campaign(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        for number, name in ((1, "anna"), (2, "mario")):
            c.execute(moderator.insert().values(id=number, name=name, name_folded=name, made_at=NOON))
        saved_filters.save(c, 1, agora, "mie", "language=it", NOON)
        saved_filters.save(c, 1, agora, "Altre", "order=urgent", NOON)
        saved_filters.save(c, 1, agora, "mie", "language=en", NOON)
        assert [(one.name, one.query) for one in saved_filters.of(c, 1, agora)] == [
            ("Altre", "order=urgent"),
            ("mie", "language=en"),
        ]
        saved_filters.drop(c, 1, agora, "Altre")
        assert len(saved_filters.of(c, 1, agora)) == 1 and saved_filters.of(c, 2, agora) == []
        for number in range(saved_filters.MOST - 1):
            saved_filters.save(c, 1, agora, str(number), "", NOON)
        with pytest.raises(UsageError, match="40 filters already"):
            saved_filters.save(c, 1, agora, "one more", "", NOON)


# --- live ------------------------------------------------------------------------------------------------------------


def built(c: Connection, minutes: int) -> None:
    began = NOON + timedelta(minutes=minutes)
    record_build(c, Built(began, began + timedelta(seconds=30), "2026-11-23", newest(c)), {})


def test_an_approved_post_is_live_with_the_first_build_that_ended_after(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting("1"), sighting("2"), sighting("3")])
        built(c, 1)
    with store.writing() as c:
        decide(c, agora, ids[:1], Verdict.APPROVE, "anna", NOON + timedelta(minutes=2))
    with store.writing() as c:
        built(c, 5)
        decide(c, agora, ids[1:2], Verdict.APPROVE, "anna", NOON + timedelta(minutes=6))
    with store.writing() as c:
        of = publishable.campaigns(c)["casnocha"]
        since = NOON + timedelta(minutes=5, seconds=30)
        assert live.of_posts(c, of, ids) == {ids[0]: live.Live(True, since), ids[1]: live.Live(True, None)}
        touch(c, [subjects(c, agora, ids)[ids[0]].thread_id], LATER)
        built(c, 70)
        built(c, 80)
        assert [one.since for one in live.of_posts(c, of, ids).values()] == [
            since,
            NOON + timedelta(minutes=70, seconds=30),
        ]


def test_what_no_build_shows_is_not_live(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        one, two = arrive(c, agora, [sighting("1"), sighting("2")])
        decide(c, agora, [one], Verdict.APPROVE, "anna", NOON)
        stop_publishing(c, agora)
        decide(c, agora, [two], Verdict.APPROVE, "anna", NOON)
        built(c, 1)
        c.execute(update(post).where(post.c.id == one).values(gone="deleted"))
        of = publishable.campaigns(c)["casnocha"]
        assert live.of_posts(c, of, [one, two]) == {one: live.Live(False, None), two: live.Live(False, None)}


def test_of_a_post_in_doubt_moderators_are_told_that_readers_get_a_link(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        one = write(c, agora, "1")
        decide(c, agora, [one], Verdict.APPROVE, "anna", NOON)
        c.execute(update(post).where(post.c.id == one).values(doubt="overdue"))
        of = next(iter(publishable.campaigns(c).values()))
        assert live.of_posts(c, of, [one])[one].doubted


# --- history ---------------------------------------------------------------------------------------------------------


def test_the_log_is_looked_up_by_whatever_is_known(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c, rules="[{name: mark, when: {words: [segno]}, then: flag}]")
        one = write(c, agora, "1", "segno")
        two = write(c, agora, "2", author=author("mario"))
        decide(c, agora, [one], Verdict.REJECT, "anna", NOON, reason="spam")
        decide(c, agora, [two], Verdict.APPROVE, "luca", LATER)
        undo(c, "luca", LATER)
        write(c, campaign(c, "other"), "9")
        who = c.execute(post.select().where(post.c.id == two)).one().author_id

        def found(**asked: object) -> list[tuple[str, str, int]]:
            page = log(c, LogFilter(agora, **asked))  # type: ignore[arg-type]
            return [(e.decision.verdict.value, e.decision.by, e.decision.post_id) for e in page.entries]

        of_two = [("undo", "luca", two), ("approve", "luca", two)]
        assert found() == [
            *of_two, ("reject", "anna", one), ("pend", "tagora", two), ("pend", "tagora", one), ("flag", "rule", one),
        ]  # fmt: skip
        assert found(by="luca") == of_two
        assert found(people=True) == [*of_two, ("reject", "anna", one)]
        assert len(found(people=False)) == 3
        assert found(verdicts=(Verdict.REJECT, Verdict.FLAG)) == [("reject", "anna", one), ("flag", "rule", one)]
        assert found(rule="mark") == [("flag", "rule", one)]
        assert found(reason="spam") == found(post_id=one, people=True) == [("reject", "anna", one)]
        assert found(author_id=who, people=True) == found(since=LATER) == of_two
        assert len(found(until=LATER)) == 4
        entries = log(c, LogFilter(agora)).entries
        assert entries[1].undone_by == entries[0].decision.id and entries[0].undone_by is None
        assert (entries[0].handle, entries[0].url) == ("mario", "https://example.net/x/2")
        assert people(c, agora) == ["anna", "luca"]


def test_pages_of_the_log_miss_and_repeat_nothing(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        arrive(c, agora, [sighting(str(n)) for n in range(7)])
        met: list[int] = []
        before = None
        while True:
            page = log(c, LogFilter(agora), before=before, limit=3)
            met += [entry.decision.id for entry in page.entries]
            before = page.before
            if before is None:
                break
        assert met == [7, 6, 5, 4, 3, 2, 1]


def test_an_author_s_record_is_of_this_campaign(store: Store) -> None:
    with store.writing() as c:
        agora, other = campaign(c), campaign(c, "other")
        joined = NOON - timedelta(days=300)
        ids = [
            write(c, agora, str(n), author=author("mario", created_at=joined), now=NOON + timedelta(minutes=n))
            for n in range(4)
        ]
        write(c, other, "9", author=author("mario", created_at=joined))
        decide(c, agora, ids[:1], Verdict.APPROVE, "anna", NOON)
        decide(c, agora, ids[1:2], Verdict.REJECT, "anna", NOON)
        decide(c, agora, ids[2:3], Verdict.HOLD, "anna", NOON)
        who = c.execute(post.select().where(post.c.id == ids[0])).one().author_id
        record = author_record(c, agora, who, NOON)
        assert record is not None
        assert (record.posts, record.approved, record.rejected, record.waiting) == (4, 1, 1, 1)
        assert (record.handle, record.since, record.account_since, record.stands) == ("mario", NOON, joined, None)
        set_standing(c, agora, who, Stands.TRUSTED, "anna", NOON, until=LATER)
        trusted, after = author_record(c, agora, who, NOON), author_record(c, agora, who, LATER)
        assert trusted is not None and (trusted.stands, trusted.until) == (Stands.TRUSTED, LATER)
        assert after is not None and after.stands is None
        assert author_record(c, agora, 999, NOON) is None
