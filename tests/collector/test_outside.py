"""Addresses that strangers chose: never inside, never more than bounded, redirects followed and remembered as meant."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tagora.collector import outside
from tagora.collector.outside import NotOutside, NotReached, Outside, is_public
from tagora.core.errors import Temporary

MAX = 100_000
Reply = tuple[int, dict[str, str], bytes]


class Stage:
    """A server whose answers a test writes. `seen`: the paths that were asked, with their headers."""

    def __init__(self) -> None:
        self.answers: dict[str, Reply | Callable[[Any], None]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        stage = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stage.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                answer = stage.answers.get(self.path, (404, {}, b"nothing"))
                if callable(answer):
                    answer(self)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def running() -> Iterator[Stage]:
    stage = Stage()
    thread = threading.Thread(target=stage.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield stage
    stage.server.shutdown()
    stage.server.server_close()


@pytest.fixture
def stage(running: Stage) -> Stage:
    running.answers.clear()
    running.seen.clear()
    return running


@pytest.fixture
def client(stage: Stage) -> Iterator[Outside]:
    """One for which blog.example and moved.example answer on the stage."""
    homes = {"blog.example": stage.url, "moved.example": f"{stage.url}/moved"}
    made = Outside("Tagora/test (+mailto:t@example.org)", max_bytes=MAX, homes=homes)
    yield made
    made.close()


# --- never inside ----------------------------------------------------------------------------------------------------

INSIDE = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
          "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
          "2002:7f00:1::", "2001:db8::1", "no address"]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://2130706433/", "http://0x7f000001/",
     "http://127.1/", "ftp://example.org/", "file:///etc/passwd", "http://user:secret@example.org/",
     "http://example.org:22/", "gopher://example.org/", "http:///nowhere", "//example.org/"],
)  # fmt: skip
def test_what_leads_inside_or_is_no_web_address_is_refused_unasked(url: str) -> None:
    with pytest.raises(NotOutside):
        Outside("t", max_bytes=MAX).get(url)


@pytest.mark.parametrize("told", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["fd00::1"]])
def test_a_name_is_judged_by_all_that_it_stands_for(told: list[str]) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return told

    with pytest.raises(NotOutside, match=r"harmless\.example lies in a private network"):
        Outside("t", max_bytes=MAX, resolve=resolve).get("https://harmless.example/")
    assert asked == ["harmless.example"]


def test_the_connection_goes_to_the_address_that_was_judged(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means another thing a moment later is not asked again."""
    opened: list[str] = []
    real = outside.httpcore.SyncBackend.connect_tcp

    def connect_tcp(self: Any, host: str, port: int, *rest: Any) -> Any:
        opened.append(host)
        return real(self, "127.0.0.1", stage.server.server_port, *rest)

    monkeypatch.setattr(outside.httpcore.SyncBackend, "connect_tcp", connect_tcp)
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    stage.answers["/"] = (200, {}, b"hello")
    got = Outside("t", max_bytes=MAX, resolve=lambda host, port: next(answers)).get("http://twofaced.example/")
    assert (got.answer.body, opened) == (b"hello", ["93.184.216.34"])
    assert stage.seen[0][1]["host"] == "twofaced.example"


def test_a_redirect_leads_inside_no_more_than_an_address_does(stage: Stage, client: Outside) -> None:
    targets = [stage.url, "http://localhost/", "file:///etc/passwd", "javascript:alert(1)", "http://[", "//127.0.0.1/x"]
    for target in targets:
        stage.answers["/feed"] = (302, {"Location": target}, b"")
        with pytest.raises(NotOutside):
            client.get("https://blog.example/feed")
    assert {path for path, _ in stage.seen} == {"/feed"}


def test_ones_own_network_can_be_allowed(stage: Stage) -> None:
    stage.answers["/feed"] = (200, {}, b"ours")
    assert Outside("t", max_bytes=MAX, allow_private=True).get(f"{stage.url}/feed").answer.body == b"ours"


def test_a_name_that_means_nothing_is_not_reached() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(NotReached, match=r"nowhere\.example cannot be reached"):
        Outside("t", max_bytes=MAX, resolve=resolve).get("https://nowhere.example/")


# --- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((301,), 1), ((308,), 1), ((302,), None), ((307,), None), ((301, 308), 2), ((301, 302), 1), ((302, 301), None)],
)
def test_only_permanent_moves_are_remembered(
    stage: Stage, client: Outside, statuses: tuple[int, ...], moved: int | None
) -> None:
    for step, status in enumerate(statuses):
        stage.answers[f"/{step}"] = (status, {"Location": f"/{step + 1}"}, b"")
    stage.answers[f"/{len(statuses)}"] = (200, {}, b"here")
    got = client.get("https://blog.example/0")
    assert got.answer.body == b"here" and got.url == f"https://blog.example/{len(statuses)}"
    assert got.moved_to == (None if moved is None else f"https://blog.example/{moved}")


def test_a_move_to_another_host_is_followed(stage: Stage, client: Outside) -> None:
    stage.answers["/feed"] = (301, {"Location": "https://moved.example/feed?a=1#x"}, b"")
    stage.answers["/moved/feed?a=1"] = (200, {}, b"here")
    assert client.get("https://blog.example/feed").moved_to == "https://moved.example/feed?a=1"


def test_redirects_come_to_an_end(stage: Stage, client: Outside) -> None:
    stage.answers["/a"] = (302, {"Location": "/b"}, b"")
    stage.answers["/b"] = (302, {"Location": "/a"}, b"")
    with pytest.raises(Temporary, match="redirects without end"):
        client.get("https://blog.example/a")
    assert len(stage.seen) == outside.MAX_REDIRECTS + 1


# --- bounds ----------------------------------------------------------------------------------------------------------


def test_more_than_is_bounded_is_not_read(stage: Stage, client: Outside) -> None:
    sent = 0

    def endless(handler: Any) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        try:
            while sent < 500 * MAX:
                sent += handler.wfile.write(b"x" * MAX)
        except OSError:
            pass
        handler.close_connection = True

    stage.answers["/big"] = endless
    with pytest.raises(Temporary, match="more than"):
        client.get("https://blog.example/big")
    assert sent < 200 * MAX


def test_a_small_answer_unpacks_no_further_than_the_bound(stage: Stage, client: Outside) -> None:
    bomb = gzip.compress(b"\0" * (200 * MAX))
    assert len(bomb) < MAX
    stage.answers["/bomb"] = (200, {"Content-Encoding": "gzip"}, bomb)
    with pytest.raises(Temporary, match="more than"):
        client.get("https://blog.example/bomb")


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_packed_answer_is_unpacked_and_a_cut_one_is_none(
    stage: Stage, client: Outside, pack: Callable[[bytes], bytes]
) -> None:
    body = b"hello " * 1000
    kind = {"Content-Encoding": "gzip" if pack is gzip.compress else "deflate"}
    stage.answers["/whole"] = (200, kind, pack(body))
    stage.answers["/cut"] = (200, kind, pack(body)[:-10])
    stage.answers["/false"] = (200, kind, b"not packed at all")
    assert client.get("https://blog.example/whole").answer.body == body
    for path in ("cut", "false"):
        with pytest.raises(Temporary, match="did not answer fully"):
            client.get(f"https://blog.example/{path}")


def test_enough_is_enough(stage: Stage, client: Outside) -> None:
    stage.answers["/page"] = (200, {}, b"x" * 5_000)
    got = client.get("https://blog.example/page", enough=100)
    assert (len(got.answer.body), got.whole) == (100, False)


def test_a_body_that_comes_drop_by_drop_is_given_up(
    stage: Stage, client: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()

    def slow(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not stop.wait(0.02):
                handler.wfile.write(b"x")
        except OSError:
            pass
        handler.close_connection = True

    monkeypatch.setattr(outside, "WHOLE_SECONDS", 0.3)
    stage.answers["/slow"] = slow
    begun = time.monotonic()
    with pytest.raises(Temporary, match="too slowly"):
        client.get("https://blog.example/slow")
    stop.set()
    assert time.monotonic() - begun < 5


def test_it_names_itself_and_sends_what_it_is_told_to(stage: Stage, client: Outside) -> None:
    stage.answers["/feed"] = (304, {}, b"")
    assert client.get("https://blog.example/feed", {"If-None-Match": '"1"'}).answer.status == 304
    headers = stage.seen[0][1]
    assert headers["user-agent"] == "Tagora/test (+mailto:t@example.org)" and headers["if-none-match"] == '"1"'
