"""Every kind of page, in both languages: for everybody's eyes, on a small screen, without scripts, asking nobody else
for anything, and running nothing that a post says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Route, expect

from tagora.app.serving import serving
from tagora.site.page_kinds import VIEWS

from ..nu import Nu
from .looking import beyond, faults, unreadable
from .rich import rich_site

pytestmark = pytest.mark.browser

KINDS = {  # of each template: what its pages are called (<body class>), and in which languages there must be one
    "front.html": ("front", ("it", "en")),
    "invitations.html": ("invitations", ("it", "en")),
    "facet.html": ("facet", ("it", "en")),
    "campaign.html": ("campaign", ("it", "en")),
    "month.html": ("month", ("it", "en")),
    "insights.html": ("insights", ("it", "en")),
    "wall.html": ("wall", ("it", "en")),
    "search.html": ("search", ("it", "en")),
    "thread.html": ("thread", ("it", "en")),
    "about.html": ("about", ("it", "en")),
    "report.html": ("report", ("it", "en")),
    "404.html": ("404", ("it",)),
}
NO_PAGES = {"redirect.html"}  # nobody sees it
STRANGE = ("window.ran", 'lang="ar"', "<picture>")
SMALL = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}
BENIGN = re.compile(  # of the validator's warnings
    r"Article lacks heading|"
    # 'self' means nothing to it in a file; JSON-LD is no script that runs; the page 404 names its style by digest
    r"(external stylesheet|external script|image) “(?![a-z]+:|//).* blocked by|"
    r"Inline s(cript|tyle) violates Content Security Policy"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A page's file, as a parser sees it."""

    path: str
    language: str
    kind: str
    size: int
    links: tuple[str, ...]
    ids: frozenset[str]
    strange: bool


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.language, self.kind, self.links, self.ids = "", "", list[str](), set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = said.get("lang", "")
        if tag == "body":
            self.kind = said.get("class", "").partition(" ")[0]
        self.links += [said[name] for name in ("href", "src") if said.get(name)]
        self.ids.update(said[name] for name in ("id",) if said.get(name))


@dataclass(slots=True)
class Site:
    address: str
    folder: Path
    pages: list[Written] = field(default_factory=list)

    def chosen(self) -> list[Written]:
        """The longest and the shortest page of each kind and language, and the strange ones."""
        found = [page for page in self.pages if page.kind == "thread" and page.strange]
        for kind, languages in KINDS.values():
            for language in languages:
                of = sorted((p for p in self.pages if (p.kind, p.language) == (kind, language)), key=lambda p: p.size)
                found += [*of[:1], *of[-1:]]
        return list({page.path: page for page in found}.values())


def read(folder: Path) -> Iterator[Written]:
    for file in sorted(folder.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        reader = _Reader()
        reader.feed(text)
        path = str(file.relative_to(folder))
        strange = any(mark in text for mark in STRANGE)
        links, ids = tuple(reader.links), frozenset(reader.ids)
        yield Written(path, reader.language, reader.kind, len(text), links, ids, strange)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = rich_site(tmp_path_factory.mktemp("rich"))
    with serving(folder, "127.0.0.1", 0) as address:
        yield Site(address, folder, list(read(folder)))


@pytest.fixture(scope="module")
def nu(site: Site, pytestconfig: pytest.Config) -> Nu:
    assert pytestconfig.cache is not None
    return Nu(site.folder, pytestconfig.cache.mkdir("vnu"))


def test_every_kind_of_page_is_looked_at_in_every_language(site: Site) -> None:
    assert {name for name in VIEWS if name.endswith(".html")} == set(KINDS) | NO_PAGES
    there = {(page.kind, page.language) for page in site.pages}
    assert {(kind, language) for kind, languages in KINDS.values() for language in languages} <= there
    assert {kind for kind, _ in there} - {kind for kind, _ in KINDS.values()} == {""}, "of redirects"


@pytest.mark.usefixtures("nu")  # it works meanwhile
def test_every_kind_of_page_is_well_in_light_and_dark_and_on_a_small_screen(browser: Browser, site: Site) -> None:
    """Asks nobody else, runs nothing of a post, breaks no policy, has no fault that axe knows."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.blockedURI))"
    )
    page = context.new_page()
    wrong: list[str] = []
    here = urlsplit(site.address).netloc
    page.on("request", lambda asked: wrong.append(f"asked {asked.url}") if urlsplit(asked.url).netloc != here else None)
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))
    page.on("console", lambda said: wrong.append(f"said {said.text}") if said.type in ("error", "warning") else None)
    page.on("dialog", lambda asked: wrong.append(f"opened {asked.message}") or asked.dismiss())
    found: dict[str, list[str]] = {}
    for one in site.chosen():
        wrong.clear()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.goto(site.address + one.path)
        told = [f"light: {fault}" for fault in faults(page)]
        page.set_viewport_size(SMALL)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="dark")
        told += [f"small, dark: {fault}" for fault in [*beyond(page), *unreadable(page)]]
        told += [f"ran {what}" for what in [page.evaluate("window.ran")] if what]
        told += page.evaluate(
            "[...document.links].filter(a => !/^(https?|mailto):$/.test(a.protocol)).map(a => 'leads to ' + a.href)"
        )
        if told or wrong:
            found[one.path] = sorted({*told, *wrong})
    context.close()
    assert found == {}


def test_without_scripts_nothing_is_missing(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    hidden = {}
    for one in site.chosen():
        page.goto(site.address + one.path)
        unseen = page.evaluate(_UNSEEN) + page.evaluate(_WRONG_WAY)
        if unseen:
            hidden[one.path] = unseen
    context.close()
    assert hidden == {}


_UNSEEN = """() => [...document.querySelectorAll('main .post, main .card, main h1, main h2, main p, main a')]
  .filter(e => !e.closest('details:not([open])') && (e.matches('.post, .card') || !e.closest('[hidden]')))
  .filter(e => e.textContent.trim() && !e.checkVisibility())
  .slice(0, 5).map(e => e.outerHTML.slice(0, 100))"""
_WRONG_WAY = """() => [...document.querySelectorAll('.text[lang=ar], .text[lang=he]')]
  .filter(e => getComputedStyle(e).direction !== 'rtl').map(e => `left to right: ${e.textContent}`)"""


def test_every_link_inside_the_site_leads_somewhere(site: Site) -> None:
    by_path = {page.path: page for page in site.pages}
    lost: set[str] = set()
    for page in site.pages:
        for link in page.links:
            target = urlsplit(urljoin(f"https://example.org/{page.path}", link))
            if target.netloc != "example.org" or target.path.startswith(("/articoli", "/libro", "/privacy")):
                continue
            path = unquote(target.path).lstrip("/")
            path = f"{path}index.html" if path.endswith("/") or not path else path
            fragment = target.fragment
            if path.endswith("report/index.html") and "/" in fragment:  # it names a post
                path, _, fragment = fragment.rpartition("/")
            there = by_path.get(path)
            if (there is None and not (site.folder / path).is_file()) or (
                there and fragment and fragment not in there.ids
            ):
                lost.add(f"{page.path}: {link}")
    assert lost == set()


def test_every_page_is_html_as_the_nu_validator_knows_it(nu: Nu) -> None:
    said = {
        f"{one.get('url', '').rpartition('/site/')[2]}:{one.get('lastLine')} {one['message']}: {one.get('extract')}"
        for one in nu.messages()
        if one["type"] == "error" or not BENIGN.search(one["message"])
    }
    assert said == set()


def _saying(text: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8")


def test_pictures_come_from_the_site_alone_when_they_are_looked_at_and_move_nothing(
    browser: Browser, site: Site
) -> None:
    (pictured,) = [page for page in site.pages if 'class="gallery' in (site.folder / page.path).read_text("utf-8")]
    for media_type in ("image/webp", "no such type"):  # what a browser of before 2020 gets
        context = browser.new_context(viewport=SMALL)  # type: ignore[arg-type]
        text = (site.folder / pictured.path).read_text("utf-8").replace("image/webp", media_type)
        context.route("**/*.html", _saying(text))
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(site.address + pictured.path)
        before = page.evaluate("document.documentElement.scrollHeight")
        for image in page.locator(".gallery img:not(details *)").all():
            image.scroll_into_view_if_needed()
            expect(image).to_have_js_property("complete", True)
            assert image.evaluate("i => i.naturalWidth") > 0
        assert page.evaluate("document.documentElement.scrollHeight") == before, "places were kept for them"
        media = [urlsplit(url).path for url in asked if "/media/" in url]
        ending = ".webp" if media_type == "image/webp" else ".jpg"
        assert len(media) == len(set(media)) == 6 and all(path.endswith(ending) for path in media)
        assert {urlsplit(url).netloc for url in asked} == {urlsplit(site.address).netloc}
        folded = page.evaluate("[...document.querySelectorAll('details img')].map(i => i.currentSrc)")
        assert folded == ["", ""], "nothing is loaded that nobody unfolded"
        page.locator("summary", has_text="Contenuti sensibili").click()
        expect(page.locator("details[open] img")).to_have_js_property("complete", True)
        context.close()
