"""The adapter in the conformance suite, against the services in the sandbox."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tagora.collector import conformance
from tagora.collector.conformance import Bench, Fault
from tagora.collector.contract import Cursor, Lookup, Quotes, Tag, Target, Thread
from tagora.collector.platforms.bluesky import PLATFORM, client, wire
from tagora.core.clock import ManualClock
from tagora.core.errors import QueryRefused
from tagora.core.records import PostRef
from tagora.sandbox.server import Sandbox

from .scripts import config, connected, script, secrets, target_of

HANG_SECONDS = 0.3


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    discussion = script(further=18, deep=10)
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox(discussion, now=discussion.ends + 60, enforce_limits=False) as box,
    ):
        patch.setattr(client, "PAGE_SIZE", 6)
        target = target_of(box, "question")
        gone = Target(PostRef("bluesky", "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3kaaaaaaaaa2a"))
        yield Bench(
            platform=PLATFORM,
            config=config(box),
            queries=(Tag(("agora", "altra")), Thread((target,)), Quotes((target,)), Lookup((target, gone))),
            requests=lambda: len(box.requests),
            fault=lambda fault: broken(box, fault),
            clock=ManualClock(box.now),
            secrets=secrets(box),
            base_url=box.bluesky_url,
            expected={Fault.PAYMENT_REQUIRED: (QueryRefused,)},  # no service asks for money: it refuses
            examples=80,
        )


@contextlib.contextmanager
def broken(box: Sandbox, fault: Fault) -> Iterator[None]:
    """The services, with every answer broken in that way."""
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
            patch.setattr(wire, "READ_SECONDS", HANG_SECONDS)
        if fault is Fault.REPEATED_PAGE:  # the box repeats what it answered last: that is to be the first page
            with connected(box) as fetch:
                next(page for page in fetch(Tag(("agora",)), Cursor()) if page.items)
        box.fault(kind, count=None, status=status.get(fault, 503), seconds=10)
        try:
            yield
        finally:
            box.clear_faults()


@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_bluesky_conforms(check: conformance.Check, bench: Bench) -> None:
    check(bench)
