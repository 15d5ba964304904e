"""Deciding on posts as a person saw them, and taking decisions back. What cannot be done is told post by post, with
what happened; the rest is done. Each function works inside the caller's writing transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..core.decisions import STATUS_OF, Decision, Draft, Seen, Status, Verdict, standing
from ..core.errors import UsageError
from ..core.normalise import clean_line
from ..storage.claims import Claim, claims, release
from ..storage.decisions import Subject, by_ids, last_of, members, record, stroke, subjects
from ..storage.notes import close_questions
from ..storage.standing import undecided_of
from ..storage.store import Connection
from ..storage.thread_view import waiting_branch
from .names import person

FINAL = (Verdict.APPROVE, Verdict.REJECT)
FEATURING = (Verdict.FEATURE, Verdict.UNFEATURE)
MAX_REASON = 500


class Why(StrEnum):
    """Why a post was left as it is."""

    EDITED = "edited"  # it says something else than the person saw
    DECIDED = "decided"  # somebody decided meanwhile, or after what was to be taken back
    CLAIMED = "claimed"  # somebody else has it open
    GONE = "gone"  # its network no longer shows it, or it was withdrawn
    ABSENT = "absent"  # it is not in this campaign


@dataclass(frozen=True, slots=True)
class Refused:
    """A post on which nothing was done. `decision`: the one that stands now, or that came in between; `claim`: who has
    it open and until when; `content_hash`: of what it says now."""

    post_id: int
    why: Why
    decision: Decision | None = None
    claim: Claim | None = None
    content_hash: str | None = None

    def __str__(self) -> str:
        at = f"post #{self.post_id}"
        match self.why:
            case Why.EDITED:
                return f"{at} was edited after you saw it"
            case Why.DECIDED if self.decision:
                said = self.decision
                why = f" ({said.reason})" if said.reason else ""
                return f"{at}: {said.by} said “{said.verdict.value}”{why} at {said.at:%H:%M} UTC, decision {said.id}"
            case Why.DECIDED:
                return f"{at}: what was decided on it was taken back meanwhile"
            case Why.CLAIMED if self.claim:
                return f"{at} is open at {self.claim.by} until {self.claim.until:%H:%M} UTC"
            case Why.GONE:
                return f"{at} is gone: its network no longer shows it, or it was withdrawn"
            case _:
                return f"{at} is not held in this campaign"


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a verdict on one post. `decision_id`: its entry in the log; None where the post stood so already and
    nothing was recorded. `repeated`: it had been recorded before, and was not again."""

    post_id: int
    before: Status
    after: Status
    featured: bool
    decision_id: int | None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one stroke, in the order asked for."""

    decided: tuple[Decided, ...]
    refused: tuple[Refused, ...]

    @property
    def stroke(self) -> int | None:
        """The decision by which the whole stroke is found again; None when nothing is in the log."""
        return next((one.decision_id for one in self.decided if one.decision_id is not None), None)


@dataclass(frozen=True, slots=True)
class Undone:
    """A decision that is taken back. `decision_id` is the undo's own; `repeated`: it had been taken back before, by
    `by`, and was not again."""

    campaign_id: int
    post_id: int
    took_back: Decision
    decision_id: int
    by: str
    before: Status
    after: Status
    featured: bool
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class TakenBack:
    undone: tuple[Undone, ...]
    refused: tuple[Refused, ...]


# --- deciding --------------------------------------------------------------------------------------------------------


def decide_seen(
    connection: Connection,
    campaign_id: int,
    seen: Sequence[Seen],
    verdict: Verdict,
    by: str,
    now: datetime,
    *,
    reason: str | None = None,
) -> Outcome:
    """A person's verdict (any but undo, flag and log) on posts as they saw them, in one stroke. Refuses, post by post,
    what changed or was decided meanwhile, is open at somebody else, or is gone. The very same decision once more, as
    after a network that stalled, is a success and recorded once. Raises UsageError for a verdict not for people."""
    by, reason = _said(verdict, by, reason)
    asked = {one.post_id: one for one in seen}
    found = subjects(connection, campaign_id, list(asked))
    open_at = claims(connection, campaign_id, list(found), now)
    missing = [post_id for post_id in asked if post_id not in found]
    withdrawn = members(connection, campaign_id, missing)
    repeated: dict[int, Decision | None] = {}
    refused: list[Refused] = []
    fresh: list[Subject] = []
    for post_id, as_seen in asked.items():
        subject = found.get(post_id)
        if subject is None:
            refused.append(Refused(post_id, Why.GONE if post_id in withdrawn else Why.ABSENT))
        elif verdict in FEATURING and subject.state.featured is (verdict is Verdict.FEATURE):
            repeated[post_id] = None
        elif verdict not in FEATURING and (said := _said_before(subject, as_seen, verdict, reason, by)):
            repeated[post_id] = said
        elif refusal := _refusal(subject, as_seen, open_at.get(post_id), by):
            refused.append(refusal)
        else:
            fresh.append(subject)
    recorded = _record(connection, campaign_id, fresh, verdict, reason, by, now)
    decided = {one.post_id: one for one in recorded}
    for post_id, said in repeated.items():
        state = found[post_id].state
        decided[post_id] = Decided(post_id, state.status, state.status, state.featured, said.id if said else None, True)
    return Outcome(tuple(decided[post_id] for post_id in asked if post_id in decided), tuple(refused))


def decide(
    connection: Connection,
    campaign_id: int,
    post_ids: Sequence[int],
    verdict: Verdict,
    by: str,
    now: datetime,
    *,
    reason: str | None = None,
) -> list[Decided]:
    """A person's verdict on posts as they are now, in one stroke: all of them, or UsageError for one that is not in the
    campaign or open at somebody else. What people decided just so already is not recorded again."""
    by, reason = _said(verdict, by, reason)
    wanted = list(dict.fromkeys(post_ids))
    found = subjects(connection, campaign_id, wanted)
    open_at = claims(connection, campaign_id, wanted, now)
    for post_id in wanted:
        claim = open_at.get(post_id)
        if post_id not in found:
            raise UsageError(str(Refused(post_id, Why.ABSENT)), "Nothing was decided.")
        if claim is not None and claim.by != by:
            raise UsageError(str(Refused(post_id, Why.CLAIMED, claim=claim)), "Nothing was decided; ask, or wait.")
    fresh = [found[post_id] for post_id in wanted if not _stands_so(found[post_id], verdict, reason)]
    decided = {one.post_id: one for one in _record(connection, campaign_id, fresh, verdict, reason, by, now)}
    for post_id in wanted:
        state = found[post_id].state
        decided.setdefault(post_id, Decided(post_id, state.status, state.status, state.featured, None, True))
    return [decided[post_id] for post_id in wanted]


def branch(connection: Connection, campaign_id: int, post_id: int) -> list[Seen]:
    """The post, if it is open, and everything below it that waits, as it is now."""
    return as_now(connection, campaign_id, waiting_branch(connection, campaign_id, post_id))


def all_by(connection: Connection, campaign_id: int, author_id: int) -> list[Seen]:
    """Everything of an author that waits in the campaign, as it is now."""
    return as_now(connection, campaign_id, undecided_of(connection, campaign_id, author_id))


def as_now(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> list[Seen]:
    """The posts as they are now, those that are gone left out: what a page shows, and sends back to decide."""
    return [
        Seen(subject.post_id, subject.content_hash, subject.state.decision_id)
        for subject in subjects(connection, campaign_id, post_ids).values()
        if subject.gone is None
    ]


def _said(verdict: Verdict, by: str, reason: str | None) -> tuple[str, str | None]:
    if verdict not in STATUS_OF and verdict not in FEATURING:
        raise UsageError(f"{verdict.value} is not for people to decide")
    return person(by), clean_line(reason, MAX_REASON)


def _refusal(subject: Subject, seen: Seen, claim: Claim | None, by: str) -> Refused | None:
    now, stands = subject.content_hash, subject.stands
    if subject.gone is not None:
        return Refused(subject.post_id, Why.GONE, stands, None, now)
    if claim is not None and claim.by != by:
        return Refused(subject.post_id, Why.CLAIMED, stands, claim, now)
    if now != seen.content_hash:
        return Refused(subject.post_id, Why.EDITED, stands, None, now)
    if subject.state.decision_id != seen.decision_id and not _only_rules_spoke(subject, seen):
        return Refused(subject.post_id, Why.DECIDED, stands, None, now)
    return None


def _only_rules_spoke(subject: Subject, seen: Seen) -> bool:
    """Whether another rule says the same as the one that the person saw: no reason to stop them."""
    before = next((d for d in subject.log if d.id == seen.decision_id), None)
    stands = subject.stands
    if (stands is not None and stands.by_person) or (before is not None and before.by_person):
        return False
    return subject.state.status is (Status.PENDING if before is None else STATUS_OF[before.verdict])


def _said_before(subject: Subject, seen: Seen, verdict: Verdict, reason: str | None, by: str) -> Decision | None:
    """This person's last word on the post, where it is this very decision and came after what they saw."""
    own = [d for d in standing(subject.log) if d.by == by and d.verdict in STATUS_OF]
    last = own[-1] if own else None
    same = last is not None and (last.verdict, last.reason, last.content_hash) == (verdict, reason, seen.content_hash)
    return last if last is not None and same and last.id > (seen.decision_id or 0) else None


def _stands_so(subject: Subject, verdict: Verdict, reason: str | None) -> bool:
    """Whether people decided just this already. A rule's decision can still be confirmed by a person."""
    if verdict in FEATURING:
        return subject.state.featured is (verdict is Verdict.FEATURE)
    stands = subject.stands
    return (
        stands is not None
        and stands.by_person
        and stands.content_hash == subject.content_hash
        and (stands.verdict, stands.reason) == (verdict, reason)
    )


def _record(
    connection: Connection,
    campaign_id: int,
    fresh: Sequence[Subject],
    verdict: Verdict,
    reason: str | None,
    by: str,
    now: datetime,
) -> list[Decided]:
    if not fresh:
        return []
    entries = [(subject, [Draft(verdict, subject.content_hash, by, reason)]) for subject in fresh]
    recorded = record(connection, entries, now, one_stroke=True)
    ids = [subject.post_id for subject in fresh]
    if verdict in STATUS_OF:
        release(connection, campaign_id, ids)
        close_questions(connection, campaign_id, ids, now, asks=None if verdict in FINAL else by)
    return [
        Decided(subject.post_id, subject.state.status, new.state.status, new.state.featured, new.added[0].id)
        for subject in fresh
        if (new := recorded[subject.post_id])
    ]


# --- taking back -----------------------------------------------------------------------------------------------------


def last_stroke(connection: Connection, by: str, campaign_id: int | None = None) -> list[int]:
    """This person's last decision that stands, with all that was decided in one stroke with it; none left: nothing.
    A page that may have to ask twice asks for this once and then takes back by number."""
    last = last_of(connection, person(by), campaign_id)
    return [] if last is None else stroke(connection, last)


def take_back(
    connection: Connection,
    decision_ids: Sequence[int],
    by: str,
    now: datetime,
    *,
    campaign_id: int | None = None,
    forced: bool = False,
) -> TakenBack:
    """Takes back decisions, a rule's or an undo among them, in one stroke. What is taken back already is a success and
    not recorded again. Unless `forced`, refuses a post on which somebody else decided after. Raises UsageError for a
    number that is no decision (in the campaign)."""
    by = person(by)
    found = {decision.id: (place, decision) for place, decision in by_ids(connection, decision_ids)}
    for decision_id in decision_ids:
        if decision_id not in found or campaign_id not in (None, found[decision_id][0]):
            raise UsageError(f"there is no decision {decision_id}", "The post's history shows the numbers.")
    by_campaign: dict[int, list[Decision]] = defaultdict(list)
    for place, decision in found.values():
        by_campaign[place].append(decision)
    undone: list[Undone] = []
    refused: list[Refused] = []
    for place, decisions in by_campaign.items():
        _take_back(connection, place, decisions, by, now, forced, undone, refused)
    return TakenBack(tuple(undone), tuple(refused))


def undo(
    connection: Connection, by: str, now: datetime, *, decision_id: int | None = None, campaign_id: int | None = None
) -> list[Undone]:
    """Takes back one decision whatever came after it; without a number, this person's last stroke. Raises UsageError
    when there is none, or it was taken back already."""
    ids = last_stroke(connection, by, campaign_id) if decision_id is None else [decision_id]
    if not ids:
        raise UsageError(f"{person(by)} has no decision left to undo")
    taken = take_back(connection, ids, by, now, campaign_id=campaign_id, forced=True)
    if not taken.undone:
        raise UsageError(f"the post of decision {ids[0]} is no longer held")
    fresh = [one for one in taken.undone if not one.repeated]
    if not fresh:
        first = taken.undone[0]
        raise UsageError(
            f"decision {ids[0]} was taken back already, by {first.by} (decision {first.decision_id})",
            f"Undo {first.decision_id} to bring it back.",
        )
    return fresh


def _take_back(
    connection: Connection,
    campaign_id: int,
    decisions: Sequence[Decision],
    by: str,
    now: datetime,
    forced: bool,
    undone: list[Undone],
    refused: list[Refused],
) -> None:
    found = subjects(connection, campaign_id, list(dict.fromkeys(decision.post_id for decision in decisions)))
    targets: dict[int, list[Decision]] = defaultdict(list)
    for decision in decisions:
        subject = found.get(decision.post_id)
        if subject is None:
            refused.append(Refused(decision.post_id, Why.GONE))
            continue
        before, state = _undone_by(subject.log, decision.id), subject.state
        if before is not None:
            standing_now = (state.status, state.status, state.featured)
            undone.append(Undone(campaign_id, subject.post_id, decision, before.id, before.by, *standing_now, True))
        elif not forced and (later := _later(subject.log, decision, by)):
            refused.append(Refused(decision.post_id, Why.DECIDED, later, None, subject.content_hash))
        else:
            targets[decision.post_id].append(decision)
    entries = [
        (found[post_id], [Draft(Verdict.UNDO, found[post_id].content_hash, by, reverts=one.id) for one in taken])
        for post_id, taken in targets.items()
    ]
    for post_id, new in record(connection, entries, now, one_stroke=True).items() if entries else ():
        for one, entry in zip(targets[post_id], new.added, strict=True):
            before_it, state = found[post_id].state.status, new.state
            undone.append(Undone(campaign_id, post_id, one, entry.id, by, before_it, state.status, state.featured))


def _later(log: Sequence[Decision], target: Decision, by: str) -> Decision | None:
    """Somebody else's decision on the same question that came after and stands."""
    question = FEATURING if target.verdict in FEATURING else tuple(STATUS_OF)
    if target.verdict in (Verdict.FLAG, Verdict.LOG):
        return None
    later = [d for d in standing(log) if d.id > target.id and d.by_person and d.by != by and d.verdict in question]
    return later[-1] if later else None


def _undone_by(log: Sequence[Decision], decision_id: int) -> Decision | None:
    """The undo that takes this decision back, if one stands."""
    reverted: set[int | None] = set()
    for decision in reversed(log):
        if decision.id not in reverted and decision.verdict is Verdict.UNDO:
            if decision.reverts == decision_id:
                return decision
            reverted.add(decision.reverts)
    return None
