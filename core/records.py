"""The records: what a network said, in one shape for all networks. Frozen, without I/O.

None means "unknown", never zero and never "no". Times are aware UTC. Ids are text and never compared for order.
Whatever enters a record has passed `core.normalise` (no lone surrogates, no NUL, no absurd dates).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class PostRef(NamedTuple):
    """Who issued an id, and the id. Every fediverse post is ("activitypub", its uri), wherever it was seen;
    its id on one server is ("activitypub@server", the local id) and only ever names a sighting."""

    origin: str
    native_id: str


class Visibility(StrEnum):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


class EntityKind(StrEnum):
    HASHTAG = "hashtag"
    MENTION = "mention"
    LINK = "link"
    EMOJI = "emoji"


class MediaKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    GIF = "gif"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entity:
    """A stretch of the post's text that means something. `start` and `end` count Unicode code points of the
    stored text, end exclusive. `target`: the tag without # (casefolded), the profile's or link's url; `display`
    is what readers see where that differs from the text."""

    start: int
    end: int
    kind: EntityKind
    target: str
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """An account on a network as it described itself. `wishes` are what it asks of others in the network's own
    way ("noindex", "not_indexable", "nobot", "no_unauthenticated", "limited")."""

    origin: str
    native_id: str
    handle: str | None = None
    display_name: str | None = None
    url: str | None = None
    avatar_url: str | None = None
    created_at: datetime | None = None
    bot: bool | None = None
    protected: bool | None = None
    wishes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    kind: MediaKind
    url: str | None
    preview_url: str | None = None
    alt: str | None = None
    width: int | None = None
    height: int | None = None
    stable_id: str | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts as one sighting reported them at one moment. Observations: never part of the content hash."""

    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    quotes: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One post as one sighting tells it. `reply_to`, `root_hint`, `quote_of` and `repost_of` may name any id under
    which the other post can be seen (a local id included); the store resolves them through the sightings."""

    ref: PostRef
    url: str | None
    author: Author | None
    published_at: datetime
    text: str
    edited_at: datetime | None = None
    title: str | None = None
    html: str | None = None
    entities: tuple[Entity, ...] = ()
    lang: str | None = None
    lang_guessed: bool = False
    warning: str | None = None
    sensitive: bool | None = None
    labels: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PUBLIC
    reply_to: PostRef | None = None
    root_hint: PostRef | None = None
    quote_of: PostRef | None = None
    repost_of: PostRef | None = None
    hashtags: frozenset[str] = field(default_factory=frozenset)
    media: tuple[Media, ...] = ()


class Authority:
    """How far a sighting is believed when several tell the same post."""

    RUMOUR = 1  # told of somebody else's post by a server that was asked only because a post named it
    HEARSAY = 2  # told of somebody else's post by a server that the organiser chose
    HOME = 3  # the author's own server, or the one network there is


@dataclass(frozen=True, slots=True)
class Sighting:
    """A post seen under one id, at one place, at one moment. `also` are further ids of the same post (the other
    ids of an X edit chain, the local id beside the uri). Merging by `post.ref` and `also` is the store's work.
    `names`: every person the raw item names, as (origin, account id) and (origin, "@handle"), the author's and the
    mentioned ones': by these a payload is found when somebody wants to be forgotten."""

    seen_as: PostRef
    post: Post
    seen_at: datetime
    authority: int = Authority.HOME
    also: tuple[PostRef, ...] = ()
    metrics: Metrics | None = None
    names: tuple[tuple[str, str], ...] = ()
