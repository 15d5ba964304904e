"""The scripted discussion: who says what, when, on which network. `script_file.py` reads it.

Times in a script are whole minutes after its `start`. Ids, addresses and uris are never written in it: `ids.py` makes
them from keys and times, so that the same script always gives the same networks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

X_EDIT_MINUTES = 30  # an X post can be edited five times within 30 minutes (platforms: "Edits")
X_EDITS = 5
PAGE = "page"  # `by: page` is the Facebook Page itself


class Network(StrEnum):
    X = "x"
    MASTODON = "mastodon"
    FACEBOOK = "facebook"
    BLUESKY = "bluesky"
    FEED = "feed"  # blogs, seen through their feeds


class Family(StrEnum):
    MASTODON = "mastodon"
    GOTOSOCIAL = "gotosocial"
    PLEROMA = "pleroma"


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    family: Family = Family.MASTODON
    token_needed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    id: str
    name: str
    url: str


class FeedKind(StrEnum):
    RSS = "rss"  # 2.0, as WordPress writes it
    RSS1 = "rss1"
    ATOM = "atom"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Blog:
    """A blog. Its feed shows `per_page` entries a page, its comment feeds too. At `moves_at` the feed moves for good,
    at `ends_at` all of it is gone for ever. `noindex`: its feed asks robots to stay away."""

    host: str
    title: str
    kind: FeedKind = FeedKind.RSS
    lang: str | None = None
    per_page: int = 10
    moves_at: int | None = None
    ends_at: int | None = None
    noindex: bool = False

    def is_there(self, minute: int) -> bool:
        return self.ends_at is None or minute < self.ends_at


@dataclass(frozen=True, slots=True)
class Person:
    """An account on one network. `opted_out`: asked the organiser not to be collected; no network knows of it."""

    key: str
    network: Network
    handle: str
    name: str
    server: str | None = None
    joined: date | None = None
    protected: bool = False
    bot: bool = False
    indexable: bool = True
    noindex: bool = False
    about: str = ""
    opted_out: bool = False
    no_unauthenticated: bool = False  # Bluesky: asks not to be shown to people who are not signed in


@dataclass(frozen=True, slots=True)
class Media:
    alt: str | None = None
    width: int = 800
    height: int = 600
    colour: str = "#7799aa"


@dataclass(frozen=True, slots=True)
class Edit:
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class SeenOn:
    """Another server that knows the post. `at` is set where it arrived later than it was written."""

    host: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One post. On Facebook `page` names the Page it stands under; comments inherit it from what they answer."""

    key: str
    by: str
    network: Network
    at: int
    text: str
    lang: str | None = None
    reply_to: str | None = None
    quote_of: str | None = None
    page: str | None = None
    visibility: str = "public"
    warning: str | None = None
    sensitive: bool = False
    media: tuple[Media, ...] = ()
    edits: tuple[Edit, ...] = ()
    deleted_at: int | None = None
    seen_on: tuple[SeenOn, ...] = ()
    replies_elsewhere: int = 0
    likes: int = 0
    reposts: int = 0
    withheld: tuple[str, ...] = ()  # X: countries in which it is not shown
    labels: tuple[str, ...] = ()  # Bluesky: what its author says of it ("nudity", "graphic-media", …)
    card: str | None = None  # Bluesky: the address of a link card
    blog: str | None = None  # feeds: on which blog an article stands; comments inherit it
    title: str | None = None  # feeds: an article's
    categories: tuple[str, ...] = ()  # feeds: an article's
    noindex: bool = False  # feeds: the article's page asks robots to stay away

    def text_at(self, minute: int) -> str:
        """What it says at that minute."""
        text = self.text
        for edit in self.edits:
            if edit.at <= minute:
                text = edit.text
        return text

    def edited_at(self, minute: int) -> int | None:
        """The minute of the last edit made by then; None: never edited."""
        return max((edit.at for edit in self.edits if edit.at <= minute), default=None)

    def is_there(self, minute: int) -> bool:
        """Written, and not deleted, at that minute (whoever may see it)."""
        return self.at <= minute and (self.deleted_at is None or minute < self.deleted_at)


@dataclass(frozen=True)
class Script:
    """A whole discussion. Look things up by key; `children` and `quotes` are in order of writing."""

    title: str
    start: datetime
    tag: str
    servers: tuple[Server, ...]
    pages: tuple[Page, ...]
    blogs: tuple[Blog, ...]
    people: tuple[Person, ...]
    posts: tuple[Post, ...]
    source: str = field(default="script", compare=False)

    @cached_property
    def _people(self) -> Mapping[str, Person]:
        return {person.key: person for person in self.people}

    @cached_property
    def _posts(self) -> Mapping[str, Post]:
        return {post.key: post for post in self.posts}

    @cached_property
    def _children(self) -> Mapping[str, tuple[Post, ...]]:
        return _grouped(self.posts, "reply_to")

    @cached_property
    def _quotes(self) -> Mapping[str, tuple[Post, ...]]:
        return _grouped(self.posts, "quote_of")

    @cached_property
    def _servers(self) -> Mapping[str, Server]:
        return {server.host: server for server in self.servers}

    @cached_property
    def _pages(self) -> Mapping[str, Page]:
        return {page.id: page for page in self.pages}

    @cached_property
    def _blogs(self) -> Mapping[str, Blog]:
        return {blog.host: blog for blog in self.blogs}

    @cached_property
    def _roots(self) -> dict[str, str]:
        return {}

    def post(self, key: str) -> Post:
        return self._posts[key]

    def person(self, key: str) -> Person:
        return self._people[key]

    def author(self, post: Post) -> Person:
        """Who wrote it; a Page writes as a person with the Page's id as its handle."""
        if post.by == PAGE and post.page:
            page = self._pages[post.page]
            return Person(key=f"page:{page.id}", network=Network.FACEBOOK, handle=page.id, name=page.name)
        return self._people[post.by]

    def server(self, host: str | None) -> Server | None:
        """The server as one that can be asked; None where the sandbox plays none of that name."""
        return self._servers.get(host or "")

    def page(self, page_id: str) -> Page | None:
        return self._pages.get(page_id)

    def blog(self, post: Post) -> Blog:
        """The blog on which a post of the network FEED stands."""
        return self._blogs[str(self.root(post).blog)]

    def parent(self, post: Post) -> Post | None:
        return self._posts[post.reply_to] if post.reply_to else None

    def children(self, post: Post) -> tuple[Post, ...]:
        return self._children.get(post.key, ())

    def quotes(self, post: Post) -> tuple[Post, ...]:
        return self._quotes.get(post.key, ())

    def root(self, post: Post) -> Post:
        """The first post of its conversation, deleted ones included."""
        path, top = [post], post
        while top.reply_to and top.key not in self._roots:
            top = self._posts[top.reply_to]
            path.append(top)
        root = self._roots.get(top.key, top.key)
        self._roots.update((passed.key, root) for passed in path)
        return self._posts[root]

    def below(self, post: Post) -> Iterator[Post]:
        """Everything under it, parents before children."""
        waiting = list(reversed(self.children(post)))
        while waiting:
            found = waiting.pop()
            yield found
            waiting.extend(reversed(self.children(found)))

    def of(self, network: Network) -> tuple[Post, ...]:
        return tuple(post for post in self.posts if post.network == network)

    def time(self, minute: int) -> datetime:
        return self.start + timedelta(minutes=minute)

    def minute(self, moment: datetime) -> int:
        """Whole minutes from the start to `moment`, rounded down."""
        return (moment - self.start) // timedelta(minutes=1)

    @property
    def ends(self) -> int:
        """The minute after which nothing happens any more."""
        last = 0
        for post in self.posts:
            last = max(last, post.at, post.deleted_at or 0, *(edit.at for edit in post.edits), 0)
            last = max(last, *(seen.at or 0 for seen in post.seen_on), 0)
        return last

    def starting(self, start: datetime) -> Script:
        """The same discussion at another time."""
        return replace(self, start=start.astimezone(UTC).replace(microsecond=0))


def _grouped(posts: tuple[Post, ...], pointer: str) -> dict[str, tuple[Post, ...]]:
    groups: dict[str, list[Post]] = {}
    for post in sorted(posts, key=lambda post: (post.at, post.key)):
        target = getattr(post, pointer)
        if target:
            groups.setdefault(target, []).append(post)
    return {key: tuple(found) for key, found in groups.items()}
