"""The screen in the hall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ...presentation.formats import Stamp
from ...presentation.networks import Network
from .frame import Head


class WallPost(NamedTuple):
    """A post on the wall. `version` changes with what is shown of it."""

    url: str
    version: str
    name: str | None
    handle: str | None
    network: Network
    title: str | None
    text: str
    lang: str | None
    published: Stamp


@dataclass(frozen=True, slots=True)
class WallPage:
    """The screen in the hall. `campaign` is where a phone is led to, `address` how that is written for people."""

    head: Head
    title: str
    language: str
    tag: str
    address: str
    campaign: str
    feed: str
    closed: str | None
    posts: tuple[WallPost, ...]


@dataclass(frozen=True, slots=True)
class QrCode:
    """An address for a phone's camera."""

    address: str
