"""What every platform adapter must hold, as plain functions: importable, so that an adapter living elsewhere can be
held to the same.

    @pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
    def test_it_conforms(check, bench):
        check(bench)

A check returns None or raises AssertionError. It needs a `Bench`: the platform beside a server that answers like the
network (the sandbox, a recording, a fake) and can be broken on purpose. Only the check of damaged items needs
Hypothesis (the extra `test`), imported when it runs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ..core.clock import Clock
from ..core.errors import AuthError, BadItem, CollectorError, Gone, OutOfBudget, RateLimited, Temporary
from ..core.normalise import clean_url
from ..core.records import EntityKind, PostRef, Sighting
from .contract import (  # fmt: skip
    Connect,
    Cost,
    Cursor,
    Fetch,
    FreeMeter,
    Lookup,
    Meter,
    Page,
    Platform,
    PlatformConfig,
    Query,
    Raw,
    Target,
    Walk,
)

USER_AGENT = "tagora-conformance (+mailto:conformance@example.org)"
MAX_PAGES = 500  # a walk over a bench that takes more never ends


class Fault(StrEnum):
    """What a network can do to a collector. REPEATED_PAGE: each answer is the first page again."""

    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    RATE_LIMITED = "429 with a reset time"
    RATE_LIMITED_SILENT = "429 without a reset time"
    PAYMENT_REQUIRED = "402"
    SERVER_ERROR = "5xx"
    HANG = "hang"
    CUT_BODY = "cut body"
    HTML = "HTML instead of JSON"
    WRONG_SHAPE = "JSON of another shape"
    REPEATED_PAGE = "repeated page"


EXPECTED: Mapping[Fault, tuple[type[CollectorError], ...]] = {
    Fault.UNAUTHORIZED: (AuthError,),
    Fault.FORBIDDEN: (AuthError,),
    Fault.NOT_FOUND: (Gone, Temporary),
    Fault.RATE_LIMITED: (RateLimited,),
    Fault.RATE_LIMITED_SILENT: (RateLimited,),
    Fault.PAYMENT_REQUIRED: (OutOfBudget,),
    Fault.SERVER_ERROR: (Temporary,),
    Fault.HANG: (Temporary,),
    Fault.CUT_BODY: (Temporary,),
    Fault.HTML: (Temporary,),
    Fault.WRONG_SHAPE: (Temporary,),
    Fault.REPEATED_PAGE: (Temporary,),
}


@dataclass(frozen=True)
class Bench:
    """A platform beside a server that can be broken.

    `queries`   what to ask, the query that finds new posts first: it must answer in at least three pages, and the
                faults are tried on it
    `requests`  how many requests have arrived at the server so far
    `fault`     a context in which every answer of the server is broken in the given way
    `expected`  where this network differs from EXPECTED; an empty tuple: the fault does not exist there
    `secrets`   the keys, which must be unlike any other text of the bench
    `examples`  how many damaged items are tried on the mapping
    """

    platform: Platform
    config: PlatformConfig
    queries: tuple[Query, ...]
    requests: Callable[[], int]
    fault: Callable[[Fault], AbstractContextManager[None]]
    clock: Clock
    secrets: Mapping[str, str] = field(default_factory=dict)
    base_url: str | None = None
    expected: Mapping[Fault, tuple[type[CollectorError], ...]] = field(default_factory=dict)
    connect: Connect | None = None
    examples: int = 200

    def open(self, meter: Meter | None = None) -> AbstractContextManager[Fetch]:
        connect = self.connect or self.platform.connect
        return connect(
            self.config, self.secrets, self.clock, self.base_url, user_agent=USER_AGENT, meter=meter or FreeMeter()
        )

    def errors_for(self, fault: Fault) -> tuple[type[CollectorError], ...]:
        return self.expected.get(fault, EXPECTED[fault])


# --- walking -------------------------------------------------------------------------------------------------------


def through_json(cursor: Cursor) -> Cursor:
    """The cursor as it comes back from the store."""
    return Cursor.from_json(json.loads(json.dumps(cursor.to_json())))


def walk(bench: Bench, query: Query, cursor: Cursor | None = None, pages: int = MAX_PAGES) -> list[Page]:
    """The first `pages` pages of a walk from `cursor`, asked in a session of its own."""
    got: list[Page] = []
    with bench.open() as fetch:
        for page in fetch(query, cursor or Cursor()):
            got.append(page)
            assert len(got) < MAX_PAGES, f"{query} did not end after {MAX_PAGES} pages"
            if len(got) >= pages:
                break
    return got


def seen(pages: list[Page]) -> set[PostRef]:
    return {raw.seen_as for page in pages for raw in page.items}


def _raws(bench: Bench) -> list[Raw]:
    raws = [raw for query in bench.queries for page in walk(bench, query) for raw in page.items]
    assert raws, "the bench gave no item at all"
    return raws


# --- the session and its cursors -----------------------------------------------------------------------------------


def connecting_makes_no_request(bench: Bench) -> None:
    """Neither opening a session nor asking for an iterator touches the network."""
    before = bench.requests()
    with bench.open() as fetch:
        for query in bench.queries:
            fetch(query, Cursor())
    assert bench.requests() == before, f"{bench.requests() - before} requests were made before the first page"


def a_walk_gives_pages_and_ends_without_a_cursor(bench: Bench) -> None:
    """The bench is worth testing on, and only the last page of a walk lacks a cursor."""
    first = walk(bench, bench.queries[0])
    assert len(first) >= 3, f"{bench.queries[0]} answers in {len(first)} pages: too few to test resuming on"
    for query in bench.queries:
        pages = walk(bench, query)
        assert pages, f"{query} gave no page"
        assert pages[-1].cursor is None, f"{query} ended with a cursor: a run would come back for ever"
        assert all(page.cursor is not None for page in pages[:-1]), f"{query} lost its place in the middle"


def cursors_round_trip_through_json(bench: Bench) -> None:
    """What the store keeps of a cursor is the cursor."""
    for query in bench.queries:
        for page in walk(bench, query):
            if page.cursor is not None:
                assert through_json(page.cursor) == page.cursor, f"{page.cursor} is another after the store"
            assert page.newest is None or isinstance(page.newest, str), f"newest is {page.newest!r}, not text"


def stopping_after_any_page_and_resuming_gives_the_same_posts(bench: Bench) -> None:
    """A process may be killed after any page, and the network's own token may have expired by then."""
    for query in bench.queries:
        whole = walk(bench, query)
        for k in range(1, len(whole)):
            head = walk(bench, query, pages=k)
            place = head[-1].cursor
            assert place is not None
            for start, how in (
                (through_json(place), "with its token"),
                (dataclasses.replace(place, token=None), "without its token"),
            ):
                both = seen(head) | seen(walk(bench, query, start))
                assert both == seen(whole), f"{query} stopped after page {k}, resumed {how}: {_difference(both, whole)}"


def resuming_reads_nothing_again(bench: Bench) -> None:
    """A walk through time goes on strictly beyond the stored page: what was read (and paid for) is not read again."""
    for query in bench.queries:
        if _support(bench, query) is Walk.RESCAN:
            continue
        whole = walk(bench, query)
        for k in range(1, len(whole)):
            head = walk(bench, query, pages=k)
            assert head[-1].cursor is not None
            again = seen(head) & seen(walk(bench, query, dataclasses.replace(head[-1].cursor, token=None)))
            assert not again, f"{query} stopped after page {k} and then read again: {sorted(again)[:3]}"


def a_finished_walk_leaves_nothing_new_above_its_mark(bench: Bench) -> None:
    """Asked again from the newest mark, a network where nothing happened gives nothing."""
    for query in bench.queries:
        support = _support(bench, query)
        if support is Walk.RESCAN:
            continue
        pages = walk(bench, query)
        marks = [page.newest for page in pages if page.newest is not None]
        assert marks, f"{query} names no mark to go on from"
        mark = marks[0] if support is Walk.BACKWARD else marks[-1]
        again = walk(bench, query, Cursor(mark=mark))
        assert again[-1].cursor is None, f"{query} from its mark did not end"
        assert not seen(again), f"{query} from its own mark gave {sorted(seen(again))[:3]} again"


def _support(bench: Bench, query: Query) -> Walk:
    supports = bench.platform.supports(bench.config)
    assert type(query) in supports, f"{bench.platform.name} does not say how it walks a {type(query).__name__}"
    return supports[type(query)].walk


def _difference(got: set[PostRef], whole: list[Page]) -> str:
    lost, extra = sorted(seen(whole) - got), sorted(got - seen(whole))
    return f"lost {lost[:3]}, extra {extra[:3]}"


# --- the purse -----------------------------------------------------------------------------------------------------


class _Ledger(FreeMeter):
    """Remembers how many requests had been made at each reservation, and refuses after `allowed` of them."""

    def __init__(self, requests: Callable[[], int], allowed: int = MAX_PAGES * 2) -> None:
        self._requests = requests
        self.allowed = allowed
        self.at: list[int] = []

    def reserve(self, worst: Cost) -> None:
        if len(self.at) >= self.allowed:
            raise OutOfBudget("The bench's purse is empty.")
        self.at.append(self._requests())


def each_page_is_reserved_before_its_one_request(bench: Bench) -> None:
    """Each step makes at most one request, and sets its cost aside before it."""
    for query in bench.queries:
        before = bench.requests()
        ledger = _Ledger(bench.requests)
        with bench.open(ledger) as fetch:
            for page in fetch(query, Cursor()):
                made = bench.requests() - before
                assert made <= 1, f"{query}: one page took {made} requests"
                if made:
                    assert ledger.at, f"{query}: a request was made without a reservation"
                    assert ledger.at[-1] == before, f"{query}: reserved after the request"
                assert page.cost.requests >= made, f"{query}: the page says it cost {page.cost.requests} requests"
                before = bench.requests()
                ledger.at.clear()


def an_empty_purse_stops_before_the_request(bench: Bench) -> None:
    """OutOfBudget from the meter ends the walk with nothing asked."""
    before = bench.requests()
    with bench.open(_Ledger(bench.requests, allowed=0)) as fetch:
        try:
            list(fetch(bench.queries[0], Cursor()))
        except OutOfBudget:
            pass
        else:
            raise AssertionError("the walk ran on an empty purse")
    assert bench.requests() == before, "a request was made on an empty purse"


# --- faults --------------------------------------------------------------------------------------------------------


def _raised(bench: Bench, fault: Fault) -> BaseException | None:
    """What a walk over the broken server raises; the first page comes before a repeated one."""
    with bench.open() as fetch, bench.fault(fault):
        try:
            for number, _ in enumerate(fetch(bench.queries[0], Cursor())):
                if number >= MAX_PAGES:
                    return AssertionError(f"still walking after {MAX_PAGES} pages")
        except Exception as error:
            return error
    return None


def each_fault_becomes_the_error_that_names_its_recovery(bench: Bench) -> None:
    """401 to a person, 429 to a pause, 5xx to another try: see EXPECTED."""
    wrong = []
    for fault in Fault:
        wanted = bench.errors_for(fault)
        if not wanted:
            continue
        error = _raised(bench, fault)
        if not isinstance(error, wanted):
            names = " or ".join(kind.__name__ for kind in wanted)
            wrong.append(f"{fault.value}: wanted {names}, got {error!r}")
            continue
        until = getattr(error, "until", None)
        if until is not None and (not isinstance(until, datetime) or until.utcoffset() != timedelta(0)):
            wrong.append(f"{fault.value}: until is {until!r}, not an aware UTC time")
        if fault is Fault.RATE_LIMITED and until is None:
            wrong.append(f"{fault.value}: the reset time was not understood")
        if not str(error).strip():
            wrong.append(f"{fault.value}: the error says nothing")
    assert not wrong, "\n".join(wrong)


def after_a_fault_the_same_session_works(bench: Bench) -> None:
    """A fault leaves nothing behind in the session."""
    query = bench.queries[0]
    whole = seen(walk(bench, query))
    with bench.open() as fetch:
        with bench.fault(Fault.SERVER_ERROR), contextlib.suppress(CollectorError):
            list(fetch(query, Cursor()))
        try:
            again = seen(list(fetch(query, Cursor())))
        except CollectorError as error:
            raise AssertionError(f"the network is well again, the session still says: {error}") from error
    assert again == whole, "the network is well again, the session gives other posts"


# --- secrets -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _everything_said() -> Iterator[Callable[[], str]]:
    """All log records at every level, whatever is printed, as one text."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            yield out.getvalue
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def no_secret_is_told_to_anybody(bench: Bench) -> None:
    """No key stands in a log record of any level, on the terminal, in an error with its causes, a Raw or a cursor."""
    secrets = [value for value in bench.secrets.values() if value]
    told: dict[str, str] = {}
    with _everything_said() as said:
        pages = [page for query in bench.queries for page in walk(bench, query)]
        for fault in Fault:
            if bench.errors_for(fault):
                error = _raised(bench, fault)
                if error is not None:
                    told[f"the error of {fault.value}"] = "".join(traceback.format_exception(error)) + repr(error)
        told["the log"] = said()
    for page in pages:
        told["a cursor"] = told.get("a cursor", "") + json.dumps(page.cursor.to_json() if page.cursor else None)
        for raw in page.items:
            told["a Raw"] = told.get("a Raw", "") + json.dumps([raw.body, raw.context, raw.endpoint, raw.seen_as])
    for secret in secrets:
        places = [place for place, text in told.items() if secret in text]
        assert not places, f"a key stands in {', '.join(places)}"


# --- mapping -------------------------------------------------------------------------------------------------------


def each_item_maps_or_is_a_bad_item(bench: Bench) -> None:
    """Mapping gives sound sightings, the item's own first, the same each time, also from a Raw out of the store."""
    mapped = 0
    for raw in _raws(bench):
        stored = dataclasses.replace(
            raw, body=json.loads(json.dumps(raw.body)), context=json.loads(json.dumps(raw.context))
        )
        first, second, third = (_map(bench, item) for item in (raw, raw, stored))
        assert first == second, f"{raw.seen_as} maps to another post the second time"
        assert first == third, f"{raw.seen_as} maps to another post when it comes from the store"
        if first is not None:
            mapped += 1
            assert first, f"{raw.seen_as} maps to nothing and does not say why"
            assert first[0].seen_as == raw.seen_as, f"{raw.seen_as}: the first sighting is {first[0].seen_as}"
            for sighting in first:
                sound(sighting)
    assert mapped, "not one item of the bench could be mapped"


def a_posts_address_leads_back_to_it(bench: Bench) -> None:
    """Where the platform recognises the address of a post, that names the post: by an id under which it was seen, or
    by one that, looked up, gives it."""
    asked = False
    for raw in _raws(bench):
        sighting = next(iter(_map(bench, raw) or ()), None)
        url = sighting.post.url if sighting else None
        ref = _located(bench, url) if url else None
        if sighting is None or ref is None:
            continue
        is_own = ref in (sighting.seen_as, sighting.post.ref, *sighting.also)
        if is_own and asked:
            continue
        if Lookup not in bench.platform.supports(bench.config):
            assert is_own, f"{url} is said to name {ref}, but is the address of {sighting.post.ref}"
            continue
        pages = walk(bench, Lookup((Target(ref, url=url),), resolve=True))
        found = {one.post.ref for page in pages for item in page.items for one in _map(bench, item) or ()}
        assert sighting.post.ref in found, f"{url} names {ref}; looked up, that gave {sorted(found)[:3]}"
        asked = True


def strange_addresses_name_nothing(bench: Bench) -> None:
    """Whatever a person pastes, `locate` gives a sound reference or None, the same each time."""
    from hypothesis import given, settings
    from hypothesis import strategies as st

    odd = ("", " ", "#", "@anna", "javascript:alert(1)", "data:text/html,x", "http://[", "https://", "//host/1",
           "1/../2", "https://user:password@example.org/1", "https://a.example/\x00", "https://a:99999/1")  # fmt: skip
    for text in odd:
        assert _located(bench, text) is None, f"{text!r} is taken for a post's address"
    known = [one.post.url for raw in _raws(bench)[:20] for one in _map(bench, raw) or () if one.post.url]
    damaged = st.sampled_from(known or ["https://example.org/1"]).flatmap(
        lambda url: st.tuples(st.integers(0, len(url)), st.text(max_size=5)).map(
            lambda cut: url[: cut[0]] + cut[1] + url[cut[0] :]
        )
    )

    @settings(max_examples=bench.examples, deadline=None, database=None, derandomize=True)
    @given(st.text() | damaged)
    def hold(text: str) -> None:
        ref = _located(bench, text)
        assert ref is None or all(isinstance(part, str) and part for part in ref), f"{text!r} names {ref!r}"
        assert _located(bench, text) == ref, f"{text!r} names another post the second time"

    hold()


def _located(bench: Bench, text: str) -> PostRef | None:
    try:
        return bench.platform.locate(bench.config, text)
    except Exception as error:
        raise AssertionError(f"locating {text!r} raised {error!r}") from error


def damaged_items_map_or_are_bad_items(bench: Bench) -> None:
    """Whatever stands where a value should be, mapping gives sound sightings or BadItem, and changes nothing."""
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    raws = _raws(bench)
    scalars = (
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20)
    )
    texts = ("", "\x00", "\ud800", "javascript:alert(1)", "http://[", "9" * 400, "0001-01-01T00:00:00Z", "<" * 500)
    values = st.sampled_from(texts) | st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=5,
    )

    @settings(max_examples=bench.examples, deadline=None, database=None, derandomize=True, report_multiple_bugs=False,
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])  # fmt: skip
    @given(st.data())
    def hold(data: Any) -> None:
        raw = data.draw(st.sampled_from(raws))
        tree = json.loads(json.dumps({"body": raw.body, "context": raw.context}))
        for _ in range(data.draw(st.integers(1, 3))):
            places = [*_places(tree["body"]), *_places(tree["context"])]
            if places:
                parent, key = data.draw(st.sampled_from(places))
                parent[key] = data.draw(values)
        damaged = dataclasses.replace(raw, body=tree["body"], context=tree["context"])
        before = json.dumps(tree)
        for sighting in _map(bench, damaged) or ():
            sound(sighting)
        assert json.dumps(tree) == before, "mapping changed the Raw"

    hold()


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Each (container, key) of a JSON tree."""
    todo = [tree]
    while todo:
        node = todo.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node))
        for key in keys:
            yield node, key
            if isinstance(node[key], dict | list):
                todo.append(node[key])


def _map(bench: Bench, raw: Raw) -> tuple[Sighting, ...] | None:
    try:
        return bench.platform.to_sightings(raw)
    except BadItem:
        return None
    except Exception as error:
        raise AssertionError(f"mapping {raw.seen_as} raised {error!r}; only BadItem is allowed") from error


def sound(sighting: Sighting) -> None:
    """Raises AssertionError unless the sighting holds what core.records promises of every record."""
    post = sighting.post
    for ref in filter(None, (sighting.seen_as, post.ref, post.reply_to, post.root_hint, post.quote_of, post.repost_of,
                             *sighting.also)):  # fmt: skip
        assert all(isinstance(part, str) and part for part in ref), f"{ref!r} is no reference"
    for moment in filter(None, (sighting.seen_at, post.published_at, post.edited_at,
                                post.author.created_at if post.author else None)):  # fmt: skip
        assert moment.utcoffset() == timedelta(0), f"{moment!r} is not an aware UTC time"
    for text in _texts(sighting):
        assert "\x00" not in text, f"NUL in {text!r}"
        text.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, which is a ValueError
    for entity in post.entities:
        assert 0 <= entity.start < entity.end <= len(post.text), f"{entity} lies outside its text"
        assert entity.kind is not EntityKind.LINK or clean_url(entity.target), f"{entity} links to something odd"
    urls = [post.url, *(url for media in post.media for url in (media.url, media.preview_url))]
    if post.author:
        urls += [post.author.url, post.author.avatar_url]
        assert (post.author.origin, post.author.native_id) in sighting.names, f"{post.ref} does not name its author"
    for url in filter(None, urls):
        assert clean_url(url) == url, f"{url!r} is no clean http address"
    assert all(tag and tag == tag.casefold() for tag in post.hashtags), f"{post.hashtags} are not casefolded"
    for origin, name in sighting.names:
        assert origin and name, f"{post.ref} names nobody: {(origin, name)}"
        assert not name.startswith("@") or name == name.lower(), f"the handle {name} is not in lower case"
    numbers = dataclasses.astuple(sighting.metrics) if sighting.metrics else ()
    for number in numbers:
        assert number is None or (type(number) is int and number >= 0), f"{number!r} counts nothing"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for item in dataclasses.fields(value):
            yield from _texts(getattr(value, item.name))
    elif isinstance(value, tuple | frozenset):
        for item in value:
            yield from _texts(item)


Check = Callable[[Bench], None]

CHECKS: tuple[Check, ...] = (
    connecting_makes_no_request,
    a_walk_gives_pages_and_ends_without_a_cursor,
    cursors_round_trip_through_json,
    stopping_after_any_page_and_resuming_gives_the_same_posts,
    resuming_reads_nothing_again,
    a_finished_walk_leaves_nothing_new_above_its_mark,
    each_page_is_reserved_before_its_one_request,
    an_empty_purse_stops_before_the_request,
    each_fault_becomes_the_error_that_names_its_recovery,
    after_a_fault_the_same_session_works,
    no_secret_is_told_to_anybody,
    each_item_maps_or_is_a_bad_item,
    a_posts_address_leads_back_to_it,
    strange_addresses_name_nothing,
    damaged_items_map_or_are_bad_items,
)
