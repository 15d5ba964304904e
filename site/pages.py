"""A page as planned, and its key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

LISTS = ""  # the owner of every page that is not one thread's
PICTURES = "media"  # the owner of copies of pictures: several threads may show one
SEARCH_OWNER = "search"  # of the files of the search index


@dataclass(frozen=True, slots=True)
class Later:
    """A view that is made only for a page that must be written. `basis`: all that `make` makes it from; with a list of
    a thousand cards it is known much sooner than what is to stand on the page."""

    basis: Any
    make: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Page:
    """`path` is the file below the output; `data` a frozen view, or `Later`; `owner` the thread it belongs to, as
    "slug/thread id"; `shown` the posts whose words stand on it. Without a template, `data` is the file's bytes; a
    picture has no data, its path names its bytes."""

    path: str
    template: str | None
    language: str
    data: Any
    owner: str = LISTS
    shown: tuple[int, ...] = ()

    @property
    def basis(self) -> Any:
        """What the page's content depends on."""
        return self.data.basis if isinstance(self.data, Later) else self.data

    @property
    def view(self) -> Any:
        """What stands on it."""
        return self.data.make() if isinstance(self.data, Later) else self.data


@dataclass(frozen=True, slots=True)
class Key:
    """What a page was made from, one digest for each part."""

    data: str
    template: str
    settings: str
    version: str

    def __str__(self) -> str:
        return f"{self.data}:{self.template}:{self.settings}:{self.version}"

    @classmethod
    def parse(cls, text: str) -> Key:
        return cls(*text.split(":"))


def _fields(value: object) -> tuple[Any, ...]:
    """Of a named tuple, which orjson does not know by itself."""
    if isinstance(value, tuple):
        return tuple(value)
    raise TypeError(f"{type(value).__name__} is no part of a view")


def digest(value: Any) -> str:
    """Of bytes, or of frozen views, with every field: 32 hex digits."""
    raw = value if isinstance(value, bytes) else orjson.dumps(value, default=_fields)
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
