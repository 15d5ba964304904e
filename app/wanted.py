"""One address on its way into a campaign: who could be asked for it, what is held of it, and why it may not come in."""

from __future__ import annotations

from dataclasses import dataclass

from ..collector.admission import Forgotten
from ..collector.by_hand import Settle
from ..collector.contract import MissingReason
from ..core.errors import UsageError
from ..core.records import PostRef
from ..review.adding import bring_in, standing_of
from ..review.web.surroundings import Added
from ..storage import payloads
from ..storage.payloads import Held
from ..storage.store import Connection
from .collecting import Withdrawals
from .sources import Configured
from .withdrawal_key import digest_with
from .workplace import Workplace

TYPE_IT_IN = "Type it in: its author, text and date, and who allowed it."
NOT_OPEN = "Only what everybody may see can be shown."

_WHY_NOT = {
    "private": ("it is not open to everybody", NOT_OPEN),
    "wish": ("its author asks not to be collected", "Ask the author first."),
    "forgotten": ("it was withdrawn here, or its author was, for ever", ""),
    "optout": ("its author asked not to be collected", ""),
    "repost": ("it only repeats another post", "Add that one."),
    "bad": ("what its network tells of it cannot be understood", TYPE_IT_IN),
    str(MissingReason.DELETED): (
        "its network says that it is not there: deleted, not open to everybody, or never written",
        "Look at the address again.",
    ),
    str(MissingReason.FORBIDDEN): ("its network does not show it to everybody", NOT_OPEN),
    str(MissingReason.WITHHELD): ("its network withholds it", NOT_OPEN),
    str(MissingReason.UNREACHABLE): ("nobody who may hold it answered", f"Try again later. {TYPE_IT_IN}"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One address on its way into a campaign. `own`: its name where no network knows it (collector/typed.py);
    `candidates`: the campaign's sources that could be asked, with the post's name for each."""

    place: Workplace
    campaign: str
    url: str
    own: PostRef
    by: str
    candidates: tuple[tuple[Configured, PostRef], ...]

    @property
    def campaign_id(self) -> int:
        return self.place.ids[self.campaign].campaign_id

    @property
    def settle(self) -> Settle:
        return lambda connection, post_id, now: bring_in(connection, self.campaign_id, post_id, self.by, now)

    def forgotten(self, connection: Connection) -> Forgotten:
        return Withdrawals(connection, digest_with(self.place.key))

    def held(self, connection: Connection) -> Held | None:
        """The post, whichever campaign has it."""
        refs = [*(ref for _, ref in self.candidates), self.own]
        return payloads.held_at(connection, refs, [self.url, self.own.native_id])

    def told(self, connection: Connection, post_id: int, *, known: bool, edited: bool = False) -> Added:
        return Added(post_id, known, *standing_of(connection, self.campaign_id, post_id), edited)

    def refused(self, why_not: str) -> UsageError:
        message, hint = _WHY_NOT[why_not]
        return UsageError(f"{self.url} was not added: {message}", hint)


def has_reason(why_not: str) -> bool:
    """Whether there is a sentence for it."""
    return why_not in _WHY_NOT
