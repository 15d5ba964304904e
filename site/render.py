"""From a page to its bytes. Templates see `page`, `site` and the interface's words; nothing else."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import orjson
from jinja2 import Environment, meta
from markupsafe import Markup

from ..core.errors import BuildError
from ..presentation import words as presentation_words
from ..presentation.look import look
from ..presentation.markup import in_script
from ..presentation.words import translators
from .jsonld import discussion
from .pages import Page, digest
from .templating import PageEnvironment
from .views import Feed, Site, ThreadPage

HERE = Path(__file__).parent
PRESENTATION = Path(presentation_words.__file__).parent
FOLDERS = (HERE / "templates", PRESENTATION / "templates")
STYLE = "site.css"
ASSETS = tuple(sorted(path.name for path in (HERE / "static").iterdir()))
LOCALES = (PRESENTATION / "locales", HERE / "locales")


@lru_cache
def environment(language: str) -> Environment:
    """Jinja for one language of the interface."""
    made = PageEnvironment(FOLDERS)
    made.globals.update(translators(language, *LOCALES))
    made.globals["asset"] = asset_path
    made.filters["discussion"] = _discussion
    made.filters["json_feed"] = _json_feed
    return made


def render(page: Page, site: Site) -> bytes:
    """The page's bytes, in UTF-8."""
    if page.template is None:
        return page.data
    text = environment(page.language).get_template(page.template).render(page=page.data, site=site)
    return text.encode("utf-8", "replace")


@lru_cache
def closure(template: str) -> str:
    """A digest of the template and all that it extends, includes and imports. Raises BuildError for one whose name is
    computed: nobody could say what the page depends on."""
    jinja = environment("en")
    assert jinja.loader is not None
    seen: dict[str, str] = {}
    todo = [template]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen[name] = jinja.loader.get_source(jinja, name)[0]
        for referenced in meta.find_referenced_templates(jinja.parse(seen[name])):
            if referenced is None:
                raise BuildError(f"the template {name} includes another by a computed name", "Write the name out.")
            todo.append(referenced)
    return digest(sorted(seen.items()))


@lru_cache
def version() -> str:
    """A digest of what turns data into bytes beside templates: views, filters, formats, catalogues, and the assets'
    names, which pages print."""
    files = [path for folder in (HERE, HERE / "lists", PRESENTATION) for path in sorted(folder.glob("*.py"))]
    files += [path for folder in LOCALES for path in sorted(folder.glob("*.po"))]
    return digest([(path.name, digest(path.read_bytes())) for path in files] + [(a, asset_path(a)) for a in ASSETS])


@lru_cache
def templates() -> str:
    """A digest of all templates."""
    files = [path for folder in FOLDERS for path in sorted(folder.iterdir())]
    return digest([(path.name, digest(path.read_bytes())) for path in files])


@lru_cache
def asset(name: str) -> bytes:
    own = (HERE / "static" / name).read_bytes()
    return look() + own if name == STYLE else own


@lru_cache
def asset_path(name: str) -> str:
    """Named by its content: it may be cached for ever."""
    stem, _, suffix = name.rpartition(".")
    return f"assets/{stem}.{digest(asset(name))[:10]}.{suffix}"


def _discussion(page: ThreadPage, site: Site) -> Markup:
    return in_script(discussion(page, site))


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
