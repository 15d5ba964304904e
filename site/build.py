"""One build: plans what changed since the last one, writes what differs, removes what is gone."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ..core.errors import BuildError
from ..storage import snapshot
from ..storage.store import Connection, Store
from . import render
from .lists import in_order, lists
from .manifest import Manifest
from .output import Output, Tally
from .pages import Key, Page, digest
from .plan import ThreadPlanner
from .settings import CampaignInfo, SiteSettings, check
from .views import Card, Site

FORMAT = "1"  # of the manifest


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did, in pages. `failures` name each page that could not be made; `as_of` is its day."""

    written: int
    same_bytes: int
    skipped: int
    removed: int
    failed: int
    seconds: float
    failures: tuple[str, ...]
    as_of: date


def build(
    store: Store,
    settings: SiteSettings,
    campaigns: Sequence[CampaignInfo],
    *,
    full: bool = False,
    now: datetime,
) -> Report:
    """Makes the site at `settings.out` show what may be shown now. `full` looks at every page, not only at those
    that can have changed. Pages that fail are named in the report and tried again by the next build.

    Raises ConfigError for a slug the site needs itself, BuildError when another build is at work on the same folder
    or nothing can be written, StoreError when the store fails.
    """
    begun = time.perf_counter()
    campaigns = tuple(campaigns)
    check(settings, campaigns)
    as_of = now.astimezone(ZoneInfo(settings.timezone)).date()
    with _alone(settings), Manifest(settings.manifest) as manifest:
        with store.reading() as connection:
            work = _Build(connection, manifest, settings, campaigns, as_of, f"{store.url}#{FORMAT}")
            tally = work.run(full)
        if work.published:
            with store.writing() as connection:
                snapshot.record_published(connection, work.published)
        total = manifest.count()
    changed = tally.written + tally.same_bytes + len(tally.failures)
    return Report(
        tally.written,
        tally.same_bytes,
        max(total - changed, 0),
        tally.removed,
        len(tally.failures),
        time.perf_counter() - begun,
        tuple(tally.failures),
        as_of,
    )


def site_view(settings: SiteSettings) -> Site:
    """What all pages share."""
    legal = settings.legal
    return Site(
        settings.title,
        settings.base_url,
        settings.languages,
        render.css_path(),
        legal.controller if legal else None,
        legal.contact if legal else None,
    )


class Keys:
    """The key of any page, under the settings of one build."""

    def __init__(self, site: Site) -> None:
        self._settings = digest(site)

    def __call__(self, page: Page) -> Key:
        template = render.closure(page.template) if page.template else "-"
        return Key(digest(page.data), template, self._settings, render.version())


class _Build:
    """A build within one moment of the store."""

    def __init__(
        self,
        connection: Connection,
        manifest: Manifest,
        settings: SiteSettings,
        campaigns: tuple[CampaignInfo, ...],
        as_of: date,
        store: str,
    ) -> None:
        self._connection = connection
        self._manifest = manifest
        self._settings = settings
        self._campaigns = campaigns
        self._as_of = as_of
        self._in_store = snapshot.campaigns(connection)
        self._seq = snapshot.seq(connection)
        site = site_view(settings)
        self._basis = digest([store, repr(settings), repr(campaigns), repr(self._in_store), _code()])
        self._output = Output(
            settings.out, manifest, Keys(site), lambda page: render.render(page, site), self._withdrawn
        )
        self.published: list[int] = []

    def run(self, full: bool) -> Tally:
        tally = Tally()
        before = self._manifest.meta()
        unfinished = self._manifest.unfinished()
        self._output.sweep([path for path, _ in unfinished])
        last = int(before.get("seq", "-1"))
        front = self._settings.out / "index.html"
        whole = full or before.get("basis") != self._basis or last > self._seq or not front.is_file()
        if not whole and last == self._seq and before.get("as_of") == str(self._as_of) and not unfinished:
            return tally
        changed = None if whole else snapshot.changed(self._connection, last) | _thread_ids(unfinished)
        planned: set[str] = set()
        for campaign in self._campaigns:
            self._threads(campaign, changed, planned, tally)
        pages = list(lists(self._settings, self._campaigns, self._cards(), self._as_of))
        planned.update(page.path for page in pages)
        if whole:
            self._output.remove([path for path in self._manifest.paths() if path not in planned], tally)
        else:
            owned = self._manifest.owned_by([""])
            self._output.remove([path for path in owned.get("", []) if path not in planned], tally)
        self._output.put(pages, tally)
        self._manifest.set_meta({"basis": self._basis, "seq": str(self._seq), "as_of": str(self._as_of)})
        return tally

    def _threads(
        self, campaign: CampaignInfo, changed: Collection[int] | None, planned: set[str], tally: Tally
    ) -> None:
        """Brings the campaign's threads up to date: those changed, or all. What left goes first."""
        slug = campaign.slug
        planner = ThreadPlanner(self._settings, campaign)
        of = self._in_store.get(slug)
        ids = snapshot.candidates(self._connection, of, changed) if of else []
        before = self._manifest.card_ids(slug, changed)
        self._leave(planner, slug, before.difference(ids), tally)
        for start in range(0, len(ids), snapshot.BATCH):
            batch = ids[start : start + snapshot.BATCH]
            cards: list[Card] = []
            pages: list[Page] = []
            gone: list[int] = []
            assert of is not None
            for thread in snapshot.threads(self._connection, of, batch):
                try:
                    made = planner.plan(thread)
                except Exception as error:
                    path = f"{slug}/{thread.address}.html"
                    tally.failures.append(f"{path}: {type(error).__name__}: {error}")
                    planned.update(self._keep(planner.owner(thread.id), path, tally))
                    continue
                if made is None:
                    gone.append(thread.id)
                    continue
                cards.append(made.card)
                pages += made.pages
            self._leave(planner, slug, gone, tally)
            paths = {page.path for page in pages}
            planned |= paths
            owners = [planner.owner(card.thread_id) for card in cards]
            before = self._manifest.owned_by(owners)
            self._output.remove([path for some in before.values() for path in some if path not in paths], tally)
            self._output.put(pages, tally)
            self._manifest.put_cards(slug, cards)
            self.published += snapshot.unrecorded(self._connection, [card.thread_id for card in cards])

    def _leave(self, planner: ThreadPlanner, slug: str, thread_ids: Collection[int], tally: Tally) -> None:
        """These threads are no longer published."""
        owned = self._manifest.owned_by([planner.owner(thread_id) for thread_id in sorted(thread_ids)])
        self._output.remove([path for paths in owned.values() for path in paths], tally)
        self._manifest.drop_cards(slug, thread_ids)

    def _keep(self, owner: str, path: str, tally: Tally) -> set[str]:
        """The pages of a thread that could not be planned stay, unless they show a withdrawn post; all of them are
        tried again by the next build."""
        paths = {path, *self._manifest.owned_by([owner]).get(owner, [])}
        self._output.remove([each for each in sorted(paths) if self._withdrawn(self._manifest.shown(each))], tally)
        self._manifest.claim([(each, owner) for each in sorted(paths)])
        return paths

    def _cards(self) -> Mapping[str, Sequence[Card]]:
        return {each.slug: in_order(self._manifest.cards(each.slug)) for each in self._campaigns}

    def _withdrawn(self, post_ids: Collection[int]) -> bool:
        return bool(set(post_ids) - snapshot.publishable_ids(self._connection, post_ids))


def _thread_ids(unfinished: Sequence[tuple[str, str]]) -> set[int]:
    return {int(owner.rpartition("/")[2]) for _, owner in unfinished if owner}


def _code() -> str:
    """Of everything that turns data into bytes."""
    return digest([render.version(), render.templates(), render.css_path()])


@contextmanager
def _alone(settings: SiteSettings) -> Iterator[None]:
    """Holds the output for this process; the lock goes with the process, however it ends."""
    path = Path(f"{settings.manifest}.lock")
    try:
        settings.out.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise BuildError(
            f"the site cannot be written to {settings.out}: {error.strerror}", "Choose another `out:`."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(
                f"another build is writing to {settings.out}", "Wait for it, or look which tagora is running."
            ) from None
        yield
