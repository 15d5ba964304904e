"""Only one publisher works on a target at a time: on one machine a locked file, between machines a file at the target
that names who works, with a sign of life."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from ...core.errors import PublishError
from .record import LOCK
from .target import Target

SILENCE = timedelta(minutes=10)  # a publisher that gave no sign of life for so long is gone
BEAT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Publisher:
    """`holder` names this process among all; `where` for people; `gone` says of a holder whether it surely is no more;
    `now` is the clock."""

    holder: str
    where: str
    gone: Callable[[str], bool]
    now: Callable[[], datetime]


@contextmanager
def alone_here(file: Path) -> Iterator[None]:
    """Holds `file` for this process; the lock goes with the process, however it ends. Raises PublishError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublishError(
                "another process is publishing this site", "Wait for it, or look which tagora is running."
            ) from None
        yield


class Hold:
    """A target held for one publisher. `beat` gives a sign of life where one is due, and raises PublishError when
    another publisher took over meanwhile."""

    def __init__(self, target: Target, publisher: Publisher) -> None:
        self._target, self._publisher = target, publisher
        self._last = publisher.now()

    def beat(self) -> None:
        now = self._publisher.now()
        if now - self._last >= BEAT:
            self.check()
            self._target.put(LOCK, _written(self._publisher, now))
            self._last = now

    def check(self) -> None:
        """Before the record is written: what stands at the target must be known to one alone."""
        found = _read(self._target)
        if found is None or found[0] != self._publisher.holder:
            raise PublishError(
                f"another publisher took over {self._target.name} while this one was silent",
                "Nothing is lost: the next run goes on from there.",
            )


@contextmanager
def held(target: Target, publisher: Publisher) -> Iterator[Hold]:
    """The target, for this publisher alone. Raises PublishError when another one is at work there."""
    mine = _written(publisher, publisher.now())
    if not target.create(LOCK, mine):
        found = _read(target)
        if found is not None and found[0] != publisher.holder:
            holder, where, beat = found
            silent_until = beat + SILENCE
            if publisher.now() < silent_until and not publisher.gone(holder):
                raise PublishError(
                    f"another publisher is at work on {target.name}: {where}",
                    f"Wait for it; if it is gone, try again after {silent_until:%H:%M} UTC.",
                )
        target.put(LOCK, mine)
    hold = Hold(target, publisher)
    hold.check()
    try:
        yield hold
    finally:
        with suppress(PublishError, *target.faults):  # it runs out by itself
            hold.check()
            target.remove(LOCK)


def _written(publisher: Publisher, beat: datetime) -> bytes:
    return orjson.dumps({"holder": publisher.holder, "where": publisher.where, "beat": beat.isoformat()})


def _read(target: Target) -> tuple[str, str, datetime] | None:
    """(holder, where, last sign of life); None when nobody can be read out of it."""
    try:
        told = orjson.loads(target.read(LOCK) or b"")
        return str(told["holder"]), str(told["where"]), datetime.fromisoformat(told["beat"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
