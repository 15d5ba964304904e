"""The moderators' desk in a real browser, by keyboard alone: nothing lost, nothing twice, whatever the network does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .desk import Desk, desk, posts

pytestmark = pytest.mark.browser


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made
        assert made.violations == []


def opened(page: Page, *, within: float = 10_000) -> str:
    """The number of the post that is open, once it is shown."""
    return page.locator("form.deciding").get_attribute("data-post", timeout=within) or ""


def settled(page: Page) -> None:
    """Everything that was decided has reached the server."""
    expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)


def test_two_hundred_decisions_by_keyboard_none_lost(
    browser: Browser, place: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = place.arrive(*posts(210))
    page = place.page(place.context(browser, locale="en-GB", viewport={"width": 1300, "height": 800}))
    page.goto(place.queue)
    first = opened(page)
    begun = time.perf_counter()
    for number in range(200):
        before = opened(page)
        if number % 4 == 3:
            page.keyboard.press("r")
            page.keyboard.press("1")
        else:
            page.keyboard.press("h" if number % 10 == 0 else "a")
        page.wait_for_function("b => document.querySelector('form.deciding')?.dataset.post !== b", arg=before)
    settled(page)
    took = time.perf_counter() - begun
    said = place.verdicts(ids)

    with capsys.disabled():
        print(f" [200 decisions in {took:.0f} s, {200 * 60 / took:.0f} a minute]", end="")
    assert first == str(ids[0])
    assert sorted(map(len, said.values())) == [0] * 10 + [1] * 200
    assert sum(verdicts == ["reject"] for verdicts in said.values()) == 50
    assert 200 * 60 / took >= 60


def test_the_list_of_keys_undo_and_choosing_many(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(12))
    page = place.page(place.context(browser, locale="it-IT", viewport={"width": 1300, "height": 800}))
    page.goto(place.queue)
    assert opened(page) == str(ids[0])

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text("annulla la tua ultima decisione")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()

    for expected in ids[1:4]:
        page.keyboard.press("Shift+J")
        page.wait_for_function("b => document.querySelector('form.deciding')?.dataset.post === b", arg=str(expected))
    page.keyboard.press("a")
    settled(page)
    assert place.verdicts(ids[:5]) == {id_: ["approve"] for id_ in ids[:4]} | {ids[4]: []}

    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("Annullato su 4 post.")
    settled(page)
    assert place.verdicts(ids[:4]) == {id_: ["approve", "undo"] for id_ in ids[:4]}


def test_letters_are_letters_inside_a_field(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(3))
    page = place.page(place.context(browser, viewport={"width": 1300, "height": 800}))
    page.goto(place.queue)
    opened(page)

    page.keyboard.press("/")
    page.keyboard.type("aarrhhuu")
    assert page.locator("#words").input_value() == "aarrhhuu"
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("haha, a!")
    assert page.locator(".beside textarea").first.input_value() == "haha, a!"
    assert place.verdicts(ids) == {id_: [] for id_ in ids}


def test_decisions_outlast_a_network_that_is_gone_and_a_closed_tab(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(6))
    context = place.context(browser, viewport={"width": 1300, "height": 800})
    page = place.page(context)
    page.goto(place.queue)
    assert opened(page) == str(ids[0])

    page.route("**/decisions", lambda route: route.abort())
    page.keyboard.press("a")
    expect(page.locator("#outbox")).to_contain_text("tried again")
    page.close()
    assert place.verdicts(ids[:1]) == {ids[0]: []}

    again = place.page(context)
    again.goto(place.queue)
    settled(again)
    assert place.verdicts(ids[:1]) == {ids[0]: ["approve"]}


def test_an_answer_that_was_lost_is_not_a_second_decision(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(3))
    page = place.page(place.context(browser, viewport={"width": 1300, "height": 800}))
    page.goto(place.queue)
    opened(page)
    lost = []

    def lose(route) -> None:  # type: ignore[no-untyped-def]
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    page.route("**/decisions", lose)
    page.keyboard.press("a")
    settled(page)
    assert lost == [200]
    assert place.verdicts(ids[:1]) == {ids[0]: ["approve"]}


def test_a_session_that_ended_keeps_what_was_decided_until_one_signs_in_again(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(3))
    context = place.context(browser, viewport={"width": 1300, "height": 800})
    page = place.page(context)
    page.goto(place.queue)
    opened(page)
    context.clear_cookies()

    page.keyboard.press("a")
    expect(page.locator("#outbox")).to_contain_text("your session has ended", timeout=15_000)
    expect(page.locator("#outbox a")).to_have_attribute("href", "/signin?next=%2Fc%2Ftalk%2F")
    context.add_cookies([{"name": "tagora_session", "value": place.session("Vera"), "url": place.address}])
    page.goto(place.queue)
    settled(page)
    assert place.verdicts(ids[:1]) == {ids[0]: ["approve"]}


def test_two_moderators_see_each_other_and_never_collide(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(3))
    size = {"width": 1300, "height": 800}
    vera, bruno = (place.page(place.context(browser, name, viewport=size)) for name in ("Vera", "Bruno"))  # type: ignore[arg-type]
    with vera.expect_response("**/claims/*"):
        vera.goto(place.queue)
    assert opened(vera) == str(ids[0])

    bruno.goto(f"{place.address}c/talk/posts/{ids[0]}")
    expect(bruno.locator("#claimed")).to_contain_text("Vera")
    bruno.keyboard.press("r")
    bruno.keyboard.press("1")
    expect(bruno.locator("#said")).to_contain_text("Vera")
    assert place.verdicts(ids[:1]) == {ids[0]: []}

    vera.keyboard.press("a")
    settled(vera)
    bruno.keyboard.press("a")
    assert place.verdicts(ids[:1]) == {ids[0]: ["approve"]}
