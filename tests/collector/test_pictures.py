"""Pictures are asked for politely, within bounds, and never inside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from time import sleep
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagora.collector import pictures as module
from tagora.collector.outside import NotOutside, Outside
from tagora.collector.pictures import Paced, PictureWeb, host_of
from tagora.core.clock import ManualClock
from tagora.core.errors import BadItem, CollectorError, Gone, RateLimited, Temporary

from ..make import NOON
from .test_outside import Stage, running, stage

__all__ = ["running", "stage"]  # fixtures
PLACE = "http://pictures.example/1.jpg"


@pytest.fixture
def web(stage: Stage) -> Iterator[PictureWeb]:
    """One for which pictures.example answers on the stage."""
    outside = Outside("Tagora/test", max_bytes=module.MAX_BYTES, seconds=0.5, homes={"pictures.example": stage.url})
    yield PictureWeb(outside, ManualClock(NOON))
    outside.close()


def test_a_picture_is_its_bytes_whatever_its_server_calls_it(web: PictureWeb, stage: Stage) -> None:
    stage.answers["/1.jpg"] = (200, {"Content-Type": "text/html"}, b"bytes")
    assert web.get(PLACE) == b"bytes"
    ((_, headers),) = stage.seen
    assert headers["user-agent"] == "Tagora/test" and headers["accept"].startswith("image/")


@pytest.mark.parametrize(
    "status, headers, error",
    [
        (404, {}, Gone),
        (410, {}, Gone),
        (403, {}, Gone),
        (500, {}, Temporary),
        (503, {}, Temporary),
        (204, {}, Temporary),
        (429, {}, RateLimited),
        (429, {"Retry-After": "120"}, RateLimited),
        (503, {"Retry-After": "120"}, RateLimited),
    ],
)
def test_each_refusal_names_its_recovery(
    web: PictureWeb, stage: Stage, status: int, headers: dict[str, str], error: type[CollectorError]
) -> None:
    stage.answers["/1.jpg"] = (status, headers, b"")
    with pytest.raises(error) as raised:
        web.get(PLACE)
    if isinstance(raised.value, RateLimited):
        assert raised.value.until == (NOON + timedelta(minutes=2) if headers else None)


def test_no_more_is_read_than_may_be(web: PictureWeb, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    stage.answers["/1.jpg"] = (200, {}, b"x" * 1000)
    assert len(web.get(PLACE)) == 1000
    stage.answers["/1.jpg"] = (200, {}, b"x" * 1001)
    with pytest.raises(BadItem, match="is larger than"):
        web.get(PLACE)


def test_a_server_that_drips_is_left(web: PictureWeb, stage: Stage) -> None:
    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        try:
            for _ in range(200):
                handler.wfile.write(b"x" * 20)
                handler.wfile.flush()
                sleep(0.02)
        except OSError:
            pass

    stage.answers["/1.jpg"] = drip
    with pytest.raises(Temporary, match="too slowly"):
        web.get(PLACE)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/1.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/1.jpg",
        "file:///etc/passwd",
        "ftp://films.example/1.jpg",
        "http://localhost:22/1.jpg",
        "data:image/png;base64,AAAA",
    ],
)
def test_nothing_leads_inside(web: PictureWeb, url: str) -> None:
    with pytest.raises(NotOutside):
        web.get(url)


def test_a_redirect_leads_nowhere_inside_either(web: PictureWeb, stage: Stage) -> None:
    stage.answers["/1.jpg"] = (302, {"Location": f"{stage.url}/secret"}, b"")
    stage.answers["/secret"] = (200, {}, b"secret")
    with pytest.raises(NotOutside):
        web.get(PLACE)
    assert [path for path, _ in stage.seen] == ["/1.jpg"]


# --- in turn ---------------------------------------------------------------------------------------------------------


class Time:
    """Seconds that pass only by waiting."""

    def __init__(self) -> None:
        self.now = 0.0

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def paced(urls: list[str], time: Time, pause: float = 1.0) -> Paced[str]:
    return Paced(urls, lambda url: url, lambda: time.now, time.wait, pause)


@given(st.lists(st.sampled_from(["https://a.example/", "https://b.example/", "https://c.example/", "nonsense"])))
def test_every_picture_has_its_turn_and_no_host_two_within_the_pause(urls: list[str]) -> None:
    time, asked = Time(), list[tuple[str, float]]()
    for url in paced(urls, time):
        asked.append((url, time.now))
    assert sorted(url for url, _ in asked) == sorted(urls)
    for host in set(urls):
        moments = [moment for url, moment in asked if url == host]
        assert all(later - earlier >= 1 for earlier, later in pairwise(moments))
    busiest = max((urls.count(url) for url in urls), default=0)
    assert time.now <= busiest, "the others do not wait for it"


def test_a_host_that_wants_a_pause_is_left_the_others_go_on() -> None:
    time, asked, left = Time(), list[str](), list[str]()
    order = paced([f"https://{host}.example/{number}" for host in "ab" for number in range(3)], time)
    for url in order:
        asked.append(url)
        if url.startswith("https://a."):
            left += order.leave(url)
    assert asked == ["https://a.example/0", *(f"https://b.example/{number}" for number in range(3))]
    assert sorted(left) == ["https://a.example/1", "https://a.example/2"]


def test_what_is_no_address_has_no_host() -> None:
    assert host_of("http://[broken") == "" and host_of("HTTPS://A.Example/x") == "a.example"
