"""Everything a template may see, as frozen values: a page's data is the list of what it depends on. What lists hold by
the thousand are named tuples, as in presentation/views.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from ..presentation.formats import Stamp
from ..presentation.networks import Network
from ..presentation.views import Completeness, NodeView, ReplyTo


class LogoView(NamedTuple):
    """The picture in the header: its path and its size in pixels."""

    path: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages share. `policy`: what a page may load. `footers`: own words at the foot of pages, by language.
    `search`: whether readers can search."""

    title: str
    base_url: str
    languages: tuple[str, ...]
    policy: Markup
    controller: str | None
    contact: str | None
    at_the_top: bool  # of its host: then its robots.txt is heeded
    logo: LogoView | None = None
    footers: tuple[tuple[str, Markup], ...] = ()
    search: bool = False


class FeedLink(NamedTuple):
    type: str
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Head:
    """`path` is the page's address below the site's; `root` leads from the page back to the site's top ("../../").
    `alternates`: (language, path) of the same page in all languages."""

    path: str
    root: str
    kind: str
    language: str
    title: str
    description: str
    home: str
    about: str
    report: str
    alternates: tuple[tuple[str, str], ...] = ()
    noindex: bool = False
    feeds: tuple[FeedLink, ...] = ()


class Link(NamedTuple):
    title: str
    path: str


class PartCard(NamedTuple):
    """A further page of a thread, as sitemaps and redirects know it. `name` is its own part of the address; `latest`:
    microseconds since 1970."""

    name: str
    latest: int
    noindex: bool


class Card(NamedTuple):
    """A thread as lists show it. Kept in the manifest, so that lists are made without reading the threads again.
    Times are microseconds since 1970. `first_id`: the post whose words are shown, None where none are. Of an author who
    does not want to be indexed lists show no word. `noindex`: of its first page; `parts`: those after it. `languages`
    of its posts; `days`: how many of them each day has."""

    thread_id: int
    first_id: int | None
    path: str
    month: str
    started: int
    latest: int
    posts: int
    featured: bool
    noindex: bool
    families: tuple[str, ...]
    author: str | None
    title: str | None
    excerpt: str
    warning: str | None
    lang: str | None
    former: tuple[str, ...]
    parts: tuple[PartCard, ...] = ()
    languages: tuple[str, ...] = ()
    days: Mapping[str, int] = {}


class CardView(NamedTuple):
    """A card in one language."""

    path: str
    started: Stamp
    latest: Stamp
    posts: int
    families: tuple[str, ...]
    author: str | None
    title: str | None
    excerpt: str
    warning: str | None
    lang: str | None
    featured: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    posts: int
    discussions: int
    families: tuple[str, ...]
    latest: Stamp | None


class MonthLink(NamedTuple):
    label: str
    path: str
    discussions: int
    posts: int


@dataclass(frozen=True, slots=True)
class InvitationView:
    """The article that opened the discussion. `closed`: the day on which it was closed, or was to be
    closed and lies before the build's day."""

    slug: str
    title: str
    path: str
    language: str
    gurus: tuple[Link, ...]
    author: str | None
    content_type: Link | None
    date: str | None
    hashtags: tuple[str, ...]
    opens: str | None
    closes: str | None
    closed: str | None
    summary: str


class Inside(NamedTuple):
    """How many of an invitation's discussions have what a page is about, and where those stand that began in a
    month."""

    discussions: int
    path: str | None


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation with its numbers and one of its featured discussions, as lists of invitations show it."""

    invitation: InvitationView
    numbers: Numbers | None
    featured: CardView | None
    inside: Inside | None = None


class Choice(NamedTuple):
    """A value of a facet, with its page. `invitations`: how many have it."""

    slug: str
    label: str
    path: str
    invitations: int


@dataclass(frozen=True, slots=True)
class Facet:
    """`name` is its name in addresses. `choices`: the first of `total`; `path` leads to all."""

    name: str
    title: str
    path: str
    choices: tuple[Choice, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Listing:
    """As many invitations as a page holds, newest first; `earlier` and `later`: the pages before and after."""

    invited: tuple[Invited, ...]
    earlier: str | None
    later: str | None


@dataclass(frozen=True, slots=True)
class FrontPage:
    """`index`: the file that the filters are worked out from; `months`: the page to browse by month. `search`: None
    where readers cannot."""

    head: Head
    listing: Listing
    facets: tuple[Facet, ...]
    index: str
    months: str
    search: SearchView | None
    policy: Markup


@dataclass(frozen=True, slots=True)
class InvitationsPage:
    """Earlier invitations, or those that have one value of a facet: then `facet` is that one."""

    head: Head
    facet: Link | None
    listing: Listing
    months: str


@dataclass(frozen=True, slots=True)
class FacetPage:
    """All values of one facet."""

    head: Head
    choices: tuple[Choice, ...]


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
    head: Head
    campaign: Link
    label: str
    cards: tuple[CardView, ...]
    posts: int
    earlier: Link | None
    later: Link | None


class Begun(NamedTuple):
    """What the pages after a discussion's first say of its beginning: the page, and, if that post is shown, who wrote
    it and when."""

    path: str
    author: str | None
    at: Stamp | None


class Around(NamedTuple):
    """Where a page of a discussion in several stands. `begun` is None on the first; `answers`: what all that the page
    begins with answers, where that is another post than the discussion's first."""

    begun: Begun | None
    earlier: str | None
    later: str | None
    answers: ReplyTo | None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A discussion, or, with `around`, one page of it: `posts` and `families` are the page's own, on the first one the
    whole discussion's, which alone has a `completeness`. `started`: the time of the first post shown."""

    head: Head
    campaign: Link
    title: str
    closed: str | None
    nodes: tuple[NodeView, ...]
    completeness: Completeness | None
    started: Stamp | None
    posts: int
    families: tuple[str, ...]
    around: Around | None


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a campaign's posts up to a day: numbers by kind, and of the rejected ones by reason (None for
    those without words that may be told)."""

    title: str
    day: str
    numbers: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str | None, str], ...]


@dataclass(frozen=True, slots=True)
class AboutPage:
    """`campaigns`: what is collected, as (title, tags)."""

    head: Head
    controller: str | None
    contact: str | None
    mail: bool
    privacy_url: str | None
    keep_years: int | None
    campaigns: tuple[tuple[str, tuple[str, ...]], ...]
    networks: tuple[str, ...]
    became: tuple[Became, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Where readers report and withdraw: a form sent to `form`, a mail to `mail`, else what `contact` says. `policy`
    lets the form be sent there."""

    head: Head
    form: str | None
    mail: str | None
    contact: str | None
    policy: Markup


@dataclass(frozen=True, slots=True)
class FigureView:
    """A chart and its numbers: `rows` as (place, a number for each of `series`); `what`: the heading of the places.
    `csv`: the path of the same as a file."""

    name: str
    title: str
    what: str
    series: tuple[str, ...]
    svg: Markup
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    csv: str


class Counted(NamedTuple):
    """Something that several posts have, and how many."""

    title: str
    url: str | None
    posts: str


@dataclass(frozen=True, slots=True)
class InsightsPage:
    """What a campaign's discussions add up to. `answered`: the longest ones; `links`, `tags`: what several posts share,
    `shared` the path of the same as a file; `replies`: how complete all discussions together are."""

    head: Head
    campaign: Link
    posts: str
    participants: str
    discussions: str
    figures: tuple[FigureView, ...]
    answered: tuple[CardView, ...]
    links: tuple[Counted, ...]
    tags: tuple[Counted, ...]
    shared: str | None
    replies: Completeness
    became: Became | None


@dataclass(frozen=True, slots=True)
class NotFoundPage:
    head: Head
    css: Markup
    policy: Markup


@dataclass(frozen=True, slots=True)
class RedirectPage:
    head: Head
    target: str


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


class Entry(NamedTuple):
    """A discussion in a feed. Times in ISO 8601, UTC."""

    url: str
    title: str
    text: str
    author: str | None
    published: str
    updated: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    path: str
    title: str
    home: str
    language: str
    updated: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Sitemap:
    """Addresses with the day of their last change, where that is known."""

    urls: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class SitemapIndex:
    sitemaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Robots:
    sitemap: str


@dataclass(frozen=True, slots=True)
class Redirects:
    """(from, to) below the site's address."""

    moves: tuple[tuple[str, str], ...]


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
