"""The Graph API through facebook-sdk 3.1.0, around its known faults. The only importer of the SDK.

The SDK (last release 2018) knows only versions up to 3.1, a fixed host, no time-outs; it never looks at the HTTP
status or the headers and puts the token where exceptions and logs show it. `GraphClient` keeps its way of asking
(`get_object`, `get_connections`, `get_objects`) and replaces how a request is sent and an answer understood.
"""

from __future__ import annotations

import json
import logging
import math
import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import requests
import urllib3

from ....core.clock import Clock
from ....core.errors import AuthError, RateLimited, Temporary
from ...contract import Cost, Fetch, Meter, Quota
from .config import FacebookConfig
from .faults import CONNECT, fault
from .walks import FacebookFetch

with warnings.catch_warnings():  # the SDK's escapes in plain strings, which newer Pythons warn of when compiling it
    warnings.simplefilter("ignore", SyntaxWarning)
    import facebook

TIMEOUTS = (10.0, 30.0)  # seconds: to connect, between two pieces of the answer
MAX_SECONDS = 120.0  # for a whole answer: one that comes in drops never trips the time-out between two pieces
MAX_BODY = 20_000_000
CHUNK = 8_192

_SECRET_PARAMETER = re.compile(
    r"\b(access_token|client_secret|fb_exchange_token|input_token|appsecret_proof)=[^&\s\"']*"
)


class Refusal(facebook.GraphAPIError):
    """An answer that is not the object asked for. Never leaves this module: `ask` puts it into our words."""

    def __init__(self, status: int, body: Any, retry_at: datetime | None) -> None:
        super().__init__(body)
        self.status = status
        self.body = body
        self.retry_at = retry_at


class GraphClient(facebook.GraphAPI):
    """Asks the Graph API; answers are JSON objects, refusals are our errors. One request per call.

    `quota` is what the last answer's headers said of our allowance. Facebook counts in percent:
    https://developers.facebook.com/docs/graph-api/overview/rate-limiting
    """

    def __init__(
        self,
        token: str,
        clock: Clock,
        base_url: str | None,
        *,
        graph_version: str,
        user_agent: str,
        meter: Meter,
        pause_at_percent: int,
    ) -> None:
        super().__init__(token, timeout=TIMEOUTS, session=requests.Session())
        self.version = graph_version  # the constructor knows only versions that are gone
        self.base_url = (base_url or facebook.FACEBOOK_GRAPH_URL).rstrip("/") + "/"
        self.quota: Quota | None = None
        self._clock = clock
        self._meter = meter
        self._pause_at_percent = pause_at_percent
        self.session.headers["User-Agent"] = user_agent
        self.session.hooks["response"].append(self._note_usage)

    def now(self) -> datetime:
        return self._clock.now()

    def ask(self, what: str, method: Callable[..., Any], *args: Any, **named: Any) -> dict[str, Any]:
        """What one of the SDK's methods (`get_object`, `get_connections`, …) answers: a JSON object.

        `what` says in words what is asked, for errors. Reserves one request first.
        Raises AuthError, RateLimited, OutOfBudget, Temporary, Gone.
        """
        self._pause_when_nearly_used_up(what)
        self._meter.reserve(Cost(requests=1))
        try:
            return method(*args, **named)
        except Refusal as refusal:
            until = (self.quota.resets_at if self.quota else None) or refusal.retry_at
            raise fault(refusal.status, refusal.body, what=what, until=until) from None
        except requests.exceptions.RequestException as error:  # its text holds the address and with it the token
            if _never_connected(error):
                self._meter.release()
                raise Temporary(f"Facebook could not be reached for {what}.") from None
            if isinstance(error, requests.exceptions.Timeout):
                raise Temporary(f"Facebook did not answer in time about {what}.") from None
            raise Temporary(f"The connection to Facebook failed for {what} ({type(error).__name__}).") from None

    def request(
        self,
        path: str,
        args: Mapping[str, Any] | None = None,
        post_args: Any = None,
        files: Any = None,
        method: str | None = None,
    ) -> dict[str, Any]:
        """The SDK's one way out, anew: own base address, no redirects, bounded body, HTTP status looked at.

        Gives the JSON object of a good answer; raises Refusal for any other.
        """
        if post_args is not None or files is not None or method not in (None, "GET"):
            raise TypeError("Tagora only reads from Facebook")
        params = dict(args or {})
        params.setdefault("access_token", self.access_token)
        with self.session.get(
            self.base_url + path, params=params, timeout=self.timeout, allow_redirects=False, stream=True
        ) as response:
            body = _json(_bounded(response))
            if response.status_code == 200 and isinstance(body, dict) and "error" not in body:
                return body
            raise Refusal(response.status_code, body, self._retry_at(response))

    def _note_usage(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """The response hook: reads the usage headers that the SDK throws away."""
        self.quota = usage(response.headers, self._clock.now()) or self.quota

    def _pause_when_nearly_used_up(self, what: str) -> None:
        quota = self.quota
        if quota is None or quota.remaining is None or 100 - quota.remaining < self._pause_at_percent:
            return
        if quota.resets_at is not None and quota.resets_at <= self._clock.now():
            return
        used = 100 - quota.remaining
        raise RateLimited(
            f"Facebook says {used}% of the allowance is used: pausing before {what}.", until=quota.resets_at
        )

    def _retry_at(self, response: requests.Response) -> datetime | None:
        seconds = response.headers.get("Retry-After", "")
        if not re.fullmatch(r"[0-9]{1,6}", seconds):
            return None
        return self._clock.now() + timedelta(seconds=int(seconds))


def usage(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """The fullest of the allowances that the headers tell of, in percent, and when access comes back.

    X-App-Usage: {"call_count", "total_cputime", "total_time"}; X-Business-Use-Case-Usage: {business: [the same plus
    "estimated_time_to_regain_access" in minutes]}. None when there is neither or they make no sense.
    """
    rows: list[Any] = [_json(headers.get("X-App-Usage", "").encode())]
    by_business = _json(headers.get("X-Business-Use-Case-Usage", "").encode())
    if isinstance(by_business, dict):
        rows += [row for entry in by_business.values() if isinstance(entry, list) for row in entry]
    known = [row for row in rows if isinstance(row, dict)]
    shares = [_number(row.get(key)) for row in known for key in ("call_count", "total_cputime", "total_time")]
    minutes = [_number(row.get("estimated_time_to_regain_access")) or 0 for row in known]
    percent = [share for share in shares if share is not None]
    if not percent:
        return None
    wait = min(max(minutes, default=0), 7 * 24 * 60)
    return Quota(
        limit=100,
        remaining=max(0, 100 - math.ceil(max(percent))),
        resets_at=now + timedelta(minutes=wait) if wait else None,
    )


@contextmanager
def connect(
    config: FacebookConfig,
    secrets: Mapping[str, str],
    clock: Clock,
    base_url: str | None,
    *,
    user_agent: str,
    meter: Meter,
) -> Iterator[Fetch]:
    """A session with Facebook for one source; makes no request. Raises AuthError when there is no token."""
    with open_client(
        secrets.get("token", ""),
        clock,
        base_url,
        graph_version=config.graph_version,
        user_agent=user_agent,
        meter=meter,
        pause_at_percent=config.pause_at_percent,
    ) as graph:
        yield FacebookFetch(graph, config)


@contextmanager
def open_client(
    token: str,
    clock: Clock,
    base_url: str | None = None,
    *,
    graph_version: str,
    user_agent: str,
    meter: Meter,
    pause_at_percent: int = 100,
) -> Iterator[GraphClient]:
    """A client that speaks with this token; makes no request. Raises AuthError when the token is empty."""
    if not token.strip():
        raise AuthError("Facebook answers nothing without a token, and none was given.", CONNECT)
    graph = GraphClient(
        token.strip(),
        clock,
        base_url,
        graph_version=graph_version,
        user_agent=user_agent,
        meter=meter,
        pause_at_percent=pause_at_percent,
    )
    keep_secrets_out_of_logs()
    try:
        yield graph
    finally:
        graph.session.close()


class _RedactSecrets(logging.Filter):
    """urllib3 logs each request's path and query at DEBUG, and the query holds the token."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            record.msg = _redacted(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_redacted(arg) for arg in record.args)
        return True


_REDACT = _RedactSecrets()


def keep_secrets_out_of_logs() -> None:
    """Lets no token into the HTTP library's log. Doing it twice is doing it once."""
    logging.getLogger("urllib3.connectionpool").addFilter(_REDACT)


def _redacted(value: Any) -> Any:
    return _SECRET_PARAMETER.sub(r"\1=***", value) if isinstance(value, str) else value


def _never_connected(error: requests.exceptions.RequestException) -> bool:
    """Whether the question surely never left: no such host, refused, or no connection in time."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
        reason, urllib3.exceptions.NewConnectionError
    )


def _bounded(response: requests.Response) -> bytes:
    body = bytearray()
    deadline = time.monotonic() + MAX_SECONDS
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > MAX_BODY:
            raise Temporary(f"Facebook's answer is larger than {MAX_BODY // 1_000_000} MB and was not read.")
        if time.monotonic() > deadline:
            raise Temporary("Facebook's answer came too slowly and was not read to its end.")
    return bytes(body)


def _json(body: bytes) -> Any:
    """The JSON value, or None when it is none (an HTML error page, a cut body, NaN, absurdly deep)."""
    try:
        return json.loads(body, parse_constant=_refuse, parse_int=_integer, parse_float=_finite)
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> None:
    raise ValueError(name)


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= 18 else None


def _finite(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        return None
    return float(value)
