"""What Facebook's refusals mean, in words. Pure.

An error is told by `code` and `error_subcode` in the body, seldom by the HTTP status:
https://developers.facebook.com/docs/graph-api/guides/error-handling
None of Facebook's own words enter our text: they may repeat the token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ....core.errors import AuthError, CollectorError, Gone, OutOfBudget, RateLimited, Temporary

CONNECT = "Run `tagora connect facebook` for a new one."
TOKEN_FAULTS = {
    458: "the app was removed by the person whose token it is",
    459: "Facebook wants that person to log in and confirm something first",
    460: "that person has changed the password",
    463: "it has expired",
    467: "it is no longer valid",
    492: "that person no longer has a role on the Page",
}
THROTTLED = frozenset({4, 17, 32, 341, 613, 80001})
NOT_THERE = 33
PERMISSIONS = re.compile(
    r"pages_read_engagement|pages_read_user_content|pages_show_list|pages_manage_metadata|pages_manage_engagement"
    r"|Page Public Content Access|Page Public Metadata Access"
)
NEEDED = "pages_read_engagement and pages_read_user_content (or Page Public Content Access)"


class NotUnderstood(AuthError):
    """Facebook knows the token but not the question: a field or parameter that this node or version lacks."""


def fault(status: int, body: object, *, what: str, until: datetime | None = None) -> CollectorError:
    """The error that an answer stands for. `what` says what was asked, in words; `until` is when Facebook gives
    access again, where its headers said so."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping) and type(error.get("code")) is int:
        return _by_code(error, what, until)
    return _by_status(status, what, until)


def _by_code(error: Mapping[str, Any], what: str, until: datetime | None) -> CollectorError:
    code, subcode = error["code"], error.get("error_subcode")
    if code in (102, 104, 190):
        why = TOKEN_FAULTS.get(subcode, "it is wrong or has expired") if isinstance(subcode, int) else None
        return AuthError(
            f"Facebook does not accept the token for {what}: {why or 'it is wrong or has expired'}.", CONNECT
        )
    if code in (3, 10) or 200 <= code <= 299:
        named = sorted(set(PERMISSIONS.findall(str(error.get("message", ""))[:2_000])))
        return AuthError(
            f"Facebook refuses {what}: the token lacks a permission ({', '.join(named) or NEEDED}).",
            "Give it to the app, then run `tagora connect facebook` again.",
        )
    if code == 101:
        return AuthError("Facebook does not know this app, or its secret is wrong.", "Check the app's id and secret.")
    if code in THROTTLED:
        return RateLimited(f"Facebook wants a pause before {what} (code {code}).", until=until)
    if code == 368:
        return AuthError(
            f"Facebook has blocked this app or person for policy reasons; {what} was refused.",
            "Look at the app's dashboard and the Page's support inbox.",
        )
    if (code == 100 and subcode == NOT_THERE) or code == 803:
        return Gone(f"Facebook does not show {what}: deleted, never there, or not visible to this token.")
    if code in (12, 2635):
        return AuthError(
            "Facebook no longer serves this version of the Graph API.", "Set `graph_version` to a current one."
        )
    if code in (100, 2500):
        return NotUnderstood(
            f"Facebook did not understand the question for {what} (code {code}).",
            "Check `page` and `graph_version`; if both are right, tell Tagora's makers.",
        )
    return Temporary(f"Facebook could not give {what} now (code {code}).")


def _by_status(status: int, what: str, until: datetime | None) -> CollectorError:
    if status in (401, 403):
        return AuthError(f"Facebook refuses {what} (HTTP {status}).", CONNECT)
    if status in (404, 410):
        return Gone(f"Facebook does not show {what} (HTTP {status}).")
    if status == 429:
        return RateLimited(f"Facebook wants a pause before {what} (HTTP 429).", until=until)
    if status == 402:
        return OutOfBudget(f"Facebook wants to be paid for {what} (HTTP 402).", until=until)
    return Temporary(f"Facebook's answer about {what} makes no sense (HTTP {status}).")
