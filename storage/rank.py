"""How observations of one post compare: by a text, the greater of which is believed."""

from __future__ import annotations

import hashlib
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, func, literal

from ..core.records import Post, Sighting
from .types import EPOCH, MICROSECOND

# AA.TTTTTTTTTTTTTTTTT.SSSSSSSSSSSSSSSSS.VVVV.DIGEST: authority, when the words are of, when they were seen, by which
# mapping they were read, and the words themselves
SEEN_FROM, SEEN_TO = 22, 39


def rank_of(seen: Sighting, mapping_version: int) -> str:
    """How an observation compares with others of the same post."""
    told_at = seen.post.edited_at or seen.post.published_at
    digest = hashlib.blake2b(_canonical(seen.post), digest_size=12).hexdigest()
    return f"{seen.authority:02d}.{_micros(told_at)}.{_micros(seen.seen_at)}.{mapping_version:04d}.{digest}"


def seen_at_instead(rank: ColumnElement[str | None], moment: datetime) -> ColumnElement[str | None]:
    """The rank in this column, as if it had been seen at `moment`."""
    return func.substr(rank, 1, SEEN_FROM - 1) + literal(_micros(moment)) + func.substr(rank, SEEN_TO)


def told_alike(one: str | None, other: str) -> bool:
    """Whether two ranks are of the same mapping of the same words."""
    return one is not None and one.split(".")[3:] == other.split(".")[3:]


def _micros(moment: datetime) -> str:
    return f"{max(0, (moment - EPOCH) // MICROSECOND):017d}"


def _canonical(said: Post) -> bytes:
    return orjson.dumps(said, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [*value]
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)
