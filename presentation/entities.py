"""A post's text as HTML: everything is escaped, and only entities become links."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from markupsafe import Markup

from ..core.normalise import MAX_URL, clean_url
from .markup import escaped
from .networks import tag_url, x_post_id

_REL = '" rel="nofollow ugc noopener">'
_PLAIN = re.compile(r"https://[a-z0-9][a-z0-9.-]*(?:/[A-Za-z0-9/._@%+~-]*)?", re.A)


class Span(Protocol):
    """A stretch of the text in code points, as core.records.Entity has it."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def display(self) -> str | None: ...


def safe_url(url: str | None) -> str | None:
    """The address where it is one of the web, as core.normalise.clean_url says; None otherwise. Nearly all of them
    need no parsing to be seen as such."""
    return url if url is not None and len(url) <= MAX_URL and _PLAIN.fullmatch(url) else clean_url(url)


def text_html(
    text: str, spans: Sequence[Span], origin: str, url: str | None, highlights: Sequence[tuple[int, int]] = ()
) -> Markup:
    """The text with its tags, mentions and links linked. Spans out of range or overlapping an earlier one are left
    out; so is a link to anything that is not http(s). Line ends stay as they are: the style sheet shows them.
    `highlights`: stretches of the text to be marked, for moderators."""
    if not spans and not highlights:
        return Markup(escaped(text))
    bright = sorted(highlights)
    parts: list[str] = []
    at = 0
    for span in sorted(spans, key=_from_the_start):
        if span.start < at or not span.start < span.end <= len(text):
            continue
        shown = text[span.start : span.end]
        href, label = _link(span, shown, origin, url)
        if href is None:
            continue
        inside = _stretch(text, span.start, span.end, bright) if label is shown else escaped(label)
        parts += _stretch(text, at, span.start, bright), '<a href="', escaped(href), _REL, inside, "</a>"
        at = span.end
    parts.append(_stretch(text, at, len(text), bright))
    return Markup("".join(parts))


def _stretch(text: str, start: int, end: int, bright: Sequence[tuple[int, int]]) -> str:
    if not bright:
        return escaped(text[start:end])
    parts: list[str] = []
    for first, last in bright:
        first, last = max(first, start), min(last, end)
        if first < last:
            parts += escaped(text[start:first]), "<mark>", escaped(text[first:last]), "</mark>"
            start = last
    parts.append(escaped(text[start:end]))
    return "".join(parts)


S = TypeVar("S", bound=Span)


def without_link_to(post_ids: Collection[str], text: str, spans: Sequence[S]) -> tuple[str, Sequence[S]]:
    """The text and its spans without the link at its end that leads to one of these posts of X, if there is one. X
    puts a quoted post's address there, and shows the post in its stead."""
    last = max(spans, key=_from_the_start, default=None)
    if (
        last is None
        or last.kind != "link"
        or x_post_id(last.target) not in post_ids
        or not last.start < last.end <= len(text)
        or text[last.end :].strip()
    ):
        return text, spans
    return text[: last.start].rstrip(), [span for span in spans if span is not last]


def _from_the_start(span: Span) -> tuple[int, int]:
    return span.start, -span.end


def _link(span: Span, shown: str, origin: str, url: str | None) -> tuple[str | None, str]:
    if span.kind == "hashtag":
        return tag_url(origin, url, span.target), shown
    if span.kind == "mention":
        return safe_url(span.target), shown
    if span.kind == "link":
        # X asks that a click goes through its own short address, which is what its text holds
        # (https://docs.x.com/developer-terms/display-requirements)
        short = safe_url(shown) if origin == "x" else None
        return short or safe_url(span.target), span.display or shown
    return None, shown
