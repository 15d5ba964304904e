"""What lists are planned from, as the store and the last look at each thread have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ..storage import publishable
from ..storage.store import Connection
from ..storage.transparency import Noted
from .lists.material import Material, in_order
from .manifest import Manifest
from .newest import newest_posts
from .settings import CampaignInfo, SiteSettings


def material_of(
    connection: Connection,
    manifest: Manifest,
    settings: SiteSettings,
    campaigns: Sequence[CampaignInfo],
    in_store: Mapping[str, publishable.Campaign],
    as_of: date,
    noted: Mapping[str, Noted],
) -> Material:
    """For a build, and for whoever asks what the next one would do."""
    cards = {each.slug: in_order(manifest.cards(each.slug)) for each in campaigns}
    posts = newest_posts(connection, manifest, in_store, cards)
    figures = {each.slug: manifest.tallies.figures(each.slug) for each in campaigns}
    return Material(settings, tuple(campaigns), cards, as_of, noted, posts, figures)
