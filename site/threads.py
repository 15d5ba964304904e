"""Brings threads up to date in the output, batch by batch; in this process or in several."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from ..storage import snapshot
from ..storage.store import Connection
from . import render
from .headers import page_policy
from .look.own import Look
from .manifest import Manifest
from .output import Output, Tally
from .pages import Key, Page, digest
from .plan import ThreadPlanner
from .settings import CampaignInfo, SiteSettings, at_the_top
from .views import Card, LogoView, Site


class Keys:
    """The key of any page, under the settings of one build."""

    def __init__(self, site: Site, look: Look) -> None:
        self._settings = digest(site)
        self._look = look

    def __call__(self, page: Page) -> Key:
        template = render.closure(page.template, self._look) if page.template else "-"
        return Key(digest(page.data), template, self._settings, render.version(self._look))


@dataclass(slots=True)
class Done:
    """What a batch did: its counts, the paths that belong to the site, the threads whose address readers learn now."""

    tally: Tally = field(default_factory=Tally)
    paths: set[str] = field(default_factory=set)
    published: list[int] = field(default_factory=list)


def site_view(settings: SiteSettings) -> Site:
    """What all pages share."""
    legal, look = settings.legal, settings.look
    logo = look.logo
    return Site(
        settings.title,
        settings.base_url,
        settings.languages,
        Markup(page_policy()),
        legal.controller if legal else None,
        legal.contact if legal else None,
        at_the_top(settings.base_url),
        LogoView(render.asset_path(logo.name, look), logo.width, logo.height) if logo else None,
        tuple((language, own) for language in settings.languages if (own := look.footer(language))),
    )


class Threads:
    """The threads of all campaigns at one moment of the store, and where they are written to."""

    def __init__(
        self,
        connection: Connection,
        manifest: Manifest,
        settings: SiteSettings,
        campaigns: Sequence[CampaignInfo],
        in_store: Mapping[str, snapshot.Campaign],
    ) -> None:
        site = site_view(settings)
        self.output = Output(
            settings.out,
            manifest,
            Keys(site, settings.look),
            lambda page: render.render(page, site, settings.look),
            self._withdrawn,
        )
        self._connection = connection
        self._manifest = manifest
        self._in_store = in_store
        self._planners = {campaign.slug: ThreadPlanner(settings, campaign) for campaign in campaigns}

    def batch(self, slug: str, ids: Sequence[int]) -> Done:
        """Plans, writes and lists these threads of a campaign; what may no longer be shown goes before anything is
        written."""
        done = Done()
        planner = self._planners[slug]
        cards: list[Card] = []
        pages: list[Page] = []
        gone: list[int] = []
        for thread in snapshot.threads(self._connection, self._in_store[slug], ids):
            try:
                made = planner.plan(thread)
            except Exception as error:
                path = f"{slug}/{thread.address}.html"
                done.tally.failures.append(f"{path}: {type(error).__name__}: {error}")
                done.paths |= self._keep(planner.owner(thread.id), path, done.tally)
                continue
            if made is None:
                gone.append(thread.id)
                continue
            cards.append(made.card)
            pages += made.pages
        self.leave(slug, gone, done.tally)
        paths = {page.path for page in pages}
        before = self._manifest.owned_by([planner.owner(card.thread_id) for card in cards])
        self.output.remove([path for some in before.values() for path in some if path not in paths], done.tally)
        self.output.put(pages, done.tally)
        self._manifest.put_cards(slug, cards)
        done.paths |= paths
        done.published += snapshot.unrecorded(self._connection, [card.thread_id for card in cards])
        return done

    def leave(self, slug: str, thread_ids: Collection[int], tally: Tally) -> None:
        """These threads are no longer published."""
        owner = self._planners[slug].owner
        owned = self._manifest.owned_by([owner(thread_id) for thread_id in sorted(thread_ids)])
        self.output.remove([path for paths in owned.values() for path in paths], tally)
        self._manifest.drop_cards(slug, thread_ids)

    def _keep(self, owner: str, path: str, tally: Tally) -> set[str]:
        """The pages of a thread that could not be planned stay, unless they show a withdrawn post; all of them are
        tried again by the next build."""
        paths = {path, *self._manifest.owned_by([owner]).get(owner, [])}
        self.output.remove([each for each in sorted(paths) if self._withdrawn(self._manifest.shown(each))], tally)
        self._manifest.claim([(each, owner) for each in sorted(paths)])
        return paths

    def _withdrawn(self, post_ids: Collection[int]) -> bool:
        return bool(set(post_ids) - snapshot.speakable_ids(self._connection, post_ids))
