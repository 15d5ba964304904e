"""What stands at a target because we put it there. The record lies at the target itself, so that it is lost only
together with what it tells of, and any machine that publishes there finds it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

OWN = ".tagora/"  # what we keep at a target beside the site's files
RECORD = OWN + "published.json.gz"
LOCK = OWN + "lock"
FORMAT = 1
MOST_BYTES = 500_000_000  # of a record unpacked: what is more is no record of ours


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of ours at the target. `sha` names its bytes, None while it is being replaced or is not known; `shown`
    the posts whose words may stand in it, None where that is not known."""

    sha: str | None
    size: int
    shown: tuple[int, ...] | None


@dataclass(slots=True)
class Record:
    """`store` names the store whose posts `shown` speaks of. `foreign`: files of somebody else, where the record was
    made from a list of all; None in one that was read."""

    store: str
    files: dict[str, Sent] = field(default_factory=dict)
    foreign: frozenset[str] | None = None


def dumps(record: Record) -> bytes:
    files = {path: [one.sha, one.size, one.shown] for path, one in sorted(record.files.items())}
    raw = orjson.dumps({"format": FORMAT, "store": record.store, "files": files})
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)  # gzip, without a time in it
    return packer.compress(raw) + packer.flush()


def loads(raw: bytes) -> Record | None:
    """None for what is no whole record: it counts as lost. Anybody who may write to the target may write it, so a path
    that leads out of the target is not taken."""
    try:
        unpacker = zlib.decompressobj(31)
        told = orjson.loads(unpacker.decompress(raw, MOST_BYTES))
        if not unpacker.eof or told["format"] != FORMAT or not isinstance(told["store"], str):
            return None
        return Record(told["store"], {path: _sent(value) for path, value in _files(told["files"])})
    except (zlib.error, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def _files(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(path, one) for path, one in value.items() if is_inside(path)]


def is_inside(path: str) -> bool:
    """Whether this is the path of a file below the target, and not in our own folder there."""
    parts = path.split("/")
    return all(part not in ("", ".", "..") and "\0" not in part and "\\" not in part for part in parts) and (
        not path.startswith(OWN)
    )


def _sent(value: Any) -> Sent:
    sha, size, shown = value
    if not (sha is None or isinstance(sha, str)) or not isinstance(size, int):
        raise ValueError("no file of a record")
    return Sent(sha, size, None if shown is None else tuple(int(one) for one in shown))
