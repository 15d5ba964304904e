"""Work that is done again and again while something else runs: in a thread of its own, and never its end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..core.errors import TagoraError


def guarded(job: Callable[[], None], log: logging.Logger) -> None:
    """Does the job; one that fails is told and tried again at its next turn, and others go on."""
    try:
        job()
    except TagoraError as error:
        log.error("%s", error)
    except Exception:
        log.exception("a fault in the program itself; it goes on with the next turn")


@contextmanager
def ticking(
    name: str, job: Callable[[], None], seconds: float, log: logging.Logger, *, patience: float | None = None
) -> Iterator[None]:
    """While inside, the job is done every so many seconds. At the end its last turn is waited for: `patience` seconds,
    or as long as it takes."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(seconds):
            guarded(job, log)

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(patience)
