"""Brings threads up to date in the output, batch by batch; in this process or in several."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from ..storage import publishable, snapshot
from ..storage.store import Connection
from . import render
from .facts import Entry
from .headers import page_policy
from .look.own import Look
from .manifest import Manifest, Uses
from .output import Output, Tally
from .pages import PICTURES, Key, Page, digest
from .picture_pages import bring_up_to_date, let_go, pages_of
from .pictures.folder import PictureFolder
from .plan import ThreadPlanner
from .search.catalogue import Catalogue
from .search.documents import Document
from .settings import CampaignInfo, SiteSettings, at_the_top
from .views import Card, LogoView, Site


class Keys:
    """The key of any page, under the settings of one build."""

    def __init__(self, site: Site, look: Look) -> None:
        self._settings = digest(site)
        self._look = look

    def __call__(self, page: Page) -> Key:
        if page.owner == PICTURES:
            return Key(page.path, "-", "-", "-")  # the path names the bytes
        template = render.closure(page.template, self._look) if page.template else "-"
        return Key(digest(page.basis), template, self._settings, render.version(self._look))


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
        settings.search,
    )


class Threads:
    """The threads of all campaigns at one moment of the store, and where they are written to."""

    def __init__(
        self,
        connection: Connection,
        manifest: Manifest,
        settings: SiteSettings,
        campaigns: Sequence[CampaignInfo],
        in_store: Mapping[str, publishable.Campaign],
    ) -> None:
        site = site_view(settings)
        copies = PictureFolder(settings.pictures) if settings.pictures else None

        def bytes_of(page: Page) -> bytes:
            if copies and page.owner == PICTURES:
                return copies.read(page.path)
            return render.render(page, site, settings.look)

        self.output = Output(settings.out, manifest, Keys(site, settings.look), bytes_of, self._withdrawn)
        self._connection = connection
        self._manifest = manifest
        self._found = Catalogue(manifest) if settings.search else None
        self._in_store = in_store
        self._planners = {campaign.slug: ThreadPlanner(settings, campaign) for campaign in campaigns}

    def owner(self, slug: str, thread_id: int) -> str:
        return self._planners[slug].owner(thread_id)

    def batch(self, slug: str, ids: Sequence[int]) -> Done:
        """Plans, writes and lists these threads of a campaign; what may no longer be shown goes before anything is
        written."""
        done = Done()
        planner = self._planners[slug]
        cards: list[Card] = []
        facts: list[tuple[int, Mapping[Entry, int]]] = []
        pages: list[Page] = []
        pictured: list[Uses] = []
        gone: list[int] = []
        found: dict[str, tuple[Document, ...]] = {}
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
            pictured.append(made.pictures)
            facts.append((thread.id, made.facts))
            pages += made.pages
            found[planner.owner(thread.id)] = made.documents
        self.leave(slug, gone, done.tally)
        uses = {planner.owner(card.thread_id): pictures for card, pictures in zip(cards, pictured, strict=True)}
        self._show(uses)
        paths = {page.path for page in pages}
        before = self._manifest.owned_by([planner.owner(card.thread_id) for card in cards])
        self.output.remove([path for some in before.values() for path in some if path not in paths], done.tally)
        self.output.put(pages, done.tally)
        self._manifest.put_cards(slug, cards)
        self._manifest.tallies.put(slug, facts)
        if self._found:
            self._found.put(found)
        done.paths |= paths
        done.published += snapshot.unrecorded(self._connection, [card.thread_id for card in cards])
        return done

    def leave(self, slug: str, thread_ids: Collection[int], tally: Tally) -> None:
        """These threads are no longer published."""
        owner = self._planners[slug].owner
        owned = self._manifest.owned_by([owner(thread_id) for thread_id in sorted(thread_ids)])
        self.output.remove([path for paths in owned.values() for path in paths], tally)
        self._manifest.drop_cards(slug, thread_ids)
        self._manifest.tallies.drop(slug, thread_ids)
        self._manifest.use({owner(thread_id): {} for thread_id in sorted(thread_ids)})
        if self._found:
            self._found.drop([owner(thread_id) for thread_id in sorted(thread_ids)])

    def settle_pictures(self, tally: Tally, owners: Collection[str] | None = None) -> None:
        """Makes what could not be made before, and takes away what nobody shows any more. `owners`: all that there are,
        after a build that looked at everything; what others showed counts no more."""
        if owners is not None:
            self._manifest.use({owner: {} for owner in self._manifest.users() if owner not in owners})
        pictures = Tally()  # they are no pages: of them only failures are told
        bring_up_to_date(self._manifest, self.output, pictures, whole=owners is not None)
        tally.failures += pictures.failures

    def let_pictures_go(self) -> None:
        """Takes away those that nobody shows any more."""
        let_go(self._manifest, self.output)

    def _show(self, uses: Mapping[str, Uses]) -> None:
        """The pictures of these threads stand before the pages that show them. One that fails is tried again, and told,
        at the end."""
        self._manifest.use(uses)
        self.output.put(list(pages_of(path for one in uses.values() for path in one)), Tally())

    def _keep(self, owner: str, path: str, tally: Tally) -> set[str]:
        """The pages of a thread that could not be planned stay, unless they show a withdrawn post; all of them are
        tried again by the next build."""
        paths = {path, *self._manifest.owned_by([owner]).get(owner, [])}
        lost = [each for each in sorted(paths) if self._withdrawn(self._manifest.shown(each))]
        if lost:
            slug, _, thread_id = owner.rpartition("/")
            self._manifest.tallies.drop(slug, [int(thread_id)])
        self.output.remove(lost, tally)
        self._manifest.claim([(each, owner) for each in sorted(paths)])
        pictured = self._manifest.uses([owner]).get(owner, {})
        self._manifest.use({owner: {path: ids for path, ids in pictured.items() if not self._withdrawn(ids)}})
        if self._found and self._withdrawn(self._found.shown_by(owner)):
            self._found.drop([owner])
        return paths

    def _withdrawn(self, post_ids: Collection[int]) -> bool:
        return bool(set(post_ids) - publishable.speakable_ids(self._connection, post_ids))
