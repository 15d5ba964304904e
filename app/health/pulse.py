"""Whether a process's own clockwork still ticks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

# Jobs of `tagora run` that never take long, and after how many seconds of silence they surely stand still.
QUICK: Mapping[str, int] = {"_live": 90, "_collect": 120}


class Pulse:
    """When each job came to its end last. `clock`: seconds that only go forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._last: dict[str, float] = {}

    def beat(self, job: str) -> None:
        self._last[job] = self._clock()

    def stands_still(self) -> str | None:
        """The job that has been silent for too long, if any is."""
        now = self._clock()
        late = (job for job, patience in QUICK.items() if now - self._last.get(job, self._began) > patience)
        return next(late, None)
