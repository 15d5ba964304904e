"""The page of the search; the same stands in a panel of the front page."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from ...presentation.formats import Formats
from ..headers import ENGINE, page_policy
from ..kinds import SEARCH, SEARCH_ENTRY
from ..pages import Page
from ..plan import head, home
from ..slugs import slug_of
from ..views import Link, SearchCampaign, SearchPage, SearchView
from .material import Material


def search_policy() -> Markup:
    """Of a page that holds the search."""
    return Markup(page_policy(script=ENGINE))


def search_view(material: Material, formats: Formats) -> SearchView:
    """What the search has to know of the site, in one language of the interface."""
    families = {family for cards in material.cards.values() for card in cards for family in card.families}
    return SearchView(
        path=f"{home(material.settings, formats.language)}{SEARCH}",
        entry=SEARCH_ENTRY,
        language=formats.language,
        timezone=material.settings.timezone,
        campaigns=tuple(_campaigns(material, formats)),
        networks=tuple(sorted((slug_of(family), family) for family in families)),
    )


def _campaigns(material: Material, formats: Formats) -> Iterator[SearchCampaign]:
    for campaign in material.campaigns:
        told = campaign.invitation
        path = f"{home(material.settings, formats.language)}{campaign.slug}/"
        months = reversed(list(material.gathered[campaign.slug].months))
        yield SearchCampaign(
            slug=campaign.slug,
            title=campaign.title,
            path=path,
            language=campaign.language or material.settings.languages[0],
            gurus=tuple((slug_of(name), name) for name in told.gurus) if told else (),
            types=((slug_of(told.content_type), told.content_type),) if told and told.content_type else (),
            months=tuple(Link(formats.month(month), f"{path}{month}/") for month in months),
        )


def search_page(material: Material, view: SearchView) -> Page:
    """In the language of `view`."""
    page = SearchPage(
        head(material.settings, "search", view.path, view.language, material.settings.title, "", everywhere=SEARCH),
        view,
        search_policy(),
    )
    return Page(f"{view.path}index.html", "search.html", view.language, page)
