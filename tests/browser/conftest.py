"""A real Chromium, and the site of the small discussion served to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tagora.app.serving import serving
from tagora.sandbox import SMALL, Sandbox, load_script

from ..folder import Folder
from ..programs import program

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True, slots=True)
class Served:
    address: str
    folder: Path

    @property
    def thread(self) -> str:
        """The address of the longest discussion's page."""
        pages = [page for page in (self.folder / "talk").glob("*.html") if page.name != "index.html"]
        largest = max(pages, key=lambda page: page.stat().st_size)
        return f"{self.address}talk/{largest.name}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = program("chromium", "chromium-browser", "google-chrome", package="chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Sandbox(load_script(SMALL), now=1_000, enforce_limits=False) as box:
        campaign = Folder.of(tmp_path_factory.mktemp("browser"), box)
        campaign.config["site"]["base_url"] = "https://example.org/"  # the page 404 names its assets from the top
        campaign.config["site"]["search"] = True
        campaign.write()
        assert campaign("collect", "--once").status == 0
        assert campaign("build").status == 0
    site = campaign.path / "site"
    with serving(site, "127.0.0.1", 0) as address:
        yield Served(address, site)
