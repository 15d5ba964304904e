"""Published posts that nobody could look up in time fall back to a bare link."""

from __future__ import annotations

from collections.abc import Mapping

from ..collector.contract import Lookup
from ..core.recheck import AS_USUAL, NEVER, Recheck
from ..storage import rechecks, sources
from ..storage.store import Connection
from .closing import phase_of, recheck_in
from .collecting import source_id
from .workplace import Workplace

CANNOT = Recheck(NEVER)  # a network that cannot be asked for posts by id


def fall_back(place: Workplace) -> int:
    """One look at what is overdue; how many posts came into doubt. Writes only where there are some."""
    now = place.clock.now()
    with place.store.reading() as connection:
        how = _by_source(place, connection)
        if not rechecks.overdue(connection, how, now):
            return 0
    with place.store.writing() as connection:
        return rechecks.fall_back(connection, how, now)


def looking(place: Workplace, connection: Connection) -> list[int]:
    """The sources whose posts are to be looked up again."""
    return [number for number, recheck in _by_source(place, connection).items() if recheck.steps]


def _by_source(place: Workplace, connection: Connection) -> Mapping[int, Recheck]:
    """How each source looks again; of those that are switched off or no longer configured nobody does, and what they
    brought falls back like anything else."""
    configured = {
        source_id(place, one): recheck_in(one, phase_of(place, connection, one.campaign.slug))
        if Lookup in one.platform.supports(one.config)
        else CANNOT
        for one in place.sources
    }
    return {one.id: configured.get(one.id, AS_USUAL) for one in sources.every(connection)}
