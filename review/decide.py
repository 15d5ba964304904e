"""The rules at work: every new or changed post of a page gets its decision in the page's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from ..core.conditions import Facts, Matched
from ..core.decisions import RULE, STATUS_OF, TAGORA, WAITING, Draft, Verdict, fold, standing
from ..core.rules import Outcome, Rule, evaluate, needs
from ..core.rules_yaml import read_rules
from ..storage.decisions import Recorded, Subject, campaigns_of, record, subjects
from ..storage.facts import facts
from ..storage.policy import publishes_first
from ..storage.rulesets import Ruleset, latest
from ..storage.store import Connection

EDITED = "edited: in review"


def decide_new(connection: Connection, campaign_id: int, post_ids: Sequence[int], now: datetime) -> None:
    """Decides those of the posts whose present content no rule has spoken on yet, and brings all their states up to
    date. Inside a writing transaction. Posts that are not held or not in the campaign are left alone. Where other
    campaigns have them too, an edit is one there as well.

    A person's decision on the present content, and a person's earlier rejection, stand. A decided post that was edited
    goes back to the queue, unless under publish_first the rules accept it as it is now (never one that a person held).
    """
    _decide(connection, campaign_id, post_ids, now, again=False)
    for other, ids in campaigns_of(connection, post_ids).items():
        if other != campaign_id:
            _decide(connection, other, ids, now, again=False)


def apply_rules(connection: Connection, campaign_id: int, post_ids: Sequence[int], now: datetime) -> int:
    """Asks the rules in force about posts that wait in the queue, as a person does after changing them; returns how
    many left it. What a person decided or undid stays as it is."""
    recorded = _decide(connection, campaign_id, post_ids, now, again=True)
    return sum(bool(one.added) and one.state.status not in WAITING for one in recorded.values())


def _decide(
    connection: Connection, campaign_id: int, post_ids: Sequence[int], now: datetime, *, again: bool
) -> dict[int, Recorded]:
    held = list(subjects(connection, campaign_id, post_ids).values())
    open_to_rules = [s for s in held if (_waits(s) if again else _unspoken(s))]
    drafts: dict[int, list[Draft]] = {}
    if open_to_rules:
        ruleset = latest(connection, campaign_id)
        rules = compiled(ruleset.body) if ruleset else ()
        publish_first = publishes_first(connection, campaign_id)
        known = facts(connection, campaign_id, [s.post_id for s in open_to_rules], needs(rules), now)
        for subject in open_to_rules:
            outcomes = decided(rules, known[subject.post_id], subject, publish_first=publish_first)
            new = [_draft(outcome, subject, ruleset) for outcome in outcomes]
            drafts[subject.post_id] = [draft for draft in new if not again or _says_more(draft, subject)]
    return record(connection, [(subject, drafts.get(subject.post_id, ())) for subject in held], now)


@lru_cache(maxsize=64)
def compiled(body: str) -> tuple[Rule, ...]:
    """The rules of a ruleset's text. Versions are append-only, so a text never changes its meaning."""
    return read_rules(body)


def decided(rules: Sequence[Rule], known: Facts, subject: Subject, *, publish_first: bool) -> list[Outcome]:
    """What rules and policy say of a post, given what was decided on it before it was edited."""
    outcomes = evaluate(rules, known, publish_first=publish_first)
    last = outcomes[-1]
    deciding = [d for d in standing(subject.log) if d.verdict in STATUS_OF]
    edited = any(d.verdict is not Verdict.PEND and d.content_hash != subject.content_hash for d in deciding)
    by_people = [d for d in deciding if d.by_person]
    kept_back = bool(by_people) and by_people[-1].verdict in (Verdict.HOLD, Verdict.PEND)
    if last.verdict is Verdict.APPROVE and (kept_back or (edited and not publish_first)):
        outcomes[-1] = Outcome(Verdict.PEND, last.rule, EDITED, last.matched)
    elif last.verdict is Verdict.PEND and edited and not last.reason:
        outcomes[-1] = replace(last, reason=EDITED)
    return outcomes


def _unspoken(subject: Subject) -> bool:
    """Nothing was ever said of this content, taken back or not, and no person's decision carries over to it."""
    if any(d.content_hash == subject.content_hash and d.verdict in STATUS_OF for d in subject.log):
        return False
    return not fold(subject.log, subject.content_hash).by_person


def _waits(subject: Subject) -> bool:
    state = fold(subject.log, subject.content_hash)
    if state.status not in WAITING or state.by_person:
        return False
    on_current = [d for d in subject.log if d.content_hash == subject.content_hash and d.verdict in STATUS_OF]
    kept = {decision.id for decision in standing(subject.log)}
    return all(decision.id in kept for decision in on_current)


def _says_more(draft: Draft, subject: Subject) -> bool:
    """Whether the log does not say the same already."""
    said: list[tuple[Verdict, str | None, Matched | None]] = [
        (d.verdict, d.rule, d.matched) for d in standing(subject.log) if d.content_hash == subject.content_hash
    ]
    return (draft.verdict, draft.rule, draft.matched) not in said


def _draft(outcome: Outcome, subject: Subject, ruleset: Ruleset | None) -> Draft:
    return Draft(
        outcome.verdict,
        subject.content_hash,
        RULE if outcome.of_rule else TAGORA,
        outcome.reason,
        outcome.rule,
        ruleset.id if ruleset else None,
        outcome.matched,
    )
