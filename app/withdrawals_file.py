"""Withdrawals, noted in a file beside the store before they are committed to it, and once more beside the backups: a
store that is put back from an older copy is told of the later ones. So are wishes not to be collected, and that they
were taken back: of those the last word holds.

A line for each: moment, kind, digest in hex. Nothing names anybody. Lines are only ever added; a line that a crash cut
off says nothing.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from ..core.errors import StoreError
from ..storage.optouts import WISHES
from ..storage.tombstones import Tombstone
from .config_file import Loaded

log = logging.getLogger("tagora.forget")
NAME = "withdrawals.txt"  # beside the backups
_LINE = re.compile(r"(\S+) (post|author|optout|optin) ([0-9a-f]{64})")


def file_of(loaded: Loaded) -> Path:
    return loaded.path(loaded.config.withdrawals_file)


def copy_of(loaded: Loaded) -> Path:
    """The one beside the backups."""
    return loaded.path(loaded.config.backup.folder) / NAME


def note(loaded: Loaded, tombstones: Sequence[Tombstone]) -> None:
    """Notes these, on the disk when it returns. Raises StoreError when it cannot. The copy beside the backups is made
    up for later where it cannot be written now."""
    append(file_of(loaded), tombstones)
    _beside_backups(loaded, append, tombstones)


def note_missing(loaded: Loaded, tombstones: Sequence[Tombstone]) -> None:
    """`note` for those that are not there yet."""
    add_missing(file_of(loaded), tombstones)
    _beside_backups(loaded, add_missing, tombstones)


def _beside_backups(
    loaded: Loaded, act: Callable[[Path, Sequence[Tombstone]], None], tombstones: Sequence[Tombstone]
) -> None:
    copy = copy_of(loaded)
    try:
        if os.path.isdir(copy.parent):  # False where it cannot be looked at
            act(copy, tombstones)
    except StoreError as error:
        log.warning("%s", error)


def what_keeps_from_noting(loaded: Loaded) -> Path | None:
    """The file or folder that may not be written, if a withdrawal could not be noted now."""
    file = file_of(loaded)
    there = next(path for path in (file, *file.parents) if path.exists())
    fits = there.is_file() if there == file else there.is_dir()
    return None if fits and os.access(there, os.W_OK) else there


def read(file: Path) -> list[Tombstone]:
    """What is noted; nothing where there is no file. Raises StoreError when it cannot be read."""
    try:
        text = file.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"the withdrawals in {file} cannot be read: {error.strerror}", "See its rights.") from None
    return _once(one for line in text.splitlines() if (one := _told(line)) is not None)


def _once(told: Iterable[Tombstone]) -> list[Tombstone]:
    """Each withdrawal as it was told first, each wish as it was told latest."""
    found: dict[tuple[bytes, bool], Tombstone] = {}
    for one in told:
        key = (one.digest, one.kind in WISHES)
        if key not in found or (key[1] and one.at >= found[key].at):
            found[key] = one
    return list(found.values())


def add_missing(file: Path, tombstones: Sequence[Tombstone]) -> None:
    """Notes those that are not in the file yet."""
    known = {(one.digest, one.kind in WISHES): one for one in read(file)}
    append(file, [one for one in tombstones if _is_news(one, known.get((one.digest, one.kind in WISHES)))])


def _is_news(one: Tombstone, known: Tombstone | None) -> bool:
    return known is None or (one.kind in WISHES and one.kind != known.kind and one.at > known.at)


def bring_to(folder: Path, loaded: Loaded) -> None:
    """Notes beside these backups what is noted beside the store. Raises StoreError when it cannot."""
    add_missing(folder / NAME, read(file_of(loaded)))


def append(file: Path, tombstones: Sequence[Tombstone]) -> None:
    """Adds lines and waits until the disk has them. Raises StoreError when it cannot."""
    if not tombstones:
        return
    lines = "".join(f"{one.at.isoformat()} {one.kind} {one.digest.hex()}\n" for one in tombstones)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        made = not file.exists()
        with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as stream:
            if stream.seek(0, os.SEEK_END) and _last_byte(stream.fileno()) != b"\n":
                lines = "\n" + lines  # after a line that was cut off
            stream.write(lines.encode("ascii"))
            stream.flush()
            os.fsync(stream.fileno())
        if made:
            handle = os.open(file.parent, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
    except OSError as error:
        raise StoreError(
            f"the withdrawal cannot be noted in {file}: {error.strerror}",
            "See `withdrawals_file:`, its rights and its disk; nothing was withdrawn yet.",
        ) from None


def _last_byte(handle: int) -> bytes:
    return os.pread(handle, 1, os.fstat(handle).st_size - 1)


def _told(line: str) -> Tombstone | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(found[1])
    except ValueError:
        return None
    return Tombstone(at, found[2], bytes.fromhex(found[3])) if at.tzinfo is not None else None
