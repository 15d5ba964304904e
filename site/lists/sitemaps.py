"""Sitemaps: every address that search engines may know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..pages import Page
from ..plan import home, part_path
from ..views import Sitemap, SitemapIndex
from .material import Material, iso

SITEMAP_MOST = 50_000  # https://www.sitemaps.org/protocol.html
SITEMAP_BYTES = 50 * 1024 * 1024
_AROUND = 200  # bytes of a file without addresses
_EACH = 64  # of an address's elements

Urls = Sequence[tuple[str, str | None]]


def sitemaps(material: Material, lists: Sequence[str]) -> Iterator[Page]:
    """One file, or parts with an index where one may not hold all. `lists`: addresses of the pages that are no
    discussions, below the site's."""
    settings, campaigns, cards = material.settings, material.campaigns, material.cards
    first = settings.languages[0]
    changed: dict[str, str] = {}
    threads: dict[str, list[tuple[str, str | None]]] = {}
    for language in settings.languages:
        for campaign in campaigns:
            latest = material.gathered[campaign.slug].latest
            if latest is not None:
                changed[f"{home(settings, language)}{campaign.slug}/"] = iso(latest)[:10]
    tops = [(settings.base_url + path, changed.get(path)) for path in lists]
    for campaign in campaigns:
        for card in cards[campaign.slug]:
            pages = [(card.path, card.latest, card.noindex)]
            pages += [(part_path(card.path, part.name), part.latest, part.noindex) for part in card.parts]
            for path, latest, noindex in pages:
                if not noindex:
                    url = (settings.base_url + path, iso(latest)[:10])
                    threads.setdefault(f"sitemap-{campaign.slug}-{card.month}", []).append(url)
    whole = list(_files([*tops, *(url for some in threads.values() for url in some)]))
    if len(whole) == 1:
        yield Page("sitemap.xml", "sitemap.xml", first, Sitemap(tuple(whole[0])))
        return
    parts: dict[str, Urls] = {}
    for name, urls in {"sitemap-pages": tops, **threads}.items():
        for number, some in enumerate(_files(urls), 1):
            parts[f"{name}.xml" if number == 1 and name == "sitemap-pages" else f"{name}-{number}.xml"] = some
    yield Page("sitemap.xml", "sitemap-index.xml", first, SitemapIndex(tuple(settings.base_url + n for n in parts)))
    for name, urls in parts.items():
        yield Page(name, "sitemap.xml", first, Sitemap(tuple(urls)))


def _files(urls: Urls) -> Iterator[Urls]:
    """The addresses in as many files as they need."""
    some: list[tuple[str, str | None]] = []
    size = _AROUND
    for url in urls:
        more = len(url[0].encode()) + 4 * url[0].count("&") + _EACH
        if len(some) == SITEMAP_MOST or (some and size + more > SITEMAP_BYTES):
            yield some
            some, size = [], _AROUND
        some.append(url)
        size += more
    yield some
