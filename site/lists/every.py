"""Every page that is no thread's."""

from __future__ import annotations

from collections.abc import Iterator

from ...presentation.formats import Formats
from ..pages import Page
from .about import about
from .campaign import campaign_page
from .feeds import feeds
from .files import assets, files
from .front import front
from .material import Material
from .months import months
from .report import report
from .search import search_page
from .sitemaps import sitemaps
from .wall import wall


def lists(material: Material) -> Iterator[Page]:
    """In every language of the interface what is there in each."""
    yield from assets(material.settings)
    for language in material.settings.languages:
        formats = Formats(language, material.settings.timezone)
        yield front(material, formats)
        yield about(material, formats)
        yield report(material, formats)
        if material.settings.search:
            yield search_page(material, formats)
        for campaign in material.campaigns:
            yield campaign_page(material, campaign, formats)
            yield from months(material, campaign, formats)
    for campaign in material.campaigns:
        yield from wall(material, campaign)
    yield from feeds(material)
    yield from sitemaps(material)
    yield from files(material)
