"""Python's search for circles of garbage, where there are none to be found."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_working = 0  # those inside `few_collections` now, in whatever thread
_usual = gc.get_threshold()


@contextmanager
def few_collections() -> Iterator[None]:
    """While records and views are made by the thousand: they refer to one another in one direction only, and to look
    among them for circles is a quarter of a build and a tenth of a page's storing. Several threads may be inside."""
    global _working, _usual
    with _lock:
        if not _working:
            _usual = gc.get_threshold()
            gc.freeze()
            gc.set_threshold(200_000, 20, 20)
        _working += 1
    try:
        yield
    finally:
        with _lock:
            _working -= 1
            if not _working:
                gc.set_threshold(*_usual)
                gc.unfreeze()
