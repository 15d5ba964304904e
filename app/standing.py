"""How the collection stands, put together from the store for `status`, `sources` and `coverage`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ..collector.contract import MICROS, Feed, Tag
from ..collector.coverage import Coverage, coverage, silence_hint
from ..collector.walks import question
from ..storage import budget, sources, windows
from ..storage.budget import Purse
from ..storage.campaigns import every as every_campaign
from ..storage.sources import Source
from ..storage.stats import Numbers, numbers, silent_since
from ..storage.store import Connection
from .collecting import source_id
from .printing import when
from .sources import Configured, limits
from .workplace import Workplace


@dataclass(frozen=True, slots=True)
class CampaignStanding:
    slug: str
    policy: str
    publishing: bool
    flood_since: datetime | None
    closed_at: datetime | None
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """One source. `state`: well | rests | ails | failing | new | off; `words` says it in a sentence."""

    source: Source
    state: str
    words: str
    hint: str | None
    spent: tuple[budget.Ceiling, ...]

    @property
    def usd(self) -> Sequence[str]:
        """Each ceiling on money in words; the network's days and months are those of UTC."""
        return [
            f"${one.spent / MICROS:.2f} of ${one.limit / MICROS:.2f} spent "
            f"{'today' if one.period == 'day' else 'this month'} ({one.whose}, UTC)"
            for one in self.spent
            if one.unit == "micros"
        ]


def campaigns(connection: Connection) -> list[CampaignStanding]:
    counted = numbers(connection)
    return [
        CampaignStanding(one.slug, one.policy, one.publishing, one.flood_since, one.closed_at, counted[one.id])
        for one in every_campaign(connection)
    ]


def source_standings(place: Workplace, connection: Connection) -> list[SourceStanding]:
    """Every source of the configuration, in its order."""
    now = place.clock.now()
    known = {one.id: one for one in sources.every(connection)}
    found: list[SourceStanding] = []
    for one in place.sources:
        held = known[source_id(place, one)]
        asked_since = silent_since(connection, held.id) if held.last_new_at is None else held.last_new_at
        hint = _remark(connection, one, held.id) or silence_hint(_query(one), asked_since, held.last_new_at, now)
        purse = Purse(one.account, held.id, limits(one.account_budget), limits(one.source.budget))
        ceilings = tuple(budget.ceilings(connection, purse, now))
        found.append(SourceStanding(held, *_state(held, ceilings, now, place.zone), hint, ceilings))
    return found


def coverage_of(place: Workplace, connection: Connection) -> list[tuple[Configured, list[Coverage]]]:
    found: list[tuple[Configured, list[Coverage]]] = []
    for one in place.sources:
        support = one.platform.supports(one.config).get(type(_query(one)))
        told = windows.of_source(connection, source_id(place, one))
        found.append((one, coverage(told, support.reach if support else None)))
    return found


def _remark(connection: Connection, one: Configured, of: int) -> str | None:
    """What the platform has to say of where the source's last walk ended."""
    ended = (window for window in windows.of_query(connection, of, question(_query(one))) if not window.is_open)
    mark = next((window.mark for window in ended), None)
    return one.platform.remark(one.config, mark) if one.platform.remark is not None and mark is not None else None


def _query(one: Configured) -> Tag | Feed:
    query = one.platform.entry_query(one.config, one.campaign.hashtags)
    assert isinstance(query, Tag | Feed)
    return query


def _state(one: Source, ceilings: Sequence[budget.Ceiling], now: datetime, zone: tzinfo) -> tuple[str, str]:
    if not one.enabled:
        return "off", "switched off in the configuration"
    if one.rests_until is not None and one.rests_until > now:
        return (
            "rests",
            f"rests until {when(one.rests_until, zone)}: {one.problem or 'the network asked for a pause'}",
        )
    if one.ailing_since is not None:
        problem = one.problem or "the network refuses the key"
        if one.last_error is not None and one.last_error.startswith(problem):
            problem = one.last_error  # with what to do
        return "ails", f"since {when(one.ailing_since, zone)}: {problem}"
    if one.attempts:
        often = "failed" if one.attempts == 1 else f"failed {one.attempts} times in a row"
        return "failing", f"{often}: {one.last_error}"
    if one.last_error is not None and any(ceiling.ends_at == one.due_at for ceiling in ceilings):
        return "rests", f"rests until {when(one.due_at, zone)}: {one.last_error}"
    if one.last_ok_at is None:
        return "new", "never asked yet"
    return "well", f"answered on {when(one.last_ok_at, zone)}"
