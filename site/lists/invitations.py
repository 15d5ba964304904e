"""An invitation as lists show it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from ...presentation.formats import Formats
from ..plan import home
from ..settings import GURU, TYPE, CampaignInfo, SiteSettings
from ..slugs import slug_of
from ..views import InvitationView, Link
from ..wording import shorten

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "xhtmlOut": False})


def invitation_view(settings: SiteSettings, campaign: CampaignInfo, as_of: date, formats: Formats) -> InvitationView:
    """In one language of the interface."""
    told = campaign.invitation
    opens, closes = (told.opens, told.closes) if told else (None, None)
    closed = closed_on(campaign, as_of)
    top = home(settings, formats.language)
    return InvitationView(
        slug=campaign.slug,
        title=campaign.title,
        path=f"{top}{campaign.slug}/",
        language=campaign.language or settings.languages[0],
        gurus=tuple(Link(guru, f"{top}{GURU}/{slug_of(guru)}/") for guru in told.gurus) if told else (),
        author=told.author if told else None,
        content_type=(
            Link(told.content_type, f"{top}{TYPE}/{slug_of(told.content_type)}/")
            if told and told.content_type
            else None
        ),
        date=formats.day(told.date) if told and told.date else None,
        hashtags=campaign.hashtags,
        opens=formats.day(opens) if opens else None,
        closes=formats.day(closes) if closes else None,
        closed=formats.day(closed) if closed else None,
        summary=shorten(_plain(told.body), 300) if told else "",
    )


def closed_on(campaign: CampaignInfo, as_of: date) -> date | None:
    """The day on which it was closed, or was to be closed and which lies before the build's."""
    closes = campaign.invitation.closes if campaign.invitation else None
    return campaign.closed_on or (closes if closes is not None and closes < as_of else None)


def body(campaign: CampaignInfo) -> Markup:
    """The invitation's text."""
    return Markup(_html(campaign.invitation.body)) if campaign.invitation else Markup()


def _html(markdown: str) -> str:
    """Below the page's own heading; pictures, which pages would load from elsewhere, are links to them."""
    tokens = _markdown.parse(markdown)
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
    return _markdown.renderer.render(tokens, _markdown.options, {})


def _picture(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[at]
    address = str(token.attrGet("src") or "")
    words = renderer.renderInlineAsText(token.children, options, env) or address
    return f'<a href="{escape(address)}" rel="noopener">{escape(words)}</a>'


_markdown.add_render_rule("image", _picture)


def _plain(markdown: str) -> str:
    """The first paragraph's words."""
    tokens = _markdown.parse(markdown)
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and token.children:
            return "".join(" " if child.type.endswith("break") else child.content for child in token.children)
    return ""
