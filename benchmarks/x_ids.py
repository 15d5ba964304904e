"""X's ids for a made-up discussion: numbers that hold their moment, as X gives them out since 2010."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH_MS = 1_288_834_974_657
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


def post_id(number: int, at: datetime) -> str:
    return str(((at - _UNIX) // timedelta(milliseconds=1) - _EPOCH_MS << 22) | (number & 0x3FFFFF))


def user_id(number: int) -> str:
    return str(1_000_000 + number)
