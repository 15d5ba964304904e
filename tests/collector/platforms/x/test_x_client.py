"""X's adapter against the sandbox: what it finds, what it pays, how it resumes, what each fault becomes."""

from __future__ import annotations

import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tagora import sandbox
from tagora.collector import conformance
from tagora.collector.contract import (
    Cost,
    Cursor,
    FreeMeter,
    Lookup,
    MissingReason,
    Page,
    Query,
    Quotes,
    Tag,
    Target,
    Thread,
)
from tagora.collector.platforms.x import PLATFORM, client
from tagora.collector.platforms.x.config import XConfig
from tagora.core.clock import ManualClock
from tagora.core.errors import AuthError, ConfigError, OutOfBudget, QueryRefused, RateLimited, Temporary
from tagora.core.records import PostRef
from tagora.sandbox import ids
from tagora.sandbox.faults import FaultKind
from tagora.sandbox.script import Script
from tagora.sandbox.script_file import load_script, parse_script
from tagora.sandbox.server import Sandbox
from tagora.sandbox.truth import truth
from tagora.sandbox.x_objects import Generation

TAG = Tag(("agoraTest",))
DAY = 24 * 60
NOW = 2 * DAY  # minutes of the script; everything but `late` is written by then


def discussion() -> Script:
    """26 tagged posts, 20 minutes apart, a thread with a protected and a deleted post, an edit, a quote."""
    tagged = [{"key": f"t{n}", "by": "marco", "at": 20 * n, "text": f"Numero {n} #agoraTest"} for n in range(26)]
    people = [{"key": key, "network": "x", "handle": f"{key}_x", "name": key, "protected": key == "chiusa"}
              for key in ("marco", "sara", "chiusa")]  # fmt: skip
    others = [
        {"key": "root", "by": "sara", "at": 600, "text": "Una domanda senza etichetta"},
        {"key": "r1", "by": "marco", "at": 610, "text": "Rispondo & saluto #agoraTest", "reply_to": "root"},
        {"key": "r2", "by": "chiusa", "at": 620, "text": "Solo per i miei #agoraTest", "reply_to": "r1"},
        {"key": "r3", "by": "sara", "at": 630, "text": "Poi sparisce", "reply_to": "r1", "deleted_at": 700},
        {"key": "r4", "by": "sara", "at": 640, "text": "Resta", "reply_to": "t3"},
        {"key": "q1", "by": "sara", "at": 650, "text": "Cito senza etichetta", "quote_of": "t3"},
        {"key": "q2", "by": "marco", "at": 660, "text": "Cito anch'io", "quote_of": "root"},
        {"key": "edited", "by": "sara", "at": 670, "text": "Refuzo #agoraTest", "media": [{"alt": "Una tazza"}],
         "edits": [{"at": 680, "text": "Refuso #agoraTest"}, {"at": 690, "text": "Corretto #agoraTest"}]},
        {"key": "late", "by": "sara", "at": NOW + 30, "text": "Arrivo dopo #agoraTest"},
    ]  # fmt: skip
    posts = [*tagged, *others]
    head = {"title": "Prova", "start": "2026-11-02T08:00:00Z", "tag": "agoraTest"}
    return parse_script({**head, "people": people, "posts": posts})


SCRIPT = discussion()
FOUND = {f"t{n}" for n in range(26)} | {"r1", "edited"}


class Purse(FreeMeter):
    """Small pages, so that walks have several; remembers what was set aside, and may have a bottom."""

    def __init__(self, left: int | None = None) -> None:
        self.left = left
        self.reserved: list[Cost] = []
        self.released = 0

    def page_size(self, unit_micros: int, least: int, most: int) -> int:
        if self.left is None:
            return min(most, 10)
        size = min(self.left // unit_micros, most)
        if size < least:
            raise OutOfBudget("The purse is empty.")
        return size

    def reserve(self, worst: Cost) -> None:
        self.reserved.append(worst)

    def release(self) -> None:
        self.released += 1


class Bench:
    """The sandbox at `NOW`, and the adapter beside it with the same clock."""

    def __init__(self, box: Sandbox, config: XConfig) -> None:
        self.box, self.config = box, config
        self.clock = ManualClock(box.now)
        self.purse = Purse()
        self.base_url = box.x_url

    @contextmanager
    def session(self, **secrets: str) -> Iterator[Any]:
        keys = secrets or {"bearer_token": self.box.tokens.x}
        with PLATFORM.connect(
            self.config, keys, self.clock, self.base_url, user_agent="tagora-tests", meter=self.purse
        ) as fetch:
            yield fetch

    def walk(self, query: Query, cursor: Cursor | None = None) -> list[Page]:
        with self.session() as fetch:
            return list(fetch(query, cursor or Cursor()))

    def advance(self, minutes: int) -> None:
        self.clock.set(self.box.advance(minutes))


GENERATIONS = {"tweet": Generation.OLD, "post": Generation.NEW}


@pytest.fixture(params=GENERATIONS)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Once as X was before its renaming of August 2026, once as it is described since."""
    with Sandbox(SCRIPT, NOW, generation=GENERATIONS[request.param], enforce_limits=False) as box:
        yield Bench(box, XConfig(fields=request.param))


@pytest.fixture
def old() -> Iterator[Bench]:
    with Sandbox(SCRIPT, NOW, generation=Generation.OLD, enforce_limits=False) as box:
        yield Bench(box, XConfig())


def newest_id(key: str) -> str:
    return ids.x_chain(SCRIPT, SCRIPT.post(key))[-1]


def target(key: str) -> Target:
    chain = ids.x_chain(SCRIPT, SCRIPT.post(key))
    return Target(PostRef("x", chain[0]), tuple(PostRef("x", each) for each in chain))


def keys(pages: list[Page]) -> list[str]:
    """The script's names of all posts on the pages; raw posts that are no post of the script fail."""
    by_id = {version: post.key for post in SCRIPT.posts for version in ids.x_chain(SCRIPT, post)}
    return [by_id[raw.seen_as.native_id] for page in pages for raw in page.items]


# --- finding -------------------------------------------------------------------------------------------------------


def test_the_tag_finds_every_public_post_once_newest_first(bench: Bench) -> None:
    pages = bench.walk(TAG)
    found = [key for key in keys(pages) if key != "root"]  # came beside its answer, with its author
    assert len(pages) == 3
    assert set(found) == FOUND and len(found) == len(FOUND)
    assert pages[0].newest == newest_id("edited")
    assert pages[-1].cursor is None


def test_each_raw_has_its_own_author_and_media_beside_it(bench: Bench) -> None:
    for page in bench.walk(TAG):
        for raw in page.items:
            assert raw.context["author"]["id"] == raw.body["author_id"]
            sighting = PLATFORM.to_sightings(raw)[0]
            assert sighting.post.author is not None and sighting.post.author.handle is not None
            if raw.seen_as.native_id == newest_id("edited"):
                assert [medium.alt for medium in sighting.post.media] == ["Una tazza"]
            else:
                assert "media" not in raw.context


def test_an_answer_points_to_its_parent(bench: Bench) -> None:
    raws = {raw.seen_as.native_id: raw for page in bench.walk(TAG) for raw in page.items}
    post = PLATFORM.to_sightings(raws[newest_id("r1")])[0].post
    assert post.reply_to == post.root_hint == PostRef("x", newest_id("root"))
    assert post.text == "@sara_x Rispondo & saluto #agoraTest"


def test_the_next_walk_reads_only_what_is_new(bench: Bench) -> None:
    mark = bench.walk(TAG)[0].newest
    bench.advance(60)
    pages = bench.walk(TAG, Cursor(mark=mark))
    assert keys(pages) == ["late"]
    assert pages[0].newest == newest_id("late")


def test_an_edit_is_found_by_the_next_walk_under_its_new_id(bench: Bench) -> None:
    bench.clock.set(bench.box.set_time(675))
    mark = bench.walk(TAG)[0].newest
    bench.advance(10)
    (raw,) = [raw for page in bench.walk(TAG, Cursor(mark=mark)) for raw in page.items]
    sighting = PLATFORM.to_sightings(raw)[0]
    chain = ids.x_chain(SCRIPT, SCRIPT.post("edited"))
    assert (sighting.post.ref.native_id, sighting.seen_as.native_id) == chain[:2]
    assert sighting.post.edited_at == SCRIPT.time(680)


def test_a_walk_resumes_below_its_oldest_stored_post_while_newer_ones_arrive(bench: Bench) -> None:
    with bench.session() as fetch:
        first = next(fetch(TAG, Cursor()))
    bench.advance(60)
    assert first.cursor is not None
    rest = bench.walk(TAG, first.cursor)
    assert (set(keys([first])) | set(keys(rest))) - {"root"} == FOUND
    assert not set(keys([first])) & set(keys(rest))


def test_what_has_left_the_seven_days_is_not_asked_for(bench: Bench) -> None:
    with bench.session() as fetch:
        first = next(fetch(TAG, Cursor()))
    assert first.cursor is not None
    bench.advance(8 * DAY)
    asked = len(bench.box.requests)
    (page,) = bench.walk(TAG, first.cursor)
    assert (page.items, page.cursor, page.cost) == ((), None, Cost(0))
    assert page.oldest_at is not None and page.oldest_at > bench.clock.now() - timedelta(days=7)
    assert len(bench.box.requests) == asked


def test_a_mark_older_than_seven_days_falls_back_to_the_whole_window(bench: Bench) -> None:
    mark = bench.walk(TAG)[0].newest
    bench.advance(7 * DAY)
    assert keys(bench.walk(TAG, Cursor(mark=mark))) == ["late"]


def test_the_whole_archive_is_searched_where_the_setting_says_so() -> None:
    with Sandbox(SCRIPT, 40 * DAY, generation=Generation.OLD, enforce_limits=False) as box:
        bench = Bench(box, XConfig(search="all"))
        pages = bench.walk(TAG)
        assert set(keys(pages)) == FOUND | {"late"}
        assert {seen.path for seen in box.requests} == {"/2/tweets/search/all"}
        assert PLATFORM.supports(bench.config)[Tag].reach is None


def test_conversations_share_one_search_and_one_mark(bench: Bench) -> None:
    threads = Thread((target("root"), target("t3")))
    pages = bench.walk(threads)
    assert {"r1", "r4"} <= set(keys(pages))
    assert not set(keys(pages)) & {"r2", "r3"}, "a protected or deleted post was given"
    assert len(bench.box.requests) == 1
    assert keys(bench.walk(threads, Cursor(mark=pages[0].newest))) == []


def test_quotes_of_several_posts_share_one_search(bench: Bench) -> None:
    found = set(keys(bench.walk(Quotes((target("root"), target("t3"))))))
    assert {"q1", "q2"} <= found
    assert len(bench.box.requests) == 1


def test_a_feed_cannot_be_asked_of_x(old: Bench) -> None:
    from tagora.collector.contract import Feed

    with old.session() as fetch, pytest.raises(ConfigError):
        fetch(Feed("x"), Cursor())


def test_what_is_stored_is_what_was_sent_but_for_the_address_of_attached_pictures() -> None:
    script = load_script(Path(sandbox.__file__).parent / "data" / "small.yaml")
    with Sandbox(script, 13_000, enforce_limits=False) as box:
        sent = {post.native_id: post for post in truth(script, box.minute).of("x")}
        bench = Bench(box, XConfig())
        pages = bench.walk(Lookup(tuple(Target(PostRef("x", native_id)) for native_id in sent)))
        held = {PLATFORM.to_sightings(raw)[0].post.ref.native_id: raw for page in pages for raw in page.items}
        assert held.keys() == sent.keys()
        for native_id, raw in held.items():
            post, told = PLATFORM.to_sightings(raw)[0].post, sent[native_id]
            extra = told.sent_text.removeprefix(post.text).strip()
            assert extra.startswith("https://t.co/") if told.media else not extra
            assert post.published_at == told.published_at
            assert (post.edited_at is not None) == told.edited
            assert post.url == told.url or told.edited, "an edited post's address is that of the version shown"


# --- looking up ----------------------------------------------------------------------------------------------------


def test_looking_up_tells_what_is_there_and_why_the_rest_is_not(bench: Bench) -> None:
    wanted = [target(key) for key in ("t1", "r2", "r3", "root")]
    nowhere = Target(PostRef("x", "no-id"))
    (page,) = bench.walk(Lookup((*wanted, nowhere)))
    assert set(keys([page])) == {"t1", "root"}
    assert {(gap.ref.native_id, gap.reason) for gap in page.missing} == {
        (newest_id("r2"), MissingReason.FORBIDDEN),
        (newest_id("r3"), MissingReason.DELETED),
        ("no-id", MissingReason.DELETED),
    }
    assert page.cursor is None


def test_looking_up_an_old_version_goes_on_to_the_newest(bench: Bench) -> None:
    first, *_, last = ids.x_chain(SCRIPT, SCRIPT.post("edited"))
    pages = bench.walk(Lookup((Target(PostRef("x", first)),)))
    assert [raw.seen_as.native_id for page in pages for raw in page.items] == [first, last]
    (page,) = bench.walk(Lookup((target("edited"),)))
    assert [raw.seen_as.native_id for raw in page.items] == [last]


def test_a_look_up_stopped_in_the_middle_resumes_behind_what_was_asked(bench: Bench) -> None:
    query = Lookup(tuple(target(f"t{n}") for n in range(26)))
    with bench.session() as fetch:
        first = next(fetch(query, Cursor()))
    assert first.cursor is not None
    rest = bench.walk(query, first.cursor)
    assert keys([first]) + keys(rest) == [f"t{n}" for n in range(26)]


# --- paying --------------------------------------------------------------------------------------------------------


def test_what_was_set_aside_covers_what_x_bills_and_the_page_says_what_it_cost(bench: Bench) -> None:
    query = Lookup((target("t1"), target("root"), target("r1")))
    pages = bench.walk(query)
    assert sum(page.cost.micros for page in pages) == bench.box.bill.micros()
    assert sum(worst.micros for worst in bench.purse.reserved) >= bench.box.bill.micros()
    assert bench.purse.released == 0


def test_searches_never_cost_more_than_was_set_aside(bench: Bench) -> None:
    pages = bench.walk(TAG)
    assert all(page.cost.micros <= worst.micros for page, worst in zip(pages, bench.purse.reserved, strict=True))


def test_a_page_is_as_large_as_what_is_left_can_pay(old: Bench) -> None:
    old.purse = Purse(left=12 * 15_000)
    with old.session() as fetch:
        assert len(next(fetch(TAG, Cursor())).items) == 12
    assert old.purse.reserved == [Cost(1, 12 * 15_000)]


def test_without_money_for_the_smallest_page_nothing_is_asked(old: Bench) -> None:
    old.purse = Purse(left=9 * 15_000)
    with pytest.raises(OutOfBudget):
        old.walk(TAG)
    assert old.box.requests == ()


def test_posts_are_counted_before_they_are_paid_for(bench: Bench) -> None:
    assert PLATFORM.estimate is not None
    with bench.session() as fetch:
        estimate = PLATFORM.estimate(fetch, TAG)
    assert (estimate.posts, estimate.over, estimate.cost) == (len(FOUND), timedelta(days=7), Cost(1, 5_000))
    assert estimate.micros == len(FOUND) * bench.config.worst_item_micros
    assert bench.box.bill.micros() == 5_000


def test_x_tells_what_it_has_counted(bench: Bench) -> None:
    assert PLATFORM.usage is not None
    bench.walk(Lookup((target("t1"), target("t2"))))
    with bench.session() as fetch:
        usage = PLATFORM.usage(fetch, 3)
    assert usage.by_day[bench.clock.now().date()] == 2
    assert usage.used == 2


# --- faults --------------------------------------------------------------------------------------------------------


def test_credits_used_up_a_cap_and_a_rate_limit_are_three_things(old: Bench) -> None:
    for kind, error in ((FaultKind.NO_CREDITS, OutOfBudget), (FaultKind.USAGE_CAP, OutOfBudget),
                        (FaultKind.RATE_LIMIT_NO_RESET, RateLimited)):  # fmt: skip
        old.box.fault(kind, "x")
        with pytest.raises(error):
            old.walk(TAG)
    assert old.purse.released == 3, "refused requests are not billed"


def test_a_query_that_x_will_never_answer_needs_a_person(old: Bench) -> None:
    wrong = Bench(old.box, XConfig(fields="post"))  # X of before the renaming does not know `post.fields`
    with pytest.raises(QueryRefused) as refused:
        wrong.walk(TAG)
    assert "refused the query" in str(refused.value)
    assert wrong.purse.released == 1


def test_a_fault_of_x_may_have_been_billed(old: Bench) -> None:
    for kind in (FaultKind.SERVER_ERROR, FaultKind.CUT_BODY, FaultKind.HTML, FaultKind.BROKEN_JSON):
        old.box.fault(kind, "x")
        with pytest.raises(Temporary):
            old.walk(TAG)
    assert old.purse.released == 0


def test_a_server_that_is_not_there_bills_nothing(old: Bench) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        old.base_url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Temporary):
            old.walk(TAG)
    assert old.purse.released == 1


def test_an_answer_without_end_is_not_read(old: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_BYTES", 100_000)
    old.box.fault(FaultKind.GIANT_BODY, "x", size=1_000_000)
    with pytest.raises(Temporary):
        old.walk(TAG)


def test_an_answer_that_drips_is_given_up(old: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_SECONDS", 0.1)
    old.box.fault(FaultKind.SLOW_BODY, "x", seconds=1.0)
    with pytest.raises(Temporary):
        old.walk(TAG)


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "tökén"])
def test_a_token_that_cannot_be_one_is_refused_before_any_request(old: Bench, token: str) -> None:
    with pytest.raises(AuthError) as refused, old.session(bearer_token=token):
        pass
    assert not token.strip() or token not in str(refused.value)


def test_a_netrc_entry_does_not_replace_the_token(old: Bench, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert old.walk(TAG)


def test_tweepy_has_nothing_to_warn_about(bench: Bench) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bench.walk(TAG)
    assert {seen.user_agent for seen in bench.box.requests} == {"tagora-tests"}


def test_every_request_fits_what_x_describes(bench: Bench) -> None:
    """The sandbox refuses parameters, fields and expansions that X's description of its generation lacks."""
    bench.walk(TAG)
    spelling = f"{bench.config.fields}.fields"
    assert all(spelling in seen.query and seen.status == 200 for seen in bench.box.requests)


def test_the_sdk_is_imported_only_to_connect() -> None:
    program = """
import sys
from tagora.collector.registry import load
x = load("x")
x.supports(x.config())
sys.exit("tweepy" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


# --- the suite for every adapter -----------------------------------------------------------------------------------

SANDBOX_FAULTS = {
    conformance.Fault.UNAUTHORIZED: {"kind": FaultKind.EXPIRED_TOKEN},
    conformance.Fault.FORBIDDEN: {"kind": FaultKind.FORBIDDEN},
    conformance.Fault.NOT_FOUND: {"kind": FaultKind.SERVER_ERROR, "status": 404},
    conformance.Fault.RATE_LIMITED: {"kind": FaultKind.RATE_LIMIT, "seconds": 300},
    conformance.Fault.RATE_LIMITED_SILENT: {"kind": FaultKind.RATE_LIMIT_NO_RESET},
    conformance.Fault.PAYMENT_REQUIRED: {"kind": FaultKind.NO_CREDITS},
    conformance.Fault.SERVER_ERROR: {"kind": FaultKind.SERVER_ERROR},
    conformance.Fault.HANG: {"kind": FaultKind.HANG, "seconds": 5},
    conformance.Fault.CUT_BODY: {"kind": FaultKind.CUT_BODY},
    conformance.Fault.HTML: {"kind": FaultKind.HTML},
    conformance.Fault.WRONG_SHAPE: {"kind": FaultKind.WRONG_SHAPE},
    conformance.Fault.REPEATED_PAGE: {"kind": FaultKind.REPEATED_PAGE, "nth": 2},
}


class SmallPages(FreeMeter):
    """The suite's own meter, asked for small pages."""

    def __init__(self, meter: Any) -> None:
        self.reserve, self.release = meter.reserve, meter.release

    def page_size(self, unit_micros: int, least: int, most: int) -> int:
        return min(most, 10)


@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_it_conforms(check: conformance.Check, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def fault(which: conformance.Fault) -> Iterator[None]:
        if which is conformance.Fault.HANG:  # only there: a busy machine may need longer for an honest answer
            monkeypatch.setattr(client, "TIMEOUT", (1, 0.3))
        bench.box.fault(**SANDBOX_FAULTS[which], network="x", count=None)
        try:
            yield
        finally:
            bench.box.clear_faults()

    def connect(*args: Any, meter: Any, **named: Any) -> Any:
        return PLATFORM.connect(*args, meter=SmallPages(meter), **named)

    check(
        conformance.Bench(
            platform=PLATFORM,
            config=bench.config,
            queries=(
                TAG,
                Thread((target("root"), target("t3"))),
                Quotes((target("root"), target("t3"))),
                Lookup(tuple(target(key) for key in ("edited", *sorted(FOUND), "r2"))),
            ),
            requests=lambda: len(bench.box.requests),
            fault=fault,
            clock=bench.clock,
            secrets={"bearer_token": bench.box.tokens.x},
            base_url=bench.base_url,
            connect=connect,
            examples=150,
        )
    )
