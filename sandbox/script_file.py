"""Scripts as YAML files: read, checked, and refused with one clear sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from .script import (
    PAGE,
    X_EDIT_MINUTES,
    X_EDITS,
    Blog,
    Edit,
    Family,
    FeedKind,
    Media,
    Network,
    Page,
    Person,
    Post,
    Script,
    SeenOn,
    Server,
)

VISIBILITIES = {
    Network.X: ("public",),
    Network.MASTODON: ("public", "unlisted", "private", "direct"),
    Network.FACEBOOK: ("public", "unpublished", "hidden"),
    Network.BLUESKY: ("public", "blocked"),
    Network.FEED: ("public",),
}


class ScriptError(ValueError):
    """The script cannot be played. The message says where and what."""


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
        blogs=tuple(_blog(row) for row in top.rows("blogs")),
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


def _blog(row: _Reader) -> Blog:
    host = row.text("host")
    blog = Blog(
        host=host,
        title=row.text("title", host),
        kind=row.choice("kind", FeedKind, "rss"),
        lang=row.text("lang", None),
        per_page=row.number("per_page", 10),
        moves_at=row.number("moves_at", None),
        ends_at=row.number("ends_at", None),
        noindex=row.flag("noindex"),
    )
    row.done()
    return blog


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
        no_unauthenticated=row.flag("no_unauthenticated"),
    )
    if person.no_unauthenticated and network != Network.BLUESKY:
        raise row.fail("no_unauthenticated", "is for a bluesky person")
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
        labels=tuple(str(label) for label in row.items("labels")),
        card=row.text("card", None),
        blog=row.text("blog", None),
        title=row.text("title", None),
        categories=tuple(str(name) for name in row.items("categories")),
        noindex=row.flag("noindex"),
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
        ("blogs", [blog.host for blog in script.blogs]),
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
    if post.network == Network.BLUESKY and post.edits:
        raise fail("edits", "Bluesky knows none")
    if post.network != Network.BLUESKY and (post.labels or post.card):
        raise fail("labels" if post.labels else "card", "is for bluesky posts")
    if post.network == Network.FEED:
        if (post.reply_to is None) != (post.blog in {blog.host for blog in script.blogs}):
            raise fail("blog", f"no blog {post.blog!r} (every article stands on a blog, comments under an article)")
        if post.quote_of:
            raise fail("quote_of", "feeds give no quotes")
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
