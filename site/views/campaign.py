"""A campaign and its months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from .cards import CardView
from .frame import Head, Link
from .invitations import InvitationView, Numbers


class MonthLink(NamedTuple):
    label: str
    path: str
    discussions: int
    posts: int


class Compose(NamedTuple):
    """A network, and where to write on it."""

    network: str
    url: str


@dataclass(frozen=True, slots=True)
class TakingPart:
    """`compose`: networks' own forms, with the tag filled in; `fediverse`: what is filled in there, once a reader named
    the server; `openers`: the posts that asked the question, to be answered."""

    compose: tuple[Compose, ...]
    fediverse: str | None
    openers: tuple[Compose, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """A chart of posts over time and the same numbers as rows: (when, how many). `name`: what is counted."""

    title: str
    name: str
    svg: Markup
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """`part`: None once it is closed; `answered`: the longest discussions, where there are many."""

    head: Head
    invitation: InvitationView
    body: Markup
    original: str | None
    part: TakingPart | None
    numbers: Numbers
    activity: Activity | None
    featured: tuple[CardView, ...]
    latest: tuple[CardView, ...]
    answered: tuple[CardView, ...]
    months: tuple[MonthLink, ...]


@dataclass(frozen=True, slots=True)
class MonthPage:
    """The discussions that began in a month: `cards`, or, where there are very many, `days` that lead to them. So is a
    day of such a `month`."""

    head: Head
    campaign: Link
    month: Link | None
    label: str
    cards: tuple[CardView, ...]
    days: tuple[MonthLink, ...]
    discussions: int
    posts: int
    earlier: Link | None
    later: Link | None
