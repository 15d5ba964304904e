"""Each refusal of X becomes the error that names its recovery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tagora.collector.contract import MissingReason
from tagora.collector.platforms.x.problems import error_of, missing_reason, quota_of
from tagora.core.errors import AuthError, CollectorError, Gone, OutOfBudget, QueryRefused, RateLimited, Temporary

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OLD, NEW = "https://api.twitter.com/2/problems/", "https://api.x.com/2/problems/"


def reset(**ahead: float) -> dict[str, str]:
    return {"x-rate-limit-reset": str(int((NOW + timedelta(**ahead)).timestamp())), "x-rate-limit-remaining": "0"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, QueryRefused), (401, AuthError), (402, OutOfBudget), (403, AuthError), (404, Gone), (302, Temporary),
     (408, Temporary), (500, Temporary), (502, Temporary), (503, Temporary)],
)  # fmt: skip
def test_a_status_becomes(status: int, kind: type[CollectorError]) -> None:
    error = error_of(status, {}, None, NOW)
    assert type(error) is kind
    assert error.message and error.hint


def test_a_rate_limit_ends_a_second_after_its_reset() -> None:
    error = error_of(429, reset(minutes=7), {"title": "Too Many Requests"}, NOW)
    assert isinstance(error, RateLimited)
    assert error.until == NOW + timedelta(minutes=7, seconds=1)


@pytest.mark.parametrize(
    "headers", [{}, {"x-rate-limit-reset": "soon"}, {"x-rate-limit-reset": "9" * 15}, reset(days=9)]
)
def test_a_rate_limit_without_a_believable_reset_has_no_end(headers: dict[str, str]) -> None:
    error = error_of(429, headers, None, NOW)
    assert isinstance(error, RateLimited)
    assert error.until is None


def test_a_reset_in_the_past_is_a_second_from_now() -> None:
    error = error_of(429, reset(minutes=-3), None, NOW)
    assert isinstance(error, RateLimited)
    assert error.until == NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    "body", [{"title": "UsageCapExceeded"}, {"type": f"{OLD}usage-capped"}, {"type": f"{NEW}usage-capped"}]
)
def test_a_usage_cap_is_no_rate_limit_although_requests_remain(body: dict[str, Any]) -> None:
    error = error_of(429, {**reset(minutes=7), "x-rate-limit-remaining": "449"}, body, NOW)
    assert isinstance(error, OutOfBudget)
    assert error.until is None


def test_a_daily_cap_ends_with_the_day() -> None:
    error = error_of(429, {}, {"type": f"{OLD}usage-capped", "period": "Daily"}, NOW)
    assert isinstance(error, OutOfBudget)
    assert error.until == datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("host", [OLD, NEW])
def test_missing_posts_keep_the_reason_x_gives(host: str) -> None:
    kinds = ["resource-not-found", "not-authorized-for-resource", "resource-unavailable", "disallowed-resource"]
    reasons = [missing_reason({"type": host + kind}) for kind in kinds]
    assert reasons == [MissingReason.DELETED, MissingReason.FORBIDDEN, MissingReason.FORBIDDEN, MissingReason.WITHHELD]


@pytest.mark.parametrize("kind", ["internal-error", "field-hydration-failure"])
def test_a_fault_of_x_itself_says_nothing_about_a_post(kind: str) -> None:
    assert missing_reason({"type": NEW + kind}) is None
    assert missing_reason({"type": 7}) is None


def test_the_quota_is_read_from_the_headers() -> None:
    quota = quota_of({"x-rate-limit-limit": "450", "x-rate-limit-remaining": "449", **reset(minutes=1)}, NOW)
    assert quota is not None
    assert (quota.limit, quota.remaining, quota.resets_at) == (450, 0, NOW + timedelta(minutes=1))
    assert quota_of({}, NOW) is None
