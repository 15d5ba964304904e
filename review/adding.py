"""What moderators bring in by hand: it waits for people, whatever the rules say of it, and the log tells who did."""

from __future__ import annotations

from datetime import datetime

from ..core.decisions import STATUS_OF, Draft, Status, Verdict, fold, standing
from ..core.rules import POLICY
from ..storage.decisions import record, subjects
from ..storage.store import Connection
from .names import person

BY_HAND = "added by hand"


def bring_in(connection: Connection, campaign_id: int, post_id: int, by: str, now: datetime) -> None:
    """Puts a post that a moderator just added before people: one that the rules would have rejected waits too. What
    the rules approved or held, and what people decided, stays so. Inside the transaction that made the post part of the
    campaign, after the rules spoke."""
    subject = subjects(connection, campaign_id, [post_id])[post_id]
    state = fold(subject.log, subject.content_hash)
    if not state.by_person and state.status in (Status.NEW, Status.PENDING, Status.REJECTED):
        draft = Draft(Verdict.PEND, subject.content_hash, person(by), BY_HAND)
        record(connection, [(subject, [draft])], now)


def standing_of(connection: Connection, campaign_id: int, post_id: int) -> tuple[Status, str | None]:
    """Where a post of the campaign stands, and which rule last said something of it, as “name: reason”."""
    subject = subjects(connection, campaign_id, [post_id])[post_id]
    of_rules = [
        one
        for one in standing(subject.log)
        if one.rule and one.rule != POLICY and one.verdict in STATUS_OF and one.content_hash == subject.content_hash
    ]
    if not of_rules:
        return subject.state.status, None
    last = of_rules[-1]
    return subject.state.status, f"{last.rule}: {last.reason}" if last.reason else last.rule
