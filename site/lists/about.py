"""The page "About this collection"."""

from __future__ import annotations

from ...presentation.formats import Formats
from ...storage.transparency import Noted
from ..pages import Page
from ..plan import head, home
from ..settings import CampaignInfo
from ..views import AboutPage, Became
from .material import Material

KINDS = (  # of storage.transparency.Counts, as the page "about" tells them
    "collected",
    "approved_by_people",
    "approved_by_rules",
    "rejected_by_people",
    "rejected_by_rules",
    "waiting",
    "gone",
    "withdrawn",
    "edited_after_approval",
)


def about(material: Material, formats: Formats) -> Page:
    """In one language of the interface."""
    settings, campaigns, noted = material.settings, material.campaigns, material.noted
    legal = settings.legal
    path = f"{home(settings, formats.language)}about/"
    contact = legal.contact if legal else None
    page = AboutPage(
        head=head(settings, "about", path, formats.language, settings.title, "", everywhere="about/"),
        controller=legal.controller if legal else None,
        contact=contact,
        mail=bool(contact and "@" in contact and " " not in contact and "/" not in contact),
        privacy_url=legal.privacy_url if legal else None,
        keep_years=legal.keep_years if legal else None,
        campaigns=tuple((campaign.title, campaign.hashtags) for campaign in campaigns),
        networks=tuple(sorted({name for some in material.cards.values() for card in some for name in card.families})),
        became=tuple(became(one, noted[one.slug], formats) for one in campaigns if one.slug in noted),
    )
    return Page(f"{path}index.html", "about.html", formats.language, page)


def became(campaign: CampaignInfo, what: Noted, formats: Formats) -> Became:
    """The most frequent reasons first; those that have no words of their own together, at the end."""
    counts = what.counts
    reasons = [(what.words.get(code, {}).get(formats.language), number) for code, number in counts.reasons.items()]
    reasons.sort(key=lambda one: (one[0] is None, -one[1], one[0] or ""))
    numbers = [(kind, getattr(counts, kind)) for kind in KINDS]
    return Became(
        campaign.title,
        formats.day(what.day),
        tuple((kind, formats.number(number)) for kind, number in numbers if number or kind == KINDS[0]),
        tuple((words, formats.number(number)) for words, number in reasons),
    )
