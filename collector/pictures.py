"""Pictures of posts, asked for where the post says they are: an address that anybody may have chosen (outside.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from ..core.clock import Clock
from ..core.errors import BadItem, Gone, RateLimited, Temporary
from .answer import retry_after
from .outside import Outside

MAX_BYTES = 20_000_000
SECONDS = 60  # for one picture, all of it
PAUSE = 1.0  # seconds between two pictures of one host
_ACCEPT = "image/webp, image/jpeg, image/png, image/gif"


class PictureWeb:
    """Asks for pictures, one at a time."""

    def __init__(self, outside: Outside, clock: Clock) -> None:
        self._outside, self._clock = outside, clock

    def get(self, url: str) -> bytes:
        """The picture's bytes, whatever they are. Raises NotOutside, RateLimited, Temporary (NotReached among them),
        Gone, and BadItem for what is too large."""
        got = self._outside.get(url, {"Accept": _ACCEPT}, enough=MAX_BYTES)
        status = got.answer.status
        until = retry_after(got.answer, self._clock.now())
        if status == 429 or (status == 503 and until is not None):
            raise RateLimited("its server wants a pause", until=until)
        if 400 <= status < 500:
            raise Gone(f"is not given to us ({status})")
        if status != 200:
            raise Temporary(f"its server answered {status}")
        if not got.whole:
            raise BadItem(f"is larger than {MAX_BYTES // 1_000_000} MB")
        return got.answer.body


T = TypeVar("T")


@dataclass(slots=True)
class _Host(Generic[T]):
    waiting: list[T]
    free_at: float = 0.0


class Paced(Generic[T]):
    """The order in which things of several hosts are asked for: each host's in turn, none too often. Iterating waits as
    long as all rest."""

    def __init__(
        self,
        things: Iterable[T],
        url_of: Callable[[T], str],
        now: Callable[[], float],
        wait: Callable[[float], None],
        pause: float = PAUSE,
    ) -> None:
        self._now, self._wait, self._pause, self._url_of = now, wait, pause, url_of
        self._hosts: dict[str, _Host[T]] = {}
        for thing in things:
            self._hosts.setdefault(host_of(url_of(thing)), _Host([])).waiting.append(thing)
        for host in self._hosts.values():
            host.waiting.reverse()

    def __iter__(self) -> Iterator[T]:
        while self._hosts:
            name, host = min(self._hosts.items(), key=lambda item: (item[1].free_at, item[0]))
            if (left := host.free_at - self._now()) > 0:
                self._wait(left)
            thing = host.waiting.pop()
            if not host.waiting:
                del self._hosts[name]
            yield thing
            host.free_at = self._now() + self._pause

    def leave(self, thing: T) -> list[T]:
        """No more is asked of this thing's host; what is left of it."""
        host = self._hosts.pop(host_of(self._url_of(thing)), None)
        return host.waiting if host else []


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
