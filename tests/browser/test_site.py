"""The site in a real browser: whole without scripts, on a phone, in the dark, and asking nobody else for anything."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route

from .conftest import Served

pytestmark = pytest.mark.browser
PAGES = ("", "en/", "talk/", "en/talk/", "about/", "search/", "nothing-here")


def addresses(served: Served) -> list[str]:
    return [*(served.address + page for page in PAGES), served.thread]


def wider_than_the_screen(page: Page) -> list[str]:
    return page.evaluate(
        """() => [...document.querySelectorAll('body *')]
             .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
             .map(e => e.tagName + '.' + e.className)"""
    )


def test_nothing_is_asked_of_another_host_and_nothing_goes_wrong(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    for address in addresses(served):
        page.goto(address)
    context.close()
    here = urlsplit(served.address).netloc
    assert {urlsplit(url).netloc for url in asked} == {here}
    assert [url for url in wrong if not url.endswith("nothing-here")] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(browser: Browser, served: Served, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for address in addresses(served):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, (address, wider_than_the_screen(page))
    context.close()


def test_the_headers_for_servers_block_nothing_that_pages_load_and_any_script(browser: Browser, served: Served) -> None:
    lines = (served.folder / "_headers").read_text(encoding="utf-8").splitlines()
    everywhere = lines[lines.index("/*") + 1 : lines.index("/assets/*")]
    said = dict(line.strip().split(": ", 1) for line in everywhere)

    def answer(route: Route) -> None:
        fetched = route.fetch()
        route.fulfill(response=fetched, headers={**fetched.headers, **said})

    context = browser.new_context()
    context.route("**/*", answer)
    page = context.new_page()
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text) if message.type == "error" else None)
    for address in addresses(served):
        page.goto(address)
        assert page.evaluate("document.styleSheets.length") == 1, address
        assert page.evaluate("getComputedStyle(document.querySelector('.skip')).position") == "absolute", address
    policy = [text for text in blocked if "Content Security Policy" in text]
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    ran = page.evaluate("window.ran")
    context.unroute_all(behavior="wait")  # what is still on its way is answered before nobody listens any more
    context.close()
    assert (policy, ran) == ([], None)


def test_a_thread_reads_whole_without_scripts(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.thread)
    text = page.inner_text("main")
    context.close()
    assert "Pazienza & metodo <sempre>" in text or "Che tipo di networker sei?" in text
    assert len(text) > 200


def test_the_keyboard_reaches_the_words_first_and_then_every_link(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(served.address + "talk/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("#")
    visible = page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert visible
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.href || ''"))
    context.close()
    assert any("/talk/" in link and link.endswith(".html") for link in reached)


def test_hostile_words_of_a_post_run_nothing(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    page = context.new_page()
    opened: list[str] = []

    def noted(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", noted)
    page.goto(served.thread)
    strange = page.evaluate(
        "[...document.links].map(a => a.protocol).filter(p => !['http:', 'https:', 'mailto:'].includes(p))"
    )
    scripts = page.evaluate(
        "at => [...document.scripts].filter(s => s.type !== 'application/ld+json' && !s.src.startsWith(at)).length",
        f"{served.address}assets/",
    )
    context.close()
    assert (opened, strange, scripts) == ([], [], 0)
