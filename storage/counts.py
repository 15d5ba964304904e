"""How many posts stand where in a campaign, and what those that wait have in common. Counting reads every waiting post:
who shows the figures again and again keeps them for some seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, distinct, func, select

from ..core.decisions import FLAGGED, OPEN, WAITING, Status
from .notes import asked_of
from .tables import campaign_post, decision, post


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """`statuses`: all posts, but of open ones only those that their network still shows. The others count what waits
    (new and pending): by the network's origin, by language (None: unknown), by the rules that spoke on what the post
    says now, and how many a rule flagged."""

    statuses: Mapping[Status, int]
    networks: Mapping[str, int]
    languages: Mapping[str | None, int]
    rules: Mapping[str, int]
    flagged: int

    @property
    def waiting(self) -> int:
        return sum(self.statuses.get(status, 0) for status in WAITING)


def of_queue(connection: Connection, campaign_id: int) -> QueueCounts:
    """The figures of one campaign, in three queries."""
    at = campaign_post.c
    in_campaign = at.campaign_id == campaign_id
    shown = (post.c.held.is_(True), post.c.gone.is_(None))
    decided = select(at.status, func.count()).where(
        in_campaign, at.status.in_([status for status in Status if status not in OPEN])
    )
    statuses = Counter({Status(row[0]): row[1] for row in connection.execute(decided.group_by(at.status))})
    networks: Counter[str] = Counter()
    languages: Counter[str | None] = Counter()
    flagged = 0
    open_ones = (
        select(at.status, at.urgency, post.c.origin, post.c.lang, func.count())
        .join(post, post.c.id == at.post_id)
        .where(in_campaign, at.status.in_(OPEN), *shown)
        .group_by(at.status, at.urgency, post.c.origin, post.c.lang)
    )
    for stands, urgency, origin, language, number in connection.execute(open_ones):
        statuses[Status(stands)] += number
        if stands in WAITING:
            networks[origin] += number
            languages[language] += number
            flagged += number if urgency & FLAGGED else 0
    spoke = (
        select(decision.c.rule, func.count(distinct(at.post_id)))
        .select_from(campaign_post.join(post, post.c.id == at.post_id))
        .join(
            decision,
            (decision.c.campaign_id == at.campaign_id)
            & (decision.c.post_id == at.post_id)
            & (decision.c.content_hash == post.c.content_hash),
        )
        .where(in_campaign, at.status.in_(WAITING), *shown, decision.c.by == "rule", decision.c.rule.is_not(None))
        .group_by(decision.c.rule)
    )
    rules = {row[0]: row[1] for row in connection.execute(spoke)}
    return QueueCounts(statuses, networks, languages, rules, flagged)


def asked(connection: Connection, campaign_id: int, name: str) -> int:
    """On how many posts of the campaign this person's view is waited for."""
    query = select(func.count()).where(campaign_post.c.campaign_id == campaign_id, asked_of(name))
    return connection.execute(query).scalar_one()
