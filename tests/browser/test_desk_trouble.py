"""The desk in trouble: two tabs, the back button, a double click, a server that restarts, a disk that is full.
Nothing is lost, nothing is done twice, and one sentence says what is going on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from tagora.storage.store import Store

from .desk import Desk, desk, posts
from .looking import WIDE

pytestmark = pytest.mark.browser


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made
        assert made.violations == []


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """While inside, nothing can be written, as when the disk has no space left."""

    def refuse(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            raise OperationalError(statement, parameters, sqlite3.OperationalError("database or disk is full"))

    event.listen(store.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", refuse)


def shows(page: Page, post: int) -> None:
    expect(page.locator("form.deciding")).to_have_attribute("data-post", str(post), timeout=10_000)


def settled(page: Page) -> None:
    expect(page.locator("#outbox")).to_be_hidden(timeout=40_000)


def test_of_two_tabs_the_later_one_is_told_what_the_other_did(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(3))
    context = place.context(browser, viewport=WIDE, locale="en-GB")
    one, other = place.page(context), place.page(context)
    for page in (one, other):
        page.goto(place.queue)
        shows(page, ids[0])
    one.keyboard.press("a")
    shows(one, ids[1])
    settled(one)

    other.bring_to_front()
    other.keyboard.press("h")
    expect(other.locator("#said")).to_contain_text("approved", timeout=10_000)
    settled(other)
    shows(other, ids[1])
    other.keyboard.press("h")
    settled(other)
    assert place.verdicts(ids) == {ids[0]: ["approve"], ids[1]: ["hold"], ids[2]: []}


def test_the_back_button_shows_the_post_before_and_a_double_click_decides_once(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(4))
    page = place.page(place.context(browser, viewport=WIDE, locale="en-GB"))
    page.goto(place.queue)
    shows(page, ids[0])
    page.keyboard.press("j")
    shows(page, ids[1])
    page.go_back()
    shows(page, ids[0])
    page.go_forward()
    shows(page, ids[1])

    page.locator("form.deciding button[value=approve]").dblclick()
    shows(page, ids[2])
    settled(page)
    expect(page.locator("#opened")).to_be_focused()  # the button that had the focus is gone
    page.go_back()
    shows(page, ids[1])
    assert place.verdicts(ids) == {id_: ["approve"] if id_ == ids[1] else [] for id_ in ids}


def test_a_server_that_restarts_gets_what_was_decided_meanwhile(browser: Browser, tmp_path: Path) -> None:
    with desk(tmp_path) as before:
        ids = before.arrive(*posts(3))
        page = before.page(before.context(browser, viewport=WIDE, locale="en-GB"))
        page.goto(before.queue)
        shows(page, ids[0])
        port = urlsplit(before.address).port or 0
    page.keyboard.press("a")
    expect(page.locator("#outbox")).to_contain_text("Kept here (1) and tried again", timeout=10_000)
    with desk(tmp_path, port) as after:
        settled(page)
        assert after.verdicts(ids[:1]) == {ids[0]: ["approve"]}
        shows(page, ids[1])  # of itself
        assert after.verdicts(ids) == {ids[0]: ["approve"], ids[1]: [], ids[2]: []}
    page.context.close()


def test_a_full_disk_is_told_in_one_sentence_and_the_decision_waits_for_space(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(3))
    page = place.page(place.context(browser, viewport=WIDE, locale="en-GB"))
    page.goto(place.queue)
    shows(page, ids[0])
    with full_disk(place.place.store):
        page.keyboard.press("a")
        shows(page, ids[1])
        expect(page.locator("#outbox")).to_have_text(
            "The server’s disk is full, nothing new can be kept. What is stored is safe. Tell whoever looks after the "
            "server to free some space. Kept here (1) and tried again.",
            timeout=10_000,
        )
        page.keyboard.press("h")
    settled(page)
    assert place.verdicts(ids) == {ids[0]: ["approve"], ids[1]: ["hold"], ids[2]: []}
