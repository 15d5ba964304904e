"""The folder of copies, beside the store and outside the site. Each file is named by its bytes, so that two posts with
one picture share it, and a damaged file is never shown.

What is in it is derived: lost, it is fetched again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO

from ...core.errors import BuildError
from ...core.pictures import FOLDER, Rendition
from ..pages import digest

LOCK, TURN = ".lock", ".fetching"
NEW = ".new"


class PictureFolder:
    """Raises OSError where the disk does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """For this process alone, while files come and the store learns of them, or files go that it does not know."""
        with self._open(LOCK) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def fetching(self) -> Iterator[bool]:
        """Whether this process is the one that fetches: several would ask hosts more often than is polite."""
        with self._open(TURN) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _open(self, name: str) -> IO[str]:
        self._folder.mkdir(parents=True, exist_ok=True)
        return (self._folder / name).open("w")

    def read(self, path: str) -> bytes:
        """The file at this path below the site's address. Raises BuildError where it is not there, or not as it was."""
        try:
            content = self._at(path).read_bytes()
        except FileNotFoundError:
            content = b""
        if digest(content) != path.removeprefix(FOLDER)[:33].replace("/", ""):
            raise BuildError(
                f"the picture {path} is not in {self._folder} any more", "`tagora pictures` fetches it again."
            )
        return content

    def keep(self, files: Mapping[Rendition, bytes]) -> None:
        """Writes those that are not there yet."""
        for copy, content in files.items():
            target = self._at(copy.path)
            if target.is_file():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            new = target.with_name(target.name + NEW)
            try:
                new.write_bytes(content)
                os.replace(new, target)
            except OSError:
                with contextlib.suppress(OSError):
                    new.unlink()
                raise

    def compare(self, known: Collection[str]) -> set[str]:
        """Removes every file that is not at one of these paths; those of them at which there is none. Call it while
        `held`."""
        missing = {path.removeprefix(FOLDER) for path in known}
        for folder in [each for each in os.scandir(self._folder) if each.is_dir()]:
            for file in os.scandir(folder):
                name = f"{folder.name}/{file.name}"
                if name in missing:
                    missing.remove(name)
                else:
                    os.unlink(file)
            with contextlib.suppress(OSError):  # not empty
                os.rmdir(folder)
        return {FOLDER + name for name in missing}

    @property
    def is_there(self) -> bool:
        return self._folder.is_dir()

    def _at(self, path: str) -> Path:
        return self._folder / path.removeprefix(FOLDER)
