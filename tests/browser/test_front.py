"""The front page's filters and the campaign page, as readers use them: by keyboard, on a phone, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tagora.app.serving import serving
from tagora.core.invitation import Invitation
from tagora.site.build import build
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.storage.migrate import migrate
from tagora.storage.store import open_store

from ..make import NOON
from ..site_store import Filler
from .looking import PHONE, beyond, faults

pytestmark = pytest.mark.browser
INVITATIONS = 45  # more than the front page holds
GURUS = ("Ada Lovelace", "Ben Casnocha", "José Saramago")


def invitation(number: int) -> CampaignInfo:
    told = Invitation(
        f"Invito numero {number}",
        "Raccontate.",
        url="https://example.org/articolo",
        gurus=(GURUS[number % 3],) if number else (*GURUS, *(f"Ospite {guest}" for guest in range(12))),
        content_type=("Intervista", "Lezione")[number % 2],
        language="it",
        date=date(2026, 11, 20) - timedelta(days=number),
    )
    openers = ("https://www.facebook.com/mmg/posts/1",)
    return CampaignInfo(f"c{number}", (f"tag{number}",), told, openers, networks=("bluesky", "mastodon", "x"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("front")
    store = open_store(f"sqlite:///{folder}/store.db")
    migrate(store)
    campaigns = [invitation(number) for number in range(INVITATIONS)]
    with store.writing() as connection:
        filler = Filler(connection)
        for campaign in campaigns[:2]:
            filler.campaign(campaign.slug)
            for number in range(6):
                filler.post(f"{campaign.slug}-{number}", lang="it", minutes=-number * 3_000, featured=number == 2)
        filler.done()
    settings = SiteSettings(folder / "site", "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")
    assert build(store, settings, campaigns, processes=1, now=NOON).failures == ()
    store.close()
    with serving(settings.out, "127.0.0.1", 0) as at:
        yield at


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def shown(page: Page) -> list[str]:
    return [str(one.get_attribute("data-slug")) for one in page.locator("[data-list] > article").all()]


def fitting(guru: int, *, odd: bool | None = None) -> list[str]:
    numbers = [n for n in range(INVITATIONS) if n == 0 or n % 3 == guru]
    return [f"c{n}" for n in numbers if odd is None or n % 2 == odd]


def test_filters_are_chosen_by_keyboard_and_stand_in_the_address(page: Page, address: str) -> None:
    page.goto(address)
    opener = page.get_by_role("button", name="Filtri")
    opener.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Filtri")
    expect(panel.get_by_role("button", name="Chiudi i filtri")).to_be_focused()
    expect(panel.locator("[data-facet=guru] li")).to_have_count(8)
    panel.get_by_role("link", name="Ben Casnocha").focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("status")).to_have_text(f"{len(fitting(1))} inviti")
    expect(page).to_have_url(f"{address}?guru=ben-casnocha")
    expect(panel.get_by_role("link", name="Ben Casnocha")).to_be_focused()
    odd, even = fitting(1, odd=True), fitting(1, odd=False)
    expect(panel.locator("[data-facet=tipo] li")).to_have_text([f"Intervista {len(even)}", f"Lezione {len(odd)}"])
    panel.get_by_role("link", name="Lezione").click()
    expect(panel.get_by_role("status")).to_have_text(f"{len(odd)} inviti")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()
    assert shown(page) == odd
    page.reload()
    expect(page.get_by_role("button", name="Togli il filtro")).to_have_count(2)
    assert shown(page) == odd
    page.get_by_role("link", name="EN", exact=True).click()
    expect(page).to_have_url(f"{address}en/?guru=ben-casnocha&tipo=lezione")
    expect(page.locator(".told.above .status")).to_have_text(f"{len(odd)} invitations")
    page.go_back()
    expect(page.locator(".told.above .status")).to_have_text(f"{len(odd)} inviti")
    page.get_by_role("button", name="Togli il filtro: Tipo di contenuto: Lezione").click()
    expect(page.locator(".told.above .status")).to_have_text(f"{len(fitting(1))} inviti")
    page.go_back()
    expect(page.locator(".told.above .status")).to_have_text(f"{len(odd)} inviti")


def test_a_long_facet_unfolds_and_what_nothing_fits_is_said(page: Page, address: str) -> None:
    page.goto(f"{address}#filters")
    panel = page.get_by_role("dialog", name="Filtri")
    assert faults(page) == []
    panel.get_by_role("link", name="Mostra l’elenco completo (15)").click()
    expect(panel.locator("[data-facet=guru] li")).to_have_count(15)
    page.goto(f"{address}?guru=nobody")
    expect(page.locator(".told.above .status")).to_have_text("Nessun invito corrisponde. Togli un filtro.")
    assert shown(page) == []


def test_more_of_the_list_comes_from_the_plain_pages(page: Page, address: str) -> None:
    page.goto(address)
    assert shown(page) == [f"c{number}" for number in range(25)]
    page.get_by_role("link", name="Inviti precedenti").click()
    expect(page.locator("[data-list] > article")).to_have_count(INVITATIONS)
    assert shown(page) == [f"c{number}" for number in range(INVITATIONS)]
    expect(page.locator("main .pager a")).to_be_hidden()


def test_what_cannot_be_loaded_is_said_and_tried_again(page: Page, address: str) -> None:
    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/invitations.json", refuse)
    page.goto(f"{address}?tipo=lezione")
    trouble = page.locator(".told.above .trouble")
    expect(trouble).to_be_visible()
    expect(trouble.get_by_role("link", name="sfoglia per mese")).to_have_attribute("href", re.compile("mese/$"))
    assert len(shown(page)) == 25
    page.unroute("**/invitations.json")
    trouble.get_by_role("button", name="Riprova").click()
    expect(page.locator(".told.above .status")).to_have_text(f"{INVITATIONS // 2} inviti")
    expect(trouble).to_be_hidden()


def test_without_scripts_the_panel_is_a_block_of_links_to_plain_pages(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    filters = page.get_by_role("region", name="Filtri")
    expect(filters.get_by_role("link", name="Lezione")).to_be_visible()
    filters.get_by_role("link", name="Ben Casnocha").click()
    expect(page).to_have_url(f"{address}guru/ben-casnocha/")
    assert shown(page) == fitting(1)
    page.get_by_role("link", name="Guru", exact=True).click()
    expect(page.locator(".values li")).to_have_count(15)
    page.goto(f"{address}c0/")
    expect(page.locator("form.server")).to_be_hidden()
    expect(page.get_by_text("scrivi dal tuo server")).to_be_visible()
    context.close()


def test_a_phone_shows_the_panel_whole(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in ("#filters", "c0/", "guru/", "mese/2026-11/"):
        page.goto(address)
        page.goto(address + path)
        assert beyond(page) == [], path
    page.goto(f"{address}#filters")
    box = page.get_by_role("dialog", name="Filtri").bounding_box()
    assert box and box["width"] == PHONE["width"]


def test_one_writes_on_mastodon_from_ones_own_server_and_the_browser_remembers_it(page: Page, address: str) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="there")

    page.route("https://mastodon.social/**", answer)
    page.goto(f"{address}c0/")
    field = page.get_by_label("Il tuo server Mastodon")
    field.fill("no server")
    page.get_by_role("button", name="Scrivi su Mastodon").click()
    assert page.evaluate("document.querySelector('#server').validationMessage").startswith("Scrivi il nome")
    field.fill("https://Mastodon.social/@anna")
    page.get_by_role("button", name="Scrivi su Mastodon").click()
    page.wait_for_url("https://mastodon.social/**")
    assert asked == ["https://mastodon.social/share?text=%23tag0%20"]
    page.goto(f"{address}c1/")
    expect(page.get_by_label("Il tuo server Mastodon")).to_have_value("mastodon.social")
    assert page.context.cookies() == []


def test_a_later_visit_is_told_what_is_new(page: Page, address: str) -> None:
    page.goto(f"{address}c0/")
    page.reload()
    expect(page.locator(".new")).to_have_count(0)
    page.evaluate(
        """() => {
          const key = Object.keys(localStorage).find((name) => name.endsWith("c0"));
          const note = JSON.parse(localStorage.getItem(key));
          const [first, second] = Object.keys(note.now.seen);
          delete note.now.seen[first];
          note.now.seen[second] = 0;
          note.now.posts -= 2;
          note.at -= 24 * 3600 * 1000;
          localStorage.setItem(key, JSON.stringify(note));
        }"""
    )
    page.goto(address)
    expect(page.locator("[data-slug=c0] .new")).to_have_text("2 nuovi")
    page.goto(f"{address}c0/")
    expect(page.locator(".news")).to_have_text("2 nuovi post dalla tua ultima visita")
    assert page.locator(".card .new").count() >= 2
    page.reload()
    expect(page.locator(".news")).to_have_text("2 nuovi post dalla tua ultima visita")
