"""Feeds as blogs' programs write them: RSS 2.0, RSS 1.0, Atom 1.0, JSON Feed 1.1."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from .blog_pages import text_html
from .script import FeedKind

CONTENT_TYPES = {
    FeedKind.RSS: "application/rss+xml; charset=UTF-8",
    FeedKind.RSS1: "application/rdf+xml",
    FeedKind.ATOM: "application/atom+xml",
    FeedKind.JSON: "application/feed+json",
}
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_RSS = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">'
)
_RDF = (
    '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wfw="http://wellformedweb.org/CommentAPI/">'
)
_ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"{lang}>'


@dataclass(frozen=True, slots=True)
class Head:
    """`address` is the feed's own, `following` where its older entries are."""

    title: str
    site: str
    address: str
    following: str | None
    lang: str | None
    noindex: bool


@dataclass(frozen=True, slots=True)
class Entry:
    guid: str
    url: str
    title: str | None
    text: str
    author: str
    published: datetime
    updated: datetime | None = None
    categories: tuple[str, ...] = ()
    lang: str | None = None
    comments_feed: str | None = None
    comments: int | None = None
    answers: str | None = None
    answers_at: str | None = None
    answers_name: str | None = None


def write(kind: FeedKind, head: Head, entries: list[Entry]) -> str:
    """The whole document."""
    return {FeedKind.RSS: _rss, FeedKind.RSS1: _rss1, FeedKind.ATOM: _atom, FeedKind.JSON: _json}[kind](head, entries)


def _rss(head: Head, entries: list[Entry]) -> str:
    following = f'<atom:link href="{escape(head.following)}" rel="next"/>\n' if head.following else ""
    robots = '<xhtml:meta xmlns:xhtml="http://www.w3.org/1999/xhtml" name="robots" content="noindex"/>\n'
    top = (
        f"{_XML}{_RSS}\n<channel>\n<title>{escape(head.title)}</title>\n<link>{escape(head.site)}</link>\n"
        f'<atom:link href="{escape(head.address)}" rel="self"/>\n{following}'
        f"{f'<language>{head.lang}</language>' if head.lang else ''}{robots if head.noindex else ''}\n"
    )
    return top + "".join(map(_rss_item, entries)) + "</channel>\n</rss>\n"


def _rss_item(one: Entry) -> str:
    pointer = ""
    if one.answers_name:  # WordPress' own way to say what a comment answers
        pointer = f'In reply to <a href="{escape(one.answers_at or "")}">{escape(one.answers_name)}</a>.\n\n'
    content = f"<content:encoded><![CDATA[{_wordpress(pointer)}{text_html(one.text)}]]></content:encoded>\n"
    return (
        f"<item>\n<title>{escape(one.title or '')}</title>\n<link>{escape(one.url)}</link>\n"
        f"<dc:creator><![CDATA[{one.author}]]></dc:creator>\n"
        f"<pubDate>{format_datetime(one.published)}</pubDate>\n"
        + "".join(f"<category><![CDATA[{name}]]></category>\n" for name in one.categories)
        + f'<guid isPermaLink="false">{escape(one.guid)}</guid>\n'
        f"<description><![CDATA[{one.text[:60]}]]></description>\n{content}"
        + (f"<wfw:commentRss>{escape(one.comments_feed)}</wfw:commentRss>\n" if one.comments_feed else "")
        + (f"<slash:comments>{one.comments}</slash:comments>\n" if one.comments is not None else "")
        + "</item>\n"
    )


def _wordpress(pointer: str) -> str:
    return f"<p>{pointer.strip()}</p>\n" if pointer else ""


def _rss1(head: Head, entries: list[Entry]) -> str:
    listed = "".join(f'<rdf:li resource="{escape(one.url)}"/>' for one in entries)
    top = (
        f'{_XML}{_RDF}\n<channel rdf:about="{escape(head.address)}">\n<title>{escape(head.title)}</title>\n'
        f"<link>{escape(head.site)}</link>\n<items><rdf:Seq>{listed}</rdf:Seq></items>\n</channel>\n"
    )
    items = "".join(
        f'<item rdf:about="{escape(one.guid)}">\n<title>{escape(one.title or "")}</title>\n'
        f"<link>{escape(one.url)}</link>\n<dc:creator>{escape(one.author)}</dc:creator>\n"
        f"<dc:date>{one.published.isoformat()}</dc:date>\n"
        + "".join(f"<dc:subject>{escape(name)}</dc:subject>\n" for name in one.categories)
        + f"<content:encoded>{escape(text_html(one.text))}</content:encoded>\n"
        + (f"<wfw:commentRss>{escape(one.comments_feed)}</wfw:commentRss>\n" if one.comments_feed else "")
        + "</item>\n"
        for one in entries
    )
    return top + items + "</rdf:RDF>\n"


def _atom(head: Head, entries: list[Entry]) -> str:
    following = f'<link rel="next" href="{escape(head.following)}"/>\n' if head.following else ""
    updated = max((one.updated or one.published for one in entries), default=None)
    top = (
        f"{_XML}{_ATOM.format(lang=f' xml:lang={chr(34)}{head.lang}{chr(34)}' if head.lang else '')}\n"
        f"<title>{escape(head.title)}</title>\n<id>{escape(head.address)}</id>\n"
        f'<link rel="self" href="{escape(head.address)}"/>\n{following}'
        f"{f'<updated>{updated.isoformat()}</updated>' if updated else ''}\n"
    )
    return top + "".join(map(_atom_entry, entries)) + "</feed>\n"


def _atom_entry(one: Entry) -> str:
    lang = f' xml:lang="{one.lang}"' if one.lang else ""
    return (
        f"<entry{lang}>\n<id>{escape(one.guid)}</id>\n<title>{escape(one.title or '')}</title>\n"
        f'<link rel="alternate" href="{escape(one.url)}"/>\n<author><name>{escape(one.author)}</name></author>\n'
        f"<published>{one.published.isoformat()}</published>\n"
        f"<updated>{(one.updated or one.published).isoformat()}</updated>\n"
        + "".join(f'<category term="{escape(name)}"/>\n' for name in one.categories)
        + f'<content type="html">{escape(text_html(one.text))}</content>\n'
        + (
            f'<link rel="replies" type="application/atom+xml" href="{escape(one.comments_feed)}" '
            f'thr:count="{one.comments}"/>\n'
            if one.comments_feed
            else ""
        )
        + (
            f'<thr:in-reply-to ref="{escape(one.answers)}" href="{escape(one.answers_at or "")}"/>\n'
            if one.answers
            else ""
        )
        + "</entry>\n"
    )


def _json(head: Head, entries: list[Entry]) -> str:
    told: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.site,
        "feed_url": head.address,
        "items": [_json_item(one) for one in entries],
    }
    if head.following:
        told["next_url"] = head.following
    if head.lang:
        told["language"] = head.lang
    return json.dumps(told, ensure_ascii=False)


def _json_item(one: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": one.guid,
        "url": one.url,
        "title": one.title,
        "content_html": text_html(one.text),
        "authors": [{"name": one.author}],
        "date_published": one.published.isoformat(),
        "tags": list(one.categories),
    }
    if one.updated:
        item["date_modified"] = one.updated.isoformat()
    if one.lang:
        item["language"] = one.lang
    return item
