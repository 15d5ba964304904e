"""Sitemaps: every address that search engines may know."""

from __future__ import annotations

from collections.abc import Iterator

from ..pages import Page
from ..plan import home
from ..views import Sitemap, SitemapIndex
from .material import Material, by_month, iso

SITEMAP_MOST = 50_000  # https://www.sitemaps.org/protocol.html


def sitemaps(material: Material) -> Iterator[Page]:
    """One file, or parts with an index where one may not hold all."""
    settings, campaigns, cards = material.settings, material.campaigns, material.cards
    first = settings.languages[0]
    tops: list[tuple[str, str | None]] = []
    threads: dict[str, list[tuple[str, str | None]]] = {}
    for language in settings.languages:
        start = settings.base_url + home(settings, language)
        tops += [(start, None), (f"{start}about/", None)]
        for campaign in campaigns:
            latest = max((card.latest for card in cards[campaign.slug]), default=None)
            tops.append((f"{start}{campaign.slug}/", None if latest is None else iso(latest)[:10]))
            months = by_month(cards[campaign.slug])
            tops += [(f"{start}{campaign.slug}/{month}/", None) for month in months]
    for campaign in campaigns:
        for card in cards[campaign.slug]:
            if not card.noindex:
                url = (settings.base_url + card.path, iso(card.latest)[:10])
                threads.setdefault(f"sitemap-{campaign.slug}-{card.month}", []).append(url)
    if len(tops) + sum(map(len, threads.values())) <= SITEMAP_MOST:
        urls = tuple(tops + [url for some in threads.values() for url in some])
        yield Page("sitemap.xml", "sitemap.xml", first, Sitemap(urls))
        return
    parts = {"sitemap-pages.xml": tops}
    for name, urls in threads.items():
        for number, start in enumerate(range(0, len(urls), SITEMAP_MOST), 1):
            parts[f"{name}-{number}.xml"] = urls[start : start + SITEMAP_MOST]
    yield Page("sitemap.xml", "sitemap-index.xml", first, SitemapIndex(tuple(settings.base_url + n for n in parts)))
    for name, urls in parts.items():
        yield Page(name, "sitemap.xml", first, Sitemap(tuple(urls)))
