"""The search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from .frame import Head, Link


class SearchCampaign(NamedTuple):
    """What the search knows of a campaign. `gurus`, `types`: (value in addresses, name)."""

    slug: str
    title: str
    path: str
    language: str
    gurus: tuple[tuple[str, str], ...]
    types: tuple[tuple[str, str], ...]
    months: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """`path` of the search's own page, `entry` of its index. `networks`: (value in addresses, name)."""

    path: str
    entry: str
    language: str
    timezone: str
    campaigns: tuple[SearchCampaign, ...]
    networks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    head: Head
    search: SearchView
    policy: Markup
