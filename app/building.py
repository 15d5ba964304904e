"""From the configuration to what the site's build is told."""

from __future__ import annotations

from collections.abc import Callable

from ..core.picture_terms import pictures_of
from ..presentation.posts import Showing
from ..review.public_counts import note_counts
from ..site.build import Report, build
from ..site.look.trial import trial
from ..site.settings import CampaignInfo, SiteSettings
from ..site.threads import site_view
from .closing import closed_on, phase_of, showing_in
from .picture_files import compare, folder_of
from .rechecking import fall_back
from .sources import Configured
from .workplace import Workplace


def site_settings(place: Workplace) -> SiteSettings:
    config = place.loaded.config
    return SiteSettings(
        out=place.site_folder,
        base_url=config.site.base_url,
        title=config.site.title,
        languages=config.site.languages,
        timezone=config.timezone,
        legal=config.legal,
        look=place.look,
        reports=config.site.reports,
        pictures=place.pictures_folder,
        search=config.site.search,
    )


def try_look(place: Workplace) -> None:
    """Raises ConfigError with file and line for an own template that no page could be printed with."""
    if place.look.templates:
        trial(site_view(site_settings(place)), place.look)


def campaign_infos(place: Workplace) -> tuple[CampaignInfo, ...]:
    """As configured, and closed or not as the store has it today."""
    with place.store.reading() as connection:
        closed = {slug: closed_on(place, connection, slug) for slug in place.ids}
        phases = {slug: phase_of(place, connection, slug) for slug in place.ids}
    return tuple(
        CampaignInfo(
            slug=campaign.slug,
            hashtags=campaign.hashtags,
            invitation=place.invitations[campaign.slug],
            openers=campaign.openers,
            closed_on=closed[campaign.slug],
            sources={
                one.name: showing_in(_showing(one), one.source.after_end, phases[campaign.slug])
                for one in place.sources
                if one.campaign.slug == campaign.slug
            },
            networks=tuple(sorted({one.platform for one in campaign.sources if one.enabled})),
        )
        for campaign in place.loaded.config.campaigns
    )


def _showing(one: Configured) -> Showing:
    own = one.platform.own_account
    return Showing(
        show=one.source.show,
        authors=one.source.authors,
        pictures=pictures_of(one.platform.name, one.source.pictures),
        own=(own(one.config),) if own is not None else (),
    )


def build_site(place: Workplace, *, full: bool = False, say: Callable[[str], None] = lambda _words: None) -> Report:
    """Makes the site show what may be shown now. `say` is told what is being done, where that takes long."""
    now = place.clock.now()
    if not folder_of(place).is_there:
        compare(place)  # a store that was moved or restored knows of copies that are not here
    fall_back(place)
    note_counts(place.store, now.astimezone(place.zone).date())
    return build(place.store, site_settings(place), campaign_infos(place), full=full, now=now, say=say)
