"""The site follows the store: built again whenever something changed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from ..site.build import Report
from ..storage import campaigns
from ..storage.changes import newest
from .building import build_site
from .forgetting import finish_owed
from .rechecking import fall_back
from .ticking import ticking
from .workplace import Workplace

log = logging.getLogger("tagora.build")
LOOK_FOR_CHANGES = 2  # seconds between two looks at what changed
FALL_BACK = timedelta(minutes=10)  # between two looks at what could not be looked up in time


class Rebuilder:
    """Builds when the store (what may be shown, which campaigns are closed), the day or the configuration is another
    than at the last build that went well."""

    def __init__(self) -> None:
        self._built: tuple[int, tuple[datetime | None, ...], date, str] | None = None
        self._fell_back_at: datetime | None = None

    def look(self, place: Workplace) -> Report | None:
        """One look; the build's report, None where there was nothing to do."""
        now = place.clock.now()
        if self._fell_back_at is None or now - self._fell_back_at >= FALL_BACK:
            fall_back(place)
            self._fell_back_at = now
        with place.store.reading() as connection:
            changes = newest(connection)
            closed = tuple(one.closed_at for one in campaigns.every(connection))
        state = (changes, closed, now.astimezone(place.zone).date(), place.loaded.fingerprint)
        if state == self._built:
            return None
        report = build_site(place)
        finish_owed(place)
        if not report.failed:
            self._built = state
        return report


@contextmanager
def rebuilding(place: Workplace) -> Iterator[None]:
    """While inside, the site follows what is decided, as under `tagora run`."""
    rebuilder = Rebuilder()

    def look() -> None:
        rebuilder.look(place)

    with ticking("build", look, LOOK_FOR_CHANGES, log):
        yield
