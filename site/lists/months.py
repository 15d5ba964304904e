"""All of a campaign's discussions, a page for each month: a month that is over is never numbered anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...presentation.formats import Formats
from ..pages import Later, Page
from ..plan import campaign_feeds, head, home
from ..settings import CampaignInfo
from ..views import CardView, Link, MonthPage
from .gathered import Month
from .material import Material, card_view, spoken


def months(material: Material, campaign: CampaignInfo, formats: Formats) -> Iterator[Page]:
    """In one language of the interface."""
    settings = material.settings
    inside = material.gathered[campaign.slug].months
    names = list(inside)
    top = f"{home(settings, formats.language)}{campaign.slug}/"

    def link(at: int) -> Link | None:
        return Link(formats.month(names[at]), f"{top}{names[at]}/") if 0 <= at < len(names) else None

    def page(at: int, month: Month, cards: tuple[CardView, ...]) -> MonthPage:
        label = formats.month(names[at])
        return MonthPage(
            head=head(
                settings,
                "month",
                f"{top}{names[at]}/",
                formats.language,
                f"{label} · {campaign.title}",
                "",
                everywhere=f"{campaign.slug}/{names[at]}/",
                feeds=campaign_feeds(campaign),
            ),
            campaign=Link(campaign.title, top),
            label=label,
            cards=cards,
            posts=month.posts,
            earlier=link(at - 1),
            later=link(at + 1),
        )

    def whole(at: int, month: Month) -> MonthPage:
        return page(at, month, tuple(card_view(card, formats) for card in reversed(month.cards)))

    for at, month in enumerate(inside.values()):
        data = Later((settings.timezone, month.digest, page(at, month, ())), partial(whole, at, month))
        yield Page(f"{top}{names[at]}/index.html", "month.html", formats.language, data, shown=spoken(month.cards))
