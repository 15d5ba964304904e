"""The pictures in the docs, made of the demo by every test run; `make pictures` puts them into the docs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tagora.app.demo import SLUG, playing
from tagora.app.demo_team import NAME, PASSWORD, settle_in
from tagora.app.reviewing import serving_review, surroundings
from tagora.app.serving import serving
from tagora.review.keys import DEFAULTS

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[2] / "docs"
TONGUES = {"en": "en-GB", "it": "it-IT"}


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the moderators' app and the readers' site are."""

    review: str
    site: str
    folder: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with playing(tmp_path_factory.mktemp("pictures"), lambda _line: None) as (_, place):
        settle_in(place, SLUG)
        handed = surroundings(place)
        with (
            serving_review(lambda: handed, "127.0.0.1", 0) as review,
            serving(place.site_folder, "127.0.0.1", 0) as site,
        ):
            yield Demo(review, site, place.site_folder)


@pytest.fixture
def demo(played: Demo) -> str:
    return played.review


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    """Where the pictures go."""
    return DOCS / "pictures" if "TAGORA_PICTURES" in os.environ else tmp_path


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}signin")
    page.fill("[name=name]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.click(f"main a[href='/c/{SLUG}/']")
    page.wait_for_selector("form.deciding, #items")


@pytest.mark.parametrize("language", TONGUES)
def test_the_demo_opens_with_a_lively_queue_of_which_the_guide_has_its_pictures(
    browser: Browser, demo: str, language: str, taken: Path
) -> None:
    wide = browser.new_context(viewport={"width": 1200, "height": 780}, locale=TONGUES[language])
    page = wide.new_page()
    sign_in(page, demo)
    page.wait_for_selector("form.deciding")
    assert page.locator(".item").count() >= 20
    while page.locator(".place").count() < 3:  # a post that is in a conversation
        before = page.locator("form.deciding").get_attribute("data-post")
        page.keyboard.press("j")
        page.wait_for_function("b => document.querySelector('form.deciding')?.dataset.post !== b", arg=before)
    page.wait_for_timeout(500)
    page.screenshot(path=taken / f"review-desk.{language}.png")
    page.keyboard.press("r")
    page.screenshot(path=taken / f"review-reject.{language}.png")
    address = page.url
    wide.close()

    phone = browser.new_context(
        viewport={"width": 390, "height": 780}, locale=TONGUES[language], color_scheme="dark", device_scale_factor=2
    )
    page = phone.new_page()
    sign_in(page, demo)
    page.goto(address)
    page.wait_for_selector("form.deciding")
    page.screenshot(path=taken / f"review-phone.{language}.png")
    phone.close()


@pytest.mark.parametrize("language", TONGUES)
def test_the_guide_names_every_key_and_its_pictures_are_there(language: str) -> None:
    guide = (DOCS / f"moderators-guide.{language}.md").read_text(encoding="utf-8")
    table = "".join(line for line in guide.splitlines() if line.startswith("|"))
    assert {key for key in DEFAULTS.values() if f"`{key}`" not in table} == set()
    pictures = re.findall(r"pictures/[\w.-]+", guide)
    assert len(pictures) == 3
    assert [name for name in pictures if not (DOCS / name).is_file()] == []


DESK, PHONE, HALL = (1200, 780), (390, 780), (1280, 720)
TOUR = {  # of the readers' site: which kind of page, how large the screen is, light or dark
    "front.png": ("front", DESK, "light"),
    "filters-phone.png": ("front", PHONE, "light"),
    "campaign.png": ("campaign", DESK, "light"),
    "thread.png": ("thread", DESK, "light"),
    "thread-phone-dark.png": ("thread", PHONE, "dark"),
    "search.png": ("search", DESK, "light"),
    "search-phone.png": ("search", PHONE, "light"),
    "insights.png": ("insights", DESK, "light"),
    "wall.png": ("wall", HALL, "dark"),
    "report-phone.png": ("report", PHONE, "light"),
}


def test_the_tour_of_the_readers_site_has_its_pictures(browser: Browser, played: Demo, taken: Path) -> None:
    addresses = {
        "front": "",
        "search": "search/",
        "report": "report/",
        "campaign": f"{SLUG}/",
        "wall": f"{SLUG}/wall/",
        "insights": f"{SLUG}/insights/",
    }
    threads = [file for file in (played.folder / SLUG).glob("*.html") if file.name != "index.html"]
    longest = max(threads, key=lambda file: file.read_text(encoding="utf-8").count('<article class="post'))
    addresses["thread"] = f"{SLUG}/{longest.name}"
    for name, (kind, (width, height), scheme) in TOUR.items():
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            device_scale_factor=2 if width < 600 else 1,
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(played.site + addresses[kind])
        assert page.evaluate("document.body.classList[0]") == kind
        if kind == "search":
            page.fill("input[name=q]", "networking")
            page.keyboard.press("Enter")
            page.wait_for_selector(".hits > li")
        if name.startswith("filters"):
            page.click(".tools > *")
            page.wait_for_selector("dialog.panel[open]")
        page.screenshot(path=taken / name)
        assert (taken / name).stat().st_size > 10_000, "there is something on it"
        context.close()


def test_the_tour_names_every_picture_of_it_and_they_are_there() -> None:
    named = set(re.findall(r"pictures/([\w.-]+)", (DOCS / "readers-site.md").read_text(encoding="utf-8")))
    assert named == set(TOUR)
    assert [name for name in named if not (DOCS / "pictures" / name).is_file()] == []
