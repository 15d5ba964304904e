"""A store and its site with search, made by Pagefind itself or by something quicker."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tagora.core.errors import BuildError
from tagora.core.invitation import Invitation
from tagora.presentation.posts import Showing
from tagora.site.build import Report, build
from tagora.site.kinds import SEARCH_ENTRY
from tagora.site.search.program import CODES, Pagefind, Shard
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.storage.store import Store

from ...make import NOON
from ...site_store import Filler

CAMPAIGN = CampaignInfo(
    "casnocha",
    ("mmgCasnocha",),
    Invitation("Che networker sei?", "Raccontate.", gurus=("Ben Casnocha",), language="it"),
    sources={"x": Showing(), "quiet": Showing(show="link")},
)


@dataclass
class Plain:
    """Keeps each document as it is, as one fragment. `made`: how many documents each call was given."""

    number: str = "1.0.0"
    missing: bool = False
    made: list[tuple[str, int]] = field(default_factory=list)

    def version(self) -> str:
        return self.number

    def __call__(self, shard: str, documents: Iterable[tuple[str, bytes]], folder: Path) -> Shard:
        if self.missing:
            raise BuildError("the program is not there", "Install it.")
        given = dict(documents)
        self.made.append((shard, len(given)))
        (folder / "fragment").mkdir()
        names: dict[str, str] = {}
        for path, content in given.items():
            name = f"{CODES[shard]}_{zlib.crc32(path.encode() + content):08x}"
            (folder / "fragment" / f"{name}.pf_fragment").write_bytes(content)
            names[path] = name
        files = tuple(f"fragment/{name}.pf_fragment" for name in names.values())
        return Shard(folder, files, {"hash": f"{shard}-{len(given)}"}, names, b"script", b"engine")


class Found:
    """A store, its site, and what a reader's browser could read of its search."""

    def __init__(self, store: Store, settings: SiteSettings, program: Any) -> None:
        self.store, self.settings, self.program = store, settings, program
        self.campaigns = [CAMPAIGN]
        self._filler: Filler | None = None
        with self.filling() as f:
            f.campaign()
            self.source = {name: f.source(name) for name in CAMPAIGN.sources}

    @contextmanager
    def filling(self) -> Iterator[Filler]:
        with self.store.writing() as connection:
            self._filler = self._filler or Filler(connection)
            self._filler.connection = connection
            yield self._filler
            self._filler.done()

    def build(self, **options: Any) -> Report:
        return build(self.store, self.settings, self.campaigns, now=NOON, program=self.program, **options)

    def files(self) -> dict[str, bytes]:
        out = self.settings.out
        return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}

    def entry(self) -> dict[str, Any]:
        return json.loads((self.settings.out / SEARCH_ENTRY).read_bytes())

    def everything(self) -> str:
        """All bytes of the output, unpacked where they are packed."""
        return "\n".join(
            (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", "replace")
            for raw in self.files().values()
        )

    def found(self) -> dict[str, str]:
        """What of the fragments counts, by name; read as the page's script does."""
        buried = {name for shard in self.entry()["shards"] for name in shard["buried"]}
        return {
            path.stem: (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
            for path in sorted((self.settings.out / "search").glob("fragment/*"))
            if path.stem not in buried
            for raw in [path.read_bytes()]
        }

    def texts(self) -> str:
        return "\n".join(self.found().values())


@pytest.fixture
def settings(tmp_path: Path) -> SiteSettings:
    return SiteSettings(
        tmp_path / "site", "https://example.org/agora/", "Agorà", ("it", "en"), "Europe/Rome", search=True
    )


@pytest.fixture
def plain() -> Plain:
    return Plain()


@pytest.fixture
def site(sqlite_store: Store, settings: SiteSettings, plain: Plain) -> Found:
    return Found(sqlite_store, settings, plain)


@pytest.fixture
def real(sqlite_store: Store, settings: SiteSettings) -> Found:
    """With Pagefind's own program."""
    return Found(sqlite_store, replace(settings), Pagefind())
