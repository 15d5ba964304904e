"""The search in a real browser, from the first letter to the post."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from .conftest import Served

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="it-IT")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def status(page: Page) -> str:
    return status_in(page.locator("body"))


def status_in(part: Locator) -> str:
    said = part.locator(".answer")
    expect(said).to_have_text(re.compile(r"risultat|results?$|Non si è trovato"))
    return said.inner_text()


def test_a_post_in_one_language_is_found_from_the_other_and_opened_at_its_place(page: Page, served: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.address}search/")
    assert not [url for url in asked if "worker" in url or "pagefind" in url]  # nobody asked anything yet
    page.get_by_label("Cerca in tutti i post").fill("patience")
    assert status(page) == "1 risultato" and page.url.endswith("search/?q=patience")
    hit = page.locator(".hits a")
    expect(hit).to_have_text("The slow kind. Relations need time & patience.")
    expect(hit.locator("mark")).to_have_text("patience.")
    hit.click()
    place = page.locator(f"#{page.url.partition('#')[2]}")
    expect(place.locator("> article")).to_be_in_viewport()
    assert "patience" in place.locator("> article").inner_text()
    page.go_back()
    assert status(page) == "1 risultato"
    assert {url.split("/")[2] for url in asked} == {served.address.split("/")[2]}


def test_what_is_chosen_stands_in_the_address_and_comes_back(page: Page, served: Served) -> None:
    page.goto(f"{served.address}search/?q=networker")
    total = int(status(page).split()[0])
    page.locator(".narrow summary").click()
    choice = page.locator("[data-facet=rete] button", has_text="Facebook")
    number = int(choice.locator(".count").inner_text())
    assert 0 < number < total
    choice.click()
    expect(page.get_by_role("status")).to_have_text(re.compile(rf"^{number} "))
    expect(page.locator("[data-facet=rete] button[aria-pressed=true]")).to_have_text(f"Facebook {number}")
    assert page.url.endswith("search/?q=networker&rete=facebook")
    page.go_back()
    expect(page.get_by_role("status")).to_have_text(re.compile(rf"^{total} "))
    page.go_forward()
    expect(page.get_by_role("status")).to_have_text(re.compile(rf"^{number} "))
    page.get_by_role("link", name="EN", exact=True).click()
    assert status(page).startswith(f"{number} result")
    assert page.get_by_label("Search all posts").input_value() == "networker"


def test_choosing_keeps_the_focus_however_long_counting_takes(page: Page, served: Served) -> None:
    def slower(route: Route) -> None:
        answer = route.fetch()
        counting = "async count({ text, chosen }) {"
        assert counting in answer.text()
        pause = f"{counting} await new Promise((done) => setTimeout(done, 100));"
        route.fulfill(response=answer, body=answer.text().replace(counting, pause))

    page.context.route("**/assets/search-worker.*.js", slower)
    page.goto(f"{served.address}search/?q=networker")
    page.locator(".narrow summary").click()
    page.locator("[data-facet=rete] button", has_text="Facebook").press("Enter")
    expect(page.locator("[data-facet=rete] button[aria-pressed=true]")).to_be_focused()


def test_more_results_come_on_demand_and_take_the_focus(page: Page, served: Served) -> None:
    def fewer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("MOST = 10", "MOST = 5"))

    page.context.route("**/assets/search.*.js", fewer)
    page.goto(f"{served.address}search/?q=agoraTest")
    assert 5 < int(status(page).split()[0]) <= 10
    before = page.locator(".hits .card").count()
    page.get_by_role("button", name="Altri risultati").click()
    expect(page.get_by_role("button", name="Altri risultati")).to_be_hidden()
    assert page.locator(".hits .card").count() > before
    assert page.evaluate("document.activeElement.closest('.hits') !== null")


def test_the_front_page_has_it_in_a_panel_that_gives_the_focus_back(page: Page, served: Served) -> None:
    page.goto(served.address)
    page.locator(".tools").get_by_role("button", name="Cerca").click()
    panel = page.get_by_role("dialog", name="Cerca")
    expect(panel.get_by_label("Cerca in tutti i post")).to_be_focused()
    panel.get_by_label("Cerca in tutti i post").fill("patience")
    assert status_in(panel) == "1 risultato" and page.url.endswith("/?q=patience")
    assert str(panel.locator(".hits a").get_attribute("href")).startswith(served.address)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(".tools").get_by_role("button", name="Cerca")).to_be_focused()
    assert page.url == served.address
    page.go_back()
    expect(panel).to_be_visible()
    assert status_in(panel) == "1 risultato"
    page.go_forward()
    expect(panel).to_be_hidden()
    page.go_back()
    assert status_in(panel) == "1 risultato"
    panel.get_by_role("button", name="Chiudi la ricerca").click()
    expect(panel).to_be_hidden()


def test_nothing_found_is_said_and_what_cannot_be_loaded_is_tried_again(page: Page, served: Served) -> None:
    page.goto(f"{served.address}search/?q=zzzzz")
    assert status(page).startswith("Non si è trovato nulla")
    page.context.route("**/search/index/*", lambda route: route.abort())
    page.goto(f"{served.address}search/?q=networker")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Non è stato possibile caricare la ricerca. Riprova, o sfoglia per mese.")
    assert page.locator(".hits li").count() == 0
    page.context.unroute("**/search/index/*")
    alert.get_by_role("button", name="Riprova").click()
    assert int(status(page).split()[0])
    expect(alert).to_be_hidden()


def test_without_scripts_the_page_says_so_and_leads_to_the_months(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.address}en/search/")
    assert "The search needs scripts" in page.locator("noscript").first.inner_text()
    expect(page.get_by_label("Search all posts")).to_be_hidden()
    page.locator(".by-month a").first.click()
    assert page.locator(".card").count()
    context.close()
