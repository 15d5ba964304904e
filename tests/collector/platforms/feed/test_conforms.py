"""The adapter in the conformance suite, against a blog in the sandbox, in each form that feeds have."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tagora.collector import conformance, outside
from tagora.collector.conformance import Bench, Fault
from tagora.collector.contract import Cursor, Feed, Lookup, Target, Thread
from tagora.collector.platforms.feed import PLATFORM
from tagora.core.clock import ManualClock
from tagora.core.errors import QueryRefused, Temporary
from tagora.core.records import PostRef
from tagora.sandbox.server import Sandbox

from .scripts import HOST, config, connected, script, target_of

HANG_SECONDS = 0.3


@pytest.fixture(scope="module", params=["rss", "atom", "json"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    discussion = script(kind=request.param)
    with Sandbox(discussion, now=discussion.ends + 60, enforce_limits=False) as box:
        gone = Target(PostRef(HOST, f"https://{HOST}/nowhere"), url=f"https://{HOST}/nowhere/")
        yield Bench(
            platform=PLATFORM,
            config=config(box),
            queries=(
                Feed(config(box).url),
                Thread((target_of(box, "question"),)),
                Lookup((target_of(box, "question"), gone)),
            ),
            requests=lambda: len(box.requests),
            fault=lambda fault: broken(box, fault),
            clock=ManualClock(box.now),
            expected={
                # A blog has no keys, and takes no money.
                Fault.UNAUTHORIZED: (QueryRefused,),
                Fault.FORBIDDEN: (QueryRefused,),
                Fault.PAYMENT_REQUIRED: (QueryRefused,),
            },
            examples=60,
        )


@contextlib.contextmanager
def broken(box: Sandbox, fault: Fault) -> Iterator[None]:
    """The blog, with every answer broken in that way."""
    status = {Fault.NOT_FOUND: 404, Fault.PAYMENT_REQUIRED: 402, Fault.SERVER_ERROR: 502}
    kind = {
        Fault.UNAUTHORIZED: "expired_token",
        Fault.FORBIDDEN: "forbidden",
        Fault.RATE_LIMITED: "rate_limit",
        Fault.RATE_LIMITED_SILENT: "rate_limit_no_reset",
        Fault.HANG: "hang",
        Fault.CUT_BODY: "cut_body",
        Fault.HTML: "html",
        Fault.WRONG_SHAPE: "wrong_shape",
        Fault.REPEATED_PAGE: "repeated_page",
    }.get(fault, "server_error")
    with pytest.MonkeyPatch.context() as patch:
        if fault is Fault.HANG:  # only there: a busy machine may need longer for an honest answer
            patch.setattr(outside, "READ_SECONDS", HANG_SECONDS)
        if fault is Fault.REPEATED_PAGE:  # the box repeats what it answered last: that is to be the first page
            with connected(box) as fetch:
                next(fetch(Feed(config(box).url), Cursor()))
        box.fault(kind, count=None, status=status.get(fault, 503), seconds=10)
        try:
            yield
        finally:
            box.clear_faults()


@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_a_feed_conforms(check: conformance.Check, bench: Bench) -> None:
    check(bench)


def test_half_a_document_is_no_feed() -> None:
    with Sandbox(script(), now=600) as box, connected(box) as fetch:
        box.fault("broken_json")
        with pytest.raises(Temporary, match="no feed, or not all of one"):
            next(fetch(Feed(config(box).url), Cursor()))
