"""The pages that are lists of threads, planned from cards: front, campaigns, months, feeds, sitemap, redirects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from urllib.parse import quote, urlsplit

from markdown_it import MarkdownIt
from markupsafe import Markup

from ..presentation.formats import Formats
from ..presentation.networks import host_of
from ..storage.transparency import Noted
from . import render
from .headers import netlify, of_inline, page_policy
from .pages import Page
from .plan import campaign_feeds, head, home, interface, shorten
from .settings import CampaignInfo, SiteSettings
from .views import (
    AboutPage,
    Became,
    CampaignPage,
    Card,
    CardView,
    Compose,
    Entry,
    Feed,
    FeedLink,
    FrontPage,
    InvitationView,
    Invited,
    Link,
    MonthLink,
    MonthPage,
    NotFoundPage,
    Numbers,
    Redirects,
    Robots,
    Sitemap,
    SitemapIndex,
)

LATEST = 20
KINDS = (  # of storage.transparency.Counts, as the page "about" tells them
    "collected",
    "approved_by_people",
    "approved_by_rules",
    "rejected_by_people",
    "rejected_by_rules",
    "waiting",
    "gone",
    "withdrawn",
    "edited_after_approval",
)
IN_FEED = 50
FEED_FILES = ("feed.atom", "feed.json")
SITEMAP_MOST = 50_000  # https://www.sitemaps.org/protocol.html
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False})

Cards = Mapping[str, Sequence[Card]]  # by campaign, oldest thread first


def in_order(cards: Iterator[Card]) -> list[Card]:
    """As lists go: by the thread's beginning."""
    return sorted(cards, key=lambda card: (card.started, card.path))


def lists(
    settings: SiteSettings,
    campaigns: Sequence[CampaignInfo],
    cards: Cards,
    as_of: date,
    noted: Mapping[str, Noted],
) -> Iterator[Page]:
    """Every page that is no thread's. `noted`: what became of each campaign's posts, by slug."""
    for asset in render.ASSETS:
        yield Page(render.asset_path(asset), None, settings.languages[0], render.asset(asset))
    for language in settings.languages:
        formats = Formats(language, settings.timezone)
        yield _front(settings, campaigns, cards, as_of, formats)
        yield _about(settings, campaigns, cards, noted, formats)
        for campaign in campaigns:
            months = _by_month(cards[campaign.slug])
            yield _campaign(settings, campaign, cards[campaign.slug], months, as_of, formats)
            yield from _months(settings, campaign, months, formats)
    yield from _feeds(settings, campaigns, cards)
    yield from sitemaps(settings, campaigns, cards)
    moves = ((former, card.path) for each in campaigns for card in cards[each.slug] for former in card.former)
    first = settings.languages[0]
    yield Page("_redirects", "redirects.txt", first, Redirects(tuple(sorted(moves))))
    yield Page("robots.txt", "robots.txt", first, Robots("sitemap.xml"))
    # it stands in for a page at any depth: its links lead from the host's top
    not_found = replace(
        head(settings, "404", "", first, settings.title, "", noindex=True), root=urlsplit(settings.base_url).path
    )
    css = render.asset(render.STYLE)
    inline = of_inline(css)
    told = NotFoundPage(not_found, Markup(css.decode()), Markup(page_policy(inline)))
    yield Page("404.html", "404.html", first, told)
    feeds = [f"{top}{name}" for top in ("", *(f"{each.slug}/" for each in campaigns)) for name in FEED_FILES]
    yield Page("_headers", None, first, netlify(settings.base_url, inline, feeds).encode())


def _by_month(cards: Sequence[Card]) -> dict[str, list[Card]]:
    return {month: list(group) for month, group in groupby(cards, key=lambda card: card.month)}


def _invitation(settings: SiteSettings, campaign: CampaignInfo, as_of: date, formats: Formats) -> InvitationView:
    told = campaign.invitation
    opens, closes = (told.opens, told.closes) if told else (None, None)
    closed_on = campaign.closed_on or (closes if closes is not None and closes < as_of else None)
    return InvitationView(
        title=campaign.title,
        path=f"{home(settings, formats.language)}{campaign.slug}/",
        language=campaign.language or settings.languages[0],
        gurus=told.gurus if told else (),
        author=told.author if told else None,
        content_type=told.content_type if told else None,
        date=formats.day(told.date) if told and told.date else None,
        hashtags=campaign.hashtags,
        opens=formats.day(opens) if opens else None,
        closes=formats.day(closes) if closes else None,
        closed=formats.day(closed_on) if closed_on else None,
        summary=shorten(_plain(told.body), 300) if told else "",
    )


def _plain(markdown: str) -> str:
    """The first paragraph's words."""
    tokens = _markdown.parse(markdown)
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and token.children:
            return "".join(" " if child.type.endswith("break") else child.content for child in token.children)
    return ""


def _numbers(cards: Sequence[Card], formats: Formats) -> Numbers:
    families = tuple(sorted({family for card in cards for family in card.families}))
    latest = max((card.latest for card in cards), default=None)
    return Numbers(
        sum(card.posts for card in cards), len(cards), families, None if latest is None else formats.moment(latest)
    )


def _view(card: Card, formats: Formats) -> CardView:
    return CardView(
        card.path,
        formats.moment(card.started),
        formats.moment(card.latest),
        card.posts,
        card.families,
        card.author,
        card.title,
        card.excerpt,
        card.warning,
        card.lang,
        card.featured,
    )


def _spoken(cards: Iterable[Card]) -> tuple[int, ...]:
    """The posts whose words these cards show."""
    return tuple(card.first_id for card in cards if card.first_id is not None)


def _newest(cards: Sequence[Card]) -> list[Card]:
    return sorted(cards, key=lambda card: (-card.latest, card.path))


def _front(
    settings: SiteSettings, campaigns: Sequence[CampaignInfo], cards: Cards, as_of: date, formats: Formats
) -> Page:
    path = home(settings, formats.language)
    featured = {campaign.slug: _highlight(cards[campaign.slug]) for campaign in campaigns}
    page = FrontPage(
        head(
            settings,
            "front",
            path,
            formats.language,
            settings.title,
            "",
            everywhere="",
            feeds=_site_feeds(settings),
        ),
        tuple(
            Invited(
                _invitation(settings, campaign, as_of, formats),
                _numbers(cards[campaign.slug], formats),
                _view(card, formats) if (card := featured[campaign.slug]) else None,
            )
            for campaign in campaigns
        ),
    )
    shown = _spoken(card for card in featured.values() if card)
    return Page(f"{path}index.html", "front.html", formats.language, page, shown=shown)


def _highlight(cards: Sequence[Card]) -> Card | None:
    """The newest featured discussion that has words to show."""
    told = (card for card in _newest(cards) if card.featured and (card.warning or card.title or card.excerpt))
    return next(told, None)


def _campaign(
    settings: SiteSettings,
    campaign: CampaignInfo,
    cards: Sequence[Card],
    months: Mapping[str, Sequence[Card]],
    as_of: date,
    formats: Formats,
) -> Page:
    invitation = _invitation(settings, campaign, as_of, formats)
    told = campaign.invitation
    featured = [card for card in _newest(cards) if card.featured]
    latest = [card for card in _newest(cards) if not card.featured][:LATEST]
    page = CampaignPage(
        head=head(
            settings,
            "campaign",
            invitation.path,
            formats.language,
            campaign.title,
            shorten(invitation.summary, 160),
            everywhere=f"{campaign.slug}/",
            feeds=campaign_feeds(campaign),
        ),
        invitation=invitation,
        body=Markup(_markdown.render(told.body)) if told else Markup(),
        original=told.url if told else None,
        compose=() if invitation.closed else _compose(campaign),
        numbers=_numbers(cards, formats),
        featured=tuple(_view(card, formats) for card in featured),
        latest=tuple(_view(card, formats) for card in latest),
        months=tuple(
            MonthLink(
                formats.month(month), f"{invitation.path}{month}/", len(inside), sum(card.posts for card in inside)
            )
            for month, inside in reversed(list(months.items()))
        ),
    )
    return Page(
        f"{invitation.path}index.html",
        "campaign.html",
        formats.language,
        page,
        shown=_spoken((*featured, *latest)),
    )


def _compose(campaign: CampaignInfo) -> tuple[Compose, ...]:
    """Where one can answer: at the organiser's posts, and on X, without one there, in its own form with the tag (Web
    Intents)."""
    found: dict[str, Compose] = {}
    for opener in campaign.openers:
        host = (host_of(opener) or "").removeprefix("www.")
        name = {"facebook.com": "Facebook", "x.com": "X", "twitter.com": "X"}.get(host, host)
        found.setdefault(name, Compose(name, opener))
    found.setdefault("X", Compose("X", f"https://x.com/intent/post?hashtags={quote(campaign.hashtags[0])}"))
    return tuple(found.values())


def _months(
    settings: SiteSettings, campaign: CampaignInfo, months: Mapping[str, Sequence[Card]], formats: Formats
) -> Iterator[Page]:
    names = list(months)
    top = f"{home(settings, formats.language)}{campaign.slug}/"

    def link(at: int) -> Link | None:
        return Link(formats.month(names[at]), f"{top}{names[at]}/") if 0 <= at < len(names) else None

    for at, month in enumerate(names):
        cards = months[month]
        label = formats.month(month)
        page = MonthPage(
            head=head(
                settings,
                "month",
                f"{top}{month}/",
                formats.language,
                f"{label} · {campaign.title}",
                "",
                everywhere=f"{campaign.slug}/{month}/",
                feeds=campaign_feeds(campaign),
            ),
            campaign=Link(campaign.title, top),
            label=label,
            cards=tuple(_view(card, formats) for card in reversed(cards)),
            posts=sum(card.posts for card in cards),
            earlier=link(at - 1),
            later=link(at + 1),
        )
        yield Page(
            f"{top}{month}/index.html",
            "month.html",
            formats.language,
            page,
            shown=_spoken(cards),
        )


def _about(
    settings: SiteSettings,
    campaigns: Sequence[CampaignInfo],
    cards: Cards,
    noted: Mapping[str, Noted],
    formats: Formats,
) -> Page:
    legal = settings.legal
    path = f"{home(settings, formats.language)}about/"
    contact = legal.contact if legal else None
    page = AboutPage(
        head=head(settings, "about", path, formats.language, settings.title, "", everywhere="about/"),
        controller=legal.controller if legal else None,
        contact=contact,
        mail=bool(contact and "@" in contact and " " not in contact and "/" not in contact),
        privacy_url=legal.privacy_url if legal else None,
        keep_years=legal.keep_years if legal else None,
        campaigns=tuple((campaign.title, campaign.hashtags) for campaign in campaigns),
        networks=tuple(sorted({name for some in cards.values() for card in some for name in card.families})),
        became=tuple(_became(one, noted[one.slug], formats) for one in campaigns if one.slug in noted),
    )
    return Page(f"{path}index.html", "about.html", formats.language, page)


def _became(campaign: CampaignInfo, what: Noted, formats: Formats) -> Became:
    """The most frequent reasons first; those that have no words of their own together, at the end."""
    counts = what.counts
    reasons = [(what.words.get(code, {}).get(formats.language), number) for code, number in counts.reasons.items()]
    reasons.sort(key=lambda one: (one[0] is None, -one[1], one[0] or ""))
    numbers = [(kind, getattr(counts, kind)) for kind in KINDS]
    return Became(
        campaign.title,
        formats.day(what.day),
        tuple((kind, formats.number(number)) for kind, number in numbers if number or kind == KINDS[0]),
        tuple((words, formats.number(number)) for words, number in reasons),
    )


def _site_feeds(settings: SiteSettings) -> tuple[FeedLink, ...]:
    return (
        FeedLink("application/atom+xml", settings.title, "feed.atom"),
        FeedLink("application/feed+json", settings.title, "feed.json"),
    )


def _feeds(settings: SiteSettings, campaigns: Sequence[CampaignInfo], cards: Cards) -> Iterator[Page]:
    for campaign in campaigns:
        language = interface(settings, campaign.language)
        top = f"{campaign.slug}/"
        yield from _feed(settings, campaign.title, top, language, cards[campaign.slug])
    together = [card for campaign in campaigns for card in cards[campaign.slug]]
    yield from _feed(settings, settings.title, "", settings.languages[0], together)


def _feed(settings: SiteSettings, title: str, top: str, language: str, cards: Sequence[Card]) -> Iterator[Page]:
    newest = _newest(cards)[:IN_FEED]
    entries = tuple(
        Entry(
            url=settings.base_url + card.path,
            title=shorten(card.warning or card.title or card.excerpt or title, 90),
            text=card.warning or card.excerpt,
            author=card.author,
            published=_iso(card.started),
            updated=_iso(card.latest),
            lang=card.lang,
        )
        for card in newest
    )
    updated = entries[0].updated if entries else _iso(0)
    shown = _spoken(newest)
    for name in FEED_FILES:
        feed = Feed(f"{top}{name}", title, top, language, updated, entries)
        yield Page(f"{top}{name}", name, language, feed, shown=shown)


def sitemaps(settings: SiteSettings, campaigns: Sequence[CampaignInfo], cards: Cards) -> Iterator[Page]:
    """One file, or parts with an index where one may not hold all."""
    first = settings.languages[0]
    tops: list[tuple[str, str | None]] = []
    threads: dict[str, list[tuple[str, str | None]]] = {}
    for language in settings.languages:
        start = settings.base_url + home(settings, language)
        tops += [(start, None), (f"{start}about/", None)]
        for campaign in campaigns:
            latest = max((card.latest for card in cards[campaign.slug]), default=None)
            tops.append((f"{start}{campaign.slug}/", None if latest is None else _iso(latest)[:10]))
            months = _by_month(cards[campaign.slug])
            tops += [(f"{start}{campaign.slug}/{month}/", None) for month in months]
    for campaign in campaigns:
        for card in cards[campaign.slug]:
            if not card.noindex:
                url = (settings.base_url + card.path, _iso(card.latest)[:10])
                threads.setdefault(f"sitemap-{campaign.slug}-{card.month}", []).append(url)
    if len(tops) + sum(map(len, threads.values())) <= SITEMAP_MOST:
        urls = tuple(tops + [url for some in threads.values() for url in some])
        yield Page("sitemap.xml", "sitemap.xml", first, Sitemap(urls))
        return
    parts = {"sitemap-pages.xml": tops}
    for name, urls in threads.items():
        for number, start in enumerate(range(0, len(urls), SITEMAP_MOST), 1):
            parts[f"{name}-{number}.xml"] = urls[start : start + SITEMAP_MOST]
    yield Page("sitemap.xml", "sitemap-index.xml", first, SitemapIndex(tuple(settings.base_url + n for n in parts)))
    for name, urls in parts.items():
        yield Page(name, "sitemap.xml", first, Sitemap(tuple(urls)))


def _iso(micros: int) -> str:
    return (_EPOCH + timedelta(microseconds=micros)).strftime("%Y-%m-%dT%H:%M:%SZ")
