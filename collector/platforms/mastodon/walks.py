"""The four questions put to fediverse servers, as walks of one request a step. Knows no client library.

**Tag.** One stream per tag: the library has no `any[]` (nor has GoToSocial), and a tag added to a campaign later is
then read back to its beginning like the first. Each tag has a place of its own in the cursor (a query string,
"tag=id&tag=id"), and moves by itself:

    below          go back, under that post, to the end of what the server keeps (`max_id`)
    only a mark    go forward, from just above that post, until nothing comes (`min_id`; `since_id` would leave a gap)
    neither        begin at the newest

While a tag goes back, its mark already names the newest post seen: where the next walk goes forward from. Of several
tags going back, the one that stands newest is asked next, so that `Page.oldest_at` holds for all of them;
`Page.newest` is told once each tag has been asked.

A post that arrives late is filed under its old time, below the mark, where going forward never meets it: a walk from
an empty cursor, left when `Page.oldest_at` is old enough, meets it.

**Thread, Lookup, Quotes** ask the same things each time; their cursor only counts the steps, and after a crash they
begin again: some free requests, and the same posts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from ....core.clock import Clock
from ....core.errors import AuthError, Gone, QueryRefused, RateLimited, Temporary
from ....core.normalise import clean_tag, clean_time
from ....core.records import PostRef
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
from .address import home_ref, host_of, host_of_url
from .items import id_of, raws

NOTHING = Cost(requests=0)
REFUSED = (
    AuthError,
    QueryRefused,
    RateLimited,
    Temporary,
)  # no answer; an empty purse is another thing
CONTEXT_CAP, CONTEXT_LEVELS = 60, 20  # what is given below a post to somebody without a token
TOKEN_CAP = 4_096
QUOTES_TRIES = 3  # after so many posts without an answer the server is not asked for quotes any more in this session
DEEPER_CALLS = 20  # further conversations asked for below one post whose answer was cut


class Forbidden(AuthError):
    """This one thing is closed to us (403), while the key may be right."""


class Server(Protocol):
    host: str
    has_token: bool
    quota: Quota | None
    refreshing: bool

    def timeline(self, tag: str, *, max_id: str | None = None, min_id: str | None = None) -> list[Any]: ...
    def status(self, local_id: str) -> dict[str, Any]: ...
    def statuses(self, local_ids: list[str]) -> list[Any]: ...
    def context(self, local_id: str) -> tuple[list[Any], list[Any]]: ...
    def search(self, address: str) -> list[Any]: ...
    def quotes(self, local_id: str, max_id: str | None) -> tuple[list[Any], str | None]: ...


class Servers(Protocol):
    @property
    def own(self) -> Server: ...
    def by_host(self, host: str) -> Server | None: ...


def in_order(local_id: str) -> tuple[int, str]:
    """How a server orders its ids: numbers by length first; ULIDs and flakes all have one length."""
    return len(local_id), local_id


class Conversations:
    """The answers of one source's servers, as pages."""

    def __init__(self, servers: Servers, clock: Clock, *, only_mastodon_calls: bool) -> None:
        self._servers = servers
        self._clock = clock
        self._only_mastodon_calls = only_mastodon_calls
        self._without_quotes = 0  # posts in a row whose quotes were not to be had

    @property
    def own(self) -> Server:
        return self._servers.own

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
        raise ValueError(f"mastodon cannot answer a {type(query).__name__}")

    def _page(self, server: Server, items: list[Any], endpoint: str, **more: Any) -> Page:
        own = server is self._servers.own
        found = raws(items, server.host, endpoint, self._clock.now(), own=own)
        return Page(found, None, quota=server.quota if own else None, **more)

    # --- tags ------------------------------------------------------------------------------------------------------

    def _tags(self, tags: tuple[str, ...], cursor: Cursor) -> Iterator[Page]:
        server = self._servers.own
        marks, below = _places(cursor.mark, tags), _places(cursor.below, tags)
        reached: dict[str, datetime] = {}
        todo = list(tags)
        while todo:
            tag = _next_tag(todo, marks, below)
            back, mark = below.get(tag), marks.get(tag)
            forward = back is None and mark is not None
            items = server.timeline(tag, min_id=mark) if forward else server.timeline(tag, max_id=back)
            ids = sorted(filter(None, map(id_of, items)), key=in_order)
            if items and not ids:
                raise Temporary(f"{server.host} gave posts without ids.", "It is tried again later.")
            if not ids:
                todo.remove(tag)
            elif forward:
                if mark is not None and in_order(ids[-1]) <= in_order(mark):
                    raise _repeated(server, tag)
                marks[tag] = ids[-1]
            else:
                if back is not None and in_order(ids[0]) >= in_order(back):
                    raise _repeated(server, tag)
                marks.setdefault(tag, ids[-1])
                below[tag] = ids[0]
                if oldest := _time_of(items, ids[0], self._clock.now()):
                    reached[tag] = oldest
            going_back = [name for name in todo if name in below or name not in marks]
            known = all(name in reached for name in going_back)
            yield Page(
                raws(items, server.host, "timelines/tag", self._clock.now(), own=True),
                Cursor(mark=_text(marks), below=_text(below)) if todo else None,
                newest=None if any(name not in marks for name in todo) else _text(marks),
                quota=server.quota,
                oldest_at=max(reached[name] for name in going_back) if going_back and known else None,
            )

    # --- conversations ---------------------------------------------------------------------------------------------

    def _thread(self, target: Target) -> Iterator[Page]:
        """The post itself and what stands around it: from its author's own server, then from the source's. Below a
        post that begins no thread the author's server is enough: every direct reply went there."""
        if target.elsewhere:
            yield from self._own_view(target)
            return
        root: dict[str, Any] | None = None
        reason = MissingReason.UNREACHABLE
        for server, local_id in self._places_of(target):
            try:
                if root is None:
                    root = server.status(local_id)
                    yield self._page(server, [root], "statuses")
                above, below = server.context(local_id)
            except Gone:
                reason = MissingReason.DELETED
                continue
            except REFUSED:
                if server is self._servers.own:
                    raise
                continue  # another server's silence is not our source's fault
            again = server.refreshing
            yield self._page(server, [*above, *below], "context")
            yield from self._deeper(server, target, local_id, below, root)
            if again:  # it went to fetch missing replies from elsewhere; what came by now is taken along
                try:
                    above, below = server.context(local_id)
                except (Gone, *REFUSED):
                    continue
                yield self._page(server, [*above, *below], "context")
            if not target.top:
                return
        if root is None:
            yield Page((), None, cost=NOTHING, missing=(Missing(target.ref, reason),))

    def _own_view(self, target: Target) -> Iterator[Page]:
        """What the source's own server holds around a post that is asked for at home by another source."""
        if local_id := self._own_id(target):
            try:
                above, below = self.own.context(local_id)
            except Gone:
                return
            yield self._page(self.own, [*above, *below], "context")

    def _deeper(
        self, server: Server, target: Target, local_id: str, below: list[Any], root: dict[str, Any]
    ) -> Iterator[Page]:
        """Where the answer was cut (60 posts and 20 levels without a token), the conversations of the posts that have
        more replies than came. What is still cut after that is told as Missing(target, LIMIT)."""
        cap, levels = (TOKEN_CAP, TOKEN_CAP) if server.has_token else (CONTEXT_CAP, CONTEXT_LEVELS)
        if len(below) < cap and _depth(below, local_id) < levels:
            return
        held = {local_id: root} | {post_id: item for item in below if (post_id := id_of(item))}
        asked = {local_id}
        while len(asked) <= DEEPER_CALLS:
            short = next((post_id for post_id in _short_of_replies(held) if post_id not in asked), None)
            if short is None:
                break
            asked.add(short)
            try:
                _, more = server.context(short)
            except (Gone, *REFUSED):
                break
            held |= {post_id: item for item in more if (post_id := id_of(item))}
            yield self._page(server, more, "context")
        if _short_of_replies(held):
            yield Page((), None, cost=NOTHING, missing=(Missing(target.ref, MissingReason.LIMIT),))

    def _own_id(self, target: Target) -> str | None:
        """The post's id on the source's own server, if it is known."""
        refs = (*target.seen_as, target.ref, _home_of(target))
        return next((ref.native_id for ref in refs if ref and host_of(ref) == self._servers.own.host), None)

    def _places_of(self, target: Target) -> list[tuple[Server, str]]:
        """Where a post can be asked for, the author's own server first."""
        own, own_id, home = self._servers.own, self._own_id(target), _home_of(target)
        places: list[tuple[Server, str]] = []
        host = host_of(home) if home else None
        if home and host and host != own.host and (server := self._servers.by_host(host)):
            places.append((server, home.native_id))
        if own_id:
            places.append((own, own_id))
        return places

    # --- looking up ------------------------------------------------------------------------------------------------

    def _lookup(self, targets: tuple[Target, ...], *, resolve: bool) -> Iterator[Page]:
        """Together where the server can (Mastodon 4.3 and later); whatever does not come then is asked for alone, for
        only a refusal of that one post tells that it is gone."""
        own = self._servers.own
        ids = {target: own_id for target in targets if (own_id := self._own_id(target))}
        came: set[str] = set()
        if len(ids) > 1 and self._only_mastodon_calls:
            try:
                items = own.statuses(list(ids.values()))
            except (Gone, AuthError, QueryRefused):  # an older server; a refused token shows in the next call
                items = []
            came = {post_id for item in items if (post_id := id_of(item))}
            yield self._page(own, items, "statuses")
        for target in targets:
            if ids.get(target) not in came:
                yield from self._resolved(target) if resolve else (self._look_at(target),)

    def _look_at(self, target: Target) -> Page:
        """One post alone: from the source's own server if that ever had it, else from its author's."""
        places = self._places_of(target)
        if not places:
            return Page((), None, cost=NOTHING, missing=(Missing(target.ref, MissingReason.UNREACHABLE),))
        server, local_id = places[-1]
        try:
            return self._page(server, [server.status(local_id)], "statuses")
        except Gone:
            reason = MissingReason.DELETED
        except Forbidden:
            reason = MissingReason.FORBIDDEN
        except REFUSED:
            if server is self._servers.own:
                raise
            reason = MissingReason.UNREACHABLE
        return self._page(server, [], "statuses", missing=(Missing(target.ref, reason),))

    def _resolved(self, target: Target) -> Iterator[Page]:
        """As `_look_at`; what nobody could be asked for is looked for by its address, which only a token's owner may
        do: then the source's server fetches it."""
        page = self._look_at(target)
        silent = any(missing.reason is MissingReason.UNREACHABLE for missing in page.missing)
        if not silent or not self.own.has_token or target.url is None:
            yield page
            return
        if page.cost.requests:
            yield replace(page, missing=())
        try:
            items = self.own.search(target.url)
        except (Gone, Forbidden):  # a server that cannot search, a token without the scope read:search
            items = []
        yield self._page(self.own, items, "search", missing=() if items else page.missing)

    # --- quotes ----------------------------------------------------------------------------------------------------

    def _quotes(self, target: Target) -> Iterator[Page]:
        """Needs a token and Mastodon 4.5; without them there is nothing to ask."""
        own = self._servers.own
        if not own.has_token or not self._only_mastodon_calls or self._without_quotes >= QUOTES_TRIES:
            return
        local_id = self._own_id(target)
        place: str | None = None
        passed: set[str] = set()
        while local_id is not None:
            try:
                items, place = own.quotes(local_id, place)
            except Gone:  # the post is gone, or the server too old for the question
                self._without_quotes += 1
                yield self._page(own, [], "quotes")
                return
            self._without_quotes = 0
            yield self._page(own, items, "quotes")
            if place is None or not items:
                return
            if place in passed:
                raise _repeated(own, "the quotes of a post")
            passed.add(place)


def _repeated(server: Server, what: str) -> Temporary:
    return Temporary(
        f"{server.host} gives the same page of {what} again and again.", "It is tried again later, from where it stood."
    )


def _places(text: str | None, tags: tuple[str, ...]) -> dict[str, str]:
    return {tag: local_id for tag, local_id in parse_qsl(text or "") if tag in tags}


def _text(places: dict[str, str]) -> str | None:
    return urlencode(sorted(places.items())) or None


def _next_tag(todo: list[str], marks: dict[str, str], below: dict[str, str]) -> str:
    """Tags at their beginning first, then of those going back the one that stands newest, then those going forward."""
    fresh = [tag for tag in todo if tag not in below and tag not in marks]
    back = sorted((tag for tag in todo if tag in below), key=lambda tag: in_order(below[tag]))
    return fresh[0] if fresh else back[-1] if back else todo[0]


def _time_of(items: list[Any], local_id: str, now: datetime) -> datetime | None:
    return next((clean_time(item.get("created_at"), now) for item in items if id_of(item) == local_id), None)


def _home_of(target: Target) -> PostRef | None:
    """The post's sighting on its author's server: told by the uri, or by the page where that stands on the same host;
    a post known only by a server's id is asked for there."""
    if host_of(target.ref):
        return target.ref
    uri = target.ref.native_id
    same_host = host_of_url(target.url) == host_of_url(uri)
    return home_ref(uri) or (home_ref(target.url) if same_host else None)


def _short_of_replies(held: dict[str, Any]) -> list[str]:
    """Posts that tell of more replies than came, in the server's order."""
    came: dict[str, int] = {}
    for item in held.values():
        parent = str(item.get("in_reply_to_id"))
        came[parent] = came.get(parent, 0) + 1
    short = []
    for post_id, item in held.items():
        told = item.get("replies_count")
        if isinstance(told, int) and told > came.get(post_id, 0):
            short.append(post_id)
    return short


def _depth(below: list[Any], local_id: str) -> int:
    """Levels below the post, as far as the answer tells."""
    level = {local_id: 0}
    for item in below:  # a parent stands before its replies
        post_id = id_of(item)
        if post_id and isinstance(item, dict):
            level[post_id] = level.get(str(item.get("in_reply_to_id")), 0) + 1
    return max(level.values())
