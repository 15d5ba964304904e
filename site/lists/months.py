"""All of a campaign's discussions, a page for each month: a month that is over is never numbered anew."""

from __future__ import annotations

from collections.abc import Iterator

from ...presentation.formats import Formats
from ..pages import Page
from ..plan import campaign_feeds, head, home
from ..settings import CampaignInfo
from ..views import Link, MonthPage
from .material import Material, by_month, card_view, spoken


def months(material: Material, campaign: CampaignInfo, formats: Formats) -> Iterator[Page]:
    """In one language of the interface."""
    settings = material.settings
    inside = by_month(material.cards[campaign.slug])
    names = list(inside)
    top = f"{home(settings, formats.language)}{campaign.slug}/"

    def link(at: int) -> Link | None:
        return Link(formats.month(names[at]), f"{top}{names[at]}/") if 0 <= at < len(names) else None

    for at, month in enumerate(names):
        cards = inside[month]
        label = formats.month(month)
        page = MonthPage(
            head=head(
                settings,
                "month",
                f"{top}{month}/",
                formats.language,
                f"{label} · {campaign.title}",
                "",
                everywhere=f"{campaign.slug}/{month}/",
                feeds=campaign_feeds(campaign),
            ),
            campaign=Link(campaign.title, top),
            label=label,
            cards=tuple(card_view(card, formats) for card in reversed(cards)),
            posts=sum(card.posts for card in cards),
            earlier=link(at - 1),
            later=link(at + 1),
        )
        yield Page(
            f"{top}{month}/index.html",
            "month.html",
            formats.language,
            page,
            shown=spoken(cards),
        )
