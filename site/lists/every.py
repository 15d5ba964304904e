"""Every page that is no thread's."""

from __future__ import annotations

from collections.abc import Iterator

from ...presentation.formats import Formats
from ..pages import Page
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
from .search import search_page
from .sitemaps import sitemaps
from .wall import wall

FILTERS = ("invitations.html", "facet.html")


def lists(material: Material) -> Iterator[Page]:
    """In every language of the interface what is there in each."""
    yield from assets(material.settings)
    filters: list[str] = []
    for language in material.settings.languages:
        formats = Formats(language, material.settings.timezone)
        listed = invitations(material, formats)
        values = choices([one.belongs for one in listed], home(material.settings, language), formats)
        chosen = [
            *front(material.settings, listed, values, language),
            *facet_pages(material.settings, listed, values, language),
        ]
        filters += [page.path.removesuffix("index.html") for page in chosen if page.template in FILTERS]
        yield from chosen
        yield about(material, formats)
        yield report(material, formats)
        if material.settings.search:
            yield search_page(material, formats)
        for campaign in material.campaigns:
            yield campaign_page(material, campaign, formats)
            yield from months(material, campaign, formats)
            yield from insights(material, campaign, formats)
    for campaign in material.campaigns:
        yield from wall(material, campaign)
    yield from feeds(material)
    yield from sitemaps(material, filters)
    yield from files(material)
