"""Reads the folder of a campaign's own look, and no more of it than may be there."""

from __future__ import annotations

import os
from pathlib import Path

from ..core.errors import ConfigError
from ..site.look.own import SHIPPED, Look
from .config_file import Loaded

MOST_FILES = 200
MOST_BYTES = 1_000_000


def read_look(loaded: Loaded) -> Look:
    """The look that the configuration names; the shipped one when it names none. Raises ConfigError with file and
    line."""
    written = loaded.config.site.look
    if written is None:
        return SHIPPED
    from ..site.look.reading import read  # only where there is a look: Jinja and Babel take their time

    where = loaded.document.where(("site", "look"))
    folder = loaded.path(written)
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "is not there"
        raise ConfigError(f"the folder {written} {what}", "Make it, or take the line out.", where=where)
    name = written.rstrip("/")
    return read({path: _content(folder / path, f"{name}/{path}") for path in _paths(folder, name, where)}, name)


def _paths(folder: Path, name: str, where: str) -> list[str]:
    def refuse(error: OSError) -> None:
        inside = os.path.relpath(error.filename, folder)
        shown = name if inside == "." else f"{name}/{inside}"
        raise ConfigError(
            f"the folder {shown} cannot be read: {error.strerror}", "Give the right to read it.", where=where
        )

    found: list[str] = []
    for top, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [each for each in folders if not each.startswith(".")]
        found += [os.path.relpath(os.path.join(top, file), folder) for file in files]
        if len(found) > MOST_FILES:
            raise ConfigError(
                f"there are more than {MOST_FILES} files in {name}", "Is it the right folder?", where=where
            )
    return found


def _content(file: Path, shown: str) -> bytes:
    """Its bytes, more of them at most than any of these files may have."""
    try:
        if not file.is_file():
            raise ConfigError("it is no file", "Take it out.", where=shown)
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", "Give the right to read it.", where=shown) from None
