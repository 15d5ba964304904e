"""The adapter in the conformance suite, against a server in the sandbox."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tagora.collector import conformance
from tagora.collector.conformance import Bench, Fault
from tagora.collector.contract import Lookup, Quotes, Tag, Target, Thread
from tagora.collector.platforms.mastodon import PLATFORM, client, wire
from tagora.core.clock import ManualClock
from tagora.core.errors import QueryRefused
from tagora.core.records import PostRef
from tagora.sandbox.script import Script
from tagora.sandbox.server import Sandbox

from .scripts import HOST, config, script, target_of

HANG_SECONDS = 0.3


@pytest.fixture(scope="module")
def discussion() -> Script:
    return script(further=18)


@pytest.fixture(scope="module", params=["with a token", "without a token"])
def bench(discussion: Script, request: pytest.FixtureRequest) -> Iterator[Bench]:
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox(discussion, now=discussion.ends + 1, enforce_limits=False) as box,
    ):
        patch.setattr(client, "PAGE_SIZE", 6)
        secrets = {"token": box.tokens.fediverse[HOST].user} if request.param == "with a token" else {}
        target = target_of(box, "question")
        gone = Target(PostRef("activitypub", f"https://{HOST}/users/giuliar/statuses/1"))
        yield Bench(
            platform=PLATFORM,
            config=config(box),
            queries=(Tag(("mmgCasnocha",)), Thread((target,)), Quotes((target,)), Lookup((target, gone))),
            requests=lambda: len(box.requests),
            fault=lambda fault: broken(box, fault),
            clock=ManualClock(box.now),
            secrets=secrets,
            base_url=box.fediverse_url(HOST),
            expected={Fault.PAYMENT_REQUIRED: (QueryRefused,)},  # no server asks for money: it refuses
            examples=80,
        )


@contextlib.contextmanager
def broken(box: Sandbox, fault: Fault) -> Iterator[None]:
    """The server, with every answer broken in that way."""
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
        box.fault(kind, count=None, status=status.get(fault, 503), seconds=10)
        try:
            yield
        finally:
            box.clear_faults()


@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_mastodon_conforms(check: conformance.Check, bench: Bench) -> None:
    check(bench)
