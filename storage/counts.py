"""How many posts stand where in a campaign, and what those that wait have in common. Counting reads every waiting post:
who shows the figures again and again keeps them for some seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select, text

from ..core.decisions import FLAGGED, OPEN, WAITING, Status
from .batches import read
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

    def moved(self, moves: Iterable[tuple[Status, Status]]) -> QueueCounts:
        """The figures after some posts went from one status to another, without counting anew; what waiting posts have
        in common stays as it was counted."""
        statuses = Counter(self.statuses)
        for before, after in moves:
            statuses[before] -= 1
            statuses[after] += 1
        return replace(self, statuses={status: max(number, 0) for status, number in statuses.items()})


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
    rules = {row[0]: row[1] for row in read(connection, _RULES, campaign=campaign_id)}
    return QueueCounts(statuses, networks, languages, rules, flagged)


def asked(connection: Connection, campaign_id: int, name: str) -> int:
    """On how many posts of the campaign this person's view is waited for."""
    query = select(func.count()).where(campaign_post.c.campaign_id == campaign_id, asked_of(name))
    return connection.execute(query).scalar_one()


_STATUSES = ", ".join(f"'{status.value}'" for status in WAITING)
# Its CROSS JOINs are the order in which SQLite goes about it: from what waits to its log, not from the whole log.
_RULES = text(
    "SELECT decision.rule, count(DISTINCT decision.post_id) FROM campaign_post CROSS JOIN post CROSS JOIN decision "
    f"WHERE campaign_post.campaign_id = :campaign AND campaign_post.status IN ({_STATUSES}) "
    "AND post.id = campaign_post.post_id AND post.held AND post.gone IS NULL AND decision.campaign_id = :campaign "
    "AND decision.post_id = campaign_post.post_id AND decision.content_hash = post.content_hash "
    "AND decision.\"by\" = 'rule' AND decision.rule IS NOT NULL GROUP BY decision.rule"
).columns(decision.c.rule, decision.c.id)
