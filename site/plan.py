"""Which pages there are and what stands on them. Knows neither files nor SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.wishes import is_unindexed
from ..presentation.formats import Formats
from ..presentation.networks import family_of
from ..presentation.on_page import Pager
from ..presentation.posts import Showing, anchor_of
from ..presentation.thread import arrange
from ..presentation.views import Completeness, PostView
from ..storage.snapshot import Node, Thread
from .facts import Entry, facts_of
from .manifest import Uses
from .pages import Page
from .parts import part_path
from .picture_pages import shown_in
from .search.documents import Document, documents
from .settings import CampaignInfo, SiteSettings
from .thread_feed import with_feed
from .thread_pages import ThreadPages
from .views import Card, FeedLink, Head, Link, PartCard, RedirectPage, ThreadPage
from .wording import shorten

TITLE = 90
EXCERPT = 280
UNCONFIGURED = Showing(authors="initials")


@dataclass(frozen=True, slots=True)
class Planned:
    """A thread's pages, what lists show of it, the pictures on its pages, what insights count of it, and what is
    found of it."""

    card: Card
    pages: tuple[Page, ...]
    pictures: Uses
    facts: Mapping[Entry, int]
    documents: tuple[Document, ...] = ()


def interface(settings: SiteSettings, language: str | None) -> str:
    """The language that a page in `language` is surrounded by."""
    return language if language in settings.languages and language else settings.languages[0]


def home(settings: SiteSettings, language: str) -> str:
    """Where the site's pages in this language begin: "" for the first one."""
    return "" if language == settings.languages[0] else f"{language}/"


def head(
    settings: SiteSettings,
    kind: str,
    path: str,
    language: str,
    title: str,
    description: str,
    *,
    everywhere: str | None = None,
    noindex: bool = False,
    feeds: tuple[FeedLink, ...] = (),
) -> Head:
    """`everywhere`: the page's address below each language's home, for a page that is there in every language."""
    alternates: tuple[tuple[str, str], ...] = ()
    if everywhere is not None:
        alternates = tuple((each, home(settings, each) + everywhere) for each in settings.languages)
    start = home(settings, language)
    root = "../" * path.count("/") or "./"
    return Head(
        path,
        root,
        kind,
        language,
        title,
        description,
        start,
        f"{start}about/",
        f"{start}report/",
        alternates,
        noindex,
        feeds,
    )


def campaign_feeds(campaign: CampaignInfo) -> tuple[FeedLink, ...]:
    return (
        FeedLink("application/atom+xml", campaign.title, f"{campaign.slug}/feed.atom"),
        FeedLink("application/feed+json", campaign.title, f"{campaign.slug}/feed.json"),
    )


class ThreadPlanner:
    """Plans the threads of one campaign."""

    def __init__(self, settings: SiteSettings, campaign: CampaignInfo) -> None:
        self._settings = settings
        self._campaign = campaign
        self._language = interface(settings, campaign.language)
        self._formats = Formats(self._language, settings.timezone)
        self._own_tags = frozenset(tag.casefold() for tag in campaign.hashtags)
        self._closed = self._formats.day(campaign.closed_on) if campaign.closed_on else None

    def owner(self, thread_id: int) -> str:
        return f"{self._campaign.slug}/{thread_id}"

    def plan(self, thread: Thread) -> Planned | None:
        """The thread's pages, its first one first, or None when nothing of it may be shown."""
        arranged = arrange(thread.nodes, self._showing)
        if arranged is None:
            return None
        pager = Pager(arranged, thread.quoted, self._showing, self._formats)
        pages = ThreadPages(f"{self._campaign.slug}/{thread.address}.html", arranged, pager)
        spoken = [pages.spoken(at) for at in range(len(pages.paths))]
        noindex = [any(map(_noindex, some)) for some in spoken]
        card = self._card(thread, pages, noindex)
        views = [self._first(card, pages, arranged.completeness)]
        views += [self._further(pages, at, noindex[at]) for at in range(1, len(pages.paths))]
        owner = self.owner(thread.id)
        planned = [
            Page(
                view.head.path,
                "thread.html",
                self._language,
                view,
                owner,
                tuple(sorted({node.id for node in some if not node.doubted})),
            )
            for view, some in zip(views, spoken, strict=True)
        ]
        pictures = shown_in(
            (node for page in pages.on for node in page.nodes), (node for some in spoken for node in some)
        )
        found = tuple(self._documents(planned, pages.shown)) if self._settings.search else ()
        facts = facts_of(arranged, self._formats, self._own_tags)
        every = (*with_feed(self._settings, planned), *self._redirects(card, owner))
        return Planned(card, every, pictures, facts, found)

    def _card(self, thread: Thread, pages: ThreadPages, noindex: Sequence[bool]) -> Card:
        shown, lead = pages.shown, pages.lead
        first = shown[0]
        started = first.published_at or 0
        quiet = _noindex(first)
        return Card(
            thread_id=thread.id,
            first_id=None if first.doubted else first.id,
            path=pages.paths[0],
            month=f"{self._formats.local(started):%Y-%m}",
            started=started,
            latest=_latest(shown),
            posts=len(shown),
            featured=any(node.featured for node in shown),
            noindex=noindex[0],
            families=_families(shown),
            author=None if quiet or lead.author is None else lead.author.name,
            title=None if quiet or lead.warning else lead.title,
            excerpt="" if quiet or lead.warning else shorten(lead.text, EXCERPT),
            warning=None if quiet else lead.warning,
            lang=lead.lang,
            former=tuple(f"{self._campaign.slug}/{address}.html" for address in thread.former),
            parts=tuple(
                PartCard(pages.names[at], _latest(pages.on[at].shown), noindex[at]) for at in range(1, len(noindex))
            ),
            languages=tuple(sorted({node.lang.partition("-")[0].lower() for node in shown if node.lang})),
            days=dict(sorted(Counter(_days(pages)).items())),
        )

    def _first(self, card: Card, pages: ThreadPages, completeness: Completeness) -> ThreadPage:
        lead = pages.lead
        name = lead.author.name if lead.author else None
        title = _title(lead)
        return ThreadPage(
            head=self._head(
                card.path,
                f"{name}: {title}" if name and title else title or name or self._campaign.title,
                lead,
                card.noindex,
            ),
            campaign=Link(self._campaign.title, f"{self._campaign.slug}/"),
            title=title or self._campaign.title,
            closed=self._closed,
            nodes=pages.on[0].nodes,
            completeness=completeness,
            started=lead.published,
            posts=card.posts,
            families=card.families,
            around=pages.around(0),
        )

    def _documents(self, pages: Sequence[Page], shown: Sequence[Node]) -> Iterator[Document]:
        """Whoever does not want to be indexed by search engines is not found here either."""
        behind = {anchor_of(node.origin, node.native_id): node for node in shown}
        hidden = {anchor for anchor, node in behind.items() if _noindex(node)}
        for page in pages:
            if isinstance(page.data, ThreadPage):
                yield from documents(page.path, self._campaign.slug, page.data.nodes, behind, hidden)

    def _further(self, pages: ThreadPages, at: int, noindex: bool) -> ThreadPage:
        first = pages.first_on(at)
        title = (_title(pages.lead) if pages.root else "") or self._campaign.title
        here = pages.on[at].shown
        return ThreadPage(
            head=self._head(pages.paths[at], f"{title} · {first.published.text}" if first else title, first, noindex),
            campaign=Link(self._campaign.title, f"{self._campaign.slug}/"),
            title=title,
            closed=self._closed,
            nodes=pages.on[at].nodes,
            completeness=None,
            started=first.published if first else None,
            posts=len(here),
            families=_families(here),
            around=pages.around(at),
        )

    def _head(self, path: str, title: str, described_by: PostView | None, noindex: bool) -> Head:
        words = described_by.text if described_by and not described_by.warning else ""
        feeds = campaign_feeds(self._campaign)
        return head(
            self._settings, "thread", path, self._language, title, shorten(words, 160), noindex=noindex, feeds=feeds
        )

    def _redirects(self, card: Card, owner: str) -> Iterator[Page]:
        for former, path in moved(card):
            view = RedirectPage(
                head(self._settings, "redirect", former, self._language, self._campaign.title, "", noindex=True), path
            )
            yield Page(former, "redirect.html", self._language, view, owner)

    def _showing(self, node: Node) -> Showing:
        return showing_of(self._campaign, node)


def _days(pages: ThreadPages) -> Iterator[str]:
    """Of each post its day, as its stamp has it already: reckoning it a second time is dear for what it is."""
    return (node.post.published.iso[:10] for page in pages.on for node in page.nodes if node.post is not None)


def showing_of(campaign: CampaignInfo, node: Node) -> Showing:
    """How the campaign may show this post."""
    showing = Showing() if node.source is None else campaign.sources.get(node.source, UNCONFIGURED)
    return replace(showing, bare="doubt") if node.doubted else showing


def moved(card: Card) -> Iterator[tuple[str, str]]:
    """From each former address of the thread's pages to the present one."""
    for former in card.former:
        for name in ("", *(part.name for part in card.parts)):
            yield part_path(former, name), part_path(card.path, name)


def _title(post: PostView) -> str:
    return shorten(post.warning or post.title or post.text, TITLE)


def _latest(nodes: Sequence[Node]) -> int:
    return max((node.published_at or 0 for node in nodes), default=0)


def _families(nodes: Sequence[Node]) -> tuple[str, ...]:
    return tuple(sorted({family_of(node.origin) for node in nodes}))


def _noindex(node: Node) -> bool:
    return bool(node.writer and is_unindexed(node.writer.wishes))
