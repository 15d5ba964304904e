"""The desk for those who have no scripts, no mouse or no eyes: plain forms, the way of the Tab key, what is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .desk import Desk, desk, posts
from .looking import WIDE

pytestmark = pytest.mark.browser


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made
        assert made.violations == []


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator(button).click()


def test_a_whole_round_without_scripts(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(8))
    page = place.page(place.context(browser, viewport=WIDE, locale="en-GB", java_script_enabled=False))
    page.goto(place.queue)
    said = page.locator("#said")

    press(page, f'.item[data-post="{ids[0]}"] a.open')
    press(page, "form.deciding button[value=approve]")
    expect(said).to_contain_text("1 post: approved")
    press(page, f'.item[data-post="{ids[1]}"] a.open')
    page.select_option("form.deciding [name=reason]", "spam")
    press(page, "form.deciding button[value=reject]")
    expect(said).to_contain_text("1 post: rejected")
    for id_ in ids[2:4]:
        page.check(f'.item[data-post="{id_}"] input')
    press(page, "#stroke button[value=hold]")
    expect(said).to_contain_text("2 posts: ")
    assert page.locator(".item").count() == 4

    press(page, ".tabs a:has-text('Rejected')")
    press(page, f'.item[data-post="{ids[1]}"] a.open')
    press(page, ".log button:has-text('Undo') >> nth=0")
    page.locator(".beside summary").first.click()
    page.fill(".beside textarea", "Look again, please.")
    press(page, "button:has-text('Leave the note')")
    expect(page.locator(".beside")).to_contain_text("Look again, please.")
    assert place.verdicts(ids[:5]) == {
        ids[0]: ["approve"],
        ids[1]: ["reject", "undo"],
        ids[2]: ["hold"],
        ids[3]: ["hold"],
        ids[4]: [],
    }

    page.goto(place.queue)
    page.fill("#words", "nothing says this")
    press(page, "form.find button >> nth=0")
    assert page.locator(".item").count() == 0
    page.goto(place.queue)
    page.locator(".find summary").click()
    page.fill(".filters [name=author]", "person5")
    press(page, ".filters button")
    assert page.locator(".item").count() == 1


FOCUS = """() => {
  const e = document.activeElement;
  const box = e.getBoundingClientRect();
  return {
    name: e.id || e.name || e.className || e.textContent.trim(),
    part: e.closest('.bar, .listing, .opened, .switch')?.className.split(' ')[0] ?? e.className,
    ringed: getComputedStyle(e).outlineStyle !== 'none' || e.matches('a.open'),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


def test_the_tab_key_goes_from_the_top_through_list_and_post_and_is_always_seen(browser: Browser, place: Desk) -> None:
    place.arrive(*posts(3))
    page = place.page(place.context(browser, viewport=WIDE, locale="en-GB"))
    page.goto(place.queue)
    expect(page.locator("form.deciding")).to_be_visible()
    way = []
    for _ in range(45):
        page.keyboard.press("Tab")
        way.append(page.evaluate(FOCUS))
        if way[-1]["part"] == "switch":
            break
    parts = list(dict.fromkeys(stop["part"] for stop in way))
    assert parts == ["skip", "bar", "listing", "opened", "switch"]
    assert [stop for stop in way if not (stop["ringed"] and stop["seen"])] == []


def test_what_happened_is_said_and_what_is_open_is_marked(browser: Browser, place: Desk) -> None:
    ids = place.arrive(*posts(3))
    page = place.page(place.context(browser, viewport=WIDE, locale="en-GB"))
    page.goto(place.queue)
    expect(page.locator("form.deciding")).to_be_visible()
    current = page.locator('.item[aria-current="true"]')
    expect(current).to_have_attribute("data-post", str(ids[0]))
    page.locator("form.deciding button[value=approve]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Approved")).to_be_visible()
    expect(current).to_have_attribute("data-post", str(ids[1]))
    expect(page.get_by_role("region", name="Open post")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Choose the post by Person1 (@person1)")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Open post")).to_be_focused()
