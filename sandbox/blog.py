"""A blog as the web sees it: its feed in one of four forms, the feeds of its comments, a page for each article."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from . import ids
from .blog_feeds import CONTENT_TYPES, Entry, Head, write
from .blog_pages import article_page
from .faults import Fault, FaultKind
from .limits import Limiter
from .script import Blog, FeedKind, Network, Post, Script
from .web import Answer, Request, html_answer
from .world import public_on_blog

WINDOW = timedelta(minutes=5)
LIMIT = 300


class BlogServer:
    """Answers `/feed` (`/new-feed` once it moved), `/comments/feed`, `/ARTICLE` and `/ARTICLE/feed`. Feeds have an ETag
    and say where their older entries are (RFC 5005)."""

    posts_to: frozenset[str] = frozenset()

    def __init__(self, blog: Blog, script: Script, limiter: Limiter) -> None:
        self.name = blog.host
        self.blog, self.script, self.limiter = blog, script, limiter
        mine = [post for post in script.of(Network.FEED) if script.blog(post) is blog]
        self._articles = [post for post in mine if post.reply_to is None]
        self._comments = [post for post in mine if post.reply_to is not None]
        self._by_path = {self._path(post): post for post in self._articles}

    def _path(self, article: Post) -> str:
        return ids.article_url(self.script, article).removeprefix(f"https://{self.blog.host}").rstrip("/")

    # --- the door ---------------------------------------------------------------------------------------------------

    def answer(self, request: Request, minute: int) -> Answer:
        if not self.limiter.take(self.name, LIMIT, WINDOW, self.script.time(minute)).allowed:
            return html_answer(429, "Too many requests", {"Retry-After": "300"})
        if not self.blog.is_there(minute):
            return html_answer(410, "This blog is closed")
        moved = self.blog.moves_at is not None and minute >= self.blog.moves_at
        if request.path == "/feed" and moved:
            return html_answer(301, "Moved", {"Location": f"https://{self.blog.host}/new-feed/"})
        if request.path == "/feed" or (request.path == "/new-feed" and moved):
            entries = [self._article(post, minute) for post in self._public(self._articles, minute)]
            return self._feed(request, self.blog.title, self.blog.kind, f"https://{self.blog.host}", entries)
        if request.path == "/comments/feed":
            return self._comment_feed(request, self._comments, minute, f"https://{self.blog.host}/comments")
        article = self._by_path.get(request.path.removesuffix("/feed"))
        if article is None or not public_on_blog(self.script, article, minute):
            return html_answer(404, "Nothing here")
        if request.path.endswith("/feed"):
            below = list(self.script.below(article))
            return self._comment_feed(request, below, minute, ids.article_url(self.script, article).rstrip("/"))
        return article_page(self.script, article, self._public(self.script.below(article), minute), minute)

    def fault_answer(self, fault: Fault, now: datetime) -> Answer:
        """How a web server words a failure that is none of the request's making."""
        if fault.kind == FaultKind.RATE_LIMIT:
            return html_answer(429, "Too many requests", {"Retry-After": str(int(fault.seconds))})
        status = {
            FaultKind.RATE_LIMIT_NO_RESET: 429,
            FaultKind.EXPIRED_TOKEN: 401,
            FaultKind.FORBIDDEN: 403,
        }.get(fault.kind, fault.status)
        return html_answer(status, HTTPStatus(status).phrase)

    # --- feeds ------------------------------------------------------------------------------------------------------

    def _comment_feed(self, request: Request, comments: Sequence[Post], minute: int, place: str) -> Answer:
        """Comments are told in RSS or Atom; a blog with a JSON Feed tells them in Atom."""
        kind = FeedKind.RSS if self.blog.kind in (FeedKind.RSS, FeedKind.RSS1) else FeedKind.ATOM
        entries = [self._comment(post, minute, kind) for post in self._public(comments, minute)]
        return self._feed(request, f"Comments on {self.blog.title}", kind, place, entries)

    def _feed(self, request: Request, title: str, kind: FeedKind, place: str, entries: list[Entry]) -> Answer:
        entries.sort(key=lambda entry: (entry.published, entry.guid), reverse=True)
        number = int(request.get("paged", "1")) if request.get("paged", "1").isdecimal() else 1
        start = (max(number, 1) - 1) * self.blog.per_page
        shown = entries[start : start + self.blog.per_page]
        more = len(entries) > start + self.blog.per_page
        address = f"{place}{request.path if request.path == '/new-feed' else '/feed'}/"
        head = Head(
            title,
            f"https://{self.blog.host}/",
            address,
            f"{address}?paged={number + 1}" if more else None,
            self.blog.lang,
            self.blog.noindex,
        )
        body = write(kind, head, shown).encode("utf-8")
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        headers = {"ETag": etag, "X-Robots-Tag": "noindex, follow"}  # as SEO plugins say of every feed
        if request.headers.get("if-none-match") == etag:
            return Answer(304, b"", CONTENT_TYPES[kind], headers)
        return Answer(200, body, CONTENT_TYPES[kind], headers)

    def _article(self, post: Post, minute: int) -> Entry:
        url = ids.article_url(self.script, post)
        edited = post.edited_at(minute)
        return Entry(
            guid=ids.feed_guid(self.script, post),
            url=url,
            title=post.title,
            text=post.text_at(minute),
            author=self.script.author(post).name,
            published=self.script.time(post.at),
            updated=self.script.time(edited) if edited is not None else None,
            categories=post.categories,
            lang=post.lang,
            comments_feed=f"{url}feed/",
            comments=len(self._public(self.script.below(post), minute)),
        )

    def _comment(self, post: Post, minute: int, kind: FeedKind) -> Entry:
        article, parent = self.script.root(post), self._answered(post, minute)
        name = self.script.author(post).name
        titled = f"By: {name}" if kind is FeedKind.RSS else f"{name} on {article.title}"
        return Entry(
            guid=ids.feed_guid(self.script, post),
            url=ids.feed_url(self.script, post),
            title=titled,
            text=post.text_at(minute),
            author=name,
            published=self.script.time(post.at),
            lang=post.lang,
            answers=ids.feed_guid(self.script, parent),
            answers_at=ids.feed_url(self.script, parent),
            answers_name=None if parent is article else self.script.author(parent).name,
        )

    def _answered(self, post: Post, minute: int) -> Post:
        """What a comment answers: of comments that were deleted, what they answered."""
        parent = self.script.parent(post)
        while parent and not public_on_blog(self.script, parent, minute):
            parent = self.script.parent(parent)
        return parent or self.script.root(post)

    def _public(self, posts: Iterable[Post], minute: int) -> list[Post]:
        return [post for post in posts if public_on_blog(self.script, post, minute)]
