"""The adapter in the conformance suite, against the sandbox's Graph API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tagora.collector import conformance
from tagora.collector.conformance import Bench, Fault
from tagora.collector.contract import Cursor, Feed, Lookup, Thread
from tagora.collector.platforms.facebook import PLATFORM, client
from tagora.collector.platforms.facebook.config import FacebookConfig
from tagora.core.clock import ManualClock
from tagora.sandbox import Sandbox

from .scripts import PAGE, connected, script, target

KINDS = {
    Fault.UNAUTHORIZED: "expired_token",
    Fault.FORBIDDEN: "forbidden",
    Fault.RATE_LIMITED: "rate_limit",
    Fault.RATE_LIMITED_SILENT: "rate_limit_no_reset",
    Fault.HANG: "hang",
    Fault.CUT_BODY: "cut_body",
    Fault.HTML: "html",
    Fault.WRONG_SHAPE: "wrong_shape",
    Fault.REPEATED_PAGE: "repeated_page",
}


@pytest.fixture(scope="module", params=["a Page token", "a system user's token"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    discussion = script()
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox(discussion, now=discussion.ends + 1, enforce_limits=False) as box,
    ):
        patch.setattr(client, "TIMEOUTS", (5.0, 2.0))  # a busy machine may need longer for an honest answer
        keys = box.tokens.facebook
        token = keys.pages[PAGE] if request.param == "a Page token" else keys.ppca
        yield Bench(
            platform=PLATFORM,
            config=FacebookConfig(page=PAGE, max_comments=150),
            queries=(
                Feed(PAGE),
                Thread((target(box, "opener"),)),
                Lookup((target(box, "opener"), target(box, "gone"), target(box, "visitor"))),
            ),
            requests=lambda: len(box.requests),
            fault=lambda fault: broken(box, fault, token),
            clock=ManualClock(box.now),
            secrets={"token": token},
            base_url=box.graph_url,
            expected={
                Fault.NOT_FOUND: (),
                Fault.PAYMENT_REQUIRED: (),
            },  # errors are codes, not statuses; nothing is paid
            examples=300,
        )


@contextmanager
def broken(box: Sandbox, fault: Fault, token: str) -> Iterator[None]:
    """The Graph API, with every answer broken in that way."""
    if fault is Fault.REPEATED_PAGE:  # the sandbox repeats the last answer: let that be the first page
        with connected(box, token) as fetch:
            next(fetch(Feed(PAGE), Cursor()))
    box.fault(KINDS.get(fault, "server_error"), "graph", count=None, seconds=60)
    try:
        yield
    finally:
        box.clear_faults()


@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_facebook_conforms(check: conformance.Check, bench: Bench) -> None:
    check(bench)
