"""The whole collection against the sandbox's truth: wiring, adapters, client libraries and store are the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tagora.collector.contract import MICROS
from tagora.sandbox import DATA, SMALL, FaultKind, Script, load_script, truth
from tagora.storage import sources
from tagora.storage.store import Store
from tagora.storage.tables import budget_entry

from ..conftest import create_database, drop_database
from .held import Held, everything, gaps, held, reads_like, wanted
from .town import DAY, Town, town

CASNOCHA = DATA / "casnocha.yaml"
CASNOCHA_OPENERS = ("fb_opener", "x_opener", "m_opener", "b_opener")
CASNOCHA_ROUNDS = tuple(day * DAY for day in (2, 6, 12, 18, 24))
SMALL_OPENERS = ("f1",)
SMALL_ROUNDS = (60, 250, 620, 12_010)
MINUTE_OF_A_LATE_ARRIVAL = 620  # an old post has come to a server: the daily second look will meet it
BEFORE, AFTER = 250, 295  # nothing is said or withdrawn between the two
NETWORKS = ("x", "graph", "mastodon.uno", "sociale.example", "bluesky")


@pytest.fixture(scope="module")
def small() -> Script:
    return load_script(SMALL)


@pytest.fixture(scope="module")
def undisturbed(small: Script, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Held]:
    """What is held of the short discussion when nothing goes wrong."""
    with town(small, tmp_path_factory.mktemp("undisturbed"), openers=SMALL_OPENERS) as here:
        play(here, SMALL_ROUNDS)
        return held(here.place.store)


@pytest.fixture(scope="module")
def soon(small: Script, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Held]:
    """The same, early in the discussion."""
    with town(small, tmp_path_factory.mktemp("soon"), openers=SMALL_OPENERS) as here:
        play(here, [BEFORE, AFTER])
        return held(here.place.store)


def play(here: Town, rounds: Sequence[int]) -> None:
    for minute in rounds:
        for report in here.collect(minute):
            assert report.error is None, f"{report.name} at {minute}: {report.error}"


def hold_to_the_truth(here: Town, since: int) -> None:
    """All that is reachable is held as it was said, nothing else is; what must be named as missing is."""
    store, script = here.place.store, here.box.script
    true = truth(script, here.box.minute, openers=here.openers, collecting_since=since)
    should, have = wanted(true), held(store)
    shown = {native_id: one for native_id, one in have.items() if one.gone is None}
    perhaps = {here.box.native_id(key) for key in true.perhaps}
    assert sorted(one.key for native_id, one in should.items() if native_id not in shown) == []
    assert sorted(shown.keys() - should.keys() - perhaps) == []
    for native_id, one in should.items():
        mine = shown[native_id]
        assert reads_like(mine, one), (one.key, mine.text, one.sent_text)
        assert mine.author == one.author_id, one.key
        if one.parent is None or one.parent_id in should:
            assert mine.parent == one.parent_id, one.key
        else:  # networks forget what a post answered when that is withdrawn
            assert mine.parent in (None, one.parent_id), one.key
    named = {native_id for native_id, _, _ in gaps(store)} | (have.keys() - shown.keys())
    assert sorted(one.key for one in true.gaps if one.needed and one.native_id not in named) == []
    all_there_is = everything(store)
    for key in true.forbidden:
        assert script.post(key).text not in all_there_is, f"{key} is not for everybody"


def spent(store: Store) -> dict[str, int]:
    """Millionths of a dollar by UTC day, what is only reserved included."""
    by_day: dict[str, int] = {}
    with store.reading() as connection:
        for row in connection.execute(budget_entry.select()):
            by_day[row.day] = by_day.get(row.day, 0) + row.micros
    return by_day


# --- all that can be had ---------------------------------------------------------------------------------------------


def test_after_any_number_of_rounds_the_short_discussion_is_held_whole(small: Script, tmp_path: Path) -> None:
    with town(small, tmp_path, openers=SMALL_OPENERS) as here:
        for minute in SMALL_ROUNDS:
            play(here, [minute])
            if minute != MINUTE_OF_A_LATE_ARRIVAL:
                hold_to_the_truth(here, SMALL_ROUNDS[0])


def test_one_late_round_holds_what_can_still_be_had(small: Script, tmp_path: Path) -> None:
    with town(small, tmp_path, openers=SMALL_OPENERS) as here:
        play(here, SMALL_ROUNDS[-1:])
        hold_to_the_truth(here, SMALL_ROUNDS[-1])


def test_the_demonstration_is_held_whole_and_asking_again_changes_nothing_and_costs_nothing(tmp_path: Path) -> None:
    with town(load_script(CASNOCHA), tmp_path, openers=CASNOCHA_OPENERS) as here:
        store = here.place.store
        play(here, CASNOCHA_ROUNDS)
        hold_to_the_truth(here, CASNOCHA_ROUNDS[0])
        before, missing, bill = held(store), gaps(store), here.box.bill.micros()
        again = here.collect(when_due=False)
        assert [(one.new, one.updated, one.gaps, one.micros) for one in again] == [(0, 0, 0, 0)] * len(again)
        assert (held(store), gaps(store), here.box.bill.micros()) == (before, missing, bill)


def test_postgresql_holds_the_same(
    small: Script, tmp_path: Path, postgres_url: str, undisturbed: dict[str, Held]
) -> None:
    url = create_database(postgres_url, "tagora_system")
    try:
        with town(small, tmp_path, openers=SMALL_OPENERS, store=url) as here:
            play(here, SMALL_ROUNDS)
            hold_to_the_truth(here, SMALL_ROUNDS[0])
            assert held(here.place.store) == undisturbed
    finally:
        drop_database(postgres_url, "tagora_system")


# --- however it went -------------------------------------------------------------------------------------------------


def test_the_order_of_the_sources_does_not_matter(small: Script, tmp_path: Path, undisturbed: dict[str, Held]) -> None:
    with town(small, tmp_path, openers=SMALL_OPENERS, backwards=True) as here:
        play(here, SMALL_ROUNDS)
        assert held(here.place.store) == undisturbed


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RATE_LIMIT,
        FaultKind.RATE_LIMIT_NO_RESET,
        FaultKind.SERVER_ERROR,
        FaultKind.EXPIRED_TOKEN,
        FaultKind.FORBIDDEN,
        FaultKind.CUT_BODY,
        FaultKind.HTML,
        FaultKind.BROKEN_JSON,
        FaultKind.WRONG_SHAPE,
        FaultKind.REPEATED_PAGE,
        FaultKind.NO_CREDITS,
        FaultKind.USAGE_CAP,
    ],
)
def test_a_fault_in_the_middle_leaves_no_trace_once_asked_again(
    small: Script, tmp_path: Path, soon: dict[str, Held], kind: FaultKind
) -> None:
    networks = ("x",) if kind in (FaultKind.NO_CREDITS, FaultKind.USAGE_CAP) else NETWORKS
    with town(small, tmp_path, openers=SMALL_OPENERS) as here:
        faults = [here.box.fault(kind, network, nth=2) for network in networks]
        here.collect(BEFORE)
        here.box.clear_faults()
        assert all(fault.hits for fault in faults)
        with here.place.store.writing() as connection:  # a person has renewed the keys
            sources.retry(connection, here.clock.now())
        play(here, [AFTER])
        assert held(here.place.store) == soon


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_the_books_are_what_x_bills_and_never_above_the_budget(small: Script, tmp_path: Path) -> None:
    with town(small, tmp_path, openers=SMALL_OPENERS, budget={"usd_per_day": 0.4}) as here:
        for minute in (*SMALL_ROUNDS[:3], *range(2 * DAY, 9 * DAY, DAY)):
            here.collect(minute)
        books, bill = spent(here.place.store), here.box.bill
        assert max(books.values()) <= 0.4 * MICROS
        # X bills one post only once a day, but does not promise to: each reading is in the books
        assert bill.micros() <= sum(books.values())
        for day, posts in bill.posts.items():
            assert posts * 5_000 <= books[day]
        hold_to_the_truth(here, SMALL_ROUNDS[0])
