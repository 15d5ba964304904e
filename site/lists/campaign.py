"""A campaign's page: the invitation in full, how to take part, its discussions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from heapq import nlargest

from markupsafe import Markup

from ...presentation.formats import Formats
from ..pages import Later, Page
from ..plan import campaign_feeds, head
from ..settings import CampaignInfo
from ..views import CampaignPage, Card, MonthLink
from ..wording import shorten
from .activity import activity
from .gathered import Gathered
from .invitations import body, invitation_view
from .material import Material, card_view, numbers, spoken
from .taking_part import taking_part

FEATURED = 20
LATEST = 20
ANSWERED = 5


def campaign_page(material: Material, campaign: CampaignInfo, formats: Formats) -> Page:
    """In one language of the interface."""
    of = material.gathered[campaign.slug]
    invitation = invitation_view(material.settings, campaign, material.as_of, formats)
    told = campaign.invitation
    featured = [card for card in of.newest if card.featured][:FEATURED]
    latest = [card for card in of.newest if not card.featured][:LATEST]
    answered = most_answered(of)
    first = CampaignPage(
        head=head(
            material.settings,
            "campaign",
            invitation.path,
            formats.language,
            campaign.title,
            shorten(invitation.summary, 160),
            everywhere=f"{campaign.slug}/",
            feeds=campaign_feeds(campaign),
        ),
        invitation=invitation,
        body=Markup(),
        original=told.url if told else None,
        part=None if invitation.closed else taking_part(campaign),
        numbers=numbers(of, formats),
        activity=None,
        featured=(),
        latest=(),
        answered=(),
        months=(),
    )

    def whole() -> CampaignPage:
        return replace(
            first,
            body=body(campaign),
            activity=activity(of.days, formats, material.settings.look),
            featured=tuple(card_view(card, formats) for card in featured),
            latest=tuple(card_view(card, formats) for card in latest),
            answered=tuple(card_view(card, formats) for card in answered),
            months=tuple(
                MonthLink(formats.month(name), f"{invitation.path}{name}/", len(month.cards), month.posts)
                for name, month in reversed(list(of.months.items()))
            ),
        )

    basis = (material.settings.timezone, first, told.body if told else "", of.digest)
    return Page(
        f"{invitation.path}index.html",
        "campaign.html",
        formats.language,
        Later(basis, whole),
        shown=tuple(dict.fromkeys(spoken((*featured, *latest, *answered)))),
    )


def most_answered(of: Gathered) -> Sequence[Card]:
    """The longest discussions, where there are more than this list holds."""
    if of.discussions <= ANSWERED:
        return []
    longest = nlargest(ANSWERED, of.newest, key=lambda card: card.posts)
    return [card for card in longest if card.posts > 1]
