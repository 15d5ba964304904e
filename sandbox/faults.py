"""Faults on demand: which request of which network fails, and how."""

from __future__ import annotations

import threading
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random
from typing import Any


class FaultKind(StrEnum):
    RATE_LIMIT = "rate_limit"  # 429 with the network's reset header (`seconds` ahead)
    RATE_LIMIT_NO_RESET = "rate_limit_no_reset"
    NO_CREDITS = "no_credits"  # X: 402 CreditsDepleted
    USAGE_CAP = "usage_cap"  # X: 429 UsageCapExceeded although requests remain
    SERVER_ERROR = "server_error"  # `status`: 500, 502, 503
    EXPIRED_TOKEN = "expired_token"
    FORBIDDEN = "forbidden"
    HANG = "hang"  # no answer for `seconds`, or until released; then the connection closes
    SLOW_BODY = "slow_body"  # the body comes drop by drop over `seconds`
    CUT_BODY = "cut_body"  # Content-Length promises more than is sent
    GIANT_BODY = "giant_body"  # the right answer, followed by `size` bytes of white space
    HTML = "html"  # status 200 and a page for people
    BROKEN_JSON = "broken_json"
    WRONG_SHAPE = "wrong_shape"  # valid JSON, nothing like the answer
    REPEATED_PAGE = "repeated_page"  # the previous answer to that question again, token and items alike
    GZIP_BOMB = "gzip_bomb"  # a small compressed body that unpacks to `size` bytes and more
    REDIRECT = "redirect"  # 302 to the address in `to`
    FUZZED = "fuzzed"  # valid JSON in which some values are of another type; `seed` says which


BEFORE = frozenset(
    {
        FaultKind.RATE_LIMIT,
        FaultKind.RATE_LIMIT_NO_RESET,
        FaultKind.NO_CREDITS,
        FaultKind.USAGE_CAP,
        FaultKind.SERVER_ERROR,
        FaultKind.EXPIRED_TOKEN,
        FaultKind.FORBIDDEN,
        FaultKind.HANG,
    }
)  # the network never gets to work, so nothing is billed

METADATA = "http://169.254.169.254/latest/meta-data/"  # where clouds tell their machines' secrets
ONLY_X = frozenset({FaultKind.NO_CREDITS, FaultKind.USAGE_CAP})


@dataclass(slots=True)
class Fault:
    """Strikes the `nth` fitting request from now on (1: the next) and the `count` - 1 after it; `count` None: for
    ever. `network` is "x", "graph", "bluesky", "bluesky-public", a server's host, or "*"; `path` a pattern like
    `/2/tweets/search/*`."""

    kind: FaultKind
    network: str = "*"
    path: str = "*"
    nth: int = 1
    count: int | None = 1
    status: int = 503
    seconds: float = 5.0
    size: int = 64 * 1024 * 1024
    to: str = METADATA
    seed: int = 0
    hits: int = 0
    seen: int = 0

    def fits(self, network: str, path: str) -> bool:
        return fnmatchcase(network, self.network) and fnmatchcase(path, self.path)


@dataclass(slots=True)
class Faults:
    """All faults that are set; each request is asked about once. Thread-safe."""

    _faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def strike(self, network: str, path: str) -> Fault | None:
        """The fault that this request meets. Every fitting fault counts the request; the first due one strikes."""
        struck = None
        with self._lock:
            for fault in self._faults:
                if not fault.fits(network, path):
                    continue
                fault.seen += 1
                due = fault.seen >= fault.nth and (fault.count is None or fault.hits < fault.count)
                if due and struck is None:
                    fault.hits += 1
                    struck = fault
        return struck


def bomb(size: int) -> bytes:
    """A gzip stream of one thousandth of the size that it unpacks to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    block = b" " * (1 << 20)
    packed = b"".join(packer.compress(block) for _ in range(-(-size // len(block))))
    return packed + packer.flush()


OTHER_THINGS: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "", "\ud800", [], [[]], {}, {"text": ["?"]}, "x" * 5_000)
FUZZED_SHARE = 0.06  # of the values: enough to hit several items of a page, too little to spoil them all


def fuzzed(value: Any, dice: Random) -> Any:
    """The value with some of what it holds replaced by things of another type. Strings never become other text that
    could pass for a post's own."""
    if isinstance(value, dict):
        return {name: _other(one, dice) for name, one in value.items()}
    if isinstance(value, list):
        return [_other(one, dice) for one in value]
    return value


def _other(value: Any, dice: Random) -> Any:
    if dice.random() >= FUZZED_SHARE:
        return fuzzed(value, dice)
    return dice.choice([one for one in OTHER_THINGS if type(one) is not type(value)])
