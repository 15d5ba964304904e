"""A small site to publish, and every place to publish it to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tagora.site.publishing.lock import Publisher
from tagora.site.publishing.plan import Wanted
from tagora.site.publishing.publish import Outcome, Site, publish
from tagora.site.publishing.record import OWN
from tagora.site.publishing.repair import GENERATOR, sha_of
from tagora.site.publishing.target import Target

from .places import NOW, FolderPlace, GitPlace, Place, S3Place, SftpPlace, s3_server, ssh_server

OWN_STORE = "our store"
BASE = "https://example.org/agora/"


@dataclass
class Built:
    """A site as a build left it: pages written here by hand."""

    folder: Path
    files: dict[str, Wanted] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    store: str = OWN_STORE

    def page(self, path: str, words: str = "", shown: Collection[int] = ()) -> None:
        """A page of a discussion, or a list where its name says so."""
        text = f'{GENERATOR.decode()}<link rel="canonical" href="{BASE}{path}">{words or path}'
        self.file(path, text.encode(), shown)

    def file(self, path: str, content: bytes, shown: Collection[int] = ()) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(content)
        is_list = not path.startswith("talk/") or path.endswith("index.html")
        self.files[path] = Wanted(sha_of(content), len(content), is_list, tuple(shown))

    def drop(self, *paths: str) -> None:
        for path in paths:
            (self.folder / path).unlink()
            del self.files[path]

    def site(self) -> Site:
        return Site(self.folder, BASE, self.files, self.store, lambda ids: self.withdrawn.intersection(ids))

    def contents(self) -> dict[str, bytes]:
        return {path: (self.folder / path).read_bytes() for path in self.files}


def publisher(name: str = "me", gone: bool = False, now: Callable[[], datetime] = lambda: NOW) -> Publisher:
    return Publisher(name, f"{name}, process 1", lambda _holder: gone, now)


def send(place: Place, built: Built, **changes: object) -> Outcome:
    target = place.open()
    try:
        return send_to(target, built, **changes)
    finally:
        target.close()


def send_to(target: Target, built: Built, **changes: object) -> Outcome:
    return publish(target, built.site(), publisher(), **{"max_shrink": 0.2, **changes})  # type: ignore[arg-type]


def seen(place: Place) -> dict[str, bytes]:
    """What readers find there."""
    return {path: content for path, content in place.files().items() if not path.startswith(OWN)}


@pytest.fixture
def built(tmp_path: Path) -> Built:
    made = Built(tmp_path / "site")
    for number in range(1, 13):
        made.page(f"talk/t{number}.html", f"words of {number}", [number])
    made.page("index.html", "front", [1])
    made.page("talk/index.html", "talk", [1, 2, 3])
    made.file("assets/site.0123456789.css", b"body {}")
    made.file("robots.txt", b"Sitemap: " + BASE.encode())
    return made


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int, Path]]:
    folder = tmp_path_factory.mktemp("sftp")
    with ssh_server(folder) as (port, known):
        yield folder, port, known


@pytest.fixture(params=["folder", "s3", "sftp", "git"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each kind of place, empty."""
    if request.param == "s3":
        return S3Place(request.getfixturevalue("s3"))
    if request.param == "sftp":
        folder, port, known = request.getfixturevalue("sftp")
        return SftpPlace(folder / tmp_path.name, port, known)
    return GitPlace(tmp_path) if request.param == "git" else FolderPlace(tmp_path / "www")


class Later:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        return self.moment

    def after(self, minutes: float) -> None:
        self.moment += timedelta(minutes=minutes)
