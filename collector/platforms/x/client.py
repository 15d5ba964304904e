"""One request to X through tweepy, and `connect`. The only importer of the SDK.

tweepy's own `request` is replaced: it fixes the host, waits for ever on some refusals, sets no time-outs and logs the
Authorization header (https://github.com/tweepy/tweepy/blob/v4.17.0/tweepy/client.py). Its methods stay: they know
X's routes and parameters.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
import tweepy
from requests.auth import AuthBase
from urllib3.exceptions import NewConnectionError

from ....core.clock import Clock
from ....core.errors import AuthError, Temporary
from ...contract import Meter
from .answers import Answer, parse, read_answer
from .config import XConfig
from .problems import error_of
from .walks import NotCharged, Params, XSession

BASE_URL = "https://api.x.com"
TIMEOUT = (10, 30)  # seconds to connect, and between two bytes
MAX_SECONDS = 120  # for one whole answer: a server may also drip
MAX_BYTES = 20_000_000


@contextmanager
def connect(
    config: XConfig,
    secrets: Mapping[str, str],
    clock: Clock,
    base_url: str | None,
    *,
    user_agent: str,
    meter: Meter,
) -> Iterator[XSession]:
    """A session with X; makes no request. Raises AuthError when there is no bearer token that can be one."""
    token = secrets.get("bearer_token", "").strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise AuthError(
            "X answers nothing without a bearer token, and this account has none that can be one.",
            "Copy it from X's developer console and set `bearer_token_env` or `bearer_token_file`.",
        )
    client = XClient(token, (base_url or BASE_URL).rstrip("/"), config.fields, clock, user_agent)
    try:
        yield XSession(config, client.ask, clock, meter)
    finally:
        client.session.close()


class _Bearer(AuthBase):
    """Sets the token at the last moment: as a plain header requests would let ~/.netrc replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class XClient(tweepy.Client):
    """tweepy's client with a settable host, time-outs, bounded answers, our errors, and either spelling of names."""

    def __init__(self, token: str, base_url: str, fields: str, clock: Clock, user_agent: str) -> None:
        # tweepy's annotation means its own Response; its code and documentation mean that of requests.
        super().__init__(return_type=requests.Response, wait_on_rate_limit=False)  # pyright: ignore[reportArgumentType]
        self.user_agent = user_agent
        self._auth = _Bearer(token)
        self._base_url = base_url
        self._fields = fields
        self._clock = clock

    def ask(self, endpoint: str, params: Params) -> Answer:
        """See `walks.Ask`."""
        methods = {
            "tweets": self.get_tweets,
            "tweets/search/recent": self.search_recent_tweets,
            "tweets/search/all": self.search_all_tweets,
            "tweets/counts/recent": self.get_recent_tweets_count,
            "usage/tweets": self.get_usage,
        }
        given = {name: value for name, value in params.items() if value is not None}
        response: Any = methods[endpoint](**given)
        return read_answer(response.content, response.headers, self._clock.now())

    def get_usage(self, **params: Any) -> Any:
        """`GET /2/usage/tweets`, which tweepy 4.17 lacks."""
        return self._make_request("GET", "/2/usage/tweets", params, endpoint_parameters=("days", "usage.fields"))

    def request(
        self, method: str, route: str, params: Any = None, json: Any = None, user_auth: bool = False
    ) -> requests.Response:
        """One request with the bearer token. Raises as `walks.Ask` says."""
        if self._fields == "post" and params:
            params = {("post.fields" if name == "tweet.fields" else name): value for name, value in params.items()}
        try:
            with self.session.request(
                method,
                self._base_url + route,
                params=params,
                json=json,
                headers={"User-Agent": self.user_agent, "Accept": "application/json"},
                auth=self._auth,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _bounded(response)
        except requests.RequestException as error:
            raise _broken(error) from None  # not chained: the library's words hold the whole address
        if not 200 <= response.status_code < 300:
            error = error_of(response.status_code, response.headers, parse(body), self._clock.now())
            raise NotCharged(error) if response.status_code < 500 else error
        response._content = body
        return response


def _bounded(response: requests.Response) -> bytes:
    body = bytearray()
    deadline = time.monotonic() + MAX_SECONDS
    for chunk in response.iter_content(64 * 1024):
        body += chunk
        if len(body) > MAX_BYTES:
            raise Temporary("X sent an answer of more than 20 MB, which was not read.", "It is asked again later.")
        if time.monotonic() > deadline:
            raise Temporary("X's answer took longer than two minutes.", "It is asked again later.")
    return bytes(body)


def _broken(error: requests.RequestException) -> Exception:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        return NotCharged(Temporary("X cannot be reached.", "Check the network; it is asked again later."))
    if isinstance(error, requests.Timeout):
        return Temporary("X did not answer in time.", "It is asked again later.")
    return Temporary("The connection to X broke.", "It is asked again later.")
