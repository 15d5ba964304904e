"""What readers report: which post is meant, who closes it, and that nobody does twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tagora.core.conditions import Stands
from tagora.core.decisions import Status, Verdict
from tagora.core.errors import UsageError
from tagora.presentation.posts import anchor_of
from tagora.review import deciding, reports
from tagora.review.reports import AlreadyClosed, Filed, Site, TooMany, TooOften, within
from tagora.storage import forget
from tagora.storage import reports as stored
from tagora.storage.decisions import subjects
from tagora.storage.publishable import campaigns
from tagora.storage.reports import Kind, Outcome, Report
from tagora.storage.snapshot import threads
from tagora.storage.standing import standings
from tagora.storage.store import Connection, Store

from ..agora import arrive, campaign
from ..make import NOON, author, sighting

SITE = "https://agora.example/talk/"
HOUR = timedelta(hours=1)


def filed(target: str, kind: str = "post", words: str = "", contact: str = "") -> Filed:
    return Filed(kind, target, words, contact, "it")


def at(agora: int) -> Site:
    return Site(SITE, {"casnocha": agora})


def report(c: Connection, agora: int, target: str, kind: str = "hurtful", **more: str) -> Report:
    number = reports.file(c, filed(target, kind, **more), at(agora), NOON)
    found = stored.one(c, agora, number)
    assert found is not None
    return found


def statuses(c: Connection, agora: int, ids: list[int]) -> list[Status]:
    found = subjects(c, agora, ids)
    return [found[id_].state.status for id_ in ids]


def test_a_post_is_found_by_its_place_on_the_site_and_by_its_own_address(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        root, answer, _ = arrive(
            c, agora, [sighting("1"), sighting("2", reply_to="1", minutes=1), sighting("3", minutes=2)]
        )
        deciding.decide(c, agora, [root, answer], Verdict.APPROVE, "anna", NOON)
        address = next(threads(c, campaigns(c)["casnocha"], [_thread(c, agora, root)])).address
        page = f"{SITE}casnocha/{address}.html"
        for target, meant in (
            (f"{page}#{anchor_of('x', '2')}", answer),
            (page, root),
            (f"http://AGORA.example/talk/casnocha/{address}-p0123abcd.html?x=1#{anchor_of('x', '2')}", answer),
            ("https://example.net/x/2", answer),
            (f"{page}#pnothing", None),
        ):
            assert reports.about(c, target, at(agora)) == (agora, meant), target
        for nowhere in (f"{SITE}other/{address}.html", SITE, "@anna", "2", "https://agora.example/elsewhere/", "x" * 9):
            assert reports.about(c, nowhere, at(agora)) == (None, None), nowhere


def _thread(c: Connection, agora: int, post_id: int) -> int:
    from tagora.storage.queue import queue_items

    return queue_items(c, agora, [post_id])[0].thread_id


@pytest.mark.parametrize("elsewhere", ["https://agora.example.evil/talk/", "//x", "javascript:1", "https://[", ""])
def test_an_address_of_another_site_is_none_of_ours(elsewhere: str) -> None:
    assert within(elsewhere, SITE) is None


def test_a_report_says_what_about_and_the_same_one_is_kept_once(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        arrive(c, agora, [sighting("1")])
        for wrong in (
            filed("https://example.net/x/1", "strange"),
            filed("  "),
            filed("https://example.net/x/1", "other"),
            filed("https://example.net/x/1", contact="no address"),
        ):
            with pytest.raises(UsageError):
                reports.file(c, wrong, at(agora), NOON)
        first = reports.file(c, filed("https://example.net/x/1", words="mine"), at(agora), NOON)
        again = reports.file(c, filed("https://example.net/x/1", words="mine"), at(agora), NOON + HOUR)
        other = reports.file(c, filed("https://example.net/x/1", "illegal"), at(agora), NOON + HOUR)
        assert first == again != other
        assert stored.waiting(c, agora) == (2, NOON)
        assert stored.waiting(c, agora + 1) == (0, None)


def test_reports_are_slowed_down_by_address_and_cannot_fill_the_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MOST_OPEN", 2)
    with store.writing() as c:
        agora = campaign(c)
        for _ in range(5):
            reports.count_try(c, "192.0.2.1", NOON)
        with pytest.raises(TooOften) as slow:
            reports.count_try(c, "192.0.2.1", NOON)
        assert slow.value.seconds == 1
        reports.count_try(c, "192.0.2.2", NOON)
        for n in range(2):
            reports.file(c, filed(f"https://example.net/{n}"), at(agora), NOON)
        with pytest.raises(TooMany):
            reports.file(c, filed("https://example.net/3"), at(agora), NOON)


def test_a_rejected_post_leaves_and_comes_back(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting("1")])
        deciding.decide(c, agora, ids, Verdict.APPROVE, "anna", NOON)
        found = report(c, agora, "https://example.net/x/1")
        reports.reject(c, agora, found, "bea", NOON, reason="tone")
        closed = stored.one(c, agora, found.id)
        assert closed is not None and closed.outcome is Outcome.REJECTED
        assert statuses(c, agora, ids) == [Status.REJECTED]
        taken = reports.reopen(c, agora, closed, "carla", NOON + HOUR)
        assert len(taken.undone) == 1
        assert statuses(c, agora, ids) == [Status.APPROVED]
        assert [(one.by, one.act) for one in stored.acts(c, found.id)] == [("bea", "rejected"), ("carla", "reopened")]
        assert stored.waiting(c, agora).number == 1


def test_blocking_takes_all_of_the_author_and_gives_all_back(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        bo = author("bo")
        ids = arrive(c, agora, [sighting("1", author=bo), sighting("2", author=bo), sighting("3")])
        deciding.decide(c, agora, ids[:1], Verdict.APPROVE, "anna", NOON)
        found = report(c, agora, "https://example.net/x/1")
        assert reports.block(c, agora, found, "bea", NOON, reason="spam") == 2
        assert statuses(c, agora, ids) == [Status.REJECTED, Status.REJECTED, Status.PENDING]
        assert [one.stands for one in standings(c, agora, NOON)] == [Stands.BLOCKED]
        closed = stored.one(c, agora, found.id)
        assert closed is not None
        reports.reopen(c, agora, closed, "bea", NOON)
        assert statuses(c, agora, ids) == [Status.APPROVED, Status.PENDING, Status.PENDING]
        assert standings(c, agora, NOON) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda c, agora, one: reports.reject(c, agora, one, "dino", NOON, reason="tone"),
        lambda c, agora, one: reports.block(c, agora, one, "dino", NOON, reason="tone"),
        lambda c, agora, one: reports.dismiss(c, agora, one, "dino", NOON, why="no"),
        lambda c, agora, one: reports.settled(c, agora, one, Outcome.WITHDRAWN, "dino", NOON),
    ],
)
def test_who_comes_second_is_told_and_changes_nothing(
    act: Callable[[Connection, int, Report], object], store: Store
) -> None:
    with store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting("1")])
        found = report(c, agora, "https://example.net/x/1")
        with pytest.raises(UsageError):
            reports.dismiss(c, agora, found, "bea", NOON, why=" ")
        reports.dismiss(c, agora, found, "bea", NOON, why="it is fine")
    with pytest.raises(AlreadyClosed, match="bea was quicker"), store.writing() as c:
        act(c, agora, found)
    with store.reading() as c:
        assert statuses(c, agora, ids) == [Status.PENDING]
        assert [one.by for one in stored.acts(c, found.id)] == ["bea"]


def test_a_post_that_was_not_found_is_pointed_at(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        (id_,) = arrive(c, agora, [sighting("1")])
        found = report(c, agora, "the third one from above")
        with pytest.raises(UsageError, match="no post was found"):
            reports.reject(c, agora, found, "bea", NOON, reason=None)
        with pytest.raises(UsageError, match="no post of this campaign"):
            reports.place(c, agora, found, "https://example.net/x/9", at(agora), "bea", NOON)
        reports.place(c, agora, found, "https://example.net/x/1", at(agora), "bea", NOON)
        placed = stored.one(c, agora, found.id)
        assert placed is not None and (placed.post_id, placed.campaign_id) == (id_, agora)


def test_a_withdrawal_takes_what_reports_say_of_the_person(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        bo = author("bo")
        arrive(c, agora, [sighting("1", author=bo), sighting("2")])
        about_it = report(c, agora, "https://example.net/x/1", words="I am Bo", contact="bo@example.org")
        other = report(c, agora, "https://example.net/x/2", words="like @bo says, https://example.net/bo")
        reports.dismiss(c, agora, other, "bea", NOON, why="@bo is a friend")
        forget.forget(c, forget.plan(c, "@bo"), lambda *named: b"%32d" % hash(named), NOON)
        left = stored.one(c, agora, about_it.id)
        assert left is not None
        assert (left.target, left.words, left.contact) == (None, None, "bo@example.org"), "the answer is still owed"
        rest = stored.one(c, agora, other.id)
        assert rest is not None and "bo" not in f"{rest.words} {stored.acts(c, other.id)[0].words}"
        reports.settled(c, agora, left, Outcome.WITHDRAWN, "bea", NOON)
        closed = stored.one(c, agora, about_it.id)
        assert closed is not None
        with pytest.raises(UsageError, match="cannot be taken back"):
            reports.reopen(c, agora, closed, "bea", NOON)


def test_what_readers_wrote_goes_a_month_after_it_was_closed(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        arrive(c, agora, [sighting("1")])
        found = report(c, agora, "https://example.net/x/1", words="mine", contact="bo@example.org")
        waits = report(c, agora, "https://example.net/x/1", "illegal", words="still open")
        reports.dismiss(c, agora, found, "bea", NOON, why="no")
        assert stored.to_clean(c, NOON) == []
        assert stored.to_clean(c, NOON + HOUR) == [found.id]
        stored.clean(c, [found.id])
        assert stored.to_clean(c, NOON + HOUR) == []
        left, kept = stored.one(c, agora, found.id), stored.one(c, agora, waits.id)
        assert left is not None and kept is not None
        assert (left.kind, left.target, left.words, left.contact) == (Kind.HURTFUL, None, None, None)
        assert kept.words == "still open"


def test_two_nodes_that_turn_out_to_be_one_post_take_their_reports_along(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        arrive(c, agora, [sighting("1")])
        arrive(c, agora, [sighting("2", url="https://example.net/x/2")])
        found = report(c, agora, "https://example.net/x/2")
        (one,) = arrive(c, agora, [sighting("1", also=("2",), url="https://example.net/x/1")])
        moved = stored.one(c, agora, found.id)
        assert moved is not None and moved.post_id == one
