"""The index's files in the output: made by Pagefind, owned in the manifest, replaced so that no reader meets half of
it.

All names but the entry's change with what the files hold. New files come first, then the entry that names them, then
the old ones go; only then the catalogue says what stands. Killed in between, the next build does the same again.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from ...core.errors import BuildError
from ..kinds import ASSETS, SEARCH, SEARCH_ENTRY
from ..manifest import Made, Manifest
from ..output import NEW, Output, Tally
from ..pages import SEARCH_OWNER, Key, digest
from ..settings import SiteSettings
from .catalogue import ACTIVE, SETTLED, Catalogue
from .program import CODES, Program, Shard
from .shards import Todo, decide

_STATE = "search"  # in the manifest: the program's version, and each shard's entry
FORMAT = 1  # of what is made; another one makes everything anew


class Index:
    """The search of one site. `output` removes files."""

    def __init__(self, settings: SiteSettings, manifest: Manifest, output: Output, program: Program) -> None:
        self._settings, self._manifest, self._output, self._program = settings, manifest, output, program
        self._catalogue = Catalogue(manifest)
        self._work = settings.out.with_name(settings.out.name + ".search")

    def is_current(self) -> bool:
        """Whether nothing is to be done, as far as is known without looking at files."""
        there = bool(self._manifest.meta().get(_STATE))
        if not self._settings.search:
            return not there
        return there and decide(self._catalogue.standing(True)) is Todo.KEEP

    def update(self, tally: Tally, *, look: bool) -> int:
        """Brings the index up to date; how many documents were indexed. `look`: whether its files are still there, too.
        Where the program fails, the tally says so, and an index that holds what left the site goes."""
        if not self._settings.search:
            self._end()
            self._catalogue.forget()
            return 0
        try:
            state = self._state()
            version = f"{FORMAT}:{self._program.version()}"
            whole = state.get("version") == version and (not look or self._stands())
            todo = decide(self._catalogue.standing(whole))
            if todo is Todo.KEEP:
                return 0
            return self._make(todo, version, state if whole else {})
        except (BuildError, OSError) as error:
            tally.failures.append(f"search: {error}")
            if self._catalogue.anything_lost():
                self._end()
                self._catalogue.stand_nowhere()
            return 0

    def _make(self, todo: Todo, version: str, state: Mapping[str, Any]) -> int:
        if todo is Todo.SETTLE:
            made, among = SETTLED, (SETTLED, ACTIVE, None)
            shards: dict[str, Any] = {}
        else:
            made, among = ACTIVE, (ACTIVE, None)
            shards = {SETTLED: state["shards"][SETTLED]} if SETTLED in state["shards"] else {}
        with self._folder() as folder:
            documents = self._catalogue.documents(among)
            first = next(documents, None)
            shard = None
            if first is not None:
                shard = self._program(made, _again(first, documents), folder)
                shards[made] = shard.entry
            buried = {} if todo is Todo.SETTLE else self._catalogue.buried()
            state = {"version": version, "shards": shards, "own": state.get("own", {})}
            files = self._files(shard) if shard else {}
            if shard:
                own = {name: f"{ASSETS}pagefind.{digest(raw)[:10]}.{kind}" for name, kind, raw in _own(shard)}
                files |= {own[name]: (raw, ()) for name, _, raw in _own(shard)}
                state["own"] = own
            self._put(files)
            self._put({SEARCH_ENTRY: (self._entry(state, buried), ())})
        kept = {*files, SEARCH_ENTRY, *state["own"].values()}
        left = [] if todo is Todo.SETTLE else [CODES[SETTLED]]
        owned = self._manifest.owned_by([SEARCH_OWNER]).get(SEARCH_OWNER, [])
        self._output.remove([path for path in owned if path not in kept and _code(path) not in left], Tally())
        fragments = dict(shard.fragments) if shard else {}
        self._catalogue.stand(made, fragments)
        if todo is Todo.SETTLE:
            self._catalogue.stand(ACTIVE, {})
        self._manifest.set_meta({_STATE: orjson.dumps(state).decode()})
        return len(fragments)

    def _files(self, shard: Shard) -> dict[str, tuple[Path | bytes, tuple[int, ...]]]:
        """What is to stand at each path, with the posts that it shows."""
        shown = self._catalogue.shown(shard.fragments)
        posts = {f"fragment/{name}.pf_fragment": shown[path] for path, name in shard.fragments.items()}
        return {f"{SEARCH}{file}": (shard.folder / file, posts.get(file, ())) for file in shard.files}

    def _entry(self, state: Mapping[str, Any], buried: Mapping[str, tuple[str, ...]]) -> bytes:
        """What the page's script reads first. The site's address tells whose file it is."""
        shards = [
            {"entry": entry, "buried": buried if name == SETTLED else {}} for name, entry in state["shards"].items()
        ]
        return orjson.dumps({"site": self._settings.base_url, **state["own"], "shards": shards})

    def _put(self, files: Mapping[str, tuple[Path | bytes, tuple[int, ...]]]) -> None:
        known = self._manifest.known(list(files))
        new: list[tuple[Made, Path | bytes]] = []
        for path, (source, shown) in files.items():
            sha = bytes.fromhex(digest(source if isinstance(source, bytes) else source.read_bytes()))
            before = known.get(path)
            if before is None or before.key is None or before.sha != sha or not os.path.isfile(self._at(path)):
                new.append((Made(path, SEARCH_OWNER, str(Key(sha.hex(), "-", "-", "-")), sha, shown), source))
        self._manifest.claim([(made.path, made.owner) for made, _ in new])
        for made, source in new:
            _place(source, self._at(made.path))
        self._manifest.record([made for made, _ in new])

    def _at(self, path: str) -> str:
        return f"{self._settings.out}/{path}"

    def _state(self) -> dict[str, Any]:
        return orjson.loads(self._manifest.meta().get(_STATE) or "{}")

    def _stands(self) -> bool:
        owned = self._manifest.owned_by([SEARCH_OWNER]).get(SEARCH_OWNER, [])
        return SEARCH_ENTRY in owned and all(os.path.isfile(self._at(path)) for path in owned)

    def _end(self) -> None:
        """There is no index any more."""
        self._output.remove(self._manifest.owned_by([SEARCH_OWNER]).get(SEARCH_OWNER, []), Tally())
        self._manifest.set_meta({_STATE: ""})

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        """To work in, beside the output. What a killed build left there goes first: it may hold words of anybody."""
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True)
        try:
            yield self._work
        finally:
            shutil.rmtree(self._work, ignore_errors=True)


def _again(first: tuple[str, bytes], others: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    yield first
    yield from others


def _own(shard: Shard) -> tuple[tuple[str, str, bytes], ...]:
    return ("script", "js", shard.script), ("engine", "wasm", shard.engine)


def _code(path: str) -> str:
    """Of the shard that a file belongs to: search/fragment/qaa_0123456.pf_fragment."""
    return path.rpartition("/")[2].removeprefix("pagefind.").partition("_")[0]


def _place(source: Path | bytes, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if isinstance(source, Path):
        with _or_other_disk():
            os.replace(source, target)
            return
        source = source.read_bytes()
    new = target + NEW
    Path(new).write_bytes(source)
    os.replace(new, target)


@contextmanager
def _or_other_disk() -> Iterator[None]:
    """The output may be a disk of its own: then files are copied."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
