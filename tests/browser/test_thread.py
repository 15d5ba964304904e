"""A discussion's page in a real browser: branches fold by keyboard, addresses lead into them, posts are shared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tagora.app.serving import serving
from tagora.presentation.posts import anchor_of
from tagora.site import render
from tagora.site.plan import ThreadPlanner
from tagora.site.threads import site_view
from tagora.storage.snapshot import Node, Thread

from ..site.test_plan import ANNA, CAMPAIGN, SETTINGS, node
from .looking import beyond, faults

pytestmark = pytest.mark.browser
HOSTILE = {
    2: {"text": "שלום עולם, english inside, مرحبا. " * 8, "lang": "he"},
    3: {"text": "a" * 4_000, "writer": ANNA._replace(display_name="\u202eN" * 150)},
    4: {"text": "🎉" * 5_000},
    5: {"text": "z\u200b\u200d\ufeff" * 600 + "e\u0301" * 900},
    6: {"text": "T\u0336" * 500 + "\n" * 300, "warning": "W" * 500},
}


def hostile(number: int, above: int | None) -> Node:
    return node(number, above)._replace(**HOSTILE.get(number, {}))  # type: ignore[arg-type]


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


@pytest.fixture(scope="module")
def threads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where two discussions are served: "a…", hostile and 45 replies deep, and "b…", with several pages."""
    folder = tmp_path_factory.mktemp("threads")
    site = site_view(SETTINGS)
    deep = [hostile(1, None), *(hostile(number, 1) for number in range(2, 7)), *(node(n, n - 1) for n in range(7, 52))]
    long = [node(1, None), *(node(number, 1) for number in range(2, 302))]
    for address, nodes in {"a": deep, "b": long}.items():
        planned = ThreadPlanner(SETTINGS, CAMPAIGN).plan(Thread(1, address * 20, (), tuple(nodes), {}))
        assert planned
        for page in planned.pages:
            write(folder / page.path, render.render(page, site))
    for asset in render.ASSETS:
        write(folder / render.asset_path(asset), render.asset(asset))
    with serving(folder, "127.0.0.1", 0) as address:
        yield f"{address}casnocha/"


def of(number: int) -> str:
    return anchor_of("x", str(number))


def seen(page: Page, number: int) -> bool:
    return page.locator(f"#{of(number)} > article").is_visible()


def test_branches_fold_by_keyboard_an_address_opens_them_and_posts_are_shared(browser: Browser, threads: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script("delete Navigator.prototype.share")
    page = context.new_page()
    page.goto(f"{threads}{'a' * 20}.html")
    summary = page.locator(f"#{of(6)} > .branch > summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert not seen(page, 40) and seen(page, 6)
    page.evaluate("at => location.hash = at", of(40))
    page.locator(f"#{of(40)} > article").wait_for()
    page.locator(f"#{of(2)} .share").click()
    page.locator("#said", has_text="copiato").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{threads}{'a' * 20}.html#{of(2)}"
    page.locator(f"#{of(2)} .here").focus()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.parentElement.id") == of(3)
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.parentElement.id") == of(2)
    summary.focus()
    page.keyboard.press("Enter")
    page.emulate_media(media="print")
    assert seen(page, 40) and not page.locator(".share").first.is_visible()
    context.close()


def test_where_there_is_a_dialogue_for_sharing_it_is_asked(browser: Browser, threads: str) -> None:
    context = browser.new_context()
    context.add_init_script("navigator.share = async (what) => { document.body.dataset.shared = what.url }")
    page = context.new_page()
    page.goto(f"{threads}{'a' * 20}.html")
    page.locator(f"#{of(2)} .share").press("Enter")
    page.locator(f"body[data-shared$='#{of(2)}']").wait_for()
    context.close()


def test_what_is_written_from_the_right_stands_on_the_right_also_where_items_hand_down_their_side(
    browser: Browser, threads: str
) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{threads}{'a' * 20}.html")
    page.add_style_tag(content="li { text-align: left }")  # what Firefox and Safari make of it
    gap = page.locator(f"#{of(2)} > article .text").evaluate(
        """text => {
          const range = document.createRange();
          text.textContent = "שלום";
          range.selectNodeContents(text);
          return text.getBoundingClientRect().right - range.getBoundingClientRect().right;
        }"""
    )
    assert gap < 2
    context.close()


def test_a_post_that_is_on_another_page_now_is_found_there(browser: Browser, threads: str) -> None:
    page = browser.new_page()
    page.goto(f"{threads}{'b' * 20}.html#{of(290)}")
    page.wait_for_url(f"{threads}{'b' * 20}-p*.html#{of(290)}")
    assert seen(page, 290)
    page.goto(f"{threads}{'b' * 20}.html#p{'0' * 16}")
    page.locator("#said", has_text="non è stato trovato").wait_for()
    page.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_hostile_and_deep_discussions_are_read_on_a_phone(browser: Browser, threads: str, scripts: bool) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=scripts)
    page = context.new_page()
    for address, look in {"a": beyond, "b": faults}.items():
        page.goto(f"{threads}{address * 20}.html")
        if scripts:
            assert look(page) == []
        assert page.locator("article.post").last.bounding_box()["width"] > 250  # type: ignore[index]
    page.goto(f"{threads}{'a' * 20}.html")
    page.locator(f"#{of(6)} > .branch > summary").click()
    assert not seen(page, 40)
    context.close()
