"""What moderators do beside deciding (review/deciding.py): find posts, trust and block authors, stop publishing, change
the rules. Each function works inside the caller's writing transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..core.conditions import Stands
from ..core.errors import UsageError
from ..core.normalise import clean_line
from ..core.rules_yaml import read_rules
from ..core.tongue import said
from ..storage import rulesets
from ..storage import standing as standings
from ..storage.decisions import BATCH
from ..storage.figures import last_until
from ..storage.places import Place, find_posts
from ..storage.policy import set_back, set_publishing
from ..storage.queue import waiting
from ..storage.rulesets import Ruleset
from ..storage.standing import KnownAuthor
from ..storage.store import Connection
from .decide import apply_rules
from .names import person


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


def the_author(connection: Connection, name: str) -> list[KnownAuthor]:
    """Everybody who bears the handle, address or id. Raises UsageError when nobody does."""
    found = standings.find_authors(connection, name)
    if not found:
        shown = clean_line(name, 200) or "nothing"
        raise UsageError(said("no author %(name)r is known", name=shown), "Give the @handle or the profile's address.")
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


def go_back(connection: Connection, campaign_id: int, moment: datetime) -> None:
    """The campaign's pages show what was decided by that moment and may be shown still, until publishing is resumed."""
    set_back(connection, campaign_id, last_until(connection, moment))


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
