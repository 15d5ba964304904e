"""What a host and its visitors' programs look for at the site's top, and the files that all pages load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from markupsafe import Markup

from .. import render
from ..headers import netlify, of_inline, page_policy
from ..pages import Page
from ..plan import head, moved
from ..settings import SiteSettings
from ..views import NotFoundPage, Redirects, Robots
from .feeds import FEED_FILES
from .material import Material


def assets(settings: SiteSettings) -> Iterator[Page]:
    """Styles, scripts and pictures of the pages themselves."""
    look = settings.look
    for asset in render.assets(look):
        yield Page(render.asset_path(asset, look), None, settings.languages[0], render.asset(asset, look))


def files(material: Material) -> Iterator[Page]:
    """Redirects, robots.txt, 404.html and _headers."""
    settings, campaigns = material.settings, material.campaigns
    moves = (move for each in campaigns for card in material.cards[each.slug] for move in moved(card))
    first = settings.languages[0]
    yield Page("_redirects", "redirects.txt", first, Redirects(tuple(sorted(moves))))
    yield Page("robots.txt", "robots.txt", first, Robots("sitemap.xml"))
    css = render.asset(render.STYLE, settings.look)
    inline = of_inline(css)
    yield _not_found(settings, css.decode(), inline)
    feeds = [f"{top}{name}" for top in ("", *(f"{each.slug}/" for each in campaigns)) for name in FEED_FILES]
    yield Page("_headers", None, first, netlify(settings.base_url, inline, feeds, settings.report_form).encode())


def _not_found(settings: SiteSettings, css: str, inline: str) -> Page:
    """It stands in for a page at any depth: its links lead from the host's top."""
    first = settings.languages[0]
    top = replace(
        head(settings, "404", "", first, settings.title, "", noindex=True), root=urlsplit(settings.base_url).path
    )
    told = NotFoundPage(top, Markup(css), Markup(page_policy(style=inline, script="'none'")))
    return Page("404.html", "404.html", first, told)
