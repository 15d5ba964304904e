"""The filters as plain pages: one for each value, with its invitations, and one for each facet, with all its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..pages import Page
from ..plan import head, home
from ..settings import SiteSettings
from ..views import Choice, FacetPage
from .facets import Value
from .listed import Listed, value_page
from .parts import parts
from .titles import facet_titles


def facet_pages(
    settings: SiteSettings, listed: Sequence[Listed], values: Mapping[str, Sequence[Choice]], language: str
) -> Iterator[Page]:
    """In one language of the interface. `listed`: all invitations, newest first; `values` of each facet."""
    top = home(settings, language)
    titles = facet_titles(language, settings.look)
    found: dict[Value, list[Listed]] = {}
    for one in listed:
        for value in one.belongs:
            found.setdefault(value, []).append(one)
    for facet, some in values.items():
        here = f"{top}{facet}/"
        if some:
            page = FacetPage(
                head(settings, "facet", here, language, titles[facet], "", everywhere=f"{facet}/"), tuple(some)
            )
            yield Page(f"{here}index.html", "facet.html", language, page)
        for value in some:
            about = Value(facet, value.slug)
            for part in parts(found[about], value.path, value.path):
                yield value_page(settings, part, about, value.label, language)
