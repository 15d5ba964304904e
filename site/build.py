"""One build: plans what changed since the last one, writes what differs, removes what is gone."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ..core.errors import BuildError
from ..core.garbage import few_collections
from ..storage import publishable, snapshot
from ..storage.builds import Built, record_build
from ..storage.restored import lineage
from ..storage.store import Connection, Store
from ..storage.transparency import noted
from . import render
from .list_material import material_of
from .lists.every import lists
from .look.own import Look
from .manifest import Manifest
from .output import Tally
from .pages import LISTS, PICTURES, SEARCH_OWNER, digest
from .search.catalogue import Catalogue
from .search.index import Index
from .search.program import Pagefind, Program
from .settings import CampaignInfo, SiteSettings, check
from .threads import Done, Threads
from .workers import Moment, in_processes

PAGEFIND = Pagefind()
FORMAT = "3"  # of the manifest
WORTH_A_PROCESS = 2 * publishable.BATCH  # threads; fewer are done before a second process has started


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did, in pages. `failures` name each page that could not be made; `as_of` is its day. `indexed`: how
    many discussions, or parts of them, the search learned anew."""

    written: int
    same_bytes: int
    skipped: int
    removed: int
    failed: int
    seconds: float
    failures: tuple[str, ...]
    as_of: date
    indexed: int = 0


def build(
    store: Store,
    settings: SiteSettings,
    campaigns: Sequence[CampaignInfo],
    *,
    full: bool = False,
    processes: int | None = None,
    now: datetime,
    program: Program = PAGEFIND,
    say: Callable[[str], None] = lambda _words: None,
) -> Report:
    """Makes the site at `settings.out` show what may be shown now. `full` looks at every page, not only at those
    that can have changed. `processes`: how many may work when there is much to do; as many as cores when None. Pages
    that fail are named in the report and tried again by the next build. `program` makes the search; `say` is told what
    is being done, where that takes long.

    Raises ConfigError for a slug the site needs itself, BuildError when another build is at work on the same folder
    or nothing can be written, StoreError when the store fails.
    """
    begun = time.perf_counter()
    campaigns = tuple(campaigns)
    check(settings, campaigns)
    as_of = now.astimezone(ZoneInfo(settings.timezone)).date()
    with _alone(settings), Manifest(settings.manifest) as manifest:
        with store.reading() as connection:
            work = _Build(connection, manifest, settings, campaigns, as_of, store, processes or os.cpu_count() or 1)
            index = Index(settings, manifest, work.threads.output, program)
            with few_collections():
                tally = work.run(full, index.is_current())
        indexed = 0
        if work.reached:
            say("making the search index")
            indexed = index.update(tally, look=work.whole)
        if work.published or (work.reached and not tally.failures):
            with store.writing() as connection:
                snapshot.record_published(connection, work.published)
                if work.reached and not tally.failures:
                    lasted = timedelta(seconds=time.perf_counter() - begun)
                    told = {"written": tally.written, "removed": tally.removed}
                    record_build(connection, Built(now, now + lasted, str(as_of), work.seq), told)
        manifest.set_meta(work.reached)  # last: a build killed before looks at the same threads again
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
        indexed,
    )


class _Build:
    """A build within one moment of the store."""

    def __init__(
        self,
        connection: Connection,
        manifest: Manifest,
        settings: SiteSettings,
        campaigns: tuple[CampaignInfo, ...],
        as_of: date,
        store: Store,
        processes: int,
    ) -> None:
        self._connection = connection
        self._manifest = manifest
        self._settings = settings
        self._campaigns = campaigns
        self._as_of = as_of
        self._in_store = publishable.campaigns(connection)
        self.seq = snapshot.seq(connection)
        self._noted = noted(connection, as_of)
        self._basis = digest(
            [
                store.url,
                lineage(connection),
                FORMAT,
                repr(settings),
                repr(campaigns),
                repr(self._in_store),
                _code(settings.look),
            ]
        )
        self._store = store
        self._processes = processes
        self.threads = Threads(connection, manifest, settings, campaigns, self._in_store)
        self.published: list[int] = []
        self.whole = False
        self.reached: dict[str, str] = {}

    def run(self, full: bool, search_is_current: bool) -> Tally:
        tally = Tally()
        before = self._manifest.meta()
        unfinished = self._manifest.unfinished()
        self.threads.output.sweep([path for path, _ in unfinished])
        last = int(before.get("seq", "-1"))
        front = self._settings.out / "index.html"
        self.whole = whole = full or before.get("basis") != self._basis or last > self.seq or not front.is_file()
        now = {"basis": self._basis, "seq": str(self.seq), "as_of": str(self._as_of)}
        now["noted"] = digest(repr(self._noted))
        same = all(before.get(name) == value for name, value in now.items())
        if same and not whole and not unfinished and search_is_current:
            return tally
        changed = None if whole else snapshot.changed(self._connection, last) | _thread_ids(unfinished)
        planned = self._bring(changed, tally)
        self._manifest.tallies.count()
        material = material_of(
            self._connection, self._manifest, self._settings, self._campaigns, self._in_store, self._as_of, self._noted
        )
        pages = list(lists(material))
        planned.update(page.path for page in pages)
        owners = {self.threads.owner(slug, card.thread_id) for slug, some in material.cards.items() for card in some}
        self.threads.settle_pictures(tally, owners if whole else None)
        if whole:
            planned.update(self._manifest.owned_by([SEARCH_OWNER]).get(SEARCH_OWNER, ()))
            self.threads.output.remove([path for path in self._manifest.paths() if path not in planned], tally)
            Catalogue(self._manifest).keep_only(planned)
        else:
            owned = self._manifest.owned_by([LISTS])
            self.threads.output.remove([path for path in owned.get(LISTS, []) if path not in planned], tally)
        self.threads.output.put(pages, tally)
        self.reached = now
        return tally

    def _bring(self, changed: Collection[int] | None, tally: Tally) -> set[str]:
        """Brings the threads up to date: those changed, or all; the paths of their pages. What left goes first."""
        batches: list[tuple[str, Sequence[int]]] = []
        for slug in [campaign.slug for campaign in self._campaigns]:
            of = self._in_store.get(slug)
            ids = publishable.candidates(self._connection, of, changed) if of else []
            self.threads.leave(slug, self._manifest.card_ids(slug, changed).difference(ids), tally)
            batches += [(slug, ids[at : at + publishable.BATCH]) for at in range(0, len(ids), publishable.BATCH)]
        self.threads.let_pictures_go()
        paths: set[str] = set()
        for done in self._batches(batches):
            tally.add(done.tally)
            paths |= done.paths
            self.published += done.published
        self.threads.let_pictures_go()
        return paths

    def _batches(self, batches: Sequence[tuple[str, Sequence[int]]]) -> Iterator[Done]:
        if self._processes > 1 and len(batches) > 1 and sum(len(ids) for _, ids in batches) >= WORTH_A_PROCESS:
            url = self._store.engine.url.render_as_string(hide_password=False)
            moment = Moment(self.seq, self._in_store)
            made = in_processes(self._processes, url, self._settings, self._campaigns, moment, batches)
            for (slug, ids), done in made:
                yield done or self.threads.batch(slug, ids)
        else:
            for slug, ids in batches:
                yield self.threads.batch(slug, ids)


def _thread_ids(unfinished: Sequence[tuple[str, str]]) -> set[int]:
    others = (LISTS, PICTURES, SEARCH_OWNER)
    return {int(owner.rpartition("/")[2]) for _, owner in unfinished if owner not in others}


def _code(look: Look) -> str:
    """Of everything that turns data into bytes."""
    return digest([render.version(look), render.templates()])


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
