"""Pages of blogs, and texts as their HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from . import ids
from .script import Network, Post, Script
from .text import Kind, pieces
from .web import Answer


def text_html(text: str) -> str:
    """As an editor writes it: paragraphs, breaks, links."""
    return "".join(f"<p>{_line(part)}</p>\n" for part in text.split("\n\n"))


def _line(text: str) -> str:
    found = []
    for piece in pieces(text, Network.FEED):
        words = escape(piece.text, quote=False).replace("\n", "<br />\n")
        found.append(f'<a href="{escape(piece.value)}">{words}</a>' if piece.kind == Kind.LINK else words)
    return "".join(found)


def article_page(script: Script, article: Post, comments: Sequence[Post], minute: int) -> Answer:
    """The article and its comments, each at its place."""
    listed = "".join(
        f'<li id="{ids.feed_url(script, post).partition("#")[2]}">{text_html(post.text_at(minute))}</li>\n'
        for post in comments
    )
    page = (
        f"<!DOCTYPE html>\n<html><head><title>{escape(article.title or '')}</title>\n"
        f'<link rel="alternate" type="application/rss+xml" href="/feed/">\n</head>\n'
        f"<body><article>{text_html(article.text_at(minute))}</article>\n<ol>\n{listed}</ol></body></html>\n"
    )
    headers = {"X-Robots-Tag": "noindex"} if article.noindex else {}
    return Answer(200, page.encode(), "text/html; charset=utf-8", headers)
