"""What X's refusals mean for us. Pure: status, headers and answer -> the error that names the recovery.

X describes refusals as RFC 7807 problems; the end of their `type` is what stays the same on both of its hosts
(api.twitter.com until description 2.166, api.x.com since). Nothing of X's own wording enters our messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ....core.errors import AuthError, CollectorError, Gone, OutOfBudget, QueryRefused, RateLimited, Temporary
from ...contract import MissingReason, Quota

_LONGEST_WAIT = timedelta(hours=25)  # X's longest rate window is a day
_REASONS = {
    "resource-not-found": MissingReason.DELETED,
    "not-authorized-for-resource": MissingReason.FORBIDDEN,
    "resource-unavailable": MissingReason.FORBIDDEN,
    "disallowed-resource": MissingReason.WITHHELD,
}


def error_of(status: int, headers: Mapping[str, str], problem: object, now: datetime) -> CollectorError:
    """The error for an answer that is not 2xx. `problem` is its JSON, or None when it was something else."""
    body = problem if isinstance(problem, dict) else {}
    if status == 429:
        return _too_many(headers, body, now)
    if status == 402:
        return OutOfBudget(
            "X: the account's credits are used up.",
            "Top them up in X's developer console; collecting goes on by itself.",
        )
    if status == 401:
        return AuthError(
            "X does not accept the bearer token.",
            "It was perhaps regenerated: copy the current one from X's developer console.",
        )
    if status == 403:
        return AuthError(
            "X refuses access to this with the given token.",
            "Check in X's developer console what the app may read (`search: all` needs more than `recent`).",
        )
    if status == 400:
        return QueryRefused(
            "X refused the query.", "Check the source's hashtags, `search` and `fields`; asking again will not help."
        )
    if status == 404:
        return Gone("X has nothing at this address.", "If it happens for every query, check the source's `base_url`.")
    if 300 <= status < 400:
        return Temporary("X answered with a redirection, which is not followed.", "Check the source's `base_url`.")
    return Temporary(f"X cannot answer just now (HTTP {status}).", "It is asked again later.")


def _too_many(headers: Mapping[str, str], body: dict[str, Any], now: datetime) -> CollectorError:
    """A rate limit passes at its reset; a usage cap comes with the same status and does not."""
    if _kind(body) == "usage-capped" or body.get("title") == "UsageCapExceeded":
        until = None
        if body.get("period") == "Daily":
            until = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return OutOfBudget(
            "X: the cap on posts that the account may read is reached.",
            "Raise the spending limit in X's developer console, or wait for its next period.",
            until=until,
        )
    quota = quota_of(headers, now)
    until = quota.resets_at if quota else None
    return RateLimited(
        "X asks for a pause.",
        "Collecting goes on by itself.",
        until=max(until, now) + timedelta(seconds=1) if until else None,
    )


def quota_of(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """What X's rate limit headers say; a reset too far away to be true is not believed."""
    limit, remaining, reset = (_number(headers.get(f"x-rate-limit-{name}")) for name in ("limit", "remaining", "reset"))
    if limit is None and remaining is None and reset is None:
        return None
    resets_at = None
    if reset is not None and reset <= (now + _LONGEST_WAIT).timestamp():
        resets_at = datetime.fromtimestamp(reset, UTC)
    return Quota(limit, remaining, resets_at)


def missing_reason(problem: Mapping[str, Any]) -> MissingReason | None:
    """Why one looked-up post is not there; None for a fault of X's own that says nothing about the post."""
    return _REASONS.get(_kind(problem))


def _kind(problem: Mapping[str, Any]) -> str:
    kind = problem.get("type")
    return kind.rsplit("/", 1)[-1] if isinstance(kind, str) else ""


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 16 else None
