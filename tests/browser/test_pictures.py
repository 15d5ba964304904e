"""The guide's pictures, made of the demo's queue by every test run; `make pictures` puts them into the docs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tagora.app.demo import SLUG, playing
from tagora.app.demo_team import NAME, PASSWORD, settle_in
from tagora.app.reviewing import serving_review, surroundings
from tagora.review.keys import DEFAULTS

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[2] / "docs"
TONGUES = {"en": "en-GB", "it": "it-IT"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with playing(tmp_path_factory.mktemp("pictures"), lambda _line: None) as (_, place):
        settle_in(place, SLUG)
        handed = surroundings(place)
        with serving_review(lambda: handed, "127.0.0.1", 0) as address:
            yield address


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}signin")
    page.fill("[name=name]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("form.deciding, #items")


@pytest.mark.parametrize("language", TONGUES)
def test_the_demo_opens_with_a_lively_queue_of_which_the_guide_has_its_pictures(
    browser: Browser, demo: str, language: str, tmp_path: Path
) -> None:
    taken = DOCS / "pictures" if "TAGORA_PICTURES" in os.environ else tmp_path
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
