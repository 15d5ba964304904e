"""A box with the small script, and the three client libraries pointed at it."""

from __future__ import annotations

from collections.abc import Iterator

import facebook
import pytest

from tagora.sandbox import SMALL, Sandbox, Script, load_script

from .clients import Reader, Tweepy


@pytest.fixture(scope="session")
def script() -> Script:
    return load_script(SMALL)


@pytest.fixture
def box(script: Script) -> Iterator[Sandbox]:
    with Sandbox(script, now=1_000) as box:
        yield box


@pytest.fixture
def x(box: Sandbox) -> Reader:
    return Reader(box.x_url, {"Authorization": f"Bearer {box.tokens.x}"})


@pytest.fixture
def uno(box: Sandbox) -> Reader:
    """mastodon.uno as a stranger sees it."""
    return Reader(box.fediverse_url("mastodon.uno"))


@pytest.fixture
def page(box: Sandbox) -> Reader:
    """Graph with the Page's own token."""
    return Reader(box.graph_url + "/v26.0", params={"access_token": box.tokens.facebook.pages["1234567890"]})


@pytest.fixture
def tweepy_client(box: Sandbox) -> Tweepy:
    return Tweepy(box.x_url, box.tokens.x)


@pytest.fixture
def graph_client(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> facebook.GraphAPI:
    monkeypatch.setattr(facebook, "FACEBOOK_GRAPH_URL", box.graph_url + "/")
    client = facebook.GraphAPI(box.tokens.facebook.pages["1234567890"], timeout=10)
    client.version = "v26.0"
    return client
