"""Feeds and pages asked over HTTP: conditional, within bounds, each refusal in the words that name its recovery."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ....core.clock import Clock
from ....core.errors import AuthError, CollectorError, Gone, QueryRefused, RateLimited, Temporary
from ....core.normalise import clean_url
from ...answer import Answer, retry_after
from ...contract import Cost, Meter
from ...outside import Got, NotReached, Outside
from .address import comment_of, host_of
from .reading import Document, NotAFeed, keeps_out, read

PAGE_BYTES = 500_000  # of an entry's page: its head, and where its comments stand
WHOLE_AFTER = timedelta(days=1)  # so often the whole is read, also from a server that always says "nothing new"
_META = re.compile(r"<meta\b[^>]{1,1000}>", re.IGNORECASE)
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of one feed from one look to the next (as text: the mark of its walk). `url` is where it is
    asked, another than was named where it moved for good. `closed`: the ids of entries whose own pages are not for
    everybody, or not there, whatever the feed shows."""

    url: str
    etag: str | None = None
    modified: str | None = None
    read_at: datetime | None = None
    closed: tuple[str, ...] = ()

    def to_text(self) -> str:
        told = {"url": self.url, "etag": self.etag, "modified": self.modified, "closed": self.closed}
        told["read_at"] = self.read_at.isoformat() if self.read_at else None
        return json.dumps({key: value for key, value in told.items() if value}, sort_keys=True)

    @classmethod
    def of(cls, text: str | None, url: str) -> Known:
        """What `text` says; for want of it, that the feed is at `url`."""
        try:
            told: Any = json.loads(text or "")
            read_at = told.get("read_at")
            return cls(clean_url(told.get("url")) or url, told.get("etag"), told.get("modified"),
                       datetime.fromisoformat(read_at) if read_at else None, tuple(told.get("closed", ())))  # fmt: skip
        except (ValueError, AttributeError, TypeError):
            return cls(url)


@dataclass(frozen=True, slots=True)
class Found:
    """`document` is None where nothing is new. `hosts`: those that answered, on the way and in the end."""

    known: Known
    document: Document | None
    hosts: frozenset[str]


class State(StrEnum):
    """What an entry's page says of it."""

    THERE = "there"
    GONE = "gone"
    CLOSED = "closed"  # not for everybody any more, or not for robots
    WITHHELD = "withheld"
    UNTOLD = "untold"  # the page is there, and does not tell of this comment


class Web:
    """Every method is one question, reserved before it is asked. Raises AuthError, QueryRefused (NotOutside among
    them), RateLimited, OutOfBudget (from the meter), Temporary, Gone."""

    def __init__(self, outside: Outside, clock: Clock, meter: Meter) -> None:
        self._outside, self._clock, self._meter = outside, clock, meter

    def feed(self, known: Known, *, first: bool = True) -> Found:
        """The feed, or that nothing in it is new since it was last read whole. `first`: its first page, whose place and
        validators are remembered."""
        now = self._clock.now()
        headers = {"Accept": _ACCEPT}
        if known.read_at is not None and known.read_at <= now < known.read_at + WHOLE_AFTER:
            validators = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
            headers |= {name: value for name, value in validators.items() if value}
        got = self._ask(known.url, headers)
        answer, asked = got.answer, known.url
        hosts = frozenset(filter(None, (host_of(asked), host_of(got.url))))
        moved = replace(known, url=got.moved_to or asked)
        if answer.status == 304 and len(headers) > 1:
            return Found(moved, None, hosts)
        if answer.status != 200:
            raise self._refusal(answer, asked)
        try:
            document = read(answer.body, answer.headers.get("content-type", ""), got.url)
        except NotAFeed as error:
            raise _no_feed(asked, error.feed_url) from None
        return Found(
            replace(moved, etag=_validator(answer, "etag"), modified=_validator(answer, "last-modified"), read_at=now),
            document,
            hosts,
        )

    def page(self, url: str) -> State:
        """What the page of an entry says of it."""
        got = self._ask(url, {"Accept": "text/html, */*;q=0.5"}, enough=PAGE_BYTES)
        status = got.answer.status
        if status in (404, 410):
            return State.GONE
        if status in (401, 403):
            return State.CLOSED
        if status == 451:
            return State.WITHHELD
        if status != 200:
            raise self._refusal(got.answer, url)
        text = got.answer.body.decode("utf-8", "replace")
        if keeps_out(got.answer.headers.get("x-robots-tag")) or _head_keeps_out(text):
            return State.CLOSED
        place = comment_of(url)
        if place is None or re.search(rf"""\b(?:id|name)\s*=\s*["']?{re.escape(place)}["'\s>]""", text):
            return State.THERE
        return State.UNTOLD

    def _ask(self, url: str, headers: Mapping[str, str], enough: int | None = None) -> Got:
        self._meter.reserve(Cost(requests=1))
        try:
            return self._outside.get(url, headers, enough=enough)
        except (NotReached, QueryRefused):
            self._meter.release()
            raise

    def _refusal(self, answer: Answer, url: str) -> CollectorError:
        status, host = answer.status, host_of(url)
        until = retry_after(answer, self._clock.now())
        if status == 429 or (status == 503 and until is not None):
            return RateLimited(f"{host} wants a pause.", "Collecting goes on by itself.", until=until)
        if status == 410:
            return GoneForGood(
                f"The feed {url} is gone for good (410), says {host}.",
                "It is not asked any more. Take the source out, or give it the feed's new address.",
            )
        if status == 404:
            return Gone(f"There is no feed at {url} (404).", "Look at the address.")
        if status in (401, 403):
            return QueryRefused(
                f"{host} does not give {url} to everybody ({status}).",
                "Only open feeds can be collected. Ask who runs the blog.",
            )
        if 400 <= status < 500:
            return QueryRefused(f"{host} refuses to give {url} ({status}).", "Look at the address.")
        return Temporary(f"{host} answered {status} when asked for a feed or a page.", "It is tried again later.")


class GoneForGood(AuthError):
    """410: a person must act, asking again will never help."""


def _no_feed(url: str, feed_url: str | None) -> Temporary:
    hint = "It is tried again later; if it stays so, look at the address."
    if feed_url:
        hint = f"It is a page, which says that its feed is {feed_url}: set `url` to that."
    return Temporary(f"What {url} gives is no feed, or not all of one.", hint)


def _head_keeps_out(page: str) -> bool:
    """Whether the page's own robots words ask not to be indexed."""
    head = page.partition("</head>")[0]
    return any(
        re.search(r"""name\s*=\s*["']?robots\b""", tag, re.IGNORECASE)
        and (said := re.search(r"""content\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""", tag, re.IGNORECASE))
        and keeps_out(said[1] or said[2] or said[3])
        for tag in _META.findall(head)
    )


def _validator(answer: Answer, name: str) -> str | None:
    value = answer.headers.get(name, "").strip()
    return value if 0 < len(value) <= 500 and value.isascii() and value.isprintable() else None
