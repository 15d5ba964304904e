"""The suite that judges adapters is judged here: a right fake passes all of it, and each wrong one is caught."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tagora.collector import conformance
from tagora.collector.conformance import Bench, Fault
from tagora.collector.contract import Cost, Cursor, Page, Platform, PlatformConfig, Raw, Support, Tag, Walk
from tagora.core.clock import ManualClock
from tagora.core.errors import AuthError, BadItem, Gone, OutOfBudget, RateLimited, Temporary
from tagora.core.normalise import clean_text, clean_time
from tagora.core.records import Author, Post, PostRef, Sighting

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
TOKEN = "s3cret-of-the-bench"


class Server:
    """A network of seven posts, newest first, two a page; can be broken."""

    def __init__(self) -> None:
        self.requests = 0
        self.broken: Fault | None = None

    def answer(self, below: int) -> list[int]:
        self.requests += 1
        if self.broken in (Fault.REPEATED_PAGE, None):
            start = 8 if self.broken else below
            return [number for number in range(7, 0, -1) if number < start][:2]
        raise {
            Fault.UNAUTHORIZED: AuthError("The fake wants another key."),
            Fault.FORBIDDEN: AuthError("The fake forbids this."),
            Fault.NOT_FOUND: Gone("The fake has no such thing."),
            Fault.RATE_LIMITED: RateLimited("The fake wants a pause.", until=NOW + timedelta(minutes=5)),
            Fault.RATE_LIMITED_SILENT: RateLimited("The fake wants a pause."),
            Fault.PAYMENT_REQUIRED: OutOfBudget("The fake wants money."),
        }.get(self.broken, Temporary("The fake is ill."))

    @contextlib.contextmanager
    def fault(self, fault: Fault) -> Iterator[None]:
        self.broken = fault
        try:
            yield
        finally:
            self.broken = None


class Session:
    """The right way to walk the server. Wrong ones change a part of it."""

    def __init__(self, server: Server, meter: Any) -> None:
        self.server, self.meter = server, meter

    def __call__(self, query: Any, cursor: Cursor) -> Iterator[Page]:
        below, mark = int(cursor.below or 99), int(cursor.mark or 0)
        while True:
            numbers = self.ask(below)
            self.guard(numbers, below)
            numbers = [number for number in numbers if number > mark]
            if not numbers:
                yield Page((), None)
                return
            below = numbers[-1]
            yield Page(tuple(map(self.raw, numbers)), self.place(below, mark), newest=self.newest(numbers))

    def ask(self, below: int) -> list[int]:
        self.meter.reserve(Cost(requests=1))
        return self.server.answer(below)

    def guard(self, numbers: list[int], below: int) -> None:
        if numbers and numbers[-1] >= below:
            raise Temporary("The fake gave the same page again.")

    def place(self, below: int, mark: int) -> Cursor:
        return Cursor(mark=str(mark) if mark else None, below=str(below), token=f"t{below}")

    def newest(self, numbers: list[int]) -> str:
        return str(numbers[0])

    def raw(self, number: int) -> Raw:
        body = {"id": str(number), "text": f"post {number}", "by": "anna", "at": NOW.isoformat()}
        return Raw(PostRef("fake", str(number)), "search", body, NOW)


def to_sightings(raw: Raw) -> tuple[Sighting, ...]:
    by, at = raw.body.get("by"), clean_time(raw.body.get("at"), raw.seen_at)
    if not isinstance(by, str) or not clean_text(by) or at is None:
        raise BadItem("The fake's post has no author or no time.")
    author = Author("fake", clean_text(by))
    url = f"https://fake.example/{raw.seen_as.native_id}"
    post = Post(raw.seen_as, url, author, at, clean_text(raw.body.get("text")))
    return (Sighting(raw.seen_as, post, raw.seen_at, names=(("fake", author.native_id),)),)


def located(config: Any, url: str) -> PostRef | None:
    head, _, number = url.partition("https://fake.example/")
    return PostRef("fake", number) if not head and number.isdigit() else None


def bench(
    session: type[Session] = Session,
    mapping: Any = to_sightings,
    before: Any = None,
    locate: Any = located,
    **changes: Any,
) -> Bench:
    server = Server()

    @contextlib.contextmanager
    def connect(config: Any, secrets: Any, clock: Any, base_url: Any, *, user_agent: str, meter: Any) -> Iterator[Any]:
        if before:
            before(server)
        yield session(server, meter)

    platform = Platform(
        name="fake",
        title="Fake",
        config=PlatformConfig,
        secrets=("token",),
        supports=lambda config: {Tag: Support(changes.pop("walk", Walk.BACKWARD), exhaustive=True)},
        connect=connect,
        to_sightings=mapping,
        entry_query=lambda config, tags: Tag(tags),
        locate=locate,
        mapping_version=1,
    )
    return Bench(
        platform=platform,
        config=PlatformConfig(),
        queries=(Tag(("mmgCasnocha",)),),
        requests=lambda: server.requests,
        fault=server.fault,
        clock=ManualClock(NOW),
        secrets={"token": TOKEN},
        examples=150,
        **changes,
    )


@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_a_right_platform_passes(check: conformance.Check) -> None:
    check(bench())


# --- one wrong platform per way to be wrong ------------------------------------------------------------------------


def asks_at_once(server: Server) -> None:
    server.answer(99)


class NeverEnds(Session):
    def __call__(self, query: Any, cursor: Cursor) -> Iterator[Page]:
        for page in super().__call__(query, cursor):
            yield dataclasses.replace(page, cursor=page.cursor or Cursor(below="1"))


class EndsAtOnce(Session):
    def __call__(self, query: Any, cursor: Cursor) -> Iterator[Page]:
        yield Page(tuple(map(self.raw, self.ask(99))), None)


class NumbersInCursors(Session):
    def place(self, below: int, mark: int) -> Cursor:
        return Cursor(mark=str(mark) if mark else None, below=(below,))  # type: ignore[arg-type]


class StartsAgain(Session):
    def place(self, below: int, mark: int) -> Cursor:
        return Cursor(token="only a token")


class SkipsOne(Session):
    def place(self, below: int, mark: int) -> Cursor:
        return Cursor(below=str(below - 1))


class ForgetsItsMark(Session):
    def newest(self, numbers: list[int]) -> str:
        return str(numbers[-1] - 1)


class NamesNoMark(Session):
    def newest(self, numbers: list[int]) -> Any:
        return None


class AsksTwice(Session):
    def ask(self, below: int) -> list[int]:
        super().ask(below)
        return super().ask(below)


class NeverReserves(Session):
    def ask(self, below: int) -> list[int]:
        return self.server.answer(below)


class ReservesAfterwards(Session):
    def ask(self, below: int) -> list[int]:
        numbers = self.server.answer(below)
        self.meter.reserve(Cost(requests=1))
        return numbers


class SaysItWasFree(Session):
    def __call__(self, query: Any, cursor: Cursor) -> Iterator[Page]:
        for page in super().__call__(query, cursor):
            yield dataclasses.replace(page, cost=Cost(requests=0))


class WalksInCircles(Session):
    def guard(self, numbers: list[int], below: int) -> None:
        pass


class CallsAllFaultsTemporary(Session):
    def ask(self, below: int) -> list[int]:
        try:
            return super().ask(below)
        except (AuthError, RateLimited, OutOfBudget) as error:
            raise Temporary("Something is wrong.") from error


class ForgetsTheReset(Session):
    def ask(self, below: int) -> list[int]:
        try:
            return super().ask(below)
        except RateLimited:
            raise RateLimited("The fake wants a pause.") from None


class StaysIll(Session):
    ill = False

    def ask(self, below: int) -> list[int]:
        if self.ill:
            raise Temporary("Still ill.")
        try:
            return super().ask(below)
        except Temporary:
            self.ill = True
            raise


class LogsItsKey(Session):
    def ask(self, below: int) -> list[int]:
        logging.getLogger("fake.sdk").debug("GET /search?token=%s", TOKEN)
        return super().ask(below)


class PrintsItsKey(Session):
    def ask(self, below: int) -> list[int]:
        print("Authorization:", TOKEN)
        return super().ask(below)


class RaisesItsKey(Session):
    def ask(self, below: int) -> list[int]:
        try:
            return super().ask(below)
        except Temporary as error:
            raise Temporary("The fake is ill.") from ValueError(f"{error} for /search?token={TOKEN}")


class KeepsItsKey(Session):
    def raw(self, number: int) -> Raw:
        raw = super().raw(number)
        return dataclasses.replace(raw, body={**raw.body, "next": f"/search?token={TOKEN}"})


class PutsItsKeyIntoTheCursor(Session):
    def place(self, below: int, mark: int) -> Cursor:
        return Cursor(below=str(below), token=f"/search?token={TOKEN}")


class GivesOddRaws(Session):
    def raw(self, number: int) -> Raw:
        return dataclasses.replace(super().raw(number), body={})


def counted(raw: Raw, calls: list[int] = []) -> tuple[Sighting, ...]:  # noqa: B006 - the fault under test
    calls.append(1)
    (sighting,) = to_sightings(raw)
    return (dataclasses.replace(sighting, post=dataclasses.replace(sighting.post, text=str(len(calls)))),)


def trusting(raw: Raw) -> tuple[Sighting, ...]:
    post = Post(raw.seen_as, None, None, datetime.fromisoformat(raw.body["at"]), raw.body["text"].strip())
    return (Sighting(raw.seen_as, post, raw.seen_at),)


def unclean(raw: Raw) -> tuple[Sighting, ...]:
    post = Post(raw.seen_as, None, None, NOW, text=str(raw.body.get("text")))
    return (Sighting(raw.seen_as, post, raw.seen_at),)


def meddling(raw: Raw) -> tuple[Sighting, ...]:
    raw.body["text"] = "other"
    return to_sightings(raw)


def silent(raw: Raw) -> tuple[Sighting, ...]:
    return ()


def elsewhere(raw: Raw) -> tuple[Sighting, ...]:
    return (dataclasses.replace(to_sightings(raw)[0], seen_as=PostRef("fake", "other")),)


def nameless(raw: Raw) -> tuple[Sighting, ...]:
    return (dataclasses.replace(to_sightings(raw)[0], names=()),)


def of_another(config: Any, url: str) -> PostRef | None:
    return PostRef("fake", "0") if located(config, url) else None


def startled(config: Any, url: str) -> PostRef | None:
    return PostRef("fake", str(int(url.rsplit("/", 1)[-1])))


def of_nothing(config: Any, url: str) -> PostRef | None:
    return PostRef("fake", url)


WRONG = [
    (conformance.connecting_makes_no_request, {"before": asks_at_once}),
    (conformance.a_walk_gives_pages_and_ends_without_a_cursor, {"session": NeverEnds}),
    (conformance.a_walk_gives_pages_and_ends_without_a_cursor, {"session": EndsAtOnce}),
    (conformance.cursors_round_trip_through_json, {"session": NumbersInCursors}),
    (conformance.stopping_after_any_page_and_resuming_gives_the_same_posts, {"session": SkipsOne}),
    (conformance.resuming_reads_nothing_again, {"session": StartsAgain}),
    (conformance.a_finished_walk_leaves_nothing_new_above_its_mark, {"session": ForgetsItsMark}),
    (conformance.a_finished_walk_leaves_nothing_new_above_its_mark, {"session": NamesNoMark}),
    (conformance.each_page_is_reserved_before_its_one_request, {"session": AsksTwice}),
    (conformance.each_page_is_reserved_before_its_one_request, {"session": NeverReserves}),
    (conformance.each_page_is_reserved_before_its_one_request, {"session": ReservesAfterwards}),
    (conformance.each_page_is_reserved_before_its_one_request, {"session": SaysItWasFree}),
    (conformance.an_empty_purse_stops_before_the_request, {"session": NeverReserves}),
    (conformance.an_empty_purse_stops_before_the_request, {"session": ReservesAfterwards}),
    (conformance.each_fault_becomes_the_error_that_names_its_recovery, {"session": WalksInCircles}),
    (conformance.each_fault_becomes_the_error_that_names_its_recovery, {"session": CallsAllFaultsTemporary}),
    (conformance.each_fault_becomes_the_error_that_names_its_recovery, {"session": ForgetsTheReset}),
    (conformance.after_a_fault_the_same_session_works, {"session": StaysIll}),
    (conformance.no_secret_is_told_to_anybody, {"session": LogsItsKey}),
    (conformance.no_secret_is_told_to_anybody, {"session": PrintsItsKey}),
    (conformance.no_secret_is_told_to_anybody, {"session": RaisesItsKey}),
    (conformance.no_secret_is_told_to_anybody, {"session": KeepsItsKey}),
    (conformance.no_secret_is_told_to_anybody, {"session": PutsItsKeyIntoTheCursor}),
    (conformance.each_item_maps_or_is_a_bad_item, {"mapping": counted}),
    (conformance.each_item_maps_or_is_a_bad_item, {"mapping": silent}),
    (conformance.each_item_maps_or_is_a_bad_item, {"mapping": elsewhere}),
    (conformance.each_item_maps_or_is_a_bad_item, {"mapping": nameless}),
    (conformance.each_item_maps_or_is_a_bad_item, {"session": GivesOddRaws}),
    (conformance.a_posts_address_leads_back_to_it, {"locate": of_another}),
    (conformance.strange_addresses_name_nothing, {"locate": startled}),
    (conformance.strange_addresses_name_nothing, {"locate": of_nothing}),
    (conformance.damaged_items_map_or_are_bad_items, {"mapping": trusting}),
    (conformance.damaged_items_map_or_are_bad_items, {"mapping": unclean}),
    (conformance.damaged_items_map_or_are_bad_items, {"mapping": meddling}),
]


def _name(value: Any) -> str:
    return value.__name__ if callable(value) else "-".join(getattr(part, "__name__", "") for part in value.values())


@pytest.mark.parametrize("check, fault", WRONG, ids=_name)
def test_a_wrong_platform_is_caught(check: conformance.Check, fault: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, UnicodeEncodeError)):
        check(bench(**fault))


def test_every_check_is_seen_to_fail() -> None:
    assert {check for check, _ in WRONG} == set(conformance.CHECKS)
