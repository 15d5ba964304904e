"""What of the queue an address asks for: `status=held&network=x&language=it&order=urgent`, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from ...core.decisions import Status
from ...core.moderators import Moderator
from ...core.normalise import clean_line
from ...storage.queue import Order, QueueFilter
from .written import Written

WAITING = "waiting"
STATUSES: Mapping[str, tuple[Status, ...]] = {
    WAITING: (Status.NEW, Status.PENDING),
    "held": (Status.HELD,),
    "approved": (Status.APPROVED,),
    "rejected": (Status.REJECTED,),
    "any": tuple(Status),
}
ORDERS: tuple[Order, ...] = ("urgent", "oldest", "newest")
AGES: Mapping[str, timedelta] = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}
ALL = "all"
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked(Written):
    """The filter as people write it: every value is text, empty where nothing is asked. `language`: codes parted by
    commas, "all", or nothing for the moderator's own; `older`: a key of AGES."""

    status: str = ""
    network: str = ""
    language: str = ""
    rule: str = ""
    author: str = ""
    tagged: str = ""
    flagged: str = ""
    asked: str = ""
    older: str = ""
    words: str = ""
    order: str = ""

    @property
    def narrowed(self) -> int:
        """How many things are asked beside status and order."""
        return sum(bool(value) for name, value in self.values if name not in ("status", "order"))

    def turned(self, **changes: str) -> Asked:
        return replace(self, **changes)


def asked(given: Mapping[str, str]) -> Asked:
    """What an address asks for. What cannot be meant is left out: an old bookmark still opens."""
    said = {one.name: clean_line(given.get(one.name), LONGEST) or "" for one in fields(Asked)}
    for name, known in (("status", STATUSES), ("order", ORDERS), ("older", AGES)):
        if said[name] not in known:
            said[name] = ""
    for name in ("tagged", "flagged", "asked"):
        if said[name] not in ("1", "0"):
            said[name] = ""
    return Asked(**said)


def queue_filter(said: Asked, campaign_id: int, who: Moderator, now: datetime) -> QueueFilter:
    """What is asked of the store, on behalf of this moderator."""
    languages = who.languages if not said.language else () if said.language == ALL else _codes(said.language)
    return QueueFilter(
        campaign_id=campaign_id,
        statuses=STATUSES[said.status or WAITING],
        network=said.network or None,
        languages=languages,
        author=said.author or None,
        tagged=said.tagged == "1" if said.tagged else None,
        rule=said.rule or None,
        flagged=said.flagged == "1" if said.flagged else None,
        asked=who.name if said.asked == "1" else None,
        words=said.words or None,
        until=now - AGES[said.older] if said.older else None,
        order=_order(said.order),
    )


def _order(text: str) -> Order:
    for order in ORDERS:
        if order == text:
            return order
    return "urgent"


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for part in text.split(",") if (code := part.strip().lower())))
