"""The site's and the campaigns' feeds of discussions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from ..pages import Page
from ..plan import interface
from ..settings import SiteSettings
from ..views import Card, Entry, Feed, FeedLink
from ..wording import shorten
from .material import Material, iso, spoken

IN_FEED = 50
FEED_FILES = ("feed.atom", "feed.json")


def site_feeds(settings: SiteSettings) -> tuple[FeedLink, ...]:
    return (
        FeedLink("application/atom+xml", settings.title, "feed.atom"),
        FeedLink("application/feed+json", settings.title, "feed.json"),
    )


def feeds(material: Material) -> Iterator[Page]:
    """Of every campaign, and of all together."""
    settings, campaigns = material.settings, material.campaigns
    newest = {slug: of.newest[:IN_FEED] for slug, of in material.gathered.items()}
    for campaign in campaigns:
        language = interface(settings, campaign.language)
        top = f"{campaign.slug}/"
        yield from _feed(settings, campaign.title, top, language, newest[campaign.slug])
    together = sorted(chain.from_iterable(newest.values()), key=lambda card: (-card.latest, card.path))
    yield from _feed(settings, settings.title, "", settings.languages[0], together[:IN_FEED])


def _feed(settings: SiteSettings, title: str, top: str, language: str, latest: Sequence[Card]) -> Iterator[Page]:
    entries = tuple(
        Entry(
            url=settings.base_url + card.path,
            title=shorten(card.warning or card.title or card.excerpt or title, 90),
            text=card.warning or card.excerpt,
            author=card.author,
            published=iso(card.started),
            updated=iso(card.latest),
            lang=card.lang,
        )
        for card in latest
    )
    updated = entries[0].updated if entries else iso(0)
    shown = spoken(latest)
    for name in FEED_FILES:
        feed = Feed(f"{top}{name}", title, top, language, updated, entries)
        yield Page(f"{top}{name}", name, language, feed, shown=shown)
