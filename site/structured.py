"""The site and its campaigns for search engines, in schema.org's words. Of discussions tells jsonld.py."""

from __future__ import annotations

from typing import Any

from .kinds import SEARCH
from .views import CampaignPage, FrontPage, Site

Facts = dict[str, Any]


def structured(page: object, site: Site) -> Facts | None:
    """What a page of this kind says of itself; None for one that says nothing."""
    if isinstance(page, FrontPage):
        facts = {"@context": "https://schema.org", **_website(site, page.head.path, page.head.language)}
        if site.search:
            facts["potentialAction"] = {
                "@type": "SearchAction",
                "target": {
                    "@type": "EntryPoint",
                    "urlTemplate": f"{site.base_url}{page.head.home}{SEARCH}?q={{search_term_string}}",
                },
                "query-input": "required name=search_term_string",
            }
        return facts
    if isinstance(page, CampaignPage):
        return {"@context": "https://schema.org", **_collection(page, site)}
    return None


def _website(site: Site, path: str, language: str) -> Facts:
    facts: Facts = {"@type": "WebSite", "url": site.base_url + path, "name": site.title, "inLanguage": language}
    if site.controller:
        facts["publisher"] = {"@type": "Organization", "name": site.controller}
    return facts


def _collection(page: CampaignPage, site: Site) -> Facts:
    """A collection of discussions about an article."""
    told = page.invitation
    article: Facts = {"@type": "Article", "headline": told.title, "inLanguage": told.language}
    if page.original:
        article["url"] = page.original
    if told.author:
        article["author"] = {"@type": "Person", "name": told.author}
    if told.gurus:
        article["about"] = [{"@type": "Person", "name": guru.title} for guru in told.gurus]
    cards = (*page.featured, *page.latest)
    facts: Facts = {
        "@type": "CollectionPage",
        "url": site.base_url + page.head.path,
        "name": told.title,
        "inLanguage": page.head.language,
        "keywords": [f"#{tag}" for tag in told.hashtags],
        "isPartOf": _website(site, page.head.home, page.head.language),
        "about": article,
        "mainEntity": {
            "@type": "ItemList",
            "numberOfItems": page.numbers.discussions,
            "itemListElement": [
                {"@type": "ListItem", "position": position, "url": site.base_url + card.path}
                for position, card in enumerate(cards, 1)
            ],
        },
    }
    if page.head.description:
        facts["description"] = page.head.description
    return facts
