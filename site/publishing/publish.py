"""Sends what changed to a target and removes what left the site; what shows a withdrawn post goes first.

Killed at any moment, the next run goes on: before a file is touched it is noted in the record as ours and uncertain,
so that it is sent again rather than forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...core.errors import PublishError
from ..kinds import SEARCH_ENTRY
from ..manifest import Manifest
from ..pages import LISTS
from ..settings import SiteSettings
from .lock import Hold, Publisher, held
from .plan import Plan, Wanted, Withdrawn, plan
from .record import RECORD, Record, Sent, dumps, loads
from .repair import GENERATOR, rebuilt, sha_of
from .target import Target

NOTED_EVERY = 500  # files; killed in between, so many are sent twice
GIVE_UP = 5  # failures in a row: the target itself ails
FOREIGN = "a file that Tagora did not put there stands in its place; move it away"

Watch = Callable[[str, int], AbstractContextManager[Callable[[], None]]]


@dataclass(frozen=True, slots=True)
class Site:
    """The built site: its folder, its address, its files, the store it was built from and what that says of posts."""

    folder: Path
    base_url: str
    files: Mapping[str, Wanted]
    store: str
    withdrawn: Withdrawn


@dataclass(slots=True)
class Outcome:
    """What one publication did. `failures` name each file that could not be sent or removed, with the reason; they are
    tried again next time. `unfinished`: it was asked to stop before it was through."""

    plan: Plan
    sent: int = 0
    removed: int = 0
    bytes_sent: int = 0
    failures: list[str] = field(default_factory=list)
    unfinished: bool = False


def built_site(settings: SiteSettings, store: str, withdrawn: Withdrawn) -> Site:
    """The site as the last build left it, told by its manifest."""
    files: dict[str, Wanted] = {}
    with Manifest(settings.manifest) as manifest:
        for path, owner, sha, shown in manifest.standing():
            try:
                size = (settings.out / path).stat().st_size
            except FileNotFoundError:  # removed by a build after this moment
                continue
            files[path] = Wanted(sha.hex(), size, owner == LISTS or path == SEARCH_ENTRY, shown)
    return Site(settings.out, settings.base_url, files, store, withdrawn)


def preview(target: Target, site: Site) -> tuple[Plan, Record]:
    """What would be done, and what stands there now. Writes nothing."""
    with in_words(target):
        record = _record(target, site)
    return plan(site.files, record, site.withdrawn), record


def publish(
    target: Target,
    site: Site,
    publisher: Publisher,
    *,
    max_shrink: float,
    stopped: Callable[[], bool] = lambda: False,
    watch: Watch | None = None,
) -> Outcome:
    """Makes the target show the site.

    Raises PublishError when another publisher is at work there, when the target does not take files, or, after all
    withdrawals passed, when more than the share `max_shrink` of its files would vanish.
    """
    lock = nullcontext() if target.atomic else held(target, publisher)
    with in_words(target), lock as hold:
        record = _record(target, site)
        todo = plan(site.files, record, site.withdrawn)
        work = _Work(target, site, record, todo, hold, stopped)
        if not todo.sent and not todo.removed:
            if dumps(record) != target.read(RECORD):  # it was lost, or of another store
                work.end()
            return work.outcome
        with (watch or _unwatched)(f"publishing to {target.name}", len(todo.sent) + len(todo.removed)) as step:
            work.run(step, max_shrink)
        return work.outcome


@contextmanager
def in_words(target: Target) -> Iterator[None]:
    """Turns what the target itself refuses into one sentence."""
    try:
        yield
    except target.faults as error:
        raise PublishError(
            f"{target.name} cannot be used: {reason(error)}", "See `publish:` in the configuration."
        ) from error


def _unwatched(_words: str, _total: int) -> AbstractContextManager[Callable[[], None]]:
    return nullcontext(lambda: None)


def _record(target: Target, site: Site) -> Record:
    raw = target.read(RECORD)
    found = loads(raw) if raw is not None else None
    if found is None:
        return rebuilt(target, site.store, site.base_url, site.files)
    if found.store != site.store:  # its numbers mean other posts here
        files = {path: replace(sent, shown=None) for path, sent in found.files.items()}
        return Record(site.store, files)
    return found


class _Stop(Exception):
    """Asked to stop."""


Answer = bytes | str | None  # what was sent, why it failed, or nothing to tell


class _Work:
    def __init__(
        self, target: Target, site: Site, record: Record, todo: Plan, hold: Hold | None, stopped: Callable[[], bool]
    ) -> None:
        self._target, self._site, self._record, self._plan = target, site, record, todo
        self._hold, self._stopped = hold, stopped
        self._foreign: set[str] = set()
        self._since_noted = self._failing = 0
        self.outcome = Outcome(todo)

    def run(self, step: Callable[[], None], max_shrink: float) -> None:
        todo = self._plan
        try:
            self._foreign = self._met((*todo.sent, *todo.removed))
            self._claim(todo.withdrawn, todo.corrected)
            self._remove(todo.withdrawn, step)
            self._send(todo.corrected, step)
            if todo.shrinks_beyond(max_shrink):
                self.end()
                raise PublishError(
                    f"{todo.vanishing:,} of {todo.before:,} files at {self._target.name} would vanish without having "
                    "been withdrawn; only withdrawals were published",
                    "Look whether the site is whole (tagora build --full); if it is meant, add --allow-shrink.",
                )
            self._claim(todo.left_over, (*todo.assets, *todo.discussions, *todo.lists))
            for paths in (todo.assets, todo.discussions, todo.lists):
                self._send(paths, step)
            self._remove(todo.left_over, step)
        except _Stop:
            self.outcome.unfinished = True
        except KeyboardInterrupt:
            self.end()
            raise
        self.end()

    def note(self) -> None:
        """Writes the record."""
        if self._hold:
            self._hold.check()
        self._target.put(RECORD, dumps(self._record))
        self._since_noted = 0

    def end(self) -> None:
        """Writes the record, and where nothing showed before, all of it now."""
        self.note()
        self._target.commit()

    def _met(self, paths: Sequence[str]) -> set[str]:
        """The paths at which somebody else's file stands: where we never put one, and where the last publication was
        killed before it did."""
        files, listed = self._record.files, self._record.foreign
        new = [path for path in paths if path not in files]
        uncertain = [path for path in paths if path in files and files[path].sha is None]

        def taken(path: str) -> Answer:
            return FOREIGN if self._target.exists(path) else None

        def no_page_of_ours(path: str) -> Answer:
            content = self._target.read(path) if path.endswith(".html") else None
            return FOREIGN if content is not None and GENERATOR not in content else None

        met = {path for path, there in self._each(uncertain, no_page_of_ours) if there}
        for path in met:
            del files[path]
        if listed is not None:
            return met.union(listed.intersection(new))
        return met.union(path for path, there in self._each(new, taken) if there)

    def _claim(self, removed: Sequence[str], sent: Sequence[str]) -> None:
        """These are about to be touched: the record says that they are ours, and uncertain."""
        if self._target.atomic or not (removed or sent):
            return
        files = self._record.files
        for path in self._ours(removed):
            files[path] = replace(files[path], sha=None)
        for path in self._ours(sent):
            before, after = files.get(path), self._site.files[path]
            shown: tuple[int, ...] | None = after.shown
            if before is not None:
                shown = None if before.shown is None else tuple({*before.shown, *after.shown})
            files[path] = Sent(None, after.size, shown)
        self.note()

    def _ours(self, paths: Sequence[str]) -> list[str]:
        return [path for path in paths if path not in self._foreign]

    def _send(self, paths: Sequence[str], step: Callable[[], None]) -> None:
        for path in paths:
            if path in self._foreign:
                self.outcome.failures.append(f"{path}: {FOREIGN}")
                step()
        for path, answer in self._each(self._ours(paths), self._send_one):
            if isinstance(answer, bytes):
                sha, planned = sha_of(answer), self._site.files[path]
                # a build may have replaced the file since its manifest was read: then it is not known what it shows
                self._record.files[path] = Sent(sha, len(answer), planned.shown if sha == planned.sha else None)
                self.outcome.sent += 1
                self.outcome.bytes_sent += len(answer)
            self._done(path, answer if isinstance(answer, str) else None, step)

    def _send_one(self, path: str) -> Answer:
        try:
            content = (self._site.folder / path).read_bytes()
        except FileNotFoundError:  # a build removed it meanwhile: the next publication does
            return None
        self._target.put(path, content)
        return content

    def _remove(self, paths: Sequence[str], step: Callable[[], None]) -> None:
        for path, problem in self._each(self._ours(paths), self._target.remove):
            if problem is None:
                self._record.files.pop(path, None)
                self.outcome.removed += 1
            self._done(path, problem, step)

    def _each(self, paths: Sequence[str], act: Callable[[str], Answer]) -> Iterator[tuple[str, Answer]]:
        """`act` on each path, several at once where the target takes it; its answer, or why it failed."""

        def guarded(path: str) -> Answer:
            try:
                return act(path)
            except self._target.faults as error:
                return reason(error)

        with ThreadPoolExecutor(self._target.at_once, thread_name_prefix="publish") as pool:
            width = self._target.at_once * 4 if self._target.at_once > 1 else 1
            for start in range(0, len(paths), width):
                if self._stopped():
                    raise _Stop
                if self._hold:
                    self._hold.beat()
                some = paths[start : start + width]
                yield from zip(some, pool.map(guarded, some), strict=True)

    def _done(self, path: str, problem: Answer, step: Callable[[], None]) -> None:
        step()
        if problem is not None:
            self.outcome.failures.append(f"{path}: {problem}")
        self._failing = self._failing + 1 if problem is not None else 0
        if self._failing >= GIVE_UP:
            raise PublishError(
                f"{self._target.name} does not take files: {problem}",
                "What was sent is there; the next run goes on where this one stopped.",
            )
        self._since_noted += 1
        if self._since_noted >= NOTED_EVERY and not self._target.atomic:
            self.note()


def reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
