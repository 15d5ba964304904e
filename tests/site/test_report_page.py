"""Where readers report a post or withdraw their own: the link, the page, and what it may do."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from tagora.core.config import Legal
from tagora.core.errors import ConfigError
from tagora.site.build import build
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.storage.store import Store

from ..make import NOON
from ..site_store import Filler

CAMPAIGN = CampaignInfo("casnocha", ("mmgCasnocha",))
LEGAL = Legal(controller="Fondazione", contact="privacy@example.org")
FORM = "https://review.example.org:8443/desk/"


@pytest.fixture
def settings(tmp_path: Path) -> SiteSettings:
    return SiteSettings(tmp_path / "site", "https://example.org/agora/", "Agorà", ("it", "en"), "Europe/Rome", LEGAL)


@pytest.fixture
def filled(sqlite_store: Store) -> Store:
    with sqlite_store.writing() as connection:
        filler = Filler(connection)
        filler.campaign()
        root = filler.post("1", "ciao")
        filler.post("2", "salve", reply_to=root)
        filler.done()
    return sqlite_store


def made(store: Store, settings: SiteSettings, path: str) -> str:
    assert build(store, settings, [CAMPAIGN], now=NOON).failed == 0
    return (settings.out / path).read_text(encoding="utf-8")


def policy(page: str) -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert found
    return found[1]


def test_each_post_has_a_link_that_says_which_it_is(filled: Store, settings: SiteSettings) -> None:
    assert build(filled, settings, [CAMPAIGN], now=NOON).failed == 0
    (thread,) = [path for path in (settings.out / "casnocha").glob("*.html") if path.name != "index.html"]
    page = thread.read_text(encoding="utf-8")
    places = re.findall(r'<a class="report" href="([^"]*)"', page)
    anchors = re.findall(r'<li id="(p[0-9a-f]{16})"', page)
    assert places == [f"../report/#casnocha/{thread.name}/{anchor}" for anchor in anchors]
    assert len(places) == 2


@pytest.mark.parametrize(("path", "language"), [("report/", "it"), ("en/report/", "en")])
def test_a_form_is_sent_to_the_review_app_and_nowhere_else(
    path: str, language: str, filled: Store, settings: SiteSettings
) -> None:
    settings = replace(settings, reports=FORM)
    page = made(filled, settings, f"{path}index.html")
    assert f'action="{FORM}report"' in page
    assert f'name="language" value="{language}"' in page
    assert "form-action https://review.example.org:8443" in policy(page)
    assert "mailto:" not in page
    for other in ("index.html", "about/index.html", "404.html", "casnocha/index.html"):
        assert "form-action 'none'" in policy((settings.out / other).read_text(encoding="utf-8")), other
    headers = (settings.out / "_headers").read_text(encoding="utf-8")
    assert "form-action https://review.example.org:8443; frame-ancestors" in headers


def test_a_mail_is_begun_where_there_is_no_form(filled: Store, settings: SiteSettings) -> None:
    for told, to in ((replace(settings, reports="team@example.org"), "team"), (settings, "privacy")):
        page = made(filled, told, "en/report/index.html")
        assert "<form" not in page and "form-action 'none'" in policy(page)
        link = re.search(r'href="(mailto:[^"]*)"', page)
        assert link
        address, _, rest = unescape(link[1]).partition("?")
        assert address == f"mailto:{to}%40example.org"
        subject, _, body = rest.partition("&body=")
        assert unquote(subject) == "subject=Report or withdraw a post"
        assert unquote(body).endswith("The post’s address, or your account: ")
    assert "form-action 'none'" in (settings.out / "_headers").read_text(encoding="utf-8")


def test_without_either_readers_are_told_whom_to_write_to(filled: Store, settings: SiteSettings) -> None:
    legal = replace_contact("Via Roma 1, Milano")
    page = made(filled, replace(settings, legal=legal), "en/report/index.html")
    assert "Via Roma 1, Milano" in page and "mailto:" not in page and "<script" not in page
    assert "has not given a name yet" in made(filled, replace(settings, legal=None), "en/report/index.html")


def replace_contact(contact: str) -> Legal:
    return Legal(controller="Fondazione", contact=contact)


def test_no_campaign_can_take_its_address(filled: Store, settings: SiteSettings) -> None:
    with pytest.raises(ConfigError, match="'report'"):
        build(filled, settings, [replace(CAMPAIGN, slug="report")], now=NOON)
