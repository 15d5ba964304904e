"""What moderators do: decide, undo, note, trust and block, stop publishing, change the rules. Each function works
inside the caller's writing transaction, so that a batch is done whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..core.conditions import Stands
from ..core.decisions import NOT_PEOPLE, STATUS_OF, Decision, Draft, Status, Verdict
from ..core.errors import TagoraError, UsageError
from ..core.normalise import clean_line, clean_text
from ..core.rules_yaml import read_rules
from ..storage import rulesets
from ..storage import standing as standings
from ..storage.decisions import BATCH, Subject, by_id, last_of, record, subjects
from ..storage.policy import set_publishing
from ..storage.queue import Place, add_note, find_posts, waiting
from ..storage.rulesets import Ruleset
from ..storage.standing import KnownAuthor
from ..storage.store import Connection
from .decide import apply_rules

MAX_NOTE = 5_000


class StaleDecision(TagoraError):
    """The post is no longer what the moderator saw."""

    exit_status = 1

    def __init__(self, post_id: int, seen_hash: str, current_hash: str) -> None:
        super().__init__(
            f"post #{post_id} was edited after you saw it (you saw {seen_hash[:14]}, it is {current_hash[:14]} now)",
            "Nothing was decided; look at what it says now and decide again.",
        )
        self.post_id = post_id
        self.seen_hash = seen_hash
        self.current_hash = current_hash


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision. `decision_id` is None when the post stood so already and nothing was recorded."""

    post_id: int
    before: Status
    after: Status
    featured: bool
    decision_id: int | None


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo took back, and where the post stands now."""

    campaign_id: int
    post_id: int
    took_back: Decision
    before: Status
    after: Status
    featured: bool


def locate(connection: Connection, references: Sequence[str], campaign_id: int | None = None) -> list[Place]:
    """The posts named by the store's id or an address. Raises UsageError for one that is not there."""
    places: list[Place] = []
    for reference in references:
        found = find_posts(connection, reference, campaign_id)
        if not found:
            shown = clean_line(reference, 200) or "nothing"
            raise UsageError(
                f"no post {shown!r} is held in a campaign",
                "Give the number that `tagora list` shows, or the address of the post on its network.",
            )
        places.extend(place for place in found if place not in places)
    return places


def decide(
    connection: Connection,
    campaign_id: int,
    post_ids: Sequence[int],
    verdict: Verdict,
    by: str,
    now: datetime,
    *,
    reason: str | None = None,
    seen: Mapping[int, str] | None = None,
) -> list[Decided]:
    """A person's verdict (any but undo, flag and log) on posts as they are now; said twice, it is recorded once.

    `seen` maps posts to the content hash that the moderator saw. Raises StaleDecision when one is no longer that, and
    UsageError for a post that is not in the campaign; nothing is recorded then.
    """
    by = person(by)
    if verdict not in STATUS_OF and verdict not in (Verdict.FEATURE, Verdict.UNFEATURE):
        raise UsageError(f"{verdict.value} is not for people to decide")
    reason = clean_line(reason, 500)
    found = subjects(connection, campaign_id, list(dict.fromkeys(post_ids)))
    entries: list[tuple[Subject, list[Draft]]] = []
    for post_id in dict.fromkeys(post_ids):
        subject = found.get(post_id)
        if subject is None:
            raise UsageError(f"post #{post_id} is not held in this campaign", "Nothing was decided.")
        if seen and seen.get(post_id, subject.content_hash) != subject.content_hash:
            raise StaleDecision(post_id, seen[post_id], subject.content_hash)
        again = _stands_so(subject, verdict, reason)
        entries.append((subject, [] if again else [Draft(verdict, subject.content_hash, by, reason)]))
    return [
        Decided(
            post_id,
            found[post_id].state.status,
            recorded.state.status,
            recorded.state.featured,
            recorded.added[0].id if recorded.added else None,
        )
        for post_id, recorded in record(connection, entries, now).items()
    ]


def undo(
    connection: Connection, by: str, now: datetime, *, decision_id: int | None = None, campaign_id: int | None = None
) -> Undone:
    """Takes back a decision, a rule's or an undo among them; without an id, the last of this person's that stands.
    Raises UsageError when there is none, or it was taken back already."""
    by = person(by)
    if decision_id is None:
        decision_id = last_of(connection, by, campaign_id)
        if decision_id is None:
            raise UsageError(f"{by} has no decision left to undo")
    found = by_id(connection, decision_id)
    if found is None or (campaign_id is not None and found[0] != campaign_id):
        raise UsageError(f"there is no decision {decision_id}", "The post's history shows the numbers.")
    place, taken_back = found
    subject = subjects(connection, place, [taken_back.post_id]).get(taken_back.post_id)
    if subject is None:
        raise UsageError(f"the post of decision {decision_id} is no longer held")
    undone_by = _undone_by(subject.log, decision_id)
    if undone_by:
        raise UsageError(
            f"decision {decision_id} was taken back already, by {undone_by.by} (decision {undone_by.id})",
            f"Undo {undone_by.id} to bring it back.",
        )
    draft = Draft(Verdict.UNDO, subject.content_hash, by, reverts=decision_id)
    state = record(connection, [(subject, [draft])], now)[subject.post_id].state
    return Undone(place, subject.post_id, taken_back, subject.state.status, state.status, state.featured)


def remark(connection: Connection, campaign_id: int, post_id: int, text: str, by: str, now: datetime) -> int:
    """A note among moderators on a post; its id. Raises UsageError for an empty one or a post not in the campaign."""
    cleaned = clean_text(text, MAX_NOTE).strip()
    if not cleaned:
        raise UsageError("the note is empty")
    if not subjects(connection, campaign_id, [post_id]):
        raise UsageError(f"post #{post_id} is not held in this campaign")
    return add_note(connection, campaign_id, post_id, cleaned, person(by), now)


def the_author(connection: Connection, name: str) -> list[KnownAuthor]:
    """Everybody who bears the handle, address or id. Raises UsageError when nobody does."""
    found = standings.find_authors(connection, name)
    if not found:
        raise UsageError(f"no author {clean_line(name, 200)!r} is known", "Give the @handle or the profile's address.")
    return found


def set_standing(
    connection: Connection,
    campaign_id: int,
    author_id: int,
    stands: Stands | None,
    by: str,
    now: datetime,
    *,
    until: datetime | None = None,
) -> int:
    """Trusts or blocks an author in the campaign until `until` (None: without end); `stands` None lifts it. Posts of
    the author that wait are decided anew; those decided on stay. Returns how many left the queue."""
    by = person(by)
    if until is not None and until <= now:
        raise UsageError("the end date has passed already")
    if stands is None:
        standings.lift(connection, campaign_id, author_id)
    else:
        standings.put(connection, campaign_id, author_id, stands, until, by, now)
    return apply_rules(connection, campaign_id, standings.undecided_of(connection, campaign_id, author_id), now)


def stop_publishing(connection: Connection, campaign_id: int) -> None:
    """The campaign's pages stay as they are, withdrawals apart."""
    set_publishing(connection, campaign_id, False)


def resume_publishing(connection: Connection, campaign_id: int) -> None:
    set_publishing(connection, campaign_id, True)


def load_rules(connection: Connection, campaign_id: int, text: str, by: str, now: datetime, *, name: str) -> Ruleset:
    """A new version of the campaign's rules, in force at once for what comes in. Raises ConfigError with line, rule and
    key; then the former rules stay in force. `name` is what errors call the text."""
    read_rules(text, name)
    return rulesets.add(connection, campaign_id, text, person(by), now)


def apply_to_queue(connection: Connection, campaign_id: int, now: datetime) -> int:
    """Asks the rules in force about everything that waits; returns how many posts left the queue."""
    ids = waiting(connection, campaign_id)
    return sum(apply_rules(connection, campaign_id, ids[n : n + BATCH], now) for n in range(0, len(ids), BATCH))


def person(name: str) -> str:
    """A moderator's name as the log keeps it. Raises UsageError for none, and for those that are not people's."""
    cleaned = clean_line(name, 80)
    if not cleaned or cleaned.casefold() in NOT_PEOPLE:
        raise UsageError(f"{name!r} cannot be a moderator's name", "Say who decides.")
    return cleaned


def _stands_so(subject: Subject, verdict: Verdict, reason: str | None) -> bool:
    """Whether people decided just this already. A rule's decision can still be confirmed by a person."""
    if verdict in (Verdict.FEATURE, Verdict.UNFEATURE):
        return subject.state.featured is (verdict is Verdict.FEATURE)
    stands = next((d for d in subject.log if d.id == subject.state.decision_id), None)
    return (
        stands is not None
        and stands.by_person
        and stands.content_hash == subject.content_hash
        and (stands.verdict, stands.reason) == (verdict, reason)
    )


def _undone_by(log: Sequence[Decision], decision_id: int) -> Decision | None:
    """The undo that takes this decision back, if one stands."""
    reverted: set[int | None] = set()
    for decision in reversed(log):
        if decision.id not in reverted and decision.verdict is Verdict.UNDO:
            if decision.reverts == decision_id:
                return decision
            reverted.add(decision.reverts)
    return None
