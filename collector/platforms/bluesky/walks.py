"""The four questions put to Bluesky, as walks of one request a step. Knows no client library.

**Tag** goes backward, newest first, one tag after the other. A search is ordered by time (`published`), so places in it
are times: `mark` is one for all tags ("everything older than this was asked"), `below` names the tag under way, the
time of its oldest post and the posts of that very instant that came already, for `until` cuts by time alone. The
service's own cursor only leads on where a page brought nothing new.

A post takes a while to be found. So the mark of a walk lies SETTLING before its beginning, and the next walk reads the
last minutes once more. What comes later still, or is dated back, is only met in conversations: search is best effort.

**Thread, Lookup, Quotes** need no session and ask the same things each time; their cursor only counts the steps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from ....core.clock import Clock
from ....core.errors import Gone, QueryRefused, Temporary
from ....core.normalise import clean_tag, clean_time
from ...contract import (
    Cost,
    Cursor,
    Lookup,
    Missing,
    MissingReason,
    Page,
    Query,
    Quota,
    Quotes,
    Tag,
    Target,
    Thread,
)
from ...steps import counted
from .address import names_by_handle, post_uri
from .items import raws, tree_of, uri_of
from .mapping import published
from .problems import SessionSpent

NOTHING = Cost(requests=0)
LOOKUP_BATCH = 25
SETTLING = timedelta(minutes=10)
DEEPER_CALLS = 20  # further conversations asked for below one post whose answer was cut
MAX_RENEWALS = 2  # of a session that is refused again at once
_INSTANT = timedelta(milliseconds=1)


class Services(Protocol):
    @property
    def quota(self) -> Quota | None: ...
    @property
    def signed_in(self) -> bool: ...
    def sign_in(self) -> None: ...
    def session_spent(self) -> None: ...
    def search(
        self, tag: str, *, since: str | None, until: str | None, cursor: str | None
    ) -> tuple[list[Any], str | None]: ...
    def thread(self, uri: str, *, depth: int | None = None, parents: int | None = None) -> dict[str, Any]: ...
    def quotes(self, uri: str, cursor: str | None) -> tuple[list[Any], str | None]: ...
    def posts(self, uris: list[str]) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the search for one tag stands: everything from `until` up is held, and `held` of that instant."""

    tag: str
    until: datetime | None = None
    held: frozenset[str] = frozenset()

    def to_text(self) -> str:
        until = self.until.isoformat() if self.until else None
        return json.dumps({"tag": self.tag, "until": until, "held": sorted(self.held)}, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str | None, tags: tuple[str, ...]) -> _Place:
        """The first tag's beginning where the text says nothing (any more)."""
        try:
            data = json.loads(text or "")
            until = datetime.fromisoformat(data["until"]) if data["until"] else None
            place = cls(str(data["tag"]), until, frozenset(map(str, data["held"])))
        except (ValueError, KeyError, TypeError):
            return cls(tags[0])
        return place if place.tag in tags else cls(tags[0])


class Conversations:
    """The answers of one source's services, as pages."""

    def __init__(self, services: Services, clock: Clock, *, page_size: int) -> None:
        self._services = services
        self._clock = clock
        self._page_size = page_size

    def __call__(self, query: Query, cursor: Cursor) -> Iterator[Page]:
        """Pages of the answer. Raises ValueError for a query that the platform does not support."""
        match query:
            case Tag(tags):
                return self._tags(tuple(dict.fromkeys(filter(None, map(clean_tag, tags)))), cursor)
            case Thread(targets):
                return counted(page for target in targets for page in self._thread(target))
            case Lookup(targets, resolve):
                return counted(self._lookup(targets, resolve=resolve))
            case Quotes(targets):
                return counted(page for target in targets for page in self._quotes(target))
        raise ValueError(f"bluesky cannot answer a {type(query).__name__}")

    def _page(self, views: list[Any], endpoint: str, **more: Any) -> Page:
        context = {"asked_as": asked} if (asked := more.pop("asked_as", None)) else {}
        found = raws(views, endpoint, self._clock.now(), **context)
        return Page(found, None, quota=self._services.quota, **more)

    # --- tags -------------------------------------------------------------------------------------------------------

    def _tags(self, tags: tuple[str, ...], cursor: Cursor) -> Iterator[Page]:
        if not tags:
            yield Page((), None, cost=NOTHING)
            return
        mark = _moment(cursor.mark)
        newest = _text(self._clock.now() - SETTLING)
        place = _Place.from_text(cursor.below, tags)
        token: str | None = None
        before: frozenset[str] = frozenset()  # what the page before held
        renewals = 0
        while True:
            here = Cursor(mark=cursor.mark, below=place.to_text())
            while not self._services.signed_in:
                self._services.sign_in()
                renewals += 1
                yield Page((), replace(here, token=f"session {newest} {renewals}"), newest=newest)
            until = place.until + _INSTANT if place.until else None
            try:
                views, following = self._services.search(
                    place.tag, since=cursor.mark, until=_text(until) if until else None, cursor=token
                )
            except SessionSpent:
                if renewals >= MAX_RENEWALS:
                    raise
                self._services.session_spent()
                yield Page((), replace(here, token=f"spent {newest} {renewals}"), newest=newest)
                continue
            uris = frozenset(filter(None, map(uri_of, views)))
            if views and not uris:
                raise Temporary("Bluesky gave posts without uris.", "It is asked again later.")
            if (uris and uris <= before and not uris <= place.held) or (token and following == token):
                raise Temporary("Bluesky gave the same page again.", "The walk goes on from where it stood later.")
            fresh = [view for view in views if (uri := uri_of(view)) is None or uri not in place.held]
            is_last = following is None and (not fresh or len(views) < self._page_size)
            done = is_last and place.tag == tags[-1]
            after = self._lower(place, fresh)
            token, before = (None if after != place else following), uris
            if is_last and not done:
                after, token, before = _Place(tags[tags.index(place.tag) + 1]), None, frozenset()
            oldest_at = None
            if place.tag == tags[-1]:  # down to here all tags were asked
                oldest_at = mark if done else after.until
            place = after
            page = self._page(fresh, "searchPosts", newest=newest, oldest_at=oldest_at)
            if done:
                yield page
                return
            yield replace(page, cursor=Cursor(mark=cursor.mark, below=place.to_text(), token=token))

    def _lower(self, place: _Place, fresh: list[Any]) -> _Place:
        """The place under the page's oldest post; never above where the walk stood."""
        now = self._clock.now()
        times = {uri: moment for view in fresh if (uri := uri_of(view)) and (moment := published(view, now))}
        if not times:
            return place
        oldest = min(times.values())
        if place.until and oldest >= place.until:
            return replace(place, held=place.held | times.keys())
        oldest = oldest.replace(microsecond=oldest.microsecond // 1000 * 1000)
        return replace(
            place, until=oldest, held=frozenset(uri for uri, moment in times.items() if moment < oldest + _INSTANT)
        )

    # --- conversations ----------------------------------------------------------------------------------------------

    def _thread(self, target: Target) -> Iterator[Page]:
        """The post, what stands above it and below it; where the answer ends before the conversation does, it is asked
        for again from there. What is still cut then is told as Missing(target, LIMIT)."""
        uri = target.ref.native_id
        try:
            tree = tree_of(self._services.thread(uri))
        except Gone:
            yield self._page([], "getPostThread", missing=(Missing(target.ref, MissingReason.DELETED),))
            return
        yield self._page(tree.views, "getPostThread", missing=tuple(tree.missing))
        waiting, asked = tree.cut, {uri}
        while waiting and len(asked) <= DEEPER_CALLS:
            leaf = waiting.pop(0)
            if leaf in asked:
                continue
            asked.add(leaf)
            try:
                deeper = tree_of(self._services.thread(leaf, parents=0))
            except Gone:
                yield self._page([], "getPostThread")
                continue
            waiting += deeper.cut
            yield self._page(deeper.views, "getPostThread", missing=tuple(deeper.missing))
        if any(leaf not in asked for leaf in waiting):
            yield Page((), None, cost=NOTHING, missing=(Missing(target.ref, MissingReason.LIMIT),))

    # --- looking up -------------------------------------------------------------------------------------------------

    def _lookup(self, targets: tuple[Target, ...], *, resolve: bool) -> Iterator[Page]:
        """Together, 25 a call: a service leaves out what it does not have, or cannot give at this moment. Those that a
        person named (`resolve`, or by handle) one by one: a conversation's question finds out whose handle it is, and
        tells blocked from deleted."""
        known = {uri: target for target in targets if not resolve and (uri := post_uri(target.ref.native_id))}
        others = [target for target in targets if target not in known.values()]
        alone = [one for one in others if post_uri(one.ref.native_id) or names_by_handle(one.ref.native_id)]
        uris = list(known)
        for start in range(0, len(uris), LOOKUP_BATCH):
            asked = uris[start : start + LOOKUP_BATCH]
            views = self._services.posts(asked)
            came = set(map(uri_of, views))
            gone = tuple(Missing(known[uri].ref, MissingReason.OMITTED) for uri in asked if uri not in came)
            yield self._page(views, "getPosts", missing=gone)
        for target in alone:
            yield self._alone(target)
        if len(others) > len(alone):
            gone = tuple(Missing(target.ref, MissingReason.DELETED) for target in others if target not in alone)
            yield Page((), None, cost=NOTHING, missing=gone)

    def _alone(self, target: Target) -> Page:
        named, reason = target.ref.native_id, MissingReason.DELETED
        try:
            tree = tree_of(self._services.thread(named, depth=0, parents=0))
            if tree.views:
                asked_as = named if names_by_handle(named) else None
                return self._page(tree.views[:1], "getPostThread", asked_as=asked_as)
            reason = next((missing.reason for missing in tree.missing), reason)
        except Gone:
            pass
        except QueryRefused:  # nobody is called so, today
            reason = MissingReason.UNREACHABLE
        return self._page([], "getPostThread", missing=(Missing(target.ref, reason),))

    # --- quotes -----------------------------------------------------------------------------------------------------

    def _quotes(self, target: Target) -> Iterator[Page]:
        token: str | None = None
        passed: set[str] = set()
        while True:
            try:
                views, token = self._services.quotes(target.ref.native_id, token)
            except Gone:
                yield self._page([], "getQuotes")
                return
            yield self._page(views, "getQuotes")
            if token is None:
                return
            if token in passed:
                raise Temporary("Bluesky gives the same page of quotes again and again.", "It is asked again later.")
            passed.add(token)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _moment(text: str | None) -> datetime | None:
    return clean_time(text, datetime.max.replace(tzinfo=UTC) - timedelta(days=1)) if text else None
