"""The session, its cursors and its purse."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from ...core.errors import OutOfBudget
from ...core.records import PostRef
from ..contract import (  # fmt: skip
    Cost,
    Cursor,
    FreeMeter,
    Page,
    Query,
    Walk,
)
from .bench import MAX_PAGES, Bench, seen, through_json, walk


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
