"""What a log of decisions adds up to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tagora.core.decisions import RULE, TAGORA, Decision, State, Status, Verdict, fold, standing

from ..make import NOON


def log(*entries: tuple[str, str, str] | int) -> list[Decision]:
    """Decisions from (verdict, by, content); a number n undoes the n-th entry, counted from 1."""
    made: list[Decision] = []
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, int):
            made.append(Decision(number, 7, Verdict.UNDO, "h1", "anna", NOON, reverts=entry))
        else:
            verdict, by, content = entry
            made.append(Decision(number, 7, Verdict(verdict), content, by, NOON))
    return made


def status(current: str, *entries: tuple[str, str, str] | int) -> str:
    return fold(log(*entries), current).status.value


PEND1, APPROVE1, REJECT1, HOLD1 = (("pend", TAGORA, "h1"), *((v, "anna", "h1") for v in ("approve", "reject", "hold")))


def test_a_post_without_decisions_is_new() -> None:
    assert fold([], "h1") == State(Status.NEW)


def test_the_last_decision_of_a_person_stands() -> None:
    assert status("h1", PEND1, APPROVE1) == "approved"
    assert status("h1", PEND1, APPROVE1, REJECT1) == "rejected"


def test_no_rule_overrides_a_person_on_the_same_content() -> None:
    assert status("h1", APPROVE1, ("reject", RULE, "h1")) == "approved"


def test_an_edit_of_an_approved_post_leaves_it_pending() -> None:
    assert status("h2", PEND1, APPROVE1) == "pending"
    assert fold(log(PEND1, APPROVE1), "h2").decided_hash is None


def test_an_edit_of_a_rejected_post_leaves_it_rejected() -> None:
    assert status("h2", PEND1, REJECT1) == "rejected"
    assert status("h2", ("reject", RULE, "h1")) == "pending"


def test_a_post_edited_back_is_what_a_person_made_of_it() -> None:
    assert status("h1", APPROVE1, ("pend", TAGORA, "h2")) == "approved"


def test_undo_brings_back_the_state_before() -> None:
    assert status("h1", PEND1, APPROVE1, 2) == "pending"
    assert status("h1", PEND1, APPROVE1, REJECT1, 3) == "approved"


def test_an_undo_can_be_undone_and_that_too() -> None:
    assert status("h1", PEND1, REJECT1, 2, 3) == "rejected"
    assert status("h1", PEND1, REJECT1, 2, 3, 4) == "pending"


def test_a_post_whose_only_decision_was_undone_waits_for_a_person() -> None:
    assert status("h1", ("reject", RULE, "h1"), 1) == "pending"


def test_flags_and_logs_decide_nothing() -> None:
    assert status("h1", ("flag", RULE, "h1"), ("approve", RULE, "h1"), ("log", RULE, "h1")) == "approved"


def test_featuring_is_apart_from_the_status() -> None:
    state = fold(log(APPROVE1, ("feature", "anna", "h1")), "h2")
    assert state.featured and state.status is Status.PENDING
    assert not fold(log(("feature", "anna", "h1"), ("unfeature", "anna", "h1")), "h1").featured
    assert not fold(log(("feature", "anna", "h1"), 1), "h1").featured


CONTENT = st.sampled_from(["h1", "h2", "h3"])
WHO = st.sampled_from([RULE, TAGORA, "anna", "mario"])
ENTRY = st.tuples(st.sampled_from(["approve", "reject", "hold", "pend", "flag", "feature", "unfeature"]), WHO, CONTENT)


@st.composite
def logs(draw: st.DrawFn) -> list[Decision]:
    entries: list[tuple[str, str, str] | int] = []
    for number in range(draw(st.integers(0, 12))):
        undo = number and draw(st.booleans())
        entries.append(draw(st.integers(1, number)) if undo else draw(ENTRY))
    return log(*entries)


@given(logs(), CONTENT)
def test_undoing_the_last_decision_is_as_if_it_had_never_been(decisions: list[Decision], current: str) -> None:
    if decisions:
        undone = [*decisions, Decision(99, 7, Verdict.UNDO, current, "anna", NOON, reverts=decisions[-1].id)]
        assert standing(undone) == standing(decisions[:-1])


@given(logs(), CONTENT)
def test_only_content_that_was_approved_is_ever_approved(decisions: list[Decision], current: str) -> None:
    state = fold(decisions, current)
    if state.status is Status.APPROVED:
        stands = next(d for d in decisions if d.id == state.decision_id)
        assert (stands.verdict, stands.content_hash, state.decided_hash) == (Verdict.APPROVE, current, current)


@given(logs(), CONTENT)
def test_the_order_in_which_a_log_is_read_does_not_matter(decisions: list[Decision], current: str) -> None:
    assert fold(decisions[::-1], current) == fold(decisions, current)
