"""A network made of a list: any walk, any price, any fault, and a book of what was asked and billed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tagora.collector.contract import (
    Cost,
    Cursor,
    Feed,
    Fetch,
    Lookup,
    Meter,
    Missing,
    MissingReason,
    Page,
    Platform,
    PlatformConfig,
    Query,
    Quotes,
    Raw,
    Support,
    Tag,
    Thread,
    Walk,
)
from tagora.core.clock import Clock
from tagora.core.errors import BadItem
from tagora.core.records import (
    Author,
    Entity,
    EntityKind,
    Metrics,
    Post,
    PostRef,
    Sighting,
    Visibility,
)

ORIGIN = "fake"
START = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class FakePost:
    """`id` grows with time: post 60 is written an hour after START."""

    id: int
    tagged: bool = False
    reply_to: int | None = None
    quote_of: int | None = None
    author: str = "anna"
    visibility: str = "public"
    wishes: tuple[str, ...] = ()
    link: str | None = None
    bad: bool = False
    text: str | None = None

    @property
    def published_at(self) -> datetime:
        return START + timedelta(minutes=self.id)


class FakeConfig(PlatformConfig):
    pass


@dataclass
class FakeNetwork:
    """`posts` is the truth. `faults`: what to raise at the n-th request (from 1); `late` faults raise after the
    network has charged."""

    posts: list[FakePost] = field(default_factory=list)
    walk: Walk = Walk.BACKWARD
    thread_walk: Walk = Walk.BACKWARD
    thread_exhaustive: bool = True
    batch: int = 5
    page_items: int = 3
    price: int = 0
    reach: timedelta | None = None
    pace: timedelta | None = None
    kinds: tuple[type, ...] = (Thread, Quotes, Lookup)
    feed: bool = False
    faults: dict[int, Exception] = field(default_factory=dict)
    late: bool = False
    tell_root: bool = True
    still: set[int] = field(default_factory=set)  # of these look-ups only say that they are there
    omits: set[int] = field(default_factory=set)  # look-ups leave these out without a word
    calls: list[tuple[Query, Cursor]] = field(default_factory=list)
    billed: Counter[int] = field(default_factory=Counter)
    charged: int = 0

    # --- the truth -------------------------------------------------------------------------------------------------

    def by_id(self, post_id: int) -> FakePost | None:
        return next((post for post in self.posts if post.id == post_id), None)

    def root(self, post: FakePost) -> int:
        up = post
        while up.reply_to is not None:
            above = self.by_id(up.reply_to)
            if above is None:
                return up.reply_to
            up = above
        return up.id

    def above(self, post: FakePost) -> list[FakePost]:
        found: list[FakePost] = []
        while post.reply_to is not None and (upper := self.by_id(post.reply_to)) is not None:
            found.append(upper)
            post = upper
        return found

    def below(self, post_id: int) -> list[FakePost]:
        direct = [post for post in self.posts if post.reply_to == post_id]
        return [each for post in direct for each in (post, *self.below(post.id))]

    # --- the platform ----------------------------------------------------------------------------------------------

    def platform(self) -> Platform:
        entry: Callable[[Any, tuple[str, ...]], Query] = lambda _, tags: Feed("page") if self.feed else Tag(tags)  # noqa: E731
        return Platform(
            name="fake",
            title="The fake network",
            config=FakeConfig,
            secrets=(),
            supports=self._supports,
            connect=self._connect,
            to_sightings=to_sightings,
            entry_query=entry,
            locate=lambda _config, _url: None,
            mapping_version=1,
        )

    def _supports(self, _config: object) -> Mapping[type, Support]:
        own = Support(self.walk, exhaustive=True, reach=self.reach, pace=self.pace)
        followed = Support(
            self.thread_walk,
            exhaustive=self.thread_exhaustive,
            batch=1 if self.thread_walk is Walk.RESCAN else self.batch,
            reach=self.reach,
        )
        every: dict[type, Support] = {
            Thread: followed,
            Quotes: followed,
            Lookup: Support(Walk.RESCAN, exhaustive=True, batch=self.batch),
        }
        return {Feed if self.feed else Tag: own, **{kind: every[kind] for kind in self.kinds}}

    @contextmanager
    def _connect(
        self,
        config: object,
        secrets: Mapping[str, str],
        clock: Clock,
        base_url: str | None,
        *,
        user_agent: str,
        meter: Meter,
    ) -> Iterator[Fetch]:
        def fetch(query: Query, cursor: Cursor) -> Iterator[Page]:
            return self._pages(query, cursor, clock, meter)

        yield fetch

    def _pages(self, query: Query, cursor: Cursor, clock: Clock, meter: Meter) -> Iterator[Page]:
        while True:
            size = meter.page_size(self.price, 1, self.page_items)
            meter.reserve(Cost(1, self.price * size))
            self.calls.append((query, cursor))
            fault = self.faults.pop(len(self.calls), None)
            if fault is not None and not self.late:
                meter.release()
                raise fault
            page = self._answer(query, cursor, size, clock.now())
            self.charged += self.price * len(page.items)
            self.billed.update(int(raw.seen_as.native_id) for raw in page.items)
            if fault is not None:
                raise fault
            yield page
            if page.cursor is None:
                return
            cursor = page.cursor

    def _answer(self, query: Query, cursor: Cursor, size: int, now: datetime) -> Page:
        chosen, missing, support = self._chosen(query, now)
        chosen = sorted((p for p in chosen if p.published_at <= now), key=lambda p: p.id, reverse=True)
        if self.reach is not None and not isinstance(query, Lookup):
            chosen = [post for post in chosen if post.published_at >= now - self.reach]
        if support.walk is Walk.FORWARD and cursor.mark is not None and cursor.below is None:
            above = [post for post in reversed(chosen) if post.id > int(cursor.mark)]
            page, rest = above[:size], above[size:]
            mark = str(page[-1].id) if page else cursor.mark
            return self._page(page, Cursor(mark=mark) if rest else None, mark, now)
        if cursor.mark is not None:
            chosen = [post for post in chosen if post.id > int(cursor.mark)]
        if cursor.below is not None:
            chosen = [post for post in chosen if post.id < int(cursor.below)]
        page, rest = chosen[:size], chosen[size:]
        further = Cursor(mark=cursor.mark, below=str(page[-1].id), token="t") if rest else None
        newest = str(page[0].id) if page and support.walk is not Walk.RESCAN else None
        asked = query.targets if isinstance(query, Lookup) else ()
        there = tuple(target.ref for target in asked if int(target.ref.native_id) in self.still)
        return replace(self._page(page, further, newest, now, missing), unchanged=there)

    def _page(
        self,
        posts: Sequence[FakePost],
        cursor: Cursor | None,
        newest: str | None,
        now: datetime,
        missing: tuple[Missing, ...] = (),
    ) -> Page:
        return Page(
            tuple(self._raw(post, now) for post in posts),
            cursor,
            newest=newest,
            cost=Cost(1, self.price * len(posts)),
            missing=missing,
            oldest_at=min((post.published_at for post in posts), default=None),
        )

    def _chosen(self, query: Query, now: datetime) -> tuple[list[FakePost], tuple[Missing, ...], Support]:
        support = self._supports(None)[type(query)]
        if isinstance(query, Tag):
            return [post for post in self.posts if post.tagged], (), support
        if isinstance(query, Feed):
            return list(self.posts), (), support
        ids = [int(target.ref.native_id) for target in query.targets]
        if isinstance(query, Quotes):
            return [post for post in self.posts if post.quote_of in ids], (), support
        if isinstance(query, Lookup):
            found = [post for post in self.posts if post.id in ids and post.id not in self.omits | self.still]
            gone = set(ids) - {post.id for post in found} - self.still
            reason = {i: MissingReason.OMITTED if i in self.omits else MissingReason.DELETED for i in gone}
            missing = tuple(Missing(PostRef(ORIGIN, str(i)), reason[i]) for i in sorted(gone))
            return found, missing, support
        found = []
        for target in query.targets:
            own = int(target.ref.native_id)
            post = self.by_id(own)
            if self.thread_walk is Walk.RESCAN:
                found += [*(self.above(post) if post else []), *([post] if post else []), *self.below(own)]
            elif target.top:
                found += self.below(own)
            else:
                found += [post for post in self.posts if post.reply_to == own]
        return list({post.id: post for post in found}.values()), (), support

    def _raw(self, post: FakePost, now: datetime) -> Raw:
        body: dict[str, Any] = {
            "id": str(post.id),
            "text": post.text if post.text is not None else f"post {post.id}",
            "author": post.author,
            "tags": ["mmgcasnocha"] if post.tagged else [],
            "at": post.published_at.isoformat(),
            "visibility": post.visibility,
            "wishes": list(post.wishes),
            "reply_to": None if post.reply_to is None else str(post.reply_to),
            "root": str(self.root(post)) if self.tell_root and post.reply_to is not None else None,
            "quote_of": None if post.quote_of is None else str(post.quote_of),
            "replies": sum(1 for other in self.posts if other.reply_to == post.id),
            "link": post.link,
        }
        if post.bad:
            body = {"id": str(post.id), "text": 7}
        return Raw(PostRef(ORIGIN, str(post.id)), "fake", body, now)


def to_sightings(raw: Raw) -> tuple[Sighting, ...]:
    body = raw.body
    if not isinstance(body.get("text"), str):
        raise BadItem("a post without words")

    def ref(value: str | None) -> PostRef | None:
        return None if value is None else PostRef(ORIGIN, value)

    link = body["link"]
    post = Post(
        ref=PostRef(ORIGIN, body["id"]),
        url=f"https://fake.example/{body['id']}",
        author=Author(ORIGIN, body["author"], handle=body["author"], wishes=tuple(body["wishes"])),
        published_at=datetime.fromisoformat(body["at"]),
        text=body["text"],
        entities=(Entity(0, 1, EntityKind.LINK, link),) if link else (),
        lang="en",
        visibility=Visibility(body["visibility"]),
        reply_to=ref(body["reply_to"]),
        root_hint=ref(body["root"]),
        quote_of=ref(body["quote_of"]),
        hashtags=frozenset(body["tags"]),
    )
    return (Sighting(raw.seen_as, post, raw.seen_at, metrics=Metrics(replies=body["replies"])),)
