"""The troubles for pages that are asked for again and again: looked for at most once in some seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from ...storage.store import Store
from ..workplace import Workplace
from .telling import look
from .trouble import Trouble

FRESH = 10.0  # seconds
_Glance = tuple[float, str, Sequence[Trouble]]
_last: WeakKeyDictionary[Store, _Glance] = WeakKeyDictionary()


def glance(place: Workplace, clock: Callable[[], float] = time.monotonic) -> Sequence[Trouble]:
    """The troubles of this moment, or of some seconds ago; those of another configuration never."""
    now, configuration = clock(), place.loaded.fingerprint
    before = _last.get(place.store)
    if before is not None and now - before[0] < FRESH and before[1] == configuration:
        return before[2]
    with place.store.reading() as connection:
        found = look(place, connection)
    _last[place.store] = (now, configuration, found)
    return found
