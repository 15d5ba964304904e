"""What a campaign adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from ...presentation.views import Completeness
from .about import Became
from .cards import CardView
from .frame import Head, Link


@dataclass(frozen=True, slots=True)
class FigureView:
    """A chart and its numbers: `rows` as (place, a number for each of `series`); `what`: the heading of the places."""

    name: str
    title: str
    what: str
    series: tuple[str, ...]
    svg: Markup
    rows: tuple[tuple[str, tuple[str, ...]], ...]


class Counted(NamedTuple):
    """Something that several posts have, and how many."""

    title: str
    url: str | None
    posts: str


@dataclass(frozen=True, slots=True)
class InsightsPage:
    """What a campaign's discussions add up to. `answered`: the longest ones; `links`, `tags`: what several posts share;
    `csv`: the path of all numbers as a file; `replies`: how complete all discussions together are."""

    head: Head
    campaign: Link
    posts: str
    participants: str
    discussions: str
    figures: tuple[FigureView, ...]
    answered: tuple[CardView, ...]
    links: tuple[Counted, ...]
    tags: tuple[Counted, ...]
    csv: str
    replies: Completeness
    became: Became | None
