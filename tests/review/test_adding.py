"""What a moderator brings in waits for people, unless it was decided on already."""

from __future__ import annotations

import pytest

from tagora.core.decisions import Status, Verdict
from tagora.core.errors import UsageError
from tagora.review.adding import BY_HAND, bring_in, standing_of
from tagora.review.deciding import decide, undo
from tagora.review.moderate import load_rules
from tagora.storage.decisions import logs
from tagora.storage.store import Connection, Store

from ..agora import campaign, write
from ..make import NOON


def post_under(c: Connection, then: str | None) -> tuple[int, int]:
    """A campaign whose rule says this of everything, and a post of it."""
    agora = campaign(c)
    if then:
        rules = f"- {{name: words, when: {{words: [text]}}, then: {then}, reason: because}}"
        load_rules(c, agora, rules, "anna", NOON, name="rules")
    return agora, write(c, agora, "1")


@pytest.mark.parametrize(
    "then, status",
    [("reject", Status.PENDING), ("hold", Status.HELD), ("accept", Status.APPROVED), (None, Status.PENDING)],
)
def test_what_the_rules_would_reject_waits_and_all_else_they_said_stands(
    store: Store, then: str | None, status: Status
) -> None:
    with store.writing() as c:
        agora, post_id = post_under(c, then)
        bring_in(c, agora, post_id, "vera", NOON)
        assert standing_of(c, agora, post_id) == (status, "words: because" if then else None)


def test_the_log_tells_who_brought_it_and_the_undo_gives_it_back_to_the_rules(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora, post_id = post_under(c, "reject")
        bring_in(c, agora, post_id, "vera", NOON)
        bring_in(c, agora, post_id, "vera", NOON)
        by_vera = [one for one in logs(c, agora, [post_id])[post_id] if one.by == "vera"]
        assert [(one.verdict, one.reason) for one in by_vera] == [(Verdict.PEND, BY_HAND)], "said twice, recorded once"
        undo(c, "vera", NOON)
        assert standing_of(c, agora, post_id)[0] is Status.REJECTED


@pytest.mark.parametrize("verdict, status", [(Verdict.REJECT, Status.REJECTED), (Verdict.APPROVE, Status.APPROVED)])
def test_what_people_decided_stands(sqlite_store: Store, verdict: Verdict, status: Status) -> None:
    with sqlite_store.writing() as c:
        agora, post_id = post_under(c, None)
        decide(c, agora, [post_id], verdict, "anna", NOON)
        bring_in(c, agora, post_id, "vera", NOON)
        assert standing_of(c, agora, post_id)[0] is status


def test_only_people_bring_something_in(sqlite_store: Store) -> None:
    with sqlite_store.writing() as c:
        agora, post_id = post_under(c, None)
        with pytest.raises(UsageError):
            bring_in(c, agora, post_id, "tagora", NOON)
