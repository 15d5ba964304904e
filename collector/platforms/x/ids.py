"""X's ids: numbers that hold their moment, and where they stand in addresses. Kept as text; compared only here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ....core.records import PostRef

ORIGIN = "x"

_EPOCH_MS = 1_288_834_974_657  # the moment of snowflake 0: 2010-11-04T01:42:54.657Z
_SNOWFLAKES_FROM = 1 << 34  # ids before November 2010 counted upwards and hold no time
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,20}", re.ASCII)  # 15 today, a few old accounts have more
_STATUS_URL = re.compile(
    r"https?://(?:(?:www|mobile|m)\.)?(?:x|twitter)\.com/(?:i/web|[A-Za-z0-9_]{1,20})/status(?:es)?/([0-9]{1,19})(?:[/?#].*)?",
    re.ASCII | re.IGNORECASE,
)
_PAGE = re.compile(
    r"https?://(?:(?:www|mobile|m)\.)?(?:x|twitter)\.com/@?([A-Za-z0-9_]{1,20})/?(?:[?#].*)?", re.ASCII | re.IGNORECASE
)
_NOT_PEOPLE = frozenset({"i", "home", "search", "hashtag", "explore", "settings", "messages", "notifications"})


def is_id(value: object) -> bool:
    """Whether this is a post's or account's id: 1 to 19 digits (pattern of X's own description)."""
    return isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= 19


def clean_handle(value: object) -> str | None:
    """A user name as X allows it, in its own case and without @, or None."""
    return value if isinstance(value, str) and _HANDLE.fullmatch(value) else None


def post_ref(value: object) -> PostRef | None:
    """("x", id), or None when the value is no id."""
    return PostRef(ORIGIN, value) if isinstance(value, str) and is_id(value) else None


def time_of(native_id: str) -> datetime | None:
    """The moment (UTC, milliseconds) at which this id was issued; None for ids older than X's snowflakes."""
    number = int(native_id)
    if number < _SNOWFLAKES_FROM:
        return None
    return _UNIX + timedelta(milliseconds=(number >> 22) + _EPOCH_MS)


def locate(config: object, url: str) -> PostRef | None:
    """The post that an address on x.com or twitter.com names, or None; any source on X can ask for any post."""
    found = _STATUS_URL.fullmatch(url.strip())
    return PostRef(ORIGIN, found[1]) if found else None


def people(account: str) -> tuple[tuple[str, str], ...]:
    """The name of the account that @handle, or its page on x.com or twitter.com, stands for."""
    page = _PAGE.fullmatch(account.strip())
    handle = page[1] if page else clean_handle(account.strip().removeprefix("@")) if "@" in account else None
    return ((ORIGIN, f"@{handle.lower()}"),) if handle and handle.lower() not in _NOT_PEOPLE else ()
