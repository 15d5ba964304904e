"""The scripted discussion: who says what, when, on which network. Read from YAML, checked, frozen.

Times in a script are whole minutes after its `start`. Ids, addresses and uris are never written in it: `ids.py` makes
them from keys and times, so that the same script always gives the same networks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

X_EDIT_MINUTES = 30  # an X post can be edited five times within 30 minutes (platforms: "Edits")
X_EDITS = 5
PAGE = "page"  # `by: page` is the Facebook Page itself


class ScriptError(ValueError):
    """The script cannot be played. The message says where and what."""


class Network(StrEnum):
    X = "x"
    MASTODON = "mastodon"
    FACEBOOK = "facebook"


class Family(StrEnum):
    MASTODON = "mastodon"
    GOTOSOCIAL = "gotosocial"
    PLEROMA = "pleroma"


VISIBILITIES = {
    Network.X: ("public",),
    Network.MASTODON: ("public", "unlisted", "private", "direct"),
    Network.FACEBOOK: ("public", "unpublished", "hidden"),
}


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


# --- reading --------------------------------------------------------------------------------------------------------


def load_script(path: Path | str, start: datetime | None = None) -> Script:
    """Reads a script file; `start` moves the whole discussion to another time.

    Raises ScriptError, naming file and place.
    """
    path = Path(path)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScriptError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: not valid YAML: {error}") from error
    script = parse_script(data, str(path))
    return script.starting(start) if start else script


def parse_script(data: Any, source: str = "script") -> Script:
    """A script from plain data. Raises ScriptError."""
    top = _Reader(data, source)
    posts_data = top.rows("posts")
    people = tuple(_person(row) for row in top.rows("people"))
    networks = {person.key: person.network for person in people}
    script = Script(
        title=top.text("title", ""),
        start=top.moment("start"),
        tag=top.text("tag").lstrip("#"),
        servers=tuple(_server(row) for row in top.rows("servers")),
        pages=tuple(_page(row) for row in top.rows("pages")),
        people=people,
        posts=tuple(_post(row, networks) for row in posts_data),
        source=source,
    )
    top.done()
    _check(script)
    return script


class _Reader:
    """Takes named values out of one mapping and complains about what is missing, wrong or left over."""

    def __init__(self, data: Any, where: str) -> None:
        if not isinstance(data, dict):
            raise ScriptError(f"{where}: expected a mapping, found {type(data).__name__}")
        self.left = dict(data)
        self.where = f"{where}: {data['key']}" if "key" in data else where

    def fail(self, name: str, message: str) -> ScriptError:
        return ScriptError(f"{self.where}: {name}: {message}")

    def take(self, name: str, kind: type | tuple[type, ...], default: Any = ...) -> Any:
        value = self.left.pop(name, None)
        if value is None:
            if default is ...:
                raise self.fail(name, "is missing")
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise self.fail(name, f"{value!r} is not right here")
        return value

    def text(self, name: str, default: Any = ...) -> Any:
        value = self.take(name, (str, int), default)
        return str(value) if isinstance(value, int) else value

    def number(self, name: str, default: Any = ...) -> Any:
        return self.take(name, int, default)

    def flag(self, name: str, default: bool = False) -> bool:
        return self.take(name, bool, default)

    def choice(self, name: str, kind: type[StrEnum], default: Any = ...) -> Any:
        value = self.text(name, default)
        try:
            return kind(value)
        except ValueError:
            raise self.fail(name, f"{value!r} is none of {', '.join(kind)}") from None

    def moment(self, name: str) -> datetime:
        value = self.take(name, (datetime, str))
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise self.fail(name, f"{value!r} is not a time") from None
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        return value.astimezone(UTC)

    def items(self, name: str) -> list[Any]:
        return self.take(name, list, [])

    def rows(self, name: str) -> list[_Reader]:
        return [_Reader(row, f"{self.where}: {name}[{n}]") for n, row in enumerate(self.items(name))]

    def done(self) -> None:
        if self.left:
            raise ScriptError(f"{self.where}: unknown key {sorted(map(str, self.left))[0]!r}")


def _server(row: _Reader) -> Server:
    server = Server(row.text("host"), row.choice("family", Family, "mastodon"), row.flag("token_needed"))
    row.done()
    return server


def _page(row: _Reader) -> Page:
    page = Page(row.text("id"), row.text("name"), row.text("url"))
    row.done()
    return page


def _person(row: _Reader) -> Person:
    network = row.choice("network", Network)
    key = row.text("key")
    joined = row.take("joined", date, None)
    person = Person(
        key=key,
        network=network,
        handle=row.text("handle", key),
        name=row.text("name", key),
        server=row.text("server", None),
        joined=joined.date() if isinstance(joined, datetime) else joined,
        protected=row.flag("protected"),
        bot=row.flag("bot"),
        indexable=row.flag("indexable", True),
        noindex=row.flag("noindex"),
        about=row.text("about", ""),
        opted_out=row.flag("opted_out"),
    )
    if (network == Network.MASTODON) != bool(person.server):
        raise row.fail("server", "is needed for a mastodon person, and only for one")
    if key == PAGE:
        raise row.fail("key", f"{PAGE!r} stands for the Facebook Page itself")
    row.done()
    return person


def _post(row: _Reader, networks: Mapping[str, Network]) -> Post:
    by = row.text("by")
    network = Network.FACEBOOK if by == PAGE else networks.get(by)
    if network is None:
        raise row.fail("by", f"no person {by!r}")
    said = row.text("network", network)
    if said != network:
        raise row.fail("network", f"{by!r} is on {network}")
    media = []
    for item in row.rows("media"):
        width, height = item.number("width", 800), item.number("height", 600)
        media.append(Media(item.text("alt", None), width, height, item.text("colour", "#7799aa")))
        item.done()
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", media[-1].colour):
            raise item.fail("colour", f"{media[-1].colour!r} is not like #7799aa")
    edits = []
    for item in row.rows("edits"):
        edits.append(Edit(item.number("at"), item.text("text")))
        item.done()
    visibility = row.text("visibility", "public")
    if visibility not in VISIBILITIES[network]:
        raise row.fail("visibility", f"{visibility!r} is none of {', '.join(VISIBILITIES[network])}")
    post = Post(
        key=row.text("key"),
        by=by,
        network=network,
        at=row.number("at"),
        text=row.text("text"),
        lang=row.text("lang", None),
        reply_to=row.text("reply_to", None),
        quote_of=row.text("quote_of", None),
        page=row.text("page", None),
        visibility=visibility,
        warning=row.text("warning", None),
        sensitive=row.flag("sensitive"),
        media=tuple(media),
        edits=tuple(edits),
        deleted_at=row.number("deleted_at", None),
        seen_on=tuple(_seen_on(row, item) for item in _listed(row.left.pop("seen_on", None))),
        replies_elsewhere=row.number("replies_elsewhere", 0),
        likes=row.number("likes", 0),
        reposts=row.number("reposts", 0),
        withheld=tuple(str(country) for country in row.items("withheld")),
    )
    row.done()
    return post


def _listed(value: Any) -> list[Any]:
    """`all` may stand alone, as the only item, or not at all."""
    return [] if value is None else value if isinstance(value, list) else [value]


def _seen_on(row: _Reader, item: Any) -> SeenOn:
    if isinstance(item, str):
        return SeenOn(item)
    reader = _Reader(item, f"{row.where}: seen_on")
    seen = SeenOn(reader.text("host"), reader.number("at", None))
    reader.done()
    return seen


# --- checking -------------------------------------------------------------------------------------------------------


def _check(script: Script) -> None:
    for name, keys in (
        ("people", [person.key for person in script.people]),
        ("posts", [post.key for post in script.posts]),
        ("servers", [server.host for server in script.servers]),
        ("pages", [page.id for page in script.pages]),
    ):
        twice = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
        if twice:
            raise ScriptError(f"{script.source}: {name}: {twice[0]!r} is there twice")
    keys = {post.key: post for post in script.posts}
    for post in script.posts:
        _check_post(script, post, keys)
    for post in script.posts:
        _check_chain(script, post, keys)


def _check_post(script: Script, post: Post, keys: Mapping[str, Post]) -> None:
    def fail(name: str, message: str) -> ScriptError:
        return ScriptError(f"{script.source}: post {post.key}: {name}: {message}")

    if post.at < 0:
        raise fail("at", "is before the start")
    for name in ("reply_to", "quote_of"):
        target = getattr(post, name)
        if target is None:
            continue
        if target not in keys:
            raise fail(name, f"no post {target!r}")
        if keys[target].network != post.network:
            raise fail(name, f"{target!r} is on {keys[target].network}, not {post.network}")
        if keys[target].at > post.at:
            raise fail(name, f"{target!r} is written later (at {keys[target].at})")
    if post.deleted_at is not None and post.deleted_at <= post.at:
        raise fail("deleted_at", "is not after `at`")
    times = [post.at, *(edit.at for edit in post.edits)]
    if times != sorted(set(times)):
        raise fail("edits", "must come after the post, each later than the one before")
    if post.seen_on and post.network != Network.MASTODON:
        raise fail("seen_on", "is for mastodon posts")
    for seen in post.seen_on:
        if seen.host != "all" and script.server(seen.host) is None:
            raise fail("seen_on", f"no server {seen.host!r}")
        if seen.at is not None and seen.at < post.at:
            raise fail("seen_on", f"{seen.host} cannot know it before it is written")
    too_late = bool(post.edits) and post.edits[-1].at > post.at + X_EDIT_MINUTES
    if post.network == Network.X and (too_late or len(post.edits) > X_EDITS):
        raise fail("edits", f"X allows {X_EDITS} edits within {X_EDIT_MINUTES} minutes")
    if post.network == Network.FACEBOOK:
        if post.reply_to is None and (post.page is None or script.page(post.page) is None):
            raise fail("page", f"no page {post.page!r} (every Facebook post stands on a Page)")
        if post.quote_of:
            raise fail("quote_of", "Facebook gives no quotes")
        if post.by == PAGE and post.page is None:
            raise fail("page", "says which Page writes, also for its comments")


def _check_chain(script: Script, post: Post, keys: Mapping[str, Post]) -> None:
    """No circles (only possible within one minute), and no third level of comments on Facebook."""
    above, seen = post, {post.key}
    while above.reply_to and keys[above.reply_to].at == post.at:
        above = keys[above.reply_to]
        if above.key in seen:
            raise ScriptError(f"{script.source}: post {post.key}: reply_to: answers itself in a circle")
        seen.add(above.key)
    if post.network == Network.FACEBOOK:
        above, depth = post, 0
        while above.reply_to:
            above, depth = keys[above.reply_to], depth + 1
        if depth > 2:
            raise ScriptError(f"{script.source}: post {post.key}: reply_to: Facebook has two levels of comments")
