"""A long discussion's own feed (Atom: RFC 4287): its newest posts. Put together without a template, which would cost
half as much again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import nlargest
from typing import NamedTuple

from ..presentation.markup import escaped
from ..presentation.views import PostView
from .pages import Page
from .settings import SiteSettings, at_the_top
from .views import FeedLink, ThreadPage
from .wording import shorten

LEAST = 15  # posts of a discussion that has one: docs/decisions.md says why
MOST = 20  # entries
TITLE = 70
SUFFIX = ".replies.atom"  # robots.txt asks search engines to leave these alone


def with_feed(settings: SiteSettings, pages: Sequence[Page]) -> list[Page]:
    """The pages of a discussion, and with enough posts its feed, which its first page then names. Where some author
    does not want to be found and robots.txt is not heeded, the feed only says where there is something new."""
    views: list[ThreadPage] = [page.data for page in pages]
    first = views[0]
    if first.posts < LEAST:
        return list(pages)
    posts = [
        Placed(f"{settings.base_url}{view.head.path}#{node.anchor}", node.post)
        for view in views
        for node in view.nodes
        if node.post is not None
    ]
    words = at_the_top(settings.base_url) or not any(view.head.noindex for view in views)
    publisher = settings.legal.controller if settings.legal and settings.legal.controller else settings.title
    path = feed_path(first.head.path)
    feed = thread_feed(
        settings.base_url,
        first.head.path,
        first.title if words else first.campaign.title,
        first.head.language,
        publisher,
        posts,
        words=words,
    )
    head = replace(first.head, feeds=(FeedLink("application/atom+xml", first.title, path), *first.head.feeds))
    shown = tuple(sorted({post_id for page in pages for post_id in page.shown}))
    return [
        replace(pages[0], data=replace(first, head=head)),
        *pages[1:],
        Page(path, None, first.head.language, feed, pages[0].owner, shown),
    ]


class Placed(NamedTuple):
    """A post and its address."""

    url: str
    post: PostView


def feed_path(page: str) -> str:
    """Of the discussion whose first page has this path."""
    return page.removesuffix(".html") + SUFFIX


def thread_feed(
    base_url: str, page: str, title: str, language: str, publisher: str, posts: Iterable[Placed], *, words: bool
) -> bytes:
    """Of the discussion at `page`. Without `words` it says of each post only that there is one and where."""
    newest = nlargest(MOST, posts, key=lambda it: (datetime.fromisoformat(it.post.published.iso), it.post.anchor))
    entries: list[str] = []
    changes: list[str] = []
    for url, post in newest:
        updated = max(post.published.iso, post.edited.iso if post.edited else "", key=_moment)
        changes.append(updated)
        entries.append(_entry(url, post, updated, words))
    own, html = escaped(base_url + feed_path(page)), escaped(base_url + page)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">\n'
        f"<title>{escaped(title)}</title>\n<id>{own}</id>\n"
        f'<link rel="self" type="application/atom+xml" href="{own}"/>\n'
        f'<link rel="alternate" type="text/html" href="{html}"/>\n'
        f"<updated>{max(changes, key=_moment)}</updated>\n<author><name>{escaped(publisher)}</name></author>\n"
        f"{''.join(entries)}</feed>\n"
    ).encode()


def _moment(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp() if iso else float("-inf")


def _entry(url: str, post: PostView, updated: str, words: bool) -> str:
    name = post.author.name if post.author and words else None
    said = shorten(post.warning or post.title or post.text, TITLE) if words else ""
    title = f"{name}: {said}" if name and said else said or name or post.network.title
    content = escaped(post.warning) if post.warning else str(post.body)
    told = [
        f'<entry xml:lang="{escaped(post.lang)}">\n' if post.lang and words else "<entry>\n",
        f"<title>{escaped(title)}</title>\n<id>{escaped(url)}</id>\n",
        f'<link rel="alternate" type="text/html" href="{escaped(url)}"/>\n',
        f"<published>{post.published.iso}</published>\n<updated>{updated}</updated>\n",
        f"<author><name>{escaped(name)}</name></author>\n" if name else "",
        f'<content type="html">{escaped(content)}</content>\n' if words else "<summary/>\n",
        "</entry>\n",
    ]
    return "".join(told)
