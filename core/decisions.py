"""Decisions and what they add up to. The log is append-only; a post's state in a campaign is its fold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    HOLD = "hold"
    PEND = "pend"  # into the queue, for a person to decide
    FLAG = "flag"
    LOG = "log"
    FEATURE = "feature"
    UNFEATURE = "unfeature"
    UNDO = "undo"


class Status(StrEnum):
    NEW = "new"  # nobody, no rule has looked at it; never published
    PENDING = "pending"
    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"


STATUS_OF = {
    Verdict.APPROVE: Status.APPROVED,
    Verdict.REJECT: Status.REJECTED,
    Verdict.HOLD: Status.HELD,
    Verdict.PEND: Status.PENDING,
}

WAITING = (Status.NEW, Status.PENDING)  # for a person
OPEN = (Status.NEW, Status.PENDING, Status.HELD)  # what a person has yet to decide for good

# Why an open post is more urgent than another; the sum is its urgency, the higher the sooner.
WAS_SHOWN = 1  # approved once and edited since: readers see “in review” in its place
FLAGGED = 2  # by a rule, on what it says now

RULE = "rule"  # decided by a campaign's rule
TAGORA = "tagora"  # decided by the policy, an author's standing, or because of an edit
NOT_PEOPLE = frozenset({RULE, TAGORA})


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision not yet in the log. `matched` is [start, end] in code points of the text, or what matched elsewhere
    in words. `reverts` is the id of the decision that an undo takes back (itself perhaps an undo)."""

    verdict: Verdict
    content_hash: str
    by: str
    reason: str | None = None
    rule: str | None = None
    ruleset_id: int | None = None
    matched: tuple[int, int] | str | None = None
    reverts: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of the log, on one content of one post in one campaign. Ids ascend in the order of deciding."""

    id: int
    post_id: int
    verdict: Verdict
    content_hash: str
    by: str
    at: datetime
    reason: str | None = None
    rule: str | None = None
    ruleset_id: int | None = None
    matched: tuple[int, int] | str | None = None
    reverts: int | None = None
    batch: int | None = None  # the id of the first decision of the stroke it was made in, where that had several

    @property
    def by_person(self) -> bool:
        return self.by not in NOT_PEOPLE


@dataclass(frozen=True, slots=True)
class Seen:
    """A post as a person had it before them when they decided: what it said, and the decision that stood."""

    post_id: int
    content_hash: str
    decision_id: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where a post stands in a campaign. `decision_id` is the decision that stands, `decided_hash` the content it was
    given for; both None while nothing stands. `urgency` is 0 unless the post is open."""

    status: Status = Status.NEW
    decided_hash: str | None = None
    decision_id: int | None = None
    featured: bool = False
    by_person: bool = False
    urgency: int = 0


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that are not taken back, undos left out, in the order of the log. An undo that was itself undone
    takes nothing back."""
    reverted: set[int | None] = set()
    kept: list[Decision] = []
    for decision in sorted(decisions, key=lambda d: d.id, reverse=True):
        if decision.id in reverted:
            continue
        if decision.verdict is Verdict.UNDO:
            reverted.add(decision.reverts)
        else:
            kept.append(decision)
    kept.reverse()
    return kept


def fold(decisions: Sequence[Decision], current_hash: str | None) -> State:
    """The state that the log of one post in one campaign adds up to, for the content the post has now.

    1. A person's last decision on this very content stands; no rule overrides it.
    2. Else, if the last thing a person decided on another content was to reject, it stays rejected: editing a refused
       post does not put it before the moderators again.
    3. Else what the rules said last of this content stands.
    4. Else the post was decided on as something it is no longer, or all was undone: it is pending.
    """
    if not decisions:
        return State()
    kept = standing(decisions)
    featured = False
    for decision in kept:
        if decision.verdict in (Verdict.FEATURE, Verdict.UNFEATURE):
            featured = decision.verdict is Verdict.FEATURE
    deciding = [d for d in kept if d.verdict in STATUS_OF]
    by_people = [d for d in deciding if d.by_person]
    on_current = [d for d in deciding if d.content_hash == current_hash]
    stands = next((d for d in reversed(on_current) if d.by_person), None)
    if stands is None and by_people and by_people[-1].verdict is Verdict.REJECT:
        stands = by_people[-1]
    if stands is None and on_current:
        stands = on_current[-1]
    status = Status.PENDING if stands is None else STATUS_OF[stands.verdict]
    urgency = urgency_of(kept, current_hash) if status in OPEN else 0
    if stands is None:
        return State(status, featured=featured, urgency=urgency)
    return State(status, stands.content_hash, stands.id, featured, stands.by_person, urgency)


def urgency_of(kept: Iterable[Decision], current_hash: str | None) -> int:
    """How urgent an open post is, by the decisions that are not taken back."""
    urgency = 0
    for decision in kept:
        if decision.verdict is Verdict.FLAG and decision.content_hash == current_hash:
            urgency |= FLAGGED
        elif decision.verdict is Verdict.APPROVE and decision.content_hash != current_hash:
            urgency |= WAS_SHOWN
    return urgency
