"""The HTML of a post (of the fediverse, of a blog) as plain text with entities. Pure; the HTML itself is shown nowhere.

Servers of the fediverse send HTML without offsets: paragraphs, breaks, links (mentions and hashtags are links too), and
in newer versions lists, quotes and code. A link's scheme and tail stand in spans of class "invisible", and "ellipsis"
says where they were cut: https://docs.joinmastodon.org/spec/activitypub/#sanitization
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import nh3

from ..core.normalise import MAX_TEXT, clean_line, clean_tag, clean_text, clean_url
from ..core.records import Entity, EntityKind

MAX_HTML = 60_000  # characters read; a Mastodon post has some thousand. Balancing deep nesting costs its square
MAX_ENTITIES = 500
MAX_INDENT = 8

_BLANKS = re.compile(r"[ \t\n\r\f]+")
_SHORTCODE = re.compile(r":([A-Za-z0-9_]{1,64}):")
_PARAGRAPHS = frozenset(("p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table"))
_LINES = frozenset(("li", "tr", "dt", "dd", "figcaption"))
_LISTS = frozenset(("ul", "ol"))
_READ = _PARAGRAPHS | _LINES | {"a", "span", "br", "img"}
_SILENT = {"script", "style", "template", "title", "noscript", "iframe"}
_ATTRIBUTES = {"a": {"href", "class", "rel"}, "img": {"alt"}, "p": {"class"}, "span": {"class"}}


@dataclass(frozen=True, slots=True)
class PlainText:
    """`text` with entities counted in its code points, sorted and never overlapping."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass(slots=True)
class _Link:
    href: str | None
    kind: EntityKind
    start: int = -1  # nothing written yet
    shown: list[str] = field(default_factory=list)  # what is not invisible
    cut: bool = False  # an ellipsis follows


def plain_text(
    html: object,
    tags: Collection[str] = (),
    emojis: Collection[str] = (),
    *,
    without_quote_line: bool = False,
    base: str | None = None,
) -> PlainText:
    """The text a reader sees, with links written out in full, and its entities.

    `tags`: the post's hashtags, casefolded; a link that reads "#name" with one of them is a hashtag whatever its
    class. `emojis`: the custom emoji shortcodes that the server knows; only these become entities, with the
    shortcode as target (their images differ from server to server).
    `base`: the address that links without a host are meant from.
    `without_quote_line`: leave out the "RE: link" that stands in for a quote where quotes are not understood.
    """
    reader = _Reader(frozenset(tags), without_quote_line, base)
    # html.parser takes minutes over a hundred kilobytes of "<a <a <a"; balanced tags it reads in one go.
    balanced = nh3.clean(
        clean_text(html, MAX_HTML),
        tags=set(_READ),
        attributes=_ATTRIBUTES,
        clean_content_tags=_SILENT,
        url_schemes={"http", "https"},
        link_rel=None,
    )
    reader.feed(balanced)
    reader.close()
    text, entities = reader.result()
    if emojis:
        entities = sorted([*entities, *_emojis(text, entities, frozenset(emojis))], key=lambda entity: entity.start)
    return PlainText(text, tuple(entities[:MAX_ENTITIES]))


def _emojis(text: str, entities: list[Entity], known: frozenset[str]) -> list[Entity]:
    taken = {at for entity in entities for at in range(entity.start, entity.end)}
    return [
        Entity(match.start(), match.end(), EntityKind.EMOJI, match[1])
        for match in _SHORTCODE.finditer(text)
        if match[1] in known and match.start() not in taken
    ]


class _Reader(HTMLParser):
    """Writes text as the tags pass by."""

    def __init__(self, tags: frozenset[str], without_quote_line: bool, base: str | None) -> None:
        super().__init__(convert_charrefs=True)
        self._tags = tags
        self._without_quote_line = without_quote_line
        self._base = base
        self._out: list[str] = []
        self._length = 0
        self._newlines = 0  # asked for, written before the next text
        self._space = False  # likewise
        self._entities: list[Entity] = []
        self._link: _Link | None = None
        self._skipping = False  # inside the paragraph that stands in for a quote
        self._hidden: list[bool] = []  # open spans: is their text invisible?
        self._quotes = 0
        self._pre = 0
        self._lists: list[int | None] = []  # open lists: the next number, None for bullets
        self._bullet = ""

    # HTMLParser's callbacks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        classes = (found.get("class") or "").split()
        if tag == "p" and self._without_quote_line and "quote-inline" in classes:
            self._skipping = True
        if self._skipping:
            return
        if tag in _PARAGRAPHS or tag in _LINES:
            self._block(inner=tag in _LINES or (tag in _LISTS and bool(self._lists)))
            self._open_block(tag)
        elif tag == "br":
            self._newlines = min(self._newlines + 1, 2)
        elif tag == "img":
            self._write(clean_line(found.get("alt"), 1000) or "")
        elif tag == "a":
            self._open_link(found, classes)
        elif tag == "span":
            self._hidden.append("invisible" in classes)
            if "ellipsis" in classes and self._link:
                self._link.cut = True

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            self._skipping = tag != "p"
            return
        if tag == "a":
            self._close_link()
        elif tag == "span":
            if self._hidden:
                self._hidden.pop()
        elif tag in _PARAGRAPHS or tag in _LINES:
            self._block(inner=tag in _LINES or (tag in _LISTS and len(self._lists) > 1))
            if tag == "blockquote":
                self._quotes = max(0, self._quotes - 1)
            elif tag == "pre":
                self._pre = max(0, self._pre - 1)
            elif tag in _LISTS and self._lists:
                self._lists.pop()

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        data = clean_text(data, MAX_HTML)
        if self._pre:
            for number, line in enumerate(data.split("\n")):
                self._newlines += number > 0
                self._write(line)
            return
        words = _BLANKS.sub(" ", data)
        if words.startswith(" "):
            self._space = True
        self._write(words.strip(" "))
        if words.endswith(" "):
            self._space = True

    # writing

    def _write(self, words: str) -> None:
        if not words or self._length >= MAX_TEXT:
            return
        before = ""
        if self._newlines and self._length:
            before = "\n" * self._newlines
        if self._newlines or not self._length or self._bullet:
            before += "> " * min(self._quotes, MAX_INDENT) + self._bullet
            self._bullet = ""
        elif self._space:
            before = " "
        self._newlines, self._space = 0, False
        self._append(before)
        if self._link:
            if self._link.start < 0:
                self._link.start, before = self._length, ""
            if not any(self._hidden):
                self._link.shown.append(" " * (before == " ") + words)
        self._append(words)

    def _append(self, words: str) -> None:
        words = words[: MAX_TEXT - self._length]
        self._out.append(words)
        self._length += len(words)

    def _block(self, *, inner: bool) -> None:
        """Text before and after a block stands on lines of its own; paragraphs with one empty line between."""
        self._newlines = max(self._newlines, 1 if inner else 2)
        self._space = False

    def _open_block(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            self._pre += 1
        elif tag in _LISTS:
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            indent = "  " * min(max(0, len(self._lists) - 1), MAX_INDENT)
            self._bullet = f"{indent}- " if number is None else f"{indent}{number}. "
            if number is not None:
                self._lists[-1] = number + 1

    # links

    def _open_link(self, attributes: dict[str, str | None], classes: list[str]) -> None:
        self._close_link()
        kind = EntityKind.LINK
        if "hashtag" in classes or "tag" in (attributes.get("rel") or "").split():
            kind = EntityKind.HASHTAG
        elif "mention" in classes:
            kind = EntityKind.MENTION
        self._link = _Link(_joined(self._base, attributes.get("href")), kind)

    def _close_link(self) -> None:
        link, self._link = self._link, None
        if link is None or link.start < 0 or link.start >= self._length:
            return
        entity = _entity(link, self._tail(link.start), self._length, self._tags)
        if entity and len(self._entities) < MAX_ENTITIES:
            self._entities.append(entity)

    def _tail(self, start: int) -> str:
        """The text written since `start`, without joining all that stands before it."""
        parts: list[str] = []
        length = self._length
        for part in reversed(self._out):
            if length <= start:
                break
            parts.append(part)
            length -= len(part)
        return "".join(reversed(parts))[max(0, start - length) :]

    def result(self) -> tuple[str, list[Entity]]:
        self._close_link()
        return "".join(self._out), self._entities


def _entity(link: _Link, text: str, end: int, tags: frozenset[str]) -> Entity | None:
    """What the link is. A hashtag's and a mention's own text decides over the class that a server gave it."""
    name = clean_tag(text) if text.startswith(("#", "＃")) else None
    if name and (link.kind is EntityKind.HASHTAG or name in tags):
        return Entity(link.start, end, EntityKind.HASHTAG, name)
    target = clean_url(link.href)
    if target is None:
        return None
    if link.kind is EntityKind.MENTION and text.startswith("@"):
        return Entity(link.start, end, EntityKind.MENTION, target)
    return Entity(link.start, end, EntityKind.LINK, target, _shown(link, text))


def _joined(base: str | None, href: str | None) -> str | None:
    if base is None or href is None:
        return href
    try:
        return urljoin(base, href)
    except ValueError:
        return None


def _shown(link: _Link, text: str) -> str | None:
    """What readers see of a shortened link, None where it is the text itself."""
    shown = "".join(link.shown) + "…" * link.cut
    return shown if shown and shown != text else None
