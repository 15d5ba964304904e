"""The one HTTP server behind which all networks stand, and the handle on it for tests and the demo."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit

from . import blog, bluesky, graph, graph_tokens, ids, mastodon, x
from .control import control
from .faults import BEFORE, METADATA, ONLY_X, Fault, FaultKind, Faults, bomb, fuzzed
from .limits import Limiter
from .media import picture
from .script import Script
from .web import Answer, Request, html_answer, json_answer
from .world import Fediverse
from .x_billing import Bill
from .x_objects import Generation

SLOW_STEPS = 20


class Network(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def posts_to(self) -> frozenset[str]:
        """The paths that are asked by POST; all others by GET."""
        ...

    def answer(self, request: Request, minute: int) -> Answer: ...

    def fault_answer(self, fault: Fault, now: datetime) -> Answer: ...


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as the log keeps it, without secrets. `status` 0: the connection was closed without an answer."""

    network: str
    method: str
    path: str
    query: Mapping[str, str]
    status: int
    fault: str | None = None
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """All tokens that the sandbox accepts."""

    x: str
    fediverse: Mapping[str, mastodon.Tokens]
    facebook: graph_tokens.Tokens
    bluesky: bluesky.Account


class Sandbox:
    """The networks in a box, at a scripted moment.

    `now` is a minute of the script or an aware time. `generation` is the spelling X speaks. Without
    `enforce_limits` the rate limits are told but never reached. As a context manager it serves on a free port.
    """

    def __init__(
        self,
        script: Script,
        now: int | datetime = 0,
        *,
        port: int = 0,
        generation: Generation | str = Generation.BOTH,
        enforce_limits: bool = True,
    ) -> None:
        self.script = script
        self._minute = 0
        self._lock = threading.Lock()
        self._seen: list[SeenRequest] = []
        self._last: dict[tuple[str, str, str], Answer] = {}
        self._release = threading.Event()
        self.faults = Faults()
        limiter = Limiter(enforce=enforce_limits)
        self.world = Fediverse(script)
        self.tokens = Keys(
            x="x-bearer-secret",
            fediverse={
                server.host: mastodon.Tokens(
                    *(f"{server.host}-{name}-secret" for name in ("app", "user", "follower", "no-scope"))
                )
                for server in script.servers
            },
            facebook=graph_tokens.Tokens.of(script),
            bluesky=bluesky.Account("piazza.example.org", "bsky-app-password-secret"),
        )
        sessions = bluesky.Sessions(self.tokens.bluesky)
        self._x = x.XNetwork(script, self.tokens.x, Generation(generation), limiter)
        self.networks: dict[str, Network] = {
            "x": self._x,
            "graph": graph.Graph(script, self.tokens.facebook, limiter),
            "bluesky": bluesky.Service("bluesky", script, limiter, sessions),
            "bluesky-public": bluesky.Service("bluesky-public", script, limiter),
            **{
                server.host: mastodon.FediverseServer(server, self.world, self.tokens.fediverse[server.host], limiter)
                for server in script.servers
            },
            **{one.host: blog.BlogServer(one, script, limiter) for one in script.blogs},
        }
        self._server = _Server(("127.0.0.1", port), self)
        self._thread: threading.Thread | None = None
        self.set_time(now)

    # --- life -------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        if self._thread:
            self._thread.join(timeout=5)

    def serve(self) -> None:
        """Serves until interrupted."""
        try:
            self._server.serve_forever(0.2)
        finally:
            self.release()
            self._server.server_close()

    # --- addresses --------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def x_url(self) -> str:
        """Stands for https://api.x.com: append /2/tweets/…"""
        return f"{self.url}/x"

    @property
    def graph_url(self) -> str:
        """Stands for https://graph.facebook.com: append /v26.0/…"""
        return f"{self.url}/graph"

    @property
    def bluesky_url(self) -> str:
        """Stands for https://bsky.social, where an account signs in: append /xrpc/…"""
        return f"{self.url}/bluesky"

    @property
    def bluesky_public_url(self) -> str:
        """Stands for https://public.api.bsky.app"""
        return f"{self.url}/bluesky-public"

    def fediverse_url(self, host: str) -> str:
        """Stands for https://host: append /api/v1/…"""
        if host not in self.networks:
            raise KeyError(f"the script has no server {host!r}")
        return f"{self.url}/{host}"

    def blog_url(self, host: str) -> str:
        """Stands for https://host: append /feed/…"""
        return self.fediverse_url(host)

    @property
    def blog_homes(self) -> dict[str, str]:
        """Where every blog of the script answers, by its name."""
        return {one.host: self.blog_url(one.host) for one in self.script.blogs}

    def post_url(self, key: str) -> str:
        """The address under which people see a scripted post (for openers)."""
        return ids.post_url(self.script, self.script.post(key))

    def native_id(self, key: str) -> str:
        """Its canonical id: X the first of the edit chain, fediverse and Bluesky the uri, Facebook the id."""
        return ids.canonical_id(self.script, self.script.post(key))

    # --- time -------------------------------------------------------------------------------------------------------

    @property
    def minute(self) -> int:
        return self._minute

    @property
    def now(self) -> datetime:
        return self.script.time(self._minute)

    def advance(self, minutes: int) -> datetime:
        """Moves the discussion on; returns the new time."""
        with self._lock:
            self._minute += minutes
        return self.now

    def set_time(self, now: int | datetime) -> datetime:
        if isinstance(now, datetime):
            now = self.script.minute(now.astimezone(UTC))
        with self._lock:
            self._minute = now
        return self.now

    # --- faults -----------------------------------------------------------------------------------------------------

    def fault(
        self,
        kind: FaultKind | str,
        network: str = "*",
        path: str = "*",
        *,
        nth: int = 1,
        count: int | None = 1,
        status: int = 503,
        seconds: float = 5.0,
        size: int = 64 * 1024 * 1024,
        to: str = METADATA,
        seed: int = 0,
    ) -> Fault:
        """Sets a fault (see `Fault`); the returned object counts its hits."""
        kind = FaultKind(kind)
        if kind in ONLY_X and network != "x":
            raise ValueError(f"{kind} is X's own: network must be 'x'")
        return self.faults.add(Fault(kind, network, path, nth, count, status, seconds, size, to, seed))

    def clear_faults(self) -> None:
        """No faults any more; requests that hang are let go."""
        self.faults.clear()
        self.release()

    def release(self) -> None:
        """Lets hanging requests go."""
        with self._lock:
            hanging, self._release = self._release, threading.Event()
        hanging.set()

    # --- what happened ----------------------------------------------------------------------------------------------

    @property
    def requests(self) -> tuple[SeenRequest, ...]:
        """All requests to the networks so far, oldest first (pictures and control left out)."""
        with self._lock:
            return tuple(self._seen)

    def forget_requests(self) -> None:
        with self._lock:
            self._seen.clear()

    @property
    def bill(self) -> Bill:
        """What X would charge for so far."""
        return self._x.meter.bill

    # --- answering --------------------------------------------------------------------------------------------------

    def respond(self, request: Request, method: str, network_name: str) -> tuple[Answer | None, Fault | None]:
        """The answer, and the fault to play while sending it. No answer: close the connection without a word."""
        network = self.networks[network_name]
        fault = self.faults.strike(network.name, request.path)
        answer = self._answer(network, request, method, fault)
        seen = SeenRequest(
            network.name,
            method,
            request.path,
            request.shown_query,
            answer.status if answer else 0,
            fault.kind if fault else None,
            request.headers.get("user-agent", ""),
        )
        with self._lock:
            self._seen.append(seen)
        return answer, fault

    def _answer(self, network: Network, request: Request, method: str, fault: Fault | None) -> Answer | None:
        if fault and fault.kind == FaultKind.HANG:
            with self._lock:
                release = self._release
            release.wait(fault.seconds)
            return None
        if fault and fault.kind in BEFORE:
            return network.fault_answer(fault, self.now)
        wanted = "POST" if request.path in network.posts_to else "GET"
        if method != wanted:
            return json_answer({"error": "Method Not Allowed"}, 405, {"Allow": wanted})
        where = (network.name, request.path, request.get("query"))  # X asks all its questions at one path
        if fault and fault.kind == FaultKind.REPEATED_PAGE and where in self._last:
            return self._last[where]
        answer = network.answer(request, self._minute)
        with self._lock:
            self._last[where] = answer
        if fault is None:
            return answer
        if fault.kind == FaultKind.HTML:
            return html_answer(200, "Welcome to the hotel's wireless network")
        if fault.kind == FaultKind.BROKEN_JSON:
            return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.content_type, answer.headers)
        if fault.kind == FaultKind.WRONG_SHAPE:
            wrong: Any = {"surprise": [1, None, {"data": "no"}]} if answer.body.startswith(b"[") else ["surprise", 1]
            return json_answer(wrong, 200, answer.headers)
        if fault.kind == FaultKind.FUZZED and answer.status == 200:
            return json_answer(fuzzed(answer.data(), Random(fault.seed)), 200, answer.headers)
        if fault.kind == FaultKind.GZIP_BOMB:
            headers = {**answer.headers, "Content-Encoding": "gzip"}
            return Answer(answer.status, bomb(fault.size), answer.content_type, headers)
        if fault.kind == FaultKind.REDIRECT:
            return Answer(302, b"", "text/html", {"Location": fault.to})
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], box: Sandbox) -> None:
        super().__init__(address, _Handler)
        self.box = box

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that walk away are no news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    disable_nagle_algorithm = True
    timeout = 60

    @property
    def box(self) -> Sandbox:
        assert isinstance(self.server, _Server)
        return self.server.box

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {name: tuple(values) for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        first, _, rest = parts.path.lstrip("/").partition("/")
        box = self.box
        request = Request(
            path="/" + unquote(rest).rstrip("/"),
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            base=box.url,
            method=method,
            body=body,
        )
        if first == "_sandbox":
            self._send(control(box, method, request.path, request, body))
        elif first == "media":
            self._send(picture(box.script, rest))
        elif first in box.networks:
            answer, fault = box.respond(request, method, first)
            if answer is None:
                self._close()
            else:
                self._send(answer, fault)
        else:
            self._send(html_answer(404, "No such network in this sandbox"))

    def _send(self, answer: Answer, fault: Fault | None = None) -> None:
        kind = fault.kind if fault else None
        length = len(answer.body)
        if kind == FaultKind.CUT_BODY:
            length += 1000
        if kind == FaultKind.GIANT_BODY and fault:
            length += fault.size
        headers = {
            "Date": format_datetime(self.box.now, usegmt=True),
            "Content-Type": answer.content_type,
            "Content-Length": str(length),
            **answer.headers,
        }
        lines = [f"{self.protocol_version} {answer.status} {HTTPStatus(answer.status).phrase}"]
        head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode("latin-1")
        if kind == FaultKind.SLOW_BODY and fault:
            self._drip(head, answer.body, fault.seconds)
            return
        self.wfile.write(head + answer.body)  # one write: two would wait for each other's acknowledgement
        if kind == FaultKind.CUT_BODY:
            self._close()
        if kind == FaultKind.GIANT_BODY and fault:
            left = fault.size
            while left > 0:
                self.wfile.write(b" " * min(left, 1 << 20))
                left -= 1 << 20

    def _drip(self, head: bytes, body: bytes, seconds: float) -> None:
        self.wfile.write(head)
        step = max(1, len(body) // SLOW_STEPS)
        for at in range(0, len(body), step):
            self.wfile.write(body[at : at + step])
            time.sleep(seconds / SLOW_STEPS)

    def _close(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
        """Silence: what was asked is in `Sandbox.requests`."""
