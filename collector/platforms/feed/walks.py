"""The three questions to a blog: its feed, the comments under one article, whether known posts are still there.

A feed shows its newest entries only, so each look takes the same window again; a server that says that nothing is new
makes it a cheap one. What an article's comments are read from, its entry in the feed says; the mark of that
conversation remembers it, for entries leave the feed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ....core.clock import Clock
from ....core.errors import AuthError, Gone, QueryRefused, RateLimited, Temporary
from ....core.records import PostRef
from ...contract import Cost, Cursor, Feed, Lookup, Missing, MissingReason, Page, Query, Raw, Target, Thread
from .address import comment_of, host_of, page_ref, scope_of
from .config import FeedConfig
from .items import raws as entries
from .web import Found, Known, State, Web

NOTHING = Cost(requests=0)
MAX_CLOSED = 200
_REASONS = {
    State.GONE: MissingReason.DELETED,
    State.CLOSED: MissingReason.FORBIDDEN,
    State.WITHHELD: MissingReason.WITHHELD,
}


@dataclass(frozen=True, slots=True)
class Place:
    """The page of a feed to read next: its number, from 1, and its address."""

    number: int
    url: str

    def to_text(self) -> str:
        return f"{self.number} {self.url}"

    @classmethod
    def of(cls, text: str | None) -> Place | None:
        number, _, url = (text or "").partition(" ")
        return cls(int(number), url) if number.isdecimal() and url else None


class Blog:
    """What `connect` gives. Remembers, while the session lasts, where the comments under the articles it met are."""

    def __init__(self, web: Web, config: FeedConfig, clock: Clock) -> None:
        self.web = web
        self.config, self._clock = config, clock
        self._scope = scope_of(config)
        self._own = frozenset(filter(None, (self._scope, host_of(config.url))))
        self._comments: dict[PostRef, str] = {}
        self._read_whole = False
        self._closed: dict[str, bool] = {}  # of the entries looked at: whether their pages are closed

    def __call__(self, query: Query, cursor: Cursor) -> Iterator[Page]:
        if isinstance(query, Feed):
            return self._feed(query.name, cursor)
        if isinstance(query, Thread):
            return self._thread(query.targets[0], cursor)
        if isinstance(query, Lookup):
            return self._lookup(query, cursor)
        raise TypeError(f"a feed cannot be asked for {type(query).__name__}")

    # --- the feed --------------------------------------------------------------------------------------------------

    def _feed(self, url: str, cursor: Cursor) -> Iterator[Page]:
        known = Known.of(cursor.mark, url)
        still = (name for name in known.closed if self._closed.get(name, True))
        now = (name for name, closed in self._closed.items() if closed)
        known = replace(known, closed=tuple(dict.fromkeys((*still, *now)))[-MAX_CLOSED:])
        place = Place.of(cursor.below) or Place(1, known.url)
        yield from self._pages(known, place, cursor)

    def _pages(self, known: Known, place: Place, cursor: Cursor, under: PostRef | None = None) -> Iterator[Page]:
        """A feed from `place` on, as far as it says where its older entries are. The first page gives the mark."""
        passed: set[str] = set()
        following: Place | None = place
        while following is not None:
            place = following
            passed.add(place.url)
            first = place.number == 1
            found = self.web.feed(known if first else Known(place.url))
            if found.document is None:
                yield Page((), None, newest=found.known.to_text())
                return
            following = self._following(found, place)
            if following is not None and following.url in passed:
                raise Temporary(f"{place.url} gives the same page again and again.", "It is tried again later.")
            items = self.raws(found, under)
            shown = tuple(item for item in items if item.seen_as.native_id not in known.closed)
            yield Page(
                shown,
                Cursor(mark=cursor.mark, below=following.to_text()) if following else None,
                newest=found.known.to_text() if first else None,
                dropped=len(items) - len(shown),
            )

    def _following(self, found: Found, place: Place) -> Place | None:
        url = found.document.following if found.document else None
        if url is None or place.number >= self.config.max_pages or host_of(url) not in found.hosts:
            return None
        return Place(place.number + 1, url)

    def raws(self, found: Found, under: PostRef | None = None) -> tuple[Raw, ...]:
        """The items of a page; notes where the comments under each are."""
        if found.document is None:
            return ()
        hosts = self._own | found.hosts
        items = entries(
            found.document,
            self._scope,
            hosts,
            self._clock.now(),
            text=self.config.text,
            endpoint="comments" if under else "feed",
            under=under,
        )
        for item in items if under is None else ():
            url = item.body.get("comments_feed")
            if isinstance(url, str) and host_of(url) in hosts:
                self._comments.update(dict.fromkeys(_names(item), url))
        return items

    def comments_of(self, item: Raw) -> str | None:
        """The feed of the comments under an entry that was met."""
        return self._comments.get(item.seen_as)

    # --- the comments under one article ----------------------------------------------------------------------------

    def _thread(self, target: Target, cursor: Cursor) -> Iterator[Page]:
        """Entries of the article's own comment feed; nothing where it has none. A comment has none either."""
        place = Place.of(cursor.below)
        known: Known | None = None
        if place is None:
            if cursor.mark is None and not self._read_whole and not self._under(target) and _is_article(target):
                self._read_whole = True
                self.raws(self.web.feed(Known(self.config.url)))
                yield Page((), Cursor(token="feed"))
            known = Known.of(cursor.mark, self._under(target))
            if not known.url:
                yield Page((), None, cost=NOTHING)
                return
            place = Place(1, known.url)
        try:
            yield from self._pages(known or Known(place.url), place, cursor, under=target.ref)
        except (AuthError, QueryRefused) as error:  # one article's comments; the blog itself goes on
            raise Gone(error.message) from None

    def _under(self, target: Target) -> str:
        return next((self._comments[name] for name in _names_of(target) if name in self._comments), "")

    # --- known posts -----------------------------------------------------------------------------------------------

    def _lookup(self, query: Lookup, cursor: Cursor) -> Iterator[Page]:
        """Posts that are held already are looked for on their pages: that an entry left the feed says nothing. What is
        known by its name alone, or named by a person, is looked for in the feed first."""
        unknown = [target for target in query.targets if query.resolve or target.url is None]
        done = int(cursor.below) if cursor.below and cursor.below.isdecimal() else 0
        found: set[Target] = set()
        place = Place(1, self.config.url) if unknown and not done else None
        while place is not None and len(found) < len(unknown):
            page = self.web.feed(Known(place.url))
            wanted = {name: target for target in unknown for name in _names_of(target)}
            chosen = [item for item in self.raws(page) if not wanted.keys().isdisjoint(_names(item))]
            found |= {wanted[name] for item in chosen for name in _names(item) if name in wanted}
            yield Page(tuple(chosen), Cursor(below="0", token=str(place.number)))
            place = self._following(page, place)
        for number, target in enumerate(query.targets[done:], start=done + 1):
            if target not in found:
                page = self._look_at(target, is_held=target not in unknown)
                yield replace(page, cursor=Cursor(below=str(number)))
        yield Page((), None, cost=NOTHING)

    def _look_at(self, target: Target, *, is_held: bool) -> Page:
        """What the post's page says of it."""
        url = target.url or target.ref.native_id
        state, cost = State.UNTOLD, NOTHING
        if page_ref(url) is not None:
            try:
                state, cost = self.web.page(url), Cost()
            except (QueryRefused, Gone):
                pass
            except (Temporary, RateLimited):
                if host_of(url) in self._own:
                    raise
        if state is not State.UNTOLD:
            self._closed[target.ref.native_id] = state in _REASONS
        if state in _REASONS:
            return Page((), None, cost=cost, missing=(Missing(target.ref, _REASONS[state]),))
        if is_held:  # what its page does not tell of is not told
            return Page((), None, cost=cost, unchanged=(target.ref,) if state is State.THERE else ())
        return Page((), None, cost=cost, missing=(Missing(target.ref, MissingReason.UNREACHABLE),))


def _names(item: Raw) -> set[PostRef]:
    """The names of an entry by which it may be asked for."""
    page = page_ref(item.body.get("link")) if item.context.get("page") else None
    return {name for name in (item.seen_as, page) if name is not None}


def _names_of(target: Target) -> set[PostRef]:
    names = (target.ref, *target.seen_as, page_ref(target.url))
    return {name for name in names if name is not None}


def _is_article(target: Target) -> bool:
    return comment_of(target.url or target.ref.native_id) is None
