"""What stands outside the site's own pages: discussions under articles of other sites, and the screen in the hall."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tagora.site.build import build
from tagora.site.embedding import line
from tagora.site.settings import SiteSettings
from tagora.storage.store import open_store

from ..make import NOON
from ..site.test_build import CAMPAIGN, Site
from .origin import Origin, origin

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script> words"
OPEN = {"Access-Control-Allow-Origin": "*"}
STYLE = "p, li { color: red; text-transform: uppercase } html { font-size: 62.5% } body { font-size: 1.8rem } "
STYLE += "a { letter-spacing: 9px }"


@contextmanager
def standing(template: Path, folder: Path) -> Iterator[tuple[Site, Origin]]:
    """A campaign with hostile posts, at an address of its own."""
    shutil.copyfile(template, folder / "store.db")
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    with origin(folder / "site", OPEN) as here:
        settings = SiteSettings(folder / "site", here.address, "Agorà", ("it", "en"), "Europe/Rome")
        site = Site(store, settings)
        with site.filling() as f:
            root = f.post("1", f"{HOSTILE} of the question", minutes=-60, by="eve", author={"display_name": HOSTILE})
            for number in range(2, 32):
                f.post(str(number), f"{HOSTILE} number {number}.", reply_to=root, minutes=number - 60)
        site.build()
        yield site, here
    store.close()


@pytest.fixture(scope="module")
def kept(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Origin]]:
    with standing(sqlite_template, tmp_path_factory.mktemp("elsewhere")) as both:
        yield both


@pytest.fixture
def site(kept: tuple[Site, Origin]) -> Iterator[tuple[Site, Origin]]:
    """The one site of all embeds, with nothing made up."""
    yield kept
    kept[1].made_up.clear()
    kept[1].headers = OPEN


@contextmanager
def article(element: str, policy: str | None = None) -> Iterator[str]:
    """The address of an article with the element in it."""
    with origin(headers={"Content-Security-Policy": policy} if policy else {}) as there:
        there.made_up["/"] = (
            f"<!doctype html><title>An article</title><style>{STYLE}</style>"
            f"<p id=before>Before.</p>{element}<p>After.</p>"
        )
        yield there.address


def embedded(page: Page) -> str | None:
    """The words that stand in the article for the discussion, or None while there are none."""
    return page.evaluate("document.querySelector('tagora-discussion').shadowRoot?.textContent ?? null")


def strict(site: str) -> str:
    return (
        f"default-src 'none'; script-src {site}embed.js; connect-src {site}; style-src 'unsafe-inline'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_a_discussion_under_an_article_is_isolated_runs_nothing_and_asks_nobody_else(
    browser: Browser, site: tuple[Site, Origin]
) -> None:
    built, here = site
    (path,) = built.threads()
    asked: list[str] = []
    wrong: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    with article(line(here.address, path, "Read"), strict(here.address)) as address:
        page.goto(address)
        page.locator("tagora-discussion .tagora").wait_for()
        words = embedded(page) or ""
        looks = page.evaluate(
            """() => {
              const inside = document.querySelector('tagora-discussion').shadowRoot;
              const text = getComputedStyle(inside.querySelector('.post .text'));
              const facts = getComputedStyle(inside.querySelector('p'));
              const more = inside.querySelector('.more a');
              return {size: parseFloat(text.fontSize), case: facts.textTransform, color: text.color,
                      spacing: getComputedStyle(more).letterSpacing, more: more.href,
                      posts: inside.querySelectorAll('article').length,
                      strange: inside.querySelectorAll('script, style, img, iframe, [style], [onerror]').length
                               - inside.querySelectorAll('.tagora[style]').length,
                      width: inside.firstElementChild.getBoundingClientRect().width};
            }"""
        )
        title, cookies = page.title(), context.cookies()
        origins = {address, here.address}
        context.close()
    assert wrong == []
    assert title == "An article" and cookies == []
    assert {f"http://{urlsplit(url).netloc}/" for url in asked} == origins
    assert f"{HOSTILE} of the question" in words and "number 20." in words and "number 21." not in words
    assert looks["case"] == "none" and looks["color"] == "rgb(0, 0, 0)" and looks["spacing"] == "normal"
    assert looks["size"] >= 16 and looks["width"] > 300
    assert looks["more"] == here.address + path and looks["posts"] == 20 and looks["strange"] == 0


def test_a_campaigns_latest_discussions_follow_the_articles_colours(
    browser: Browser, site: tuple[Site, Origin]
) -> None:
    _, here = site
    page = browser.new_page()
    with article(line(here.address, "casnocha/", "Read")) as address:
        page.goto(address)
        page.locator("tagora-discussion .tagora").wait_for()
        color = """() => getComputedStyle(
          document.querySelector('tagora-discussion').shadowRoot.querySelector('.card h3 a')).color"""
        before = page.evaluate(color)
        page.evaluate("document.body.style.color = 'rgb(240, 240, 250)'")
        after = page.evaluate(color)
        words = embedded(page) or ""
        page.close()
    assert (before, after) == ("rgb(0, 0, 0)", "rgb(240, 240, 250)")
    assert "of the question" in words and "Partecip" not in words


def test_the_link_stays_where_the_discussion_does_not_come(browser: Browser, site: tuple[Site, Origin]) -> None:
    built, here = site
    (path,) = built.threads()
    page = browser.new_page()
    with origin(headers=OPEN) as elsewhere:
        elsewhere.made_up["/there.html"] = (built.settings.out / path).read_text()
        here.made_up["/cut-off.html"] = None
        here.made_up["/moved-away.html"] = f'<link rel="canonical" href="{elsewhere.address}there.html">'
        here.made_up["/no-style.html"] = f'<p data-embed=more data-style="{elsewhere.address}x.css"></p>'
        sources = ["nothing.html", "cut-off.html", "moved-away.html", "no-style.html", "about/"]
        lines = [line(here.address, source, "Read it") for source in sources]
        lines.append(
            line(here.address, path, "Read it").replace(
                f'src="{here.address}{path}"', f'src="{elsewhere.address}there.html"'
            )
        )
        here.made_up["/moved.html"] = f'<link rel="canonical" href="{here.address}{path}">'
        lines.append(line(here.address, "moved.html", "Read it"))
        lines.append(line(here.address, path, "Read it").replace(" src", ' most="3" src', 1))
        with article("".join(lines)) as address:
            page.goto(address, wait_until="networkidle")
            shown = page.evaluate("[...document.querySelectorAll('tagora-discussion')].map(e => e.shadowRoot !== null)")
            links = page.locator("tagora-discussion > a:visible").count()
            posts = [page.locator("tagora-discussion").nth(at).locator("article").count() for at in (6, 7)]
        assert elsewhere.asked == []
    page.close()
    assert shown == [False] * 6 + [True, True] and links == 6 and posts == [20, 3]


def test_the_link_stays_without_scripts_and_where_the_site_allows_nobody_to_read_it(
    browser: Browser, site: tuple[Site, Origin]
) -> None:
    built, here = site
    (path,) = built.threads()
    with article(line(here.address, path, "Read it")) as address:
        plain = browser.new_context(java_script_enabled=False)
        page = plain.new_page()
        page.goto(address)
        assert page.get_by_role("link", name="Read it").get_attribute("href") == here.address + path
        plain.close()
        here.headers = {}
        page = browser.new_page()
        page.goto(address, wait_until="networkidle")
        expect(page.get_by_role("link", name="Read it")).to_be_visible()
        page.close()


def test_discussions_of_two_sites_stand_under_one_article(browser: Browser, site: tuple[Site, Origin]) -> None:
    built, here = site
    (path,) = built.threads()
    page = browser.new_page()
    with origin(built.settings.out, OPEN) as another:
        both = line(here.address, path, "One") + line(another.address, path, "Another")
        with article(both) as address:
            page.goto(address)
            expect(page.locator("tagora-discussion .tagora")).to_have_count(2)
        assert f"/{path}" in another.asked
    page.close()


def test_a_hostile_answer_of_the_site_itself_runs_nothing_in_the_article(
    browser: Browser, site: tuple[Site, Origin]
) -> None:
    built, here = site
    (path,) = built.threads()
    style = next(name for name in built.files() if name.startswith("assets/embed."))
    deep = "<div>" * 3_000 + "deep" + "</div>" * 3_000
    here.made_up[f"/{path}"] = f"""<!doctype html><html lang=it><body onload="parent.document.title='ran'">
      <div data-embed=part><script>document.title='ran'</script><img src="https://elsewhere.example/x.png" alt=x>
      <img src=y onerror="document.title='ran'"><a href="javascript:document.title='ran'" id=js onclick="x()">js</a>
      <a href="data:text/html,x">data</a><iframe srcdoc="<script>top.document.title='ran'</script>"></iframe>
      <svg onload="document.title='ran'"><a href="javascript:1">svg</a></svg><math><mtext>m</mtext></math>
      <form action="https://elsewhere.example/"><input autofocus onfocus="document.title='ran'"></form>
      <p style="position:fixed" onmouseover="x()" class="text" tabindex="0">kept</p>{deep}<object data="x"></object>
      </div>
      <p data-embed=more data-style="/{style}"><a href="/">more</a></p>"""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with article(line(here.address, path, "Read")) as address:
        page.goto(address)
        page.locator("tagora-discussion .tagora").wait_for()
        found = page.evaluate(
            """() => {
              const all = [...document.querySelector('tagora-discussion').shadowRoot.querySelectorAll('.tagora *')];
              return {names: [...new Set(all.map(e => e.localName))].sort(),
                      attributes: [...new Set(all.flatMap(e => e.getAttributeNames()))].sort(),
                      links: all.map(e => e.href).filter(Boolean)};
            }"""
        )
        title = page.title()
        page.close()
    assert title == "An article"
    assert found["names"] == ["a", "div", "img", "p"]
    assert found["attributes"] == ["class", "href", "loading", "rel", "src", "tabindex"]
    assert found["links"] == [here.address]
    assert not any("elsewhere.example" in url for url in asked)


def test_the_wall_follows_each_build_and_says_when_it_is_out_of_touch(
    browser: Browser, sqlite_template: Path, tmp_path: Path
) -> None:
    with standing(sqlite_template, tmp_path) as (built, here):
        follow(browser, built, here)


def follow(browser: Browser, built: Site, here: Origin) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.clock.install()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{here.address}casnocha/wall/")
    posts = page.locator(".posts ol > li")
    expect(posts).to_have_count(24)
    expect(posts.first).to_contain_text("number 31.")
    expect(page.locator(".invite")).to_contain_text("#mmgCasnocha")

    with built.filling() as f:
        newest = f.post("new", f"{HOSTILE} just now", minutes=5, by="eve")
    built.build()
    page.clock.run_for(16_000)
    expect(posts.first).to_contain_text(f"{HOSTILE} just now")
    expect(posts.first.locator(".name")).to_have_text(HOSTILE)

    with built.filling() as f:
        f.decide(newest, "rejected")
    built.build()
    page.clock.run_for(16_000)
    expect(posts.first).to_contain_text("number 31.")
    assert "just now" not in page.content()

    here.made_up["/casnocha/wall/feed.json"] = "<p>Please pay for this network</p>"
    page.clock.run_for(16_000)
    expect(page.locator(".lost")).to_be_visible()
    expect(posts).to_have_count(24)
    here.made_up.clear()
    page.clock.run_for(31_000)
    expect(page.locator(".lost")).to_be_hidden()

    closes = replace(CAMPAIGN, closed_on=NOON.date())
    build(built.store, built.settings, [closes], now=NOON)
    page.clock.run_for(16_000)
    expect(page.locator(".closed")).to_have_text("Chiuso il 23 novembre 2026")
    expect(posts).to_have_count(0)
    before = len(here.asked)
    page.clock.run_for(600_000)
    assert len(here.asked) == before
    title = page.title()
    context.close()
    assert "ran" not in title.split() and wrong == []


def test_the_wall_without_scripts_asks_for_itself_again(browser: Browser, site: tuple[Site, Origin]) -> None:
    _, here = site
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{here.address}casnocha/wall/")
    again = page.locator("meta[http-equiv=refresh]").get_attribute("content")
    words = page.inner_text("main")
    context.close()
    assert again == "30" and "number 31." in words and "#mmgCasnocha" in words
