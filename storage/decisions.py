"""The decision log and its fold. `record` is the only writer of both: a post's status never differs from its log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, literal_column, select, tuple_, update

from ..core.decisions import Decision, Draft, State, Status, Verdict, fold, standing
from .batches import Among, Batch, chunks
from .changes import touch
from .store import next_ids
from .tables import campaign_post, decision, post

BATCH = 1_000  # posts folded at once


@dataclass(frozen=True, slots=True)
class Subject:
    """One post in one campaign, with its log: what a decision is about. `state` is as stored; `gone` says why its
    network no longer shows it."""

    campaign_id: int
    post_id: int
    thread_id: int
    content_hash: str
    state: State
    log: tuple[Decision, ...]
    gone: str | None = None

    @property
    def stands(self) -> Decision | None:
        """The decision that stands."""
        return next((d for d in self.log if d.id == self.state.decision_id), None)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was added to one post's log, and where the post stands now."""

    state: State
    added: tuple[Decision, ...]


def subjects(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> dict[int, Subject]:
    """Those of the posts that are held and in the campaign, by id, in the order given."""
    found: dict[int, Subject] = {}
    rows = _SUBJECTS(connection, post_ids, campaign=campaign_id)
    known = logs(connection, campaign_id, [row[1] for row in rows if row[2] != Status.NEW])
    found |= {row[1]: _subject(row, known.get(row[1], ())) for row in rows}
    return {post_id: found[post_id] for post_id in post_ids if post_id in found}


def record(
    connection: Connection,
    entries: Sequence[tuple[Subject, Sequence[Draft]]],
    now: datetime,
    *,
    one_stroke: bool = False,
) -> dict[int, Recorded]:
    """Appends the drafts to the log and keeps the states in step; returns both by post id. Drafts may be none: the
    state is then folded anew, as after an edit. Subjects must have been read in this same writing transaction.
    Threads whose readers might see a difference are touched. Of `one_stroke`, several decisions know their first."""
    count = sum(len(drafts) for _, drafts in entries)
    ids = iter(free := next_ids(connection, decision, count))
    batch = free[0] if one_stroke and count > 1 else None
    rows: list[tuple[Any, ...]] = []
    recorded: dict[int, Recorded] = {}
    changed: list[tuple[Subject, State]] = []
    for subject, drafts in entries:
        added = tuple(_decided(next(ids), subject.post_id, draft, now, batch) for draft in drafts)
        rows.extend(_row(subject.campaign_id, one) for one in added)
        state = fold((*subject.log, *added), subject.content_hash)
        recorded[subject.post_id] = Recorded(state, added)
        if _columns(state) != _columns(subject.state):
            changed.append((subject, state))
    _RECORD(connection, rows)
    if changed:
        _store_states(connection, changed)
        touch(connection, [s.thread_id for s, state in changed if _seen(state) != _seen(s.state)], now)
    return recorded


def members(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> set[int]:
    """Those of the posts that the campaign knows, held or not."""
    return {row[0] for row in _MEMBERS(connection, post_ids, campaign=campaign_id)}


def campaigns_of(connection: Connection, post_ids: Sequence[int]) -> dict[int, list[int]]:
    """In which campaigns these posts were decided on: post ids by campaign."""
    members: dict[int, list[int]] = defaultdict(list)
    for campaign_id, post_id in _DECIDED_IN(connection, post_ids):
        members[campaign_id].append(post_id)
    return members


def refold(connection: Connection, post_ids: Sequence[int], now: datetime) -> None:
    """Folds these posts' logs anew in every campaign: for whatever changes contents or logs but decides nothing, such
    as two posts turning out to be one."""
    for campaign_id, ids in campaigns_of(connection, post_ids).items():
        record(connection, [(subject, ()) for subject in subjects(connection, campaign_id, ids).values()], now)


def rebuild(connection: Connection, campaign_id: int, now: datetime) -> int:
    """Folds the whole log of a campaign anew; returns how many stored states differed and were put right."""
    after, corrected = 0, 0
    while True:
        rows = connection.execute(
            _SUBJECT.where(campaign_post.c.post_id > after).order_by(campaign_post.c.post_id).limit(BATCH),
            {"campaign": campaign_id},
        ).all()
        if not rows:
            return corrected
        after = rows[-1].post_id
        known = logs(connection, campaign_id, [row.post_id for row in rows])
        read = [_subject(row, known.get(row.post_id, ())) for row in rows]
        wrong = [s for s in read if _columns(fold(s.log, s.content_hash)) != _columns(s.state)]
        record(connection, [(subject, ()) for subject in wrong], now)
        corrected += len(wrong)


def logs(connection: Connection, campaign_id: int, post_ids: Sequence[int]) -> Mapping[int, list[Decision]]:
    """The decisions on these posts in the campaign, by post, each log in its order; posts without any are left out."""
    found: dict[int, list[Decision]] = defaultdict(list)
    for row in _LOGS(connection, post_ids, campaign=campaign_id):
        found[row[_POST]].append(from_row(row))
    return found


def by_ids(connection: Connection, decision_ids: Sequence[int]) -> list[tuple[int, Decision]]:
    """(campaign id, decision) for those of the ids that there are, in the order of deciding."""
    query = select(decision.c.campaign_id, *LOG).order_by(decision.c.id)
    return [
        (row[0], from_row(row[1:]))
        for part in chunks(decision_ids)
        for row in connection.execute(query.where(decision.c.id.in_(part)))
    ]


def stroke(connection: Connection, decision_id: int) -> list[int]:
    """The ids of all decisions made in one stroke with this one; itself alone where it was alone or is not there."""
    batch = connection.execute(select(decision.c.batch).where(decision.c.id == decision_id)).scalar()
    if batch is None:
        return [decision_id]
    return list(
        connection.execute(select(decision.c.id).where(decision.c.batch == batch).order_by(decision.c.id)).scalars()
    )


def last_of(connection: Connection, by: str, campaign_id: int | None = None) -> int | None:
    """The id of a person's last decision that still stands and is no undo; None when there is none."""
    query = select(decision.c.id, decision.c.campaign_id, decision.c.post_id, decision.c.at).where(
        decision.c.by == by, BY_PEOPLE, decision.c.verdict != Verdict.UNDO
    )
    if campaign_id is not None:
        query = query.where(decision.c.campaign_id == campaign_id)
    query = query.order_by(decision.c.at.desc(), decision.c.id.desc()).limit(_LOOK_BACK)
    before: tuple[datetime, int] | None = None
    while True:
        page = query if before is None else query.where(tuple_(decision.c.at, decision.c.id) < before)
        rows = connection.execute(page).all()
        kept: set[int] = set()
        for place in {row.campaign_id for row in rows}:
            of_posts = logs(connection, place, [row.post_id for row in rows if row.campaign_id == place])
            kept.update(one.id for log in of_posts.values() for one in standing(log))
        found = next((row.id for row in rows if row.id in kept), None)
        if found is not None or len(rows) < _LOOK_BACK:
            return found
        before = (rows[-1].at, rows[-1].id)


_LOOK_BACK = 100  # of a person's decisions at once; most often the last one stands
# written out as in the index ix_decision_people, or it would not serve
BY_PEOPLE = decision.c.by.not_in([literal_column("'rule'"), literal_column("'tagora'")])

_SUBJECT = (
    select(
        campaign_post.c.campaign_id,
        campaign_post.c.post_id,
        campaign_post.c.status,
        campaign_post.c.decided_hash,
        campaign_post.c.decision_id,
        campaign_post.c.featured,
        campaign_post.c.urgency,
        post.c.thread_id,
        post.c.content_hash,
        post.c.gone,
    )
    .join(post, post.c.id == campaign_post.c.post_id)
    .where(campaign_post.c.campaign_id == bindparam("campaign"), post.c.content_hash.is_not(None))
)


_SUBJECTS = Among(lambda ids: _SUBJECT.where(campaign_post.c.post_id.in_(ids)))
_MEMBERS = Among(
    lambda ids: select(campaign_post.c.post_id).where(
        campaign_post.c.campaign_id == bindparam("campaign"), campaign_post.c.post_id.in_(ids)
    )
)
_DECIDED_IN = Among(
    lambda ids: select(campaign_post.c.campaign_id, campaign_post.c.post_id).where(
        campaign_post.c.post_id.in_(ids), campaign_post.c.status != Status.NEW.value
    )
)
LOG = (decision.c.id, decision.c.post_id, decision.c.verdict, decision.c.content_hash, decision.c.by, decision.c.at,
        decision.c.reason, decision.c.rule, decision.c.ruleset_id, decision.c.matched, decision.c.reverts,
        decision.c.batch)  # fmt: skip
_POST = 1
_RECORD = Batch(insert(decision), "campaign_id", *(column.name for column in LOG))
_LOGS = Among(
    lambda ids: (
        select(*LOG)
        .where(decision.c.campaign_id == bindparam("campaign"), decision.c.post_id.in_(ids))
        .order_by(decision.c.post_id, decision.c.id)
    )
)


def _subject(row: Any, log: Sequence[Decision]) -> Subject:
    campaign_id, post_id, status, decided_hash, decision_id, featured, urgency, thread_id, content_hash, gone = row
    state = State(Status(status), decided_hash, decision_id, featured, urgency=urgency)
    return Subject(campaign_id, post_id, thread_id, content_hash, state, tuple(log), gone)


def from_row(row: Any) -> Decision:
    id_, post_id, verdict, content_hash, by, at, reason, rule, ruleset_id, matched, reverts, batch = row
    return Decision(
        id_,
        post_id,
        Verdict(verdict),
        content_hash,
        by,
        at,
        reason,
        rule,
        ruleset_id,
        tuple(matched) if isinstance(matched, list) else matched,
        reverts,
        batch,
    )


def _decided(decision_id: int, post_id: int, draft: Draft, now: datetime, batch: int | None) -> Decision:
    return Decision(
        decision_id,
        post_id,
        draft.verdict,
        draft.content_hash,
        draft.by,
        now,
        draft.reason,
        draft.rule,
        draft.ruleset_id,
        draft.matched,
        draft.reverts,
        batch,
    )


def _row(campaign_id: int, one: Decision) -> tuple[Any, ...]:
    """The campaign, and the rest in the order of LOG."""
    return (campaign_id, one.id, one.post_id, one.verdict.value, one.content_hash, one.by, one.at,
            one.reason, one.rule, one.ruleset_id, one.matched, one.reverts, one.batch)  # fmt: skip


def _seen(state: State) -> tuple[Any, ...]:
    """What of a state readers may see."""
    return state.status, state.decided_hash, state.decision_id, state.featured


def _columns(state: State) -> tuple[Any, ...]:
    """What `campaign_post` holds of it."""
    return state.status.value, state.decided_hash, state.decision_id, state.featured, state.urgency


def _store_states(connection: Connection, changed: Sequence[tuple[Subject, State]]) -> None:
    rows = [(*_columns(state), subject.campaign_id, subject.post_id) for subject, state in changed]
    _SET_STATES(connection, rows)


_SET_STATES = Batch(
    update(campaign_post).where(
        campaign_post.c.campaign_id == bindparam("in_campaign"), campaign_post.c.post_id == bindparam("of_post")
    ),
    *("status", "decided_hash", "decision_id", "featured", "urgency", "in_campaign", "of_post"),
)
