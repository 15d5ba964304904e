"""A site with a look of its own: every page has it, and what changes of it reaches every page that it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tagora.core.invitation import Invitation
from tagora.site.build import Report, build
from tagora.site.look.own import SHIPPED, Look
from tagora.site.look.reading import read
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.storage.store import Store

from ...make import NOON
from ...site_store import Filler
from .test_reading import SVG

CAMPAIGN = CampaignInfo("talk", ("talk",), Invitation("Che dite?", "Raccontate.", language="it"))
FILES = {
    "look.css": ":root { --accent: #0a5c36; }",
    "logo.svg": SVG.format("<title>Agorà</title>"),
    "icon.svg": SVG.format("<g/>"),
    "footer.md": "Funded by [the city](https://example.org/).",
    "footer.it.md": "Con il contributo della città.",
    "words/it.po": 'msgid "About this collection"\nmsgstr "Chi siamo"\n',
    "words/en.po": 'msgid "About this collection"\nmsgstr "About us"\n',
    "templates/thread.html": "{% extends 'shipped/thread.html' %}{% block main %}Benvenuti{{ super() }}{% endblock %}",
}
CHANGES = {  # of each file: what for what
    "look.css": ("#0a5c36", "#5c360a"),
    "logo.svg": ("Agorà", "Agora"),
    "icon.svg": ("<g/>", "<g></g>"),
    "footer.md": ("Funded", "Paid"),
    "footer.it.md": ("città", "regione"),
    "words/it.po": ("Chi siamo", "Di noi"),
    "words/en.po": ("About us", "We"),
    "templates/thread.html": ("Benvenuti", "Benvenute"),
}


def look(**changes: str) -> Look:
    return read({path: text.encode() for path, text in (FILES | changes).items()}, "look")


class Site:
    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.settings = SiteSettings(folder / "site", "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")
        with self.filling() as filler:
            filler.campaign("talk")
            filler.source("x")
            root = filler.post("1", "Io <b>coltivo</b> poche amicizie", minutes=-60)
            filler.post("2", "Anch'io", reply_to=root, by="bruno")

    @contextmanager
    def filling(self) -> Iterator[Filler]:
        with self.store.writing() as connection:
            filler = Filler(connection)
            yield filler
            filler.done()

    def build(self, own: Look) -> Report:
        return build(self.store, replace(self.settings, look=own), [CAMPAIGN], now=NOON)

    def files(self) -> dict[str, bytes]:
        out = self.settings.out
        return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}

    def pages(self) -> dict[str, str]:
        return {name: raw.decode() for name, raw in self.files().items() if name.endswith(".html")}


@pytest.fixture
def site(sqlite_store: Store, tmp_path: Path) -> Site:
    return Site(sqlite_store, tmp_path)


def test_every_page_has_the_logo_the_footer_the_words_and_the_colours(site: Site) -> None:
    assert site.build(look()).failures == ()
    files, pages = site.files(), site.pages()
    logo = next(name for name in files if name.startswith("assets/logo."))
    for name, page in pages.items():
        english = name.startswith("en/")
        assert f'{logo}" width="200" height="60" alt="Agorà">' in page, name
        assert ("Funded by" if english else "contributo della città") in page, name
        assert ("About us" if english else "Chi siamo") in page, name
    assert files[logo] == FILES["logo.svg"].encode()
    assert FILES["icon.svg"].encode() in files.values()
    styles = [raw for name, raw in files.items() if name.startswith("assets/site.")]
    assert [raw.decode().endswith(FILES["look.css"]) for raw in styles] == [True]
    assert FILES["look.css"] in pages["404.html"], "and the page that may load no style"


def test_an_own_template_stands_for_one_kind_of_page_and_escapes_like_the_shipped_one(site: Site) -> None:
    site.build(look())
    with_it = [name for name, page in site.pages().items() if "Benvenuti" in page]
    assert len(with_it) == 1 and with_it[0].startswith("talk/")
    assert "<b>coltivo" not in site.pages()[with_it[0]]


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_file_reaches_the_pages_as_a_clean_build_would(site: Site, tmp_path: Path, name: str) -> None:
    site.build(look())
    before = site.files()
    changed = look(**{name: FILES[name].replace(*CHANGES[name])})
    report = site.build(changed)
    assert report.failures == () and report.written
    after = site.files()
    site.settings = replace(site.settings, out=tmp_path / "clean")
    site.build(changed)
    assert after == site.files() != before


def test_without_the_look_the_site_is_as_shipped(site: Site, tmp_path: Path) -> None:
    site.build(SHIPPED)
    before = site.files()
    site.build(look())
    site.build(SHIPPED)
    assert site.files() == before


def test_an_own_template_that_fails_on_one_page_is_told_with_its_line_and_the_page_stays(site: Site) -> None:
    site.build(SHIPPED)
    before = site.pages()
    thread = "{% extends 'shipped/thread.html' %}\n{% block main %}\n{{ 1 // (page.posts - 2) }}\n{% endblock %}"
    report = site.build(read({"templates/thread.html": thread.encode()}, "look"))
    (failure,) = report.failures
    path = next(name for name in before if name.startswith("talk/") and len(name) > 20 and "index" not in name)
    assert failure.startswith(path) and "look/templates/thread.html:3: integer division" in failure
    assert site.pages()[path] == before[path]
