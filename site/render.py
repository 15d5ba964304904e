"""From a page to its bytes. Templates see `page`, `site` and the interface's words; nothing else."""

from __future__ import annotations

from functools import lru_cache, partial
from io import BytesIO
from traceback import walk_tb

import orjson
from babel.core import get_global
from jinja2 import Environment, meta
from markupsafe import Markup

from ..core.errors import BuildError
from ..presentation.look import look as shared_style
from ..presentation.markup import in_script
from ..presentation.words import translators
from . import embedding
from .jsonld import discussion
from .look.own import SHIPPED, Look
from .pages import Page, digest
from .shipped import FOLDERS, HERE, LOCALES, PRESENTATION, STATIC
from .structured import structured
from .templating import PageEnvironment, Templates
from .views import Feed, Head, SearchView, Site, ThreadPage

STYLE, ICON, EMBEDDED = "site.css", "icon.svg", "embed.css"
STABLE = (embedding.SCRIPT,)  # other people's pages ask for these: their addresses stay
ASSETS = tuple(sorted(path.name for path in STATIC.iterdir()))


@lru_cache
def environment(language: str, look: Look = SHIPPED) -> Environment:
    """Jinja for one language of the interface."""
    made = PageEnvironment(Templates(FOLDERS, dict(look.templates), look.templates_folder))
    made.globals.update(translators(language, *LOCALES, own=dict(look.words).get(language, b"")))
    made.globals["asset"] = partial(asset_path, look=look)
    made.filters["discussion"] = _discussion
    made.filters["structured"] = _structured
    made.filters["qr"] = _qr
    made.filters["embed_line"] = _embed_line
    made.filters["og_locale"] = _og_locale
    made.filters["json_feed"] = _json_feed
    made.filters["known"] = _known
    return made


def render(page: Page, site: Site, look: Look = SHIPPED) -> bytes:
    """The page's bytes, in UTF-8. Raises BuildError with file and line where an own template fails."""
    if page.template is None:
        return page.data
    try:
        text = environment(page.language, look).get_template(page.template).render(page=page.view, site=site)
    except Exception as error:
        where = _own_line(error, look)
        if where is None:
            raise
        raise BuildError(f"{where}: {error}") from error
    return text.encode("utf-8", "replace")


def _own_line(error: Exception, look: Look) -> str | None:
    """Where in an own template it happened: "look/templates/thread.html:12"."""
    own = {f"{look.templates_folder}/{name}" for name, _ in look.templates}
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)] if own else []
    return next((f"{file}:{line}" for file, line in reversed(frames) if file in own), None)


@lru_cache
def closure(template: str, look: Look = SHIPPED) -> str:
    """A digest of the template and all that it extends, includes and imports. Raises BuildError for one whose name is
    computed: nobody could say what the page depends on."""
    seen: dict[str, str] = {}
    todo = [template]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen[name], others = _source(name, look)
            todo += others
    return digest(sorted(seen.items()))


@lru_cache
def _source(template: str, look: Look) -> tuple[str, tuple[str, ...]]:
    """The template's text, and the others that it names."""
    jinja = environment("en", look)
    assert jinja.loader is not None
    text = jinja.loader.get_source(jinja, template)[0]
    others = tuple(meta.find_referenced_templates(jinja.parse(text)))
    if None in others:
        raise BuildError(f"the template {template} includes another by a computed name", "Write the name out.")
    return text, tuple(name for name in others if name is not None)


@lru_cache
def version(look: Look = SHIPPED) -> str:
    """A digest of what turns data into bytes beside templates: views, filters, formats, catalogues, and the assets'
    names, which pages print."""
    folders = (HERE, HERE / "lists", HERE / "look", HERE / "search", PRESENTATION)
    files = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    files += [path for folder in LOCALES for path in sorted(folder.glob("*.po"))]
    own = [*look.words, *((name, asset_path(name, look)) for name in assets(look))]
    return digest([(path.name, digest(path.read_bytes())) for path in files] + [digest(repr(own))])


@lru_cache
def templates() -> str:
    """A digest of all templates."""
    files = [path for folder in FOLDERS for path in sorted(folder.iterdir())]
    return digest([(path.name, digest(path.read_bytes())) for path in files])


def assets(look: Look = SHIPPED) -> tuple[str, ...]:
    """The names of all files beside the pages."""
    return (*ASSETS, look.logo.name) if look.logo else ASSETS


@lru_cache
def asset(name: str, look: Look = SHIPPED) -> bytes:
    if look.logo and name == look.logo.name:
        return look.logo.content
    if look.icon and name == ICON:
        return look.icon
    if name not in ASSETS:
        raise BuildError(f"there is no file {name!r} among those of the pages", f"There are {', '.join(ASSETS)}.")
    shipped = (STATIC / name).read_bytes()
    if name == EMBEDDED:
        return embedding.beside_an_article(asset(STYLE, look).decode() + shipped.decode()).encode()
    return shared_style() + shipped + look.style if name == STYLE else shipped


@lru_cache
def asset_path(name: str, look: Look = SHIPPED) -> str:
    """Named by its content, so that it may be cached for ever, unless its address must stay."""
    if name in STABLE:
        return name
    stem, _, suffix = name.rpartition(".")
    return f"assets/{stem}.{digest(asset(name, look))[:10]}.{suffix}"


def _discussion(page: ThreadPage, site: Site) -> Markup:
    return in_script(discussion(page, site))


@lru_cache
def _og_locale(language: str) -> str:
    """ "it" as Open Graph wants it: "it_IT", with the territory where most of its speakers are (https://ogp.me/)."""
    first, *_script, territory = str(get_global("likely_subtags").get(language, f"{language}_")).split("_")
    return f"{first}_{territory}" if territory else first


def _embed_line(head: Head, site: Site, words: str) -> str:
    return embedding.line(site.base_url, head.path, words)


def _structured(page: object, site: Site) -> Markup:
    facts = structured(page, site)
    return in_script(facts) if facts else Markup()


def _known(search: SearchView) -> str:
    """What the search's script is told."""
    campaigns = [
        {"slug": one.slug, "title": one.title, "guru": dict(one.gurus), "tipo": dict(one.types)}
        for one in search.campaigns
    ]
    return orjson.dumps({"campaigns": campaigns, "networks": dict(search.networks)}).decode()


def _qr(address: str) -> Markup:
    """The address as a picture in SVG, which names it."""
    import segno

    drawn = BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, title=address, border=2, omitsize=True, lineclass=None, svgclass=None)
    return Markup(drawn.getvalue().decode().strip())


def _json_feed(feed: Feed, site: Site) -> Markup:
    """https://www.jsonfeed.org/version/1.1/"""
    items = [
        {
            "id": entry.url,
            "url": entry.url,
            "title": entry.title,
            "content_text": entry.text,
            "date_published": entry.published,
            "date_modified": entry.updated,
            **({"authors": [{"name": entry.author}]} if entry.author else {}),
            **({"language": entry.lang} if entry.lang else {}),
        }
        for entry in feed.entries
    ]
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": site.base_url + feed.home,
        "feed_url": site.base_url + feed.path,
        "language": feed.language,
        "items": items,
    }
    return Markup(orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode())
