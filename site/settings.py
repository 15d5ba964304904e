"""What a build is told: the site's settings and its campaigns, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from ..core.config import Legal
from ..core.config_types import is_mail_address
from ..core.errors import ConfigError
from ..core.invitation import Invitation
from ..presentation.posts import Showing
from .look.own import SHIPPED, Look

# What invitations can be chosen by, in addresses: the same in every language of the interface
FACETS = (GURU, TYPE, NETWORK, LANGUAGE, MONTH) = ("guru", "tipo", "rete", "lingua", "mese")
EARLIER = "inviti"  # the invitations that the front page has no room for
RESERVED_SLUGS = frozenset({"about", "assets", "media", "report", "search", EARLIER, *FACETS})


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """`out`: the folder served. `base_url` ends with a slash. `languages`: the first is the front page's.
    `timezone` is the zone in which readers see times. `look`: what a folder of one's own replaces. `pictures`: the
    folder of copies of pictures, if there is one. `reports`: the review app's address or a mail address, where readers
    report and withdraw. `search`: whether readers can search."""

    out: Path
    base_url: str
    title: str
    languages: tuple[str, ...]
    timezone: str
    legal: Legal | None = None
    look: Look = SHIPPED
    pictures: Path | None = None
    reports: str | None = None
    search: bool = False

    @property
    def report_form(self) -> str | None:
        """Where a form sends what readers report; None where there is none."""
        return f"{self.reports.rstrip('/')}/report" if self.reports and "/" in self.reports else None

    @property
    def report_mail(self) -> str | None:
        """To whom readers write instead."""
        if self.reports:
            return None if self.report_form else self.reports
        contact = self.legal.contact if self.legal else None
        return contact if is_mail_address(contact) else None

    @property
    def manifest(self) -> Path:
        """Beside the output, outside what is served."""
        return self.out.with_name(self.out.name + ".manifest.db")


@dataclass(frozen=True, slots=True)
class CampaignInfo:
    """A campaign as configured. `closed_on`: the day it was closed, if it is. `sources`: how each source's posts may be
    shown, by the source's name in the store; a source that is no longer named shows authors' initials only. `networks`:
    the platforms that its sources ask."""

    slug: str
    hashtags: tuple[str, ...]
    invitation: Invitation | None = None
    openers: tuple[str, ...] = ()
    closed_on: date | None = None
    sources: Mapping[str, Showing] = field(default_factory=dict)
    networks: tuple[str, ...] = ()

    @property
    def language(self) -> str | None:
        return self.invitation.language if self.invitation else None

    @property
    def title(self) -> str:
        return self.invitation.title if self.invitation else f"#{self.hashtags[0]}"


def at_the_top(base_url: str) -> bool:
    """Whether the site begins at its host's top, where alone a robots.txt is heeded."""
    return urlsplit(base_url).path == "/"


def check(settings: SiteSettings, campaigns: tuple[CampaignInfo, ...]) -> None:
    """Raises ConfigError for a slug whose pages would stand where others do."""
    for campaign in campaigns:
        if campaign.slug in RESERVED_SLUGS or campaign.slug in settings.languages:
            raise ConfigError(
                f"a campaign cannot have the slug {campaign.slug!r}: the site keeps that address for a page of its own",
                f"Choose another `slug:`, none of {', '.join(sorted({*RESERVED_SLUGS, *settings.languages}))}.",
            )
