"""All invitations in the order of lists, and the pages that are lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ...presentation.formats import Formats
from ..pages import Later, Page, digest
from ..plan import head, home
from ..settings import LANGUAGE, MONTH, NETWORK, CampaignInfo, SiteSettings
from ..views import Card, Inside, InvitationsPage, Invited, Link, Listing
from .facets import Belonging, Value, belonging
from .invitations import invitation_view
from .material import Material, card_view, numbers, spoken
from .parts import Part
from .titles import earlier_title, facet_titles


@dataclass(frozen=True, slots=True)
class Listed:
    """An invitation for lists in one language. `belongs`: what it is found under; `spoken`: the posts whose words it
    shows; `digest`: of all that stands in it, `brief_digest`: of what does not change with every post."""

    view: Invited
    belongs: Belonging
    spoken: tuple[int, ...]
    digest: str
    brief_digest: str


def invitations(material: Material, formats: Formats) -> Sequence[Listed]:
    """All of them, the newest first; those without a date at the end, as they are configured."""
    found: list[Listed] = []
    for campaign in sorted(material.campaigns, key=_day, reverse=True):
        of = material.gathered[campaign.slug]
        card = _highlight(of.newest)
        view = Invited(
            invitation_view(material.settings, campaign, material.as_of, formats),
            numbers(of, formats),
            card_view(card, formats) if card else None,
        )
        told = spoken([card] if card else [])
        found.append(Listed(view, belonging(campaign, of), told, digest(view), digest(view.invitation)))
    return found


def _day(campaign: CampaignInfo) -> date:
    told = campaign.invitation
    return (told.date or told.opens if told else None) or date.min


def _highlight(newest: Sequence[Card]) -> Card | None:
    """The newest featured discussion that has words to show."""
    return next((card for card in newest if card.featured and (card.warning or card.title or card.excerpt)), None)


def listing(part: Part[Listed]) -> Listing:
    return Listing(tuple(one.view for one in part.entries), part.earlier, part.later)


def spoken_in(part: Part[Listed]) -> tuple[int, ...]:
    return tuple(post for one in part.entries for post in one.spoken)


def earlier_page(settings: SiteSettings, part: Part[Listed], language: str) -> Page:
    """Invitations that the front page has no room for."""
    page = _page(settings, part, earlier_title(language, settings.look), language)

    def whole() -> InvitationsPage:
        return replace(page, listing=listing(part))

    basis = (page, [one.digest for one in part.entries])
    return Page(f"{part.path}index.html", "invitations.html", language, Later(basis, whole), shown=spoken_in(part))


def value_page(settings: SiteSettings, part: Part[Listed], about: Value, title: str, language: str) -> Page:
    """Invitations that belong to one value of a facet. Their numbers of posts are left out: else one reply would change
    a page for each value."""
    page = _page(settings, part, title, language, about.facet)

    def whole() -> InvitationsPage:
        invited = tuple(Invited(one.view.invitation, None, None, _inside(one, about)) for one in part.entries)
        return replace(page, listing=replace(page.listing, invited=invited))

    basis = (page, [(one.brief_digest, _inside(one, about)) for one in part.entries])
    return Page(f"{part.path}index.html", "invitations.html", language, Later(basis, whole))


def _page(
    settings: SiteSettings, part: Part[Listed], title: str, language: str, facet: str | None = None
) -> InvitationsPage:
    top = home(settings, language)
    return InvitationsPage(
        head(settings, "invitations", part.path, language, title, "", everywhere=part.path.removeprefix(top)),
        Link(facet_titles(language, settings.look)[facet], f"{top}{facet}/") if facet else None,
        Listing((), part.earlier, part.later),
        f"{top}{MONTH}/",
    )


def _inside(one: Listed, about: Value) -> Inside | None:
    """What a facet by discussions says of each invitation."""
    if about.facet not in (NETWORK, LANGUAGE, MONTH):
        return None
    path = f"{one.view.invitation.path}{about.slug}/" if about.facet == MONTH else None
    return Inside(one.belongs[about].discussions, path)
