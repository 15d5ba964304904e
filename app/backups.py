"""The folder of backups: copies of the store, checked, compressed, each with a small file of facts beside it.

A backup is `tagora-MOMENT.db.gz` and `tagora-MOMENT.json`. It is made in a folder of its own within the folder and
renamed into place when it is whole, the facts first: a name ending in .db.gz with facts beside it whose size fits is a
backup, everything else counts for nothing.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import orjson

from ..collector.holder import gone, holder_name
from ..core.clock import Clock
from ..core.errors import StoreError, StoreFull
from ..storage.copies import copy_to
from ..storage.store import Store
from .config_file import Loaded

LITTER = 86_400  # seconds after which a half-made one counts as left behind, where nothing can be known of its process
HALF = ".half-"
BLOCK = 1 << 20
LEVEL = 3  # of gzip: half the time of the usual 6, and 3 % larger (payloads are compressed already)


@dataclass(frozen=True, slots=True)
class Backup:
    """A good copy. `file` is compressed; `schema` is the store's revision, `rows` how many each table has, `program`
    the version that made it."""

    file: Path
    at: datetime
    schema: str
    program: str
    sha256: str
    size: int
    rows: Mapping[str, int]

    @property
    def facts(self) -> Path:
        return self.file.with_name(self.file.name.removesuffix(".db.gz") + ".json")

    @property
    def posts(self) -> int:
        return self.rows.get("post", 0)

    @property
    def decisions(self) -> int:
        return self.rows.get("decision", 0)


def folder_of(loaded: Loaded) -> Path:
    return loaded.path(loaded.config.backup.folder)


def make(store: Store, folder: Path, clock: Clock) -> Backup:
    """Writes a backup of `store` into `folder`. The ones that are there stay whatever happens; one that fails leaves
    nothing. Raises StoreError, StoreFull when there is no room."""
    moment = clock.now()
    with _full(folder), half_made(folder) as room:
        plain, packed = room / "store.db", room / "store.db.gz"
        held = copy_to(store, plain)
        sha256 = _pack(plain, packed)
        name = _free_name(folder, moment)
        made = Backup(
            folder / f"{name}.db.gz",
            moment,
            held.schema,
            version("tagora"),
            sha256,
            packed.stat().st_size,
            held.rows,
        )
        facts = room / "facts.json"
        _write(facts, _written(made))
        os.replace(facts, made.facts)
        os.replace(packed, made.file)
        _sync_folder(folder)
    return made


def good(folder: Path) -> list[Backup]:
    """The backups in `folder`, the newest first."""
    found = [_read(file) for file in folder.glob("tagora-*.json")] if os.path.isdir(folder) else []
    return sorted((one for one in found if one is not None), key=lambda one: (one.at, one.file.name), reverse=True)


def prune(folder: Path, keep: int, now: datetime) -> list[Backup]:
    """Takes the oldest away, so that `keep` good ones stay; those it took. A copy that says it was made after `now`
    (the clock was wrong) is the first to go."""
    ordered = sorted(good(folder), key=lambda one: (one.at <= now, one.at), reverse=True)
    with _full(folder):
        for one in ordered[keep:]:
            one.file.unlink(missing_ok=True)
            one.facts.unlink(missing_ok=True)
        for facts in folder.glob("tagora-*.json"):  # of one whose removal was cut short
            if not facts.with_name(facts.stem + ".db.gz").exists() and _age(facts) > LITTER:
                facts.unlink(missing_ok=True)
    return ordered[keep:]


def unpack(file: Path, target: Path) -> str:
    """Writes the store in a backup's file to `target`; the SHA-256 of the compressed file. Raises StoreError when it is
    cut off or is none."""
    seen = hashlib.sha256()
    try:
        with file.open("rb") as raw:
            while block := raw.read(BLOCK):
                seen.update(block)
        with gzip.open(file, "rb") as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, BLOCK)
            sink.flush()
            os.fsync(sink.fileno())
    except (gzip.BadGzipFile, EOFError) as error:
        raise StoreError(f"the backup {file} is damaged or cut off ({error})", "Use another one.") from None
    return seen.hexdigest()


# --- files -----------------------------------------------------------------------------------------------------------


@contextmanager
def half_made(folder: Path) -> Iterator[Path]:
    """A folder within `folder` for what is not whole yet; gone afterwards, or when the next is made if this process is
    killed. Nobody else may read it."""
    _clear_litter(folder)
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700)
    room = Path(tempfile.mkdtemp(prefix=HALF, dir=folder))
    try:
        (room / "maker").write_text(holder_name(), encoding="utf-8")
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _clear_litter(folder: Path) -> None:
    """What killed processes left half made."""
    for room in folder.glob(f"{HALF}*"):
        try:
            maker = (room / "maker").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            maker = ""
        if gone(maker) or _age(room) > LITTER:
            shutil.rmtree(room, ignore_errors=True)


def _pack(plain: Path, packed: Path) -> str:
    """Compresses, reads back what the disk has and compares; the SHA-256 of the compressed file."""
    was = hashlib.sha256()
    with plain.open("rb") as source, packed.open("wb") as sink:
        with gzip.GzipFile(filename="", fileobj=sink, mode="wb", compresslevel=LEVEL, mtime=0) as stream:
            while block := source.read(BLOCK):
                was.update(block)
                stream.write(block)
        sink.flush()
        os.fsync(sink.fileno())
    packed.chmod(0o600)
    plain.unlink()
    now, whole = hashlib.sha256(), hashlib.sha256()
    with gzip.open(packed, "rb") as back:
        while block := back.read(BLOCK):
            now.update(block)
    with packed.open("rb") as raw:
        while block := raw.read(BLOCK):
            whole.update(block)
    if now.digest() != was.digest():
        raise StoreError(f"what was written to {packed.parent.parent} cannot be read back", "Look after that disk.")
    return whole.hexdigest()


@contextmanager
def _full(folder: Path) -> Iterator[None]:
    """The system's refusals in one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(
                f"there is no room for a backup in {folder}", "Free some space; the earlier ones are kept."
            ) from None
        raise StoreError(
            f"the backup cannot be written to {folder}: {error.strerror}", "See `backup: folder` and its rights."
        ) from None


def _free_name(folder: Path, moment: datetime) -> str:
    at = moment.astimezone(UTC)
    while (folder / (name := f"tagora-{at:%Y-%m-%dT%H%M%SZ}")).with_suffix(".json").exists():
        at += timedelta(seconds=1)
    return name


def facts_of(file: Path) -> Backup | None:
    """The backup in `file`, where its facts stand beside it and it is whole."""
    return _read(file.with_name(file.name.removesuffix(".db.gz") + ".json"))


def _written(one: Backup) -> bytes:
    told = {
        "at": one.at.isoformat(),
        "schema": one.schema,
        "program": one.program,
        "sha256": one.sha256,
        "size": one.size,
        "rows": dict(one.rows),
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _read(facts: Path) -> Backup | None:
    """The backup that these facts tell of; None when it is not there, not whole, or they are no facts."""
    file = facts.with_name(facts.stem + ".db.gz")
    try:
        told = orjson.loads(facts.read_bytes())
        one = Backup(
            file,
            datetime.fromisoformat(told["at"]),
            str(told["schema"]),
            str(told["program"]),
            str(told["sha256"]),
            int(told["size"]),
            {str(name): int(number) for name, number in told["rows"].items()},
        )
        return one if file.stat().st_size == one.size and one.at.tzinfo is not None else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
