"""Rules: in which order they decide, and what they say of a post. The written form is read by core.rules_yaml;
docs/rules.md tells it to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .conditions import All, Facts, Matched, Need, Stands, needs_of
from .decisions import Verdict
from .tongue import ENGLISH, Tongue

BLOCKED_AUTHOR = "blocked author"
TRUSTED_AUTHOR = "trusted author"
POLICY = "policy"
RESERVED_NAMES = frozenset({BLOCKED_AUTHOR, TRUSTED_AUTHOR, POLICY})

_DONE = {
    Verdict.APPROVE: "the post is accepted",
    Verdict.HOLD: "the post is held",
    Verdict.REJECT: "the post is rejected",
    Verdict.FLAG: "the post is flagged",
    Verdict.LOG: "that is logged",
}


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    when: All
    then: Verdict  # approve, hold and reject decide; flag and log let the next rules speak
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule, a standing or the policy says of a post, before it is a decision."""

    verdict: Verdict
    rule: str
    reason: str | None = None
    matched: Matched | None = None

    @property
    def of_rule(self) -> bool:
        return self.rule not in RESERVED_NAMES


def evaluate(rules: Sequence[Rule], facts: Facts, *, publish_first: bool) -> list[Outcome]:
    """What is to be recorded of a post: flags and logs, and as the last exactly one deciding outcome.

    Order: a blocked author is rejected; the rules speak in order until one accepts, holds or rejects; a trusted author
    is accepted; the policy decides (publish_first: approve, else pend). Never approved here are unlisted
    posts, and those of authors of whom only a person may publish anything.
    """
    outcomes = _outcomes(rules, facts, publish_first)
    last = outcomes[-1]
    if last.verdict is Verdict.APPROVE and (facts.unlisted or facts.limited):
        why = "unlisted" if facts.unlisted else "limited"
        outcomes[-1] = Outcome(Verdict.PEND, last.rule, f"{why}: only a person may publish it", last.matched or why)
    return outcomes


def _outcomes(rules: Sequence[Rule], facts: Facts, publish_first: bool) -> list[Outcome]:
    if facts.stands is Stands.BLOCKED:
        return [Outcome(Verdict.REJECT, BLOCKED_AUTHOR, None, f"@{facts.handle}" if facts.handle else None)]
    outcomes: list[Outcome] = []
    for rule in rules:
        matched = rule.when.match(facts)
        if matched is not None:
            outcomes.append(Outcome(rule.then, rule.name, rule.reason, matched))
            if rule.then not in (Verdict.FLAG, Verdict.LOG):
                return outcomes
    if facts.stands is Stands.TRUSTED:
        return [*outcomes, Outcome(Verdict.APPROVE, TRUSTED_AUTHOR, None, f"@{facts.handle}" if facts.handle else None)]
    return [*outcomes, Outcome(Verdict.APPROVE if publish_first else Verdict.PEND, POLICY)]


def describe(rule: Rule, say: Tongue = ENGLISH) -> str:
    """The rule as one sentence."""
    why = f" ({rule.reason})" if rule.reason else ""
    told = {"condition": rule.when.describe(say), "decision": say.gettext(_DONE[rule.then]) + why}
    return say.gettext("When %(condition)s, %(decision)s.") % told


def needs(rules: Sequence[Rule]) -> frozenset[Need]:
    """What must be looked up before these rules can be asked."""
    return frozenset(need for rule in rules for need in needs_of(rule.when))
