"""The published site follows the built one, under `tagora run`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from ..core.errors import PublishError
from ..site.manifest import Manifest
from .building import site_settings
from .logs import event
from .publishing import Published, publish_site, standings
from .workplace import Workplace

log = logging.getLogger("tagora.publish")
LOOK = 2  # seconds between two looks
LET_GO_ON = 30  # seconds after which a publication makes way for a newer build, whose withdrawals go first
LONGEST = timedelta(hours=1)  # between two tries at a place that fails


class Republisher:
    """Publishes when the site, or where it goes, is another than at the last publication; places that failed are tried
    again after 1, 2, 4 … minutes, and with every new build. `ending`: whether the process is to end."""

    def __init__(self, ending: Callable[[], bool]) -> None:
        self._ending = ending
        self._new = True
        self._state: object = None
        self._not_before: datetime | None = None
        self._said: dict[str, str] = {}

    def built(self) -> None:
        """The site changed. May be called from another thread, also while something is being published."""
        self._new = True

    def look(self, place: Workplace) -> list[Published]:
        """One look; what was done where, empty when there was nothing to do."""
        settings = site_settings(place)
        if not place.loaded.config.publish or not (settings.out / "index.html").is_file():
            return []
        with Manifest(settings.manifest) as manifest:
            state = (place.loaded.fingerprint, manifest.meta())
        now = place.clock.now()
        if self._new or state != self._state:
            names = [one.called for one in place.loaded.config.publish]
        else:
            names = _due_again(place, now)
        if not names or (self._not_before is not None and now < self._not_before):
            return []
        self._new, self._state, self._not_before = False, state, None
        begun = time.monotonic()
        try:
            done = publish_site(place, names, stopped=lambda: self._make_way(begun))
        except PublishError as error:  # another process is at it
            self._new, self._not_before = True, now + timedelta(minutes=1)
            log.info("%s", error)
            return []
        for one in done:
            self._tell(one)
        if any(one.outcome is not None and one.outcome.unfinished for one in done):
            self._new = True
        return done

    def _make_way(self, begun: float) -> bool:
        return self._ending() or (self._new and time.monotonic() - begun >= LET_GO_ON)

    def _tell(self, one: Published) -> None:
        """What was done; a problem only once."""
        if one.problem is not None:
            if self._said.get(one.place) != one.problem:
                log.error("%s: %s", one.place, one.problem)
            self._said[one.place] = one.problem
            return
        self._said.pop(one.place, None)
        if one.outcome is not None and (one.outcome.sent or one.outcome.removed):
            words = f"published to {one.place}: {one.outcome.sent} files sent, {one.outcome.removed} removed"
            sent = {"place": one.place, "sent": one.outcome.sent, "removed": one.outcome.removed}
            event(log, "site.published", words, **sent)


def _due_again(place: Workplace, now: datetime) -> list[str]:
    """The places at which the last try failed, and that have rested."""
    return [
        one.place
        for one in standings(place)
        if one.attempts and now >= one.at + min(timedelta(minutes=2 ** min(one.attempts - 1, 6)), LONGEST)
    ]
