from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest
import requests

from tagora.sandbox import FaultKind, Sandbox

from .clients import Reader

RECENT = "/2/tweets/search/recent"
TAG = "/api/v1/timelines/tag/agoraTest"


def search(x: Reader, **more: Any) -> requests.Response:
    return x.get(RECENT, query="#agoraTest", **more)


def test_time_moves_only_when_told(box: Sandbox, x: Reader) -> None:
    box.set_time(34)
    assert "data" not in search(x).json()
    box.advance(1)
    assert [item["text"][:2] for item in search(x).json()["data"]] == ["🎉🎉"]
    box.set_time(box.script.time(30))
    assert box.minute == 30 and box.now == box.script.time(30)


def test_a_fault_strikes_the_nth_fitting_request_and_then_no_more(box: Sandbox, x: Reader, uno: Reader) -> None:
    fault = box.fault("server_error", network="x", path="/2/tweets/search/*", nth=2, status=502)
    assert [search(x).status_code for _ in range(3)] == [200, 502, 200]
    assert uno.get(TAG).status_code == 200
    assert fault.hits == 1


def test_a_fault_without_end_ends_when_cleared(box: Sandbox, x: Reader) -> None:
    box.fault("server_error", count=None)
    assert [search(x).status_code for _ in range(3)] == [503, 503, 503]
    box.clear_faults()
    assert search(x).status_code == 200


def test_rate_limits_come_with_and_without_a_reset(box: Sandbox, x: Reader, uno: Reader, page: Reader) -> None:
    box.fault("rate_limit", seconds=120, count=3)
    answer = search(x)
    assert answer.status_code == 429 and answer.headers["x-rate-limit-remaining"] == "0"
    assert int(answer.headers["x-rate-limit-reset"]) - box.now.timestamp() == 120
    assert uno.get(TAG).headers["X-RateLimit-Reset"] == "2026-11-03T00:42:00.000Z"
    throttled = page.get("/1234567890")
    assert (throttled.status_code, throttled.json()["error"]["code"]) == (400, 32)
    assert '"estimated_time_to_regain_access":2' in throttled.headers["X-Business-Use-Case-Usage"]
    box.fault("rate_limit_no_reset", count=3)
    for answer in (search(x), uno.get(TAG), page.get("/1234567890")):
        assert answer.status_code in (400, 429)
        assert not [name for name in answer.headers if "reset" in name.lower() or "usage" in name.lower()]


def test_empty_purses_and_caps_of_x_are_told_apart(box: Sandbox, x: Reader) -> None:
    box.fault("no_credits", network="x")
    answer = search(x)
    assert (answer.status_code, answer.json()["title"]) == (402, "CreditsDepleted")
    box.fault("usage_cap", network="x")
    answer = search(x)
    assert (answer.status_code, answer.json()["title"]) == (429, "UsageCapExceeded")
    assert answer.json()["type"].endswith("/usage-capped") and int(answer.headers["x-rate-limit-remaining"]) > 0
    with pytest.raises(ValueError, match="X's own"):
        box.fault("no_credits", network="graph")
    assert box.bill.posts == {}


def test_an_expired_token_is_worded_by_each_network(box: Sandbox, x: Reader, uno: Reader, page: Reader) -> None:
    box.fault("expired_token", count=3)
    assert search(x).status_code == 401
    assert uno.get(TAG).json() == {"error": "The access token is invalid"}
    assert page.get("/1234567890").json()["error"]["error_subcode"] == 463


def test_a_body_may_be_cut_and_the_posts_are_billed_all_the_same(box: Sandbox, x: Reader) -> None:
    box.fault("cut_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        search(x)
    assert sum(box.bill.posts.values()) == 4


@pytest.mark.parametrize("kind", [FaultKind.HTML, FaultKind.BROKEN_JSON])
def test_a_body_may_be_no_json(box: Sandbox, x: Reader, kind: FaultKind) -> None:
    box.fault(kind)
    answer = search(x)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_body_may_be_of_a_wrong_shape(box: Sandbox, x: Reader, uno: Reader) -> None:
    box.fault("wrong_shape", count=2)
    assert isinstance(search(x).json(), list)
    assert isinstance(uno.get(TAG).json(), dict)


def test_a_body_may_be_slow_or_giant(box: Sandbox, x: Reader) -> None:
    box.fault("slow_body", seconds=0.4)
    before = time.monotonic()
    assert search(x).json()["meta"]["result_count"] == 4
    assert time.monotonic() - before >= 0.3
    box.fault("giant_body", size=3_000_000)
    answer = search(x)
    assert len(answer.content) > 3_000_000 and answer.json()["meta"]["result_count"] == 4


def test_a_repeated_page_brings_the_same_token_and_items_again(box: Sandbox, uno: Reader) -> None:
    first = uno.get(TAG, limit=1)
    box.fault("repeated_page", network="mastodon.uno")
    again = uno.get(TAG, limit=1, max_id=first.json()[0]["id"])
    assert again.content == first.content and again.headers["Link"] == first.headers["Link"]
    assert uno.get(TAG, limit=1, max_id=first.json()[0]["id"]).content != first.content


def test_a_hanging_answer_ends_in_time_or_when_released(box: Sandbox, x: Reader) -> None:
    box.fault("hang", seconds=0.3)
    before = time.monotonic()
    with pytest.raises(requests.exceptions.ConnectionError):
        search(x)
    assert 0.2 < time.monotonic() - before < 5
    box.fault("hang", seconds=30)
    with pytest.raises(requests.exceptions.ReadTimeout):
        search(x, timeout=0.2)


def test_the_log_names_every_request_and_no_secret(box: Sandbox, x: Reader, page: Reader) -> None:
    box.fault("server_error", network="graph")
    search(x)
    page.get("/1234567890/feed", fields="id")
    one, other = box.requests
    assert (one.network, one.method, one.path, one.status, one.query) == (
        "x",
        "GET",
        RECENT,
        200,
        {"query": "#agoraTest"},
    )
    assert (other.network, other.status, other.fault) == ("graph", 503, "server_error")
    assert "secret" not in repr(box.requests)
    box.forget_requests()
    assert box.requests == ()


def test_everything_can_be_steered_by_http(box: Sandbox, x: Reader) -> None:
    control = f"{box.url}/_sandbox"
    assert requests.get(f"{control}/now", timeout=5).json()["minute"] == 1_000
    assert requests.post(f"{control}/advance", json={"minutes": 5}, timeout=5).json()["minute"] == 1_005
    assert requests.post(f"{control}/now", json={"minute": 50}, timeout=5).json()["now"] == "2026-11-02T08:50:00+00:00"
    requests.post(f"{control}/faults", json={"kind": "server_error", "network": "x"}, timeout=5)
    assert search(x).status_code == 503
    requests.post(f"{control}/faults", json={"kind": "server_error", "count": None}, timeout=5)
    requests.delete(f"{control}/faults", timeout=5)
    assert search(x).status_code == 200
    assert [row["status"] for row in requests.get(f"{control}/requests", timeout=5).json()] == [503, 200]
    truth = requests.get(f"{control}/truth", params={"opener": "f1"}, timeout=5).json()
    assert {"m1", "x1", "f1", "f2"} <= {post["key"] for post in truth["posts"]}
    assert requests.get(f"{control}/bill", timeout=5).json()["posts"] == {"2026-11-02": 1}
    assert requests.get(f"{control}/posts", timeout=5).json()["x1"]["url"] == box.post_url("x1")
    assert requests.get(f"{control}/tokens", timeout=5).json()["x"] == box.tokens.x
    wrong = requests.post(f"{control}/faults", json={"kind": "earthquake"}, timeout=5)
    assert wrong.status_code == 400 and "earthquake" in wrong.json()["error"]
    assert requests.get(f"{control}/nothing", timeout=5).status_code == 404


def test_only_reading_is_allowed_and_only_known_networks_answer(box: Sandbox) -> None:
    posted = requests.post(box.x_url + "/2/tweets", json={}, timeout=5)
    assert posted.status_code == 405
    assert requests.get(box.url + "/elsewhere/api", timeout=5).status_code == 404


def test_limits_can_be_told_without_being_reached(box: Sandbox) -> None:
    with Sandbox(box.script, now=100, enforce_limits=False) as endless:
        uno = Reader(endless.fediverse_url("mastodon.uno"))
        assert {uno.get("/api/v1/instance").status_code for _ in range(310)} == {200}


def test_the_box_runs_by_itself_and_says_where() -> None:
    command = [sys.executable, "-m", "tagora.sandbox", "--port", "0", "--minute", "1000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            told = json.loads(process.stdout.readline())
            bearer = {"Authorization": f"Bearer {told['tokens']['x']}"}
            answer = requests.get(told["addresses"]["x"] + RECENT, {"query": "#agoraTest"}, headers=bearer, timeout=5)
            assert answer.json()["meta"]["result_count"] == 4
        finally:
            process.terminate()


def test_a_script_that_cannot_be_played_ends_the_command_with_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tagora.sandbox", "--script", "nowhere.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "nowhere.yaml: cannot be read: No such file or directory\n")
