"""What became of everything that was collected, in numbers that may be published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, case, distinct, func, insert, select

from ..core.decisions import NOT_PEOPLE, Status, Verdict
from .review_tables import tally
from .tables import campaign, campaign_post, decision, post

FORGOTTEN = "forgotten"
ELSEWHERE = ""  # stands for every reason in words of its own, and for none


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one campaign's posts. Each is one of the seven kinds that follow `collected`, which is their sum. `gone`: its
    network no longer shows it; `withdrawn`: taken out on request. `reasons`: why rejected ones were, by code; "" for
    those in other words. `edited_after_approval`: approved once, and changed since."""

    collected: int = 0
    approved_by_people: int = 0
    approved_by_rules: int = 0
    rejected_by_people: int = 0
    rejected_by_rules: int = 0
    waiting: int = 0
    gone: int = 0
    withdrawn: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    edited_after_approval: int = 0


@dataclass(frozen=True, slots=True)
class Noted:
    """Counts as they were on a day. `words`: of each reason's code, by language, as they were then."""

    day: date
    counts: Counts
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def count(connection: Connection, campaign_id: int, codes: frozenset[str]) -> Counts:
    """As it stands now. `codes`: the reasons that may be told; whatever else a moderator or rule wrote may not."""
    stands = decision.alias("stands")
    by_person = stands.c.by.not_in(NOT_PEOPLE)
    place = case(
        (post.c.gone == FORGOTTEN, "withdrawn"),
        (post.c.gone.is_not(None), "gone"),
        (campaign_post.c.status == Status.APPROVED, case((by_person, "approved_by_people"), else_="approved_by_rules")),
        (campaign_post.c.status == Status.REJECTED, case((by_person, "rejected_by_people"), else_="rejected_by_rules")),
        else_="waiting",
    )
    reason = case((and_(campaign_post.c.status == Status.REJECTED, post.c.gone.is_(None)), stands.c.reason))
    numbers: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    each = (
        select(place.label("place"), reason.label("why"))
        .select_from(campaign_post.join(post, post.c.id == campaign_post.c.post_id))
        .outerjoin(stands, stands.c.id == campaign_post.c.decision_id)
        .where(campaign_post.c.campaign_id == campaign_id)
        .subquery()
    )
    for where, why, number in connection.execute(
        select(each.c.place, each.c.why, func.count()).group_by(each.c.place, each.c.why)
    ):
        numbers[where] += number
        if where.startswith("rejected"):
            reasons[why if why in codes else ELSEWHERE] += number
    return Counts(
        collected=numbers.total(),
        **numbers,
        reasons=dict(sorted(reasons.items())),
        edited_after_approval=_edited(connection, campaign_id),
    )


def _edited(connection: Connection, campaign_id: int) -> int:
    query = (
        select(func.count(distinct(decision.c.post_id)))
        .join(post, post.c.id == decision.c.post_id)
        .where(
            decision.c.campaign_id == campaign_id,
            decision.c.verdict == Verdict.APPROVE,
            decision.c.content_hash != post.c.content_hash,
            post.c.gone.is_(None),
        )
    )
    return connection.execute(query).scalar_one()


# --- once a day ------------------------------------------------------------------------------------------------------


def lacking(connection: Connection, day: date) -> list[int]:
    """The campaigns that have no counts for this day, and do publish: while publishing is stopped, readers go on seeing
    what they saw."""
    there = select(tally.c.campaign_id).where(tally.c.day == str(day))
    query = select(campaign.c.id).where(campaign.c.publishing.is_(True), campaign.c.id.not_in(there))
    return list(connection.execute(query.order_by(campaign.c.id)).scalars())


def note(connection: Connection, campaign_id: int, what: Noted) -> None:
    """Keeps the day's counts; inside `writing`, for one of those that `lacking` named in the same transaction."""
    told = {"counts": asdict(what.counts), "words": dict(what.words)}
    connection.execute(insert(tally).values(campaign_id=campaign_id, day=str(what.day), counts=told))


def noted(connection: Connection, day: date) -> dict[str, Noted]:
    """The latest counts up to this day, by the campaign's slug."""
    latest = (
        select(tally.c.campaign_id, func.max(tally.c.day).label("day"))
        .where(tally.c.day <= str(day))
        .group_by(tally.c.campaign_id)
        .subquery()
    )
    rows = connection.execute(
        select(campaign.c.slug, tally.c.day, tally.c.counts)
        .join(tally, tally.c.campaign_id == campaign.c.id)
        .join(latest, and_(latest.c.campaign_id == tally.c.campaign_id, latest.c.day == tally.c.day))
    )
    return {
        slug: Noted(date.fromisoformat(day), Counts(**_known(told["counts"])), told["words"])
        for slug, day, told in sorted(tuple(row) for row in rows)
    }


def _known(counts: Mapping[str, Any]) -> dict[str, Any]:
    """What this version of the program knows of what an earlier or later one noted."""
    return {name: value for name, value in counts.items() if name in Counts.__dataclass_fields__}
