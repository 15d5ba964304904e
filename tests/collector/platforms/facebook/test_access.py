"""Tokens: exchanging, listing Pages, what a token is good for and what it sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from tagora.collector.contract import Feed, FreeMeter
from tagora.collector.platforms.facebook import PLATFORM
from tagora.collector.platforms.facebook.access import long_lived_token, managed_pages, token_state
from tagora.collector.platforms.facebook.client import GraphClient, open_client
from tagora.core.clock import ManualClock
from tagora.core.errors import AuthError
from tagora.sandbox import Sandbox, Script

from .scripts import PAGE, connected, script


@pytest.fixture(scope="module")
def discussion() -> Script:
    return script()


@pytest.fixture(scope="module")
def box(discussion: Script) -> Iterator[Sandbox]:
    with Sandbox(discussion, now=1000) as box:
        yield box


def client(box: Sandbox, token: str) -> AbstractContextManager[GraphClient]:
    return open_client(
        token, ManualClock(box.now), box.graph_url, graph_version="v26.0", user_agent="tagora-test", meter=FreeMeter()
    )


def app(box: Sandbox) -> tuple[str, str]:
    app_id, _, secret = box.tokens.facebook.app.partition("|")
    return app_id, secret


def test_a_short_token_leads_to_the_pages_own(box: Sandbox) -> None:
    keys = box.tokens.facebook
    with client(box, keys.short) as graph:
        long = long_lived_token(graph, *app(box))
    assert long.token == keys.user
    assert long.expires_at is not None
    assert timedelta(days=59) < long.expires_at - box.now < timedelta(days=61)
    with client(box, long.token) as graph:
        (page,) = managed_pages(graph)
    assert (page.id, page.name, page.token) == (PAGE, "La Pagina", keys.pages[PAGE])
    assert "MODERATE" in page.tasks


def test_tokens_do_not_show_when_printed(box: Sandbox) -> None:
    keys = box.tokens.facebook
    with client(box, keys.user) as graph:
        said = repr(managed_pages(graph)) + repr(long_lived_token(graph, *app(box)))
    assert keys.user not in said
    assert keys.pages[PAGE] not in said


def test_a_wrong_token_cannot_be_exchanged(box: Sandbox) -> None:
    with client(box, "EAAwrong") as graph, pytest.raises(AuthError, match="does not accept the token"):
        long_lived_token(graph, *app(box))


def test_a_page_tokens_state_says_no_end_and_what_it_may(box: Sandbox) -> None:
    with client(box, box.tokens.facebook.pages[PAGE]) as graph:
        state = token_state(graph, *app(box))
    assert state.valid
    assert state.expires_at is None
    assert state.data_access_expires_at is not None
    assert state.data_access_expires_at - box.now == timedelta(days=90)
    assert "read visitors' posts and comments" in state.may
    assert state.lacks == ()


def test_an_expired_tokens_state_says_so(box: Sandbox) -> None:
    with client(box, box.tokens.facebook.expired) as graph:
        state = token_state(graph, *app(box))
    assert not state.valid
    assert "pages_read_engagement" in state.lacks


def test_a_page_token_sees_names_and_comments_with_ids(box: Sandbox) -> None:
    assert PLATFORM.probe is not None
    with connected(box) as fetch:
        seen = PLATFORM.probe(fetch, Feed(PAGE))
    assert "Comments, with their ids." in seen.sees
    assert any("La Pagina" in line for line in seen.sees)
    assert seen.lacks == ()


def test_a_system_user_sees_neither_names_nor_ids(box: Sandbox) -> None:
    assert PLATFORM.probe is not None
    with connected(box, token=box.tokens.facebook.ppca) as fetch:
        seen = PLATFORM.probe(fetch, Feed(PAGE))
    assert any(line.startswith("Names") for line in seen.lacks)
    assert any("come without ids" in line for line in seen.lacks)


def test_what_an_expired_token_sees_is_told_in_words(box: Sandbox) -> None:
    assert PLATFORM.probe is not None
    with connected(box, token=box.tokens.facebook.expired) as fetch:
        seen = PLATFORM.probe(fetch, Feed(PAGE))
    assert seen.sees == ()
    assert "has expired" in seen.lacks[0]
