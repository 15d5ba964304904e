"""A campaign's page: the invitation in full, how to take part, its discussions."""

from __future__ import annotations

from urllib.parse import quote

from ...presentation.formats import Formats
from ...presentation.networks import host_of
from ..pages import Page
from ..plan import campaign_feeds, head
from ..settings import CampaignInfo
from ..views import CampaignPage, Compose, MonthLink
from ..wording import shorten
from .invitations import body, invitation_view
from .material import Material, by_month, card_view, newest, numbers, spoken

LATEST = 20


def campaign_page(material: Material, campaign: CampaignInfo, formats: Formats) -> Page:
    """In one language of the interface."""
    cards = material.cards[campaign.slug]
    invitation = invitation_view(material.settings, campaign, material.as_of, formats)
    told = campaign.invitation
    featured = [card for card in newest(cards) if card.featured]
    latest = [card for card in newest(cards) if not card.featured][:LATEST]
    page = CampaignPage(
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
        body=body(campaign),
        original=told.url if told else None,
        compose=() if invitation.closed else _compose(campaign),
        numbers=numbers(cards, formats),
        featured=tuple(card_view(card, formats) for card in featured),
        latest=tuple(card_view(card, formats) for card in latest),
        months=tuple(
            MonthLink(
                formats.month(month), f"{invitation.path}{month}/", len(inside), sum(card.posts for card in inside)
            )
            for month, inside in reversed(list(by_month(cards).items()))
        ),
    )
    return Page(
        f"{invitation.path}index.html",
        "campaign.html",
        formats.language,
        page,
        shown=spoken((*featured, *latest)),
    )


def _compose(campaign: CampaignInfo) -> tuple[Compose, ...]:
    """Where one can answer: at the organiser's posts, and on X, without one there, in its own form with the tag (Web
    Intents)."""
    found: dict[str, Compose] = {}
    for opener in campaign.openers:
        host = (host_of(opener) or "").removeprefix("www.")
        name = {"facebook.com": "Facebook", "x.com": "X", "twitter.com": "X"}.get(host, host)
        found.setdefault(name, Compose(name, opener))
    found.setdefault("X", Compose("X", f"https://x.com/intent/post?hashtags={quote(campaign.hashtags[0])}"))
    return tuple(found.values())
