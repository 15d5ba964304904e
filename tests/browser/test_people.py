"""Signing in, the account and the team in a real Chromium: by keyboard, narrow and dark, without scripts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tagora.core.clock import SystemClock
from tagora.core.moderators import Role
from tagora.review import people
from tagora.storage.migrate import migrate
from tagora.storage.store import open_store

from ..team import PASSWORD, Team, team

pytestmark = pytest.mark.browser

SIZES = {
    "wide": {"viewport": {"width": 1200, "height": 900}, "locale": "en-GB"},
    "narrow and dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "locale": "it-IT"},
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Team, int]]:
    """The review app at an address of its own, its team, and the number of somebody who has not come yet."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'store.db'}")
    migrate(store)
    agora = team(store, SystemClock(), "casnocha", "other")
    agora.person("Anna Rossi", Role.ADMIN, password=PASSWORD, languages=("it", "en"))
    newcomer = agora.person("La Talpa " + "x" * 60, None, roles={"other": Role.MODERATOR})
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(agora.app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", agora, newcomer
        server.should_exit = True
        thread.join(10)
    store.close()


def by_keyboard(page: Page, password: str = PASSWORD, name: str | None = "Anna Rossi") -> None:
    """Signs in: the first empty field has the focus. A browser gives it with the page's first picture, which may come
    after the page is loaded; what is typed before would be lost."""
    page.wait_for_selector("input:focus")
    if name:
        page.keyboard.type(name)
        page.keyboard.press("Tab")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than the window."""
    found = [violation["id"] for violation in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return found + ["wider than the window"] * wide


@pytest.mark.parametrize("size", SIZES)
def test_every_page_about_people_is_usable_by_everybody(
    desk: tuple[str, Team, int], browser: Browser, size: str
) -> None:
    home, agora, newcomer = desk
    with agora.store.writing() as connection:
        link = people.invite(connection, newcomer, agora.clock.now())
    context = browser.new_context(**SIZES[size], bypass_csp=True)  # type: ignore[arg-type] # axe is a script
    page = context.new_page()
    seen: dict[str, list[str]] = {}

    page.goto(f"{home}/moderators")
    seen["signin"] = faults(page)
    by_keyboard(page, "not the password")
    seen["wrong password"] = faults(page)
    by_keyboard(page, name=None)
    assert page.url == f"{home}/moderators"
    for path in ("/moderators", f"/moderators/{newcomer}", "/account", f"/invite/{link}", "/invite/nothing"):
        page.goto(home + path)
        seen[path] = faults(page)
    page.goto(f"{home}/moderators/{newcomer}")
    with page.expect_navigation():
        page.click("form[action$='/link'] button")
    assert "/invite/" in page.input_value("#link")
    seen["link"] = faults(page)
    page.goto(f"{home}/account")
    context.clear_cookies()
    with page.expect_navigation():
        page.click("form[action='/account/languages'] button")
    seen["session ended"] = faults(page)
    by_keyboard(page)
    seen["do it now?"] = faults(page)
    with page.expect_navigation():
        page.click("button.main")
    assert page.url == f"{home}/account?said=languages"
    context.close()

    assert {name: found for name, found in seen.items() if found} == {}


def test_without_scripts_people_come_in_and_go_and_the_policy_is_kept(
    desk: tuple[str, Team, int], browser: Browser
) -> None:
    home, _, _ = desk
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))

    page.goto(f"{home}/account")
    by_keyboard(page)
    assert page.url == f"{home}/account"
    cookies = {cookie.get("name"): cookie for cookie in context.cookies()}
    assert set(cookies) == {"tagora_session", "tagora_browser"}
    assert all(cookie.get("httpOnly") and cookie.get("sameSite") == "Lax" for cookie in cookies.values())
    page.fill("[name=languages]", "it")
    with page.expect_navigation():
        page.click("form[action='/account/languages'] button")
    assert page.inner_text("#said") == "Your languages are kept."
    with page.expect_navigation():
        page.click("form[action='/signout'] button")
    assert page.url == f"{home}/signin"
    page.go_back()
    page.reload()
    assert page.url.startswith(f"{home}/signin")
    context.close()
    assert told == []
