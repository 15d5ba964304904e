"""What the services' refusals mean for us. Pure: status, headers and answer -> the error that names the recovery.

XRPC words a refusal as {"error": "Name", "message": …}; nothing of the message enters ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ....core.errors import AuthError, CollectorError, Gone, QueryRefused, RateLimited, Temporary
from ...contract import Quota

_LONGEST_WAIT = timedelta(hours=25)  # signing in is counted by the day
_SPENT = ("ExpiredToken", "InvalidToken")
_CLOSED = {
    "AuthFactorTokenRequired": "This account wants a second factor: make an app password and use that.",
    "AccountTakedown": "The service has taken the account down.",
}
_NEW_PASSWORD = "Make an app password (Settings, Privacy and security, App passwords) and name it in app_password_env."


class SessionSpent(AuthError):
    """The session's token is no longer good: a new one may be."""


def error_of(
    status: int, headers: Mapping[str, str], problem: object, now: datetime, *, host: str, what: str, signing_in: bool
) -> CollectorError:
    """The error for an answer that is not 200. `problem` is its JSON, or None when it was something else."""
    name = problem.get("error") if isinstance(problem, dict) else None
    if status == 429:
        return RateLimited(f"{host} wants a pause.", "Collecting goes on by itself.", until=_pause(headers, now))
    if status in (400, 401) and name in _SPENT:
        return SessionSpent(f"The session at {host} is over.", _NEW_PASSWORD)
    if signing_in and status in (400, 401, 403):
        return AuthError(f"{host} does not let the account sign in.", _CLOSED.get(str(name), _NEW_PASSWORD))
    if status == 401:
        return AuthError(f"{host} wants a session for {what} (401).", _NEW_PASSWORD)
    if status == 403:
        return AuthError(
            f"{host} does not give {what} to us (403).",
            "If this stays so, the service has closed it to this account or this machine's address.",
        )
    if status == 404 or (status == 400 and name == "NotFound"):
        return Gone(f"{host} does not have {what}.")
    if 400 <= status < 500:
        return QueryRefused(
            f"{host} refused the question for {what} ({status}).", "Check base_url, public_base_url and the hashtags."
        )
    if 300 <= status < 400:
        return Temporary(f"{host} answered with a redirection, which is not followed.", "Check the source's addresses.")
    return Temporary(f"{host} cannot answer just now ({status}).", "It is asked again later.")


def quota_of(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """What the rate limit's headers say; a reset too far away to be true is not believed."""
    limit, remaining, reset = (_number(headers.get(f"ratelimit-{name}")) for name in ("limit", "remaining", "reset"))
    if limit is None and remaining is None and reset is None:
        return None
    believable = reset is not None and reset <= (now + _LONGEST_WAIT).timestamp()
    return Quota(limit, remaining, datetime.fromtimestamp(reset, UTC) if reset is not None and believable else None)


def _pause(headers: Mapping[str, str], now: datetime) -> datetime | None:
    quota = quota_of(headers, now)
    if quota and quota.resets_at:
        return max(quota.resets_at, now) + timedelta(seconds=1)
    seconds = _number(headers.get("retry-after"))
    return now + timedelta(seconds=seconds + 1) if seconds is not None and seconds <= 90_000 else None


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 13 else None
