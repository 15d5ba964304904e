"""The front page: the invitations, each with one of its featured discussions."""

from __future__ import annotations

from collections.abc import Sequence

from ...presentation.formats import Formats
from ..pages import Page
from ..plan import head, home
from ..views import Card, FrontPage, Invited
from .feeds import site_feeds
from .invitations import invitation_view
from .material import Material, card_view, newest, numbers, spoken


def front(material: Material, formats: Formats) -> Page:
    """In one language of the interface."""
    settings, cards = material.settings, material.cards
    path = home(settings, formats.language)
    featured = {campaign.slug: _highlight(cards[campaign.slug]) for campaign in material.campaigns}
    page = FrontPage(
        head(
            settings,
            "front",
            path,
            formats.language,
            settings.title,
            "",
            everywhere="",
            feeds=site_feeds(settings),
        ),
        tuple(
            Invited(
                invitation_view(settings, campaign, material.as_of, formats),
                numbers(cards[campaign.slug], formats),
                card_view(card, formats) if (card := featured[campaign.slug]) else None,
            )
            for campaign in material.campaigns
        ),
    )
    shown = spoken(card for card in featured.values() if card)
    return Page(f"{path}index.html", "front.html", formats.language, page, shown=shown)


def _highlight(cards: Sequence[Card]) -> Card | None:
    """The newest featured discussion that has words to show."""
    told = (card for card in newest(cards) if card.featured and (card.warning or card.title or card.excerpt))
    return next(told, None)
