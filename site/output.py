"""The output folder: writes what changed, leaves the rest alone, removes what is gone.

At any moment the process may be killed: a page is claimed in the manifest before its file is touched, a file that
readers may be fetching is replaced by a rename, and the next build makes again whatever was claimed and not finished.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import BuildError
from .manifest import Known, Made, Manifest
from .pages import Key, Page

NEW = ".new"  # a file on its way
_HOPELESS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

Render = Callable[[Page], bytes]
KeyOf = Callable[[Page], Key]
Withdrawn = Callable[[Collection[int]], bool]  # whether a post among these may no longer be shown


@dataclass(slots=True)
class Tally:
    """What was done, counted as it happens."""

    written: int = 0
    same_bytes: int = 0
    skipped: int = 0
    removed: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.written += other.written
        self.same_bytes += other.same_bytes
        self.skipped += other.skipped
        self.removed += other.removed
        self.failures += other.failures


class Output:
    """One output folder with its manifest."""

    def __init__(self, folder: Path, manifest: Manifest, key_of: KeyOf, render: Render, withdrawn: Withdrawn) -> None:
        self._folder = folder
        self._manifest = manifest
        self._key_of = key_of
        self._render = render
        self._withdrawn = withdrawn

    def put(self, pages: Sequence[Page], tally: Tally) -> None:
        """Makes these pages stand in the output, writing only what differs."""
        known = self._manifest.known([page.path for page in pages])
        stale: list[tuple[Page, Key]] = []
        for page in pages:
            key = self._key_of(page)
            before = known.get(page.path)
            if before and before.key == str(key) and before.owner == page.owner and os.path.isfile(self._at(page.path)):
                tally.skipped += 1
            else:
                stale.append((page, key))
        if not stale:
            return
        self._manifest.claim([(page.path, page.owner) for page, _ in stale])
        made: list[Made] = []
        lost: list[Page] = []
        for page, key in stale:
            try:
                sha = self._make(page, known.get(page.path), tally)
            except Exception as error:
                if isinstance(error, OSError) and error.errno in _HOPELESS:
                    raise BuildError(
                        f"the site cannot be written to {self._folder}: {error.strerror}",
                        "Make room or choose another `out:`; the next build goes on where this one stopped.",
                    ) from error
                tally.failures.append(f"{page.path}: {type(error).__name__}: {error}")
                if self._withdrawn(self._manifest.shown(page.path)):
                    lost.append(page)
                continue
            made.append(Made(page.path, page.owner, str(key), sha, page.shown))
        self._manifest.record(made)
        self.remove([page.path for page in lost], tally)
        self._manifest.claim([(page.path, page.owner) for page in lost])  # to be tried again

    def remove(self, paths: Sequence[str], tally: Tally) -> None:
        """These pages go, and folders that they leave empty."""
        for path in paths:
            target = self._at(path)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(target)
                tally.removed += 1
            self._prune(Path(target).parent)
        self._manifest.forget(paths)

    def sweep(self, paths: Sequence[str]) -> None:
        """Clears what a killed build left half-written beside these."""
        for path in paths:
            target = self._at(path)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(target + NEW)

    def _at(self, path: str) -> str:
        return f"{self._folder}/{path}"  # pathlib costs more than the file

    def _make(self, page: Page, before: Known | None, tally: Tally) -> bytes:
        content = self._render(page)
        sha = hashlib.blake2b(content, digest_size=16).digest()
        target = self._at(page.path)
        if before is None:
            _write(target, content)
        elif _holds(target, content):
            tally.same_bytes += 1
            return sha
        else:
            new = target + NEW
            _write(new, content)
            os.replace(new, target)
        tally.written += 1
        return sha

    def _prune(self, folder: Path) -> None:
        while folder != self._folder and self._folder in folder.parents:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


def _write(path: str, content: bytes) -> None:
    """A small file with as few calls as can be: a site is ten thousand of them."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        while content:
            content = content[os.write(file, content) :]
    finally:
        os.close(file)


def _holds(path: str, content: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == content
    except OSError:
        return False
