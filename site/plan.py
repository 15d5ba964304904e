"""Which pages there are and what stands on them. Knows neither files nor SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..core.wishes import is_unindexed
from ..presentation.formats import Formats
from ..presentation.networks import family_of
from ..presentation.posts import Showing, anchor_of
from ..presentation.thread import thread_view
from ..storage.snapshot import Node, Thread
from .manifest import Uses
from .pages import Page
from .picture_pages import shown_in
from .search.documents import Document, documents
from .settings import CampaignInfo, SiteSettings
from .views import Card, FeedLink, Head, Link, RedirectPage, ThreadPage

TITLE = 90
EXCERPT = 280
# Addresses say nothing on a card, and X's are https://t.co/…; "RE:" stands before a quoted post's address on servers
# whose readers may not know quotes: https://codeberg.org/fediverse/fep/src/branch/main/fep/e232/fep-e232.md
LINKS = re.compile(r"(?:\bRE: ?)?https?://\S+")
UNCONFIGURED = Showing(authors="initials")


@dataclass(frozen=True, slots=True)
class Planned:
    """A thread's pages, what lists show of it, the pictures on its pages, and what is found of it."""

    card: Card
    pages: tuple[Page, ...]
    pictures: Uses
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
        self._closed = self._formats.day(campaign.closed_on) if campaign.closed_on else None

    def owner(self, thread_id: int) -> str:
        return f"{self._campaign.slug}/{thread_id}"

    def plan(self, thread: Thread) -> Planned | None:
        """The thread's pages, or None when nothing of it may be shown."""
        arranged = thread_view(thread.nodes, thread.quoted, self._showing, self._formats)
        if arranged is None:
            return None
        shown = arranged.shown
        first = shown[0]
        view = arranged.view
        lead = next(node.post for node in view.nodes if node.post is not None)
        families = tuple(sorted({family_of(node.origin) for node in shown}))
        started = first.published_at or 0
        name = lead.author.name if lead.author else None
        quiet = view.noindex and _noindex(first)
        title = _title(lead.warning, lead.title, lead.text)
        card = Card(
            thread_id=thread.id,
            first_id=None if first.doubted else first.id,
            path=f"{self._campaign.slug}/{thread.address}.html",
            month=f"{self._formats.local(started):%Y-%m}",
            started=started,
            latest=max(node.published_at or 0 for node in shown),
            posts=len(shown),
            featured=any(node.featured for node in shown),
            noindex=view.noindex,
            families=families,
            author=None if quiet else name,
            title=None if quiet or lead.warning else lead.title,
            excerpt="" if quiet or lead.warning else shorten(lead.text, EXCERPT),
            warning=None if quiet else lead.warning,
            lang=lead.lang,
            former=tuple(f"{self._campaign.slug}/{address}.html" for address in thread.former),
        )
        page = ThreadPage(
            head=head(
                self._settings,
                "thread",
                card.path,
                self._language,
                f"{name}: {title}" if name and title else title or name or self._campaign.title,
                shorten("" if lead.warning else lead.text, 160),
                noindex=view.noindex,
                feeds=campaign_feeds(self._campaign),
            ),
            campaign=Link(self._campaign.title, f"{self._campaign.slug}/"),
            title=title or self._campaign.title,
            closed=self._closed,
            thread=view,
            started=self._formats.moment(started),
            posts=len(shown),
            families=families,
        )
        quoted = [quote for node in shown if (quote := thread.quoted.get(node.quote_id or 0))]
        pages = [
            Page(
                card.path,
                "thread.html",
                self._language,
                page,
                self.owner(thread.id),
                tuple(sorted({node.id for node in (*shown, *quoted) if not node.doubted})),
            )
        ]
        pages += self._redirects(card, thread.id)
        found = tuple(self._documents(pages, shown)) if self._settings.search else ()
        return Planned(card, tuple(pages), shown_in(view, (*shown, *quoted)), found)

    def _documents(self, pages: Sequence[Page], shown: Sequence[Node]) -> Iterator[Document]:
        """Whoever does not want to be indexed by search engines is not found here either."""
        behind = {anchor_of(node.origin, node.native_id): node for node in shown}
        hidden = {anchor for anchor, node in behind.items() if _noindex(node)}
        for page in pages:
            if isinstance(page.data, ThreadPage):
                yield from documents(page.path, self._campaign.slug, page.data.thread.nodes, behind, hidden)

    def _redirects(self, card: Card, thread_id: int) -> Iterator[Page]:
        for former in card.former:
            moved = RedirectPage(
                head(self._settings, "redirect", former, self._language, self._campaign.title, "", noindex=True),
                card.path,
            )
            yield Page(former, "redirect.html", self._language, moved, self.owner(thread_id))

    def _showing(self, node: Node) -> Showing:
        return showing_of(self._campaign, node)


def showing_of(campaign: CampaignInfo, node: Node) -> Showing:
    """How the campaign may show this post."""
    showing = Showing() if node.source is None else campaign.sources.get(node.source, UNCONFIGURED)
    return replace(showing, bare="doubt") if node.doubted else showing


def shorten(text: str, length: int) -> str:
    """The text on one line, without links, cut at a word."""
    line = " ".join(LINKS.sub("", text[: length * 4]).split())
    if len(line) <= length:
        return line
    cut = line[:length].rsplit(" ", 1)[0] if " " in line[:length] else line[:length]
    return f"{cut.rstrip(' ,;:.–-')}…"


def _title(warning: str | None, title: str | None, text: str) -> str:
    return shorten(warning or title or text, TITLE)


def _noindex(node: Node) -> bool:
    return bool(node.writer and is_unindexed(node.writer.wishes))
