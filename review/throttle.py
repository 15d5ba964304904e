"""Slowing down those who guess passwords, without giving them a way to lock anybody out; and who reports without end.

Failures are counted in buckets. A browser in which a person signed in before is known by a signed cookie and is counted
by itself; all other browsers that try a name share one bucket. So whoever guesses from outside slows down only
browsers nobody knows, never the one the person uses every day
(https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies). Nobody waits longer than
LONGEST, and a new one-time link lets a person in past all of this.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.folding import fold

WINDOW = timedelta(minutes=15)
FREE = 5  # failures in a bucket before the first wait
FREE_PER_ADDRESS = 50  # over all names: a whole team may sit behind one address
LONGEST = timedelta(seconds=60)
NOTHING = timedelta(0)
REPORTS_FREE, REPORTS_FREE_IN_ALL = 5, 100  # of one address, of everybody, before the first wait
KNOWN_PEOPLE = 8  # who share one browser


@dataclass(frozen=True, slots=True)
class Bucket:
    """What failures are counted for. `free`: how many pass before waits begin."""

    digest: bytes
    free: int


def buckets(name: str, address: str | None, browser: str | None) -> tuple[Bucket, ...]:
    """Where a failed sign-in counts. `browser`: the id of one in which this person signed in before, else None."""
    if browser is not None:
        return (Bucket(_digest("browser", browser, fold(name)), FREE),)
    named = Bucket(_digest("name", fold(name)), FREE)
    return (named, Bucket(_digest("address", _network(address)), FREE_PER_ADDRESS)) if address else (named,)


def report_buckets(address: str | None) -> tuple[Bucket, ...]:
    """Where a reader's report counts: for the address it comes from, and for all."""
    everybody = Bucket(_digest("reports"), REPORTS_FREE_IN_ALL)
    return (Bucket(_digest("report", _network(address)), REPORTS_FREE), everybody) if address else (everybody,)


def wait(counted: Sequence[Bucket], failures: Mapping[bytes, Sequence[datetime]], now: datetime) -> timedelta:
    """How long until the next try is allowed; `failures` are those within WINDOW. After the free ones 1, 2, 4 … 60
    seconds, from the last failure on."""
    longest = NOTHING
    for bucket in counted:
        times = failures.get(bucket.digest, ())
        over = len(times) - bucket.free
        if over >= 0:
            delay = min(LONGEST, timedelta(seconds=2 ** min(over, 6)))
            longest = max(longest, max(times) + delay - now)
    return min(longest, LONGEST)


# --- known browsers --------------------------------------------------------------------------------------------------


def known_browser(key: bytes, cookie: str | None, moderator_id: int) -> str | None:
    """The browser's id, when its cookie proves that the person signed in there before."""
    browser, *marks = (cookie or "").split(".")
    mark = _mark(key, browser, moderator_id)
    return browser if any(hmac.compare_digest(mark.encode(), given.encode()) for given in marks) else None


def know_browser(key: bytes, cookie: str | None, moderator_id: int) -> str:
    """The cookie by which this browser is known from now on, also to those who signed in there before."""
    browser, *marks = (cookie or "").split(".")
    if not 16 <= len(browser) <= 64 or not browser.isascii():
        browser, marks = secrets.token_urlsafe(16), []
    mark = _mark(key, browser, moderator_id)
    return ".".join(
        [browser, mark, *(one for one in marks if one != mark and len(one) == len(mark))][: KNOWN_PEOPLE + 1]
    )


def _mark(key: bytes, browser: str, moderator_id: int) -> str:
    return hmac.new(key, f"browser\x1f{browser}\x1f{moderator_id}".encode(), hashlib.sha256).hexdigest()[:32]


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()


def _network(address: str) -> str:
    """One household has a whole /64 of IPv6 addresses to try from."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return address
