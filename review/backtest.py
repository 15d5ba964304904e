"""Rules tried on posts that are there already, before they decide anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..core.conditions import Matched
from ..core.decisions import Status
from ..core.rules import Rule, evaluate, needs
from ..storage.decisions import subjects
from ..storage.facts import facts
from ..storage.queue import latest_posts
from ..storage.store import Connection

EXAMPLES = 5
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Caught:
    """One post that a rule caught. `text` is what the post says, `handle` its author's; `by_person`: whether its status
    is a person's word."""

    post_id: int
    text: str
    handle: str | None
    matched: Matched
    status: Status
    by_person: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """Which of the caught posts are told one by one: `most` of them from the one after `skip` on, of the rule with this
    number in the list; of any other rule, or of all without a number, the first EXAMPLES."""

    rule: int | None = None
    skip: int = 0
    most: int = EXAMPLES


@dataclass(frozen=True, slots=True)
class Trial:
    """How one rule did. `caught`: posts on which all its conditions hold; `decided`: of these, those that no earlier
    rule or standing decided (equal to `caught` for flag and log). `approved` and `rejected`: what people, not rules,
    made of the caught ones in the end; approved ones that the rule would reject are its mistakes."""

    rule: Rule
    caught: int
    decided: int
    approved: int
    rejected: int
    examples: tuple[Caught, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`posts`: how many were tried; `untouched`: how many of them no rule decided."""

    posts: int
    untouched: int
    trials: tuple[Trial, ...]


def back_test(
    connection: Connection,
    campaign_id: int,
    rules: Sequence[Rule],
    last: int,
    now: datetime,
    listed: Listed = Listed(),
) -> Report:
    """What `rules` would do to the `last` posts that came into the campaign, the latest first. Writes nothing."""
    ids = latest_posts(connection, campaign_id, last)
    caught, decided, approved, rejected = ([0] * len(rules) for _ in range(4))
    examples: list[list[Caught]] = [[] for _ in rules]
    untouched = tried = 0
    for first in range(0, len(ids), _BATCH):
        batch = ids[first : first + _BATCH]
        known = facts(connection, campaign_id, batch, needs(rules), now)
        for post_id, subject in subjects(connection, campaign_id, batch).items():
            tried += 1
            outcomes = evaluate(rules, known[post_id], publish_first=False)
            speaking = {outcome.rule for outcome in outcomes}
            untouched += not outcomes[-1].of_rule
            by_person = next((d.by_person for d in subject.log if d.id == subject.state.decision_id), False)
            for number, rule in enumerate(rules):
                matched = rule.when.match(known[post_id])
                if matched is None:
                    continue
                first_told, most = (listed.skip, listed.most) if number == listed.rule else (0, EXAMPLES)
                if first_told <= caught[number] < first_told + most:
                    post = known[post_id]
                    status = subject.state.status
                    examples[number].append(Caught(post_id, post.text, post.handle, matched, status, by_person))
                caught[number] += 1
                decided[number] += rule.name in speaking
                approved[number] += by_person and subject.state.status is Status.APPROVED
                rejected[number] += by_person and subject.state.status is Status.REJECTED
    trials = tuple(
        Trial(rule, caught[n], decided[n], approved[n], rejected[n], tuple(examples[n])) for n, rule in enumerate(rules)
    )
    return Report(tried, untouched, trials)
