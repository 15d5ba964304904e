"""The front page: the newest invitations and what they can be chosen by; the pages of the earlier ones; and the file
that the page's script works the filters out from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import orjson
from markupsafe import Markup

from ..headers import page_policy
from ..pages import Page
from ..plan import head, home
from ..settings import EARLIER, MONTH, SiteSettings
from ..views import Choice, Facet, FrontPage, SearchView
from .feeds import site_feeds
from .listed import Listed, earlier_page, listing, spoken_in
from .parts import Part, parts
from .search import search_policy
from .titles import facet_titles

AT_FIRST = 8  # values of a facet in the panel
INDEX = "invitations.json"


def front(
    settings: SiteSettings,
    listed: Sequence[Listed],
    values: Mapping[str, Sequence[Choice]],
    search: SearchView | None,
    language: str,
) -> Iterator[Page]:
    """In one language of the interface. `listed`: all invitations, newest first; `values` of each facet; `search`: what
    stands in its panel, if there is one."""
    top = home(settings, language)
    newest, *earlier = parts(listed, top, f"{top}{EARLIER}/")
    titles = facet_titles(language, settings.look)
    page = FrontPage(
        head(settings, "front", top, language, settings.title, "", everywhere="", feeds=site_feeds(settings)),
        listing(newest),
        tuple(
            Facet(facet, titles[facet], f"{top}{facet}/", tuple(some[:AT_FIRST]), len(some))
            for facet, some in values.items()
            if some
        ),
        f"{top}{INDEX}",
        f"{top}{MONTH}/",
        search,
        search_policy() if search else Markup(page_policy()),
    )
    yield Page(f"{top}index.html", "front.html", language, page, shown=spoken_in(newest))
    for part in earlier:
        yield earlier_page(settings, part, language)
    yield Page(f"{top}{INDEX}", None, language, _index(top, [newest, *earlier], values))


def _index(top: str, pages: Sequence[Part[Listed]], values: Mapping[str, Sequence[Choice]]) -> bytes:
    """`facets`: every value as [slug, label]. `invitations`, newest first: where each stands, and of each facet the
    numbers of its values."""
    place = {facet: {one.slug: at for at, one in enumerate(some)} for facet, some in values.items()}
    found: list[dict[str, object]] = []
    for part in pages:
        for one in part.entries:
            numbers: dict[str, list[int]] = {facet: [] for facet in place}
            for value in one.belongs:
                numbers[value.facet].append(place[value.facet][value.slug])
            found.append({"slug": one.view.invitation.slug, "at": part.path.removeprefix(top), **numbers})
    facets = {facet: [(one.slug, one.label) for one in some] for facet, some in values.items()}
    return orjson.dumps({"facets": facets, "invitations": found})
