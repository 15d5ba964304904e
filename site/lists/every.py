"""Every page that is no thread's."""

from __future__ import annotations

from collections.abc import Iterator

from ...presentation.formats import Formats
from ..pages import Later, Page
from ..plan import home
from .about import about
from .campaign import campaign_page
from .facet_pages import facet_pages
from .facets import choices
from .feeds import feeds
from .files import assets, files
from .front import front
from .insights import insights
from .listed import invitations
from .material import Material
from .months import months
from .report import report
from .search import search_page, search_view
from .sitemaps import sitemaps
from .wall import wall


def lists(material: Material) -> Iterator[Page]:
    """In every language of the interface what is there in each."""
    yield from assets(material.settings)
    found: list[str] = []
    for page in _pages(material):
        if _may_be_found(page):
            found.append(page.path.removesuffix("index.html"))
        yield page
    yield from feeds(material)
    yield from sitemaps(material, found)
    yield from files(material)


def _may_be_found(page: Page) -> bool:
    """Whether search engines may know it; all lists that are made later are such."""
    if page.template is None or not page.template.endswith(".html"):
        return False
    return isinstance(page.data, Later) or not page.data.head.noindex


def _pages(material: Material) -> Iterator[Page]:
    """Those that readers look at, and the data that belong to them."""
    for language in material.settings.languages:
        formats = Formats(language, material.settings.timezone)
        listed = invitations(material, formats)
        values = choices([one.belongs for one in listed], home(material.settings, language), formats)
        search = search_view(material, formats) if material.settings.search else None
        yield from front(material.settings, listed, values, search, language)
        yield from facet_pages(material.settings, listed, values, language)
        yield about(material, formats)
        yield report(material, formats)
        if search:
            yield search_page(material, search)
        for campaign in material.campaigns:
            yield campaign_page(material, campaign, formats)
            yield from months(material, campaign, formats)
            yield from insights(material, campaign, formats)
    for campaign in material.campaigns:
        yield from wall(material, campaign)
