"""The Graph client around the SDK's faults: versions, limits, answers of all kinds, secrets."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tagora.collector.contract import Cost, Cursor, Feed, FreeMeter
from tagora.collector.platforms.facebook import PLATFORM, client
from tagora.collector.platforms.facebook.config import FacebookConfig
from tagora.collector.platforms.facebook.faults import fault
from tagora.core.clock import ManualClock
from tagora.core.errors import AuthError, CollectorError, Gone, OutOfBudget, RateLimited, Temporary
from tagora.sandbox import Sandbox, Script

from .scripts import PAGE, connected, pages, script

FEED = Feed(PAGE)
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def discussion() -> Script:
    return script()


@pytest.fixture
def box(discussion: Script) -> Iterator[Sandbox]:
    with Sandbox(discussion, now=1000) as box:
        yield box


def graph_error(code: int, subcode: int | None = None, message: str = "EAAtoken") -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode}}


@pytest.mark.parametrize(
    "status, body, kind, words",
    [
        (400, graph_error(190, 460), AuthError, "changed the password"),
        (400, graph_error(190, 463), AuthError, "has expired"),
        (400, graph_error(190, 458), AuthError, "app was removed"),
        (400, graph_error(102), AuthError, "does not accept the token"),
        (403, graph_error(10, message="requires the 'pages_read_engagement' permission"), AuthError, "pages_read_eng"),
        (403, graph_error(200), AuthError, "lacks a permission"),
        (400, graph_error(368), AuthError, "policy"),
        (400, graph_error(12), AuthError, "graph_version"),
        (400, graph_error(100), AuthError, "did not understand"),
        (400, graph_error(100, 33), Gone, "deleted, never there, or not visible"),
        *((400, graph_error(code), RateLimited, "pause") for code in (4, 17, 32, 341, 613, 80001)),
        (500, graph_error(1), Temporary, "code 1"),
        (503, graph_error(2), Temporary, "code 2"),
        (400, graph_error(987654), Temporary, "code 987654"),
        (404, None, Gone, "HTTP 404"),
        (402, None, OutOfBudget, "HTTP 402"),
        (429, "slow down", RateLimited, "HTTP 429"),
        (200, {"error": "EAAtoken"}, Temporary, "no sense"),
        (200, {"error": {"code": "190"}}, Temporary, "no sense"),
        (302, None, Temporary, "HTTP 302"),
    ],
)
def test_each_refusal_names_its_recovery_in_our_own_words(
    status: int, body: Any, kind: type[CollectorError], words: str
) -> None:
    error = fault(status, body, what="the Page's feed")
    assert type(error) is kind or issubclass(type(error), kind)
    assert words in str(error)
    assert "EAAtoken" not in str(error)
    assert "Facebook" in str(error)


def test_facebooks_minutes_say_when_to_go_on() -> None:
    row = {
        "type": "pages",
        "call_count": 12,
        "total_cputime": 95,
        "total_time": 3,
        "estimated_time_to_regain_access": 9,
    }
    headers = {"X-App-Usage": '{"call_count":40}', "X-Business-Use-Case-Usage": str({"1": [row]}).replace("'", '"')}
    quota = client.usage(headers, NOW)
    assert quota is not None
    assert (quota.limit, quota.remaining, quota.resets_at) == (100, 5, NOW + timedelta(minutes=9))


@pytest.mark.parametrize("value", ["", "null", "[]", "{", '{"call_count":"many"}', '{"call_count":NaN}', '{"a":[[1]]}'])
def test_usage_headers_that_make_no_sense_tell_nothing(value: str) -> None:
    assert client.usage({"X-App-Usage": value, "X-Business-Use-Case-Usage": value}, NOW) is None


def test_each_answer_tells_what_is_left_of_the_allowance(box: Sandbox) -> None:
    quota = pages(box, FEED)[-1].quota
    assert quota is not None and quota.limit == 100 and quota.remaining is not None


def test_the_walk_rests_before_the_allowance_is_used_up(box: Sandbox) -> None:
    with connected(box, pause_at_percent=1) as fetch, pytest.raises(RateLimited, match="pausing"):
        list(fetch(FEED, Cursor()))
    assert 0 < len(box.requests) < 30


def test_the_set_version_is_asked_for_and_a_dead_one_needs_a_person(box: Sandbox) -> None:
    pages(box, FEED, graph_version="v25.0", max_posts=1)
    assert all(request.path.startswith("/v25.0/") for request in box.requests)
    with pytest.raises(AuthError, match="graph_version"):
        pages(box, FEED, graph_version="v3.1")


def test_without_a_token_nothing_is_asked(box: Sandbox) -> None:
    with pytest.raises(AuthError, match="connect facebook"), connected(box, token=" ") as fetch:
        list(fetch(FEED, Cursor()))
    assert not box.requests


def test_a_server_that_falls_silent_is_left(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUTS", (1.0, 0.2))
    box.fault("hang", "graph", seconds=60)
    with pytest.raises(Temporary, match="did not answer in time"):
        pages(box, FEED)


def test_a_giant_answer_is_not_read_to_its_end(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_BODY", 3_000_000)
    box.fault("giant_body", "graph", size=6_000_000)
    with pytest.raises(Temporary, match="larger than 3 MB"):
        pages(box, FEED)


def test_an_answer_in_drops_is_not_waited_for(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_SECONDS", 0.1)
    box.fault("slow_body", "graph", seconds=0.6)
    with pytest.raises(Temporary, match="too slowly"):
        pages(box, FEED)


class Purse(FreeMeter):
    def __init__(self) -> None:
        self.reserved = self.released = 0

    def reserve(self, worst: Cost) -> None:
        self.reserved += 1

    def release(self) -> None:
        self.released += 1


def test_a_server_out_of_reach_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUTS", (0.2, 0.2))
    purse = Purse()
    with (
        PLATFORM.connect(
            FacebookConfig(page=PAGE),
            {"token": "EAAtoken"},
            ManualClock(NOW),
            "http://127.0.0.1:9/",
            user_agent="tagora-test",
            meter=purse,
        ) as fetch,
        pytest.raises(Temporary),
    ):
        list(fetch(FEED, Cursor()))
    assert purse.reserved == purse.released == 1


def test_no_token_stands_in_any_log_or_traceback(box: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    token = box.tokens.facebook.pages[PAGE]
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")  # whatever another adapter made of it
    pages(box, FEED)
    box.fault("cut_body", "graph")
    with pytest.raises(Temporary) as caught:
        pages(box, FEED)
    said = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "access_token=***" in said
    assert token not in said
