"""Why a page would be made again, or left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from ..storage import publishable, snapshot
from ..storage.store import Store
from ..storage.transparency import noted
from .list_material import material_of
from .lists.every import lists
from .manifest import Manifest
from .pages import Key, Page
from .plan import ThreadPlanner
from .settings import CampaignInfo, SiteSettings
from .threads import Keys, site_view


@dataclass(frozen=True, slots=True)
class Explanation:
    """`owned`: the last build made it; `planned`: the next one would have it. `changed`: what differs between the
    two, out of data, template, settings, version; empty when it would be left alone."""

    path: str
    owned: bool
    planned: bool
    changed: tuple[str, ...]


def explain(
    store: Store, settings: SiteSettings, campaigns: Sequence[CampaignInfo], path: str, *, now: datetime
) -> Explanation:
    """What the next build would think of the page at `path`, below the site's address. Writes nothing. Lists are
    judged by the threads as the last build left them."""
    path = path.lstrip("/")
    path = f"{path}index.html" if path.endswith("/") or not path else path
    with store.reading() as connection, Manifest(settings.manifest) as manifest:
        known = manifest.known([path]).get(path)
        page: Page | None = None
        in_store = publishable.campaigns(connection)
        owner, _, thread_id = (known.owner if known else "").rpartition("/")
        campaign = next((each for each in campaigns if each.slug == owner), None)
        if campaign and campaign.slug in in_store and thread_id.isdecimal():
            for thread in snapshot.threads(connection, in_store[campaign.slug], [int(thread_id)]):
                planned = ThreadPlanner(settings, campaign).plan(thread)
                page = next((each for each in planned.pages if each.path == path), None) if planned else None
        else:
            as_of = now.astimezone(ZoneInfo(settings.timezone)).date()
            material = material_of(connection, manifest, settings, campaigns, in_store, as_of, noted(connection, as_of))
            pages = lists(material)
            page = next((each for each in pages if each.path == path), None)
    key = Keys(site_view(settings), settings.look)(page) if page else None
    before = Key.parse(known.key) if known and known.key else None
    names = [field.name for field in fields(Key)]
    changed = tuple(names) if key and not before else ()
    if key and before:
        changed = tuple(name for name in names if getattr(key, name) != getattr(before, name))
    return Explanation(path, known is not None, page is not None, changed)
