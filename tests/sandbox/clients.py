"""How the tests ask the box: plain requests, and the client libraries pointed at it."""

from __future__ import annotations

from typing import Any

import requests
import tweepy
from mastodon import Mastodon
from requests.adapters import HTTPAdapter

from tagora.sandbox import Sandbox

LATE = 13_000  # after everything in the small script


class Reader:
    """Asks one network of the box with plain requests; keeps the connection."""

    def __init__(self, base: str, headers: dict[str, str] | None = None, params: dict[str, str] | None = None) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.headers.update(headers or {})
        self.session.params = params or {}

    def get(self, path: str, **params: Any) -> requests.Response:
        """`timeout` in seconds is for the client, everything else for the network."""
        timeout = params.pop("timeout", 10)
        return self.session.get(self.base + path, params=params, timeout=timeout)


class Tweepy(tweepy.Client):
    """tweepy has no setting for its base URL: the address is changed on its way out."""

    def __init__(self, base: str, token: str) -> None:
        raw: Any = dict  # what tweepy takes for raw answers, though its stubs say otherwise
        super().__init__(token, return_type=raw)
        self.session.mount("https://api.twitter.com/", _Redirected(base))


class _Redirected(HTTPAdapter):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url
        request.url = request.url.replace("https://api.twitter.com", self.base)
        return super().send(request, *args, **kwargs)


def mastodon_client(box: Sandbox, host: str, token: str | None = None) -> Mastodon:
    return Mastodon(
        api_base_url=box.fediverse_url(host), access_token=token, ratelimit_method="throw", version_check_mode="none"
    )
