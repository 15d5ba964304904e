"""What a post said over time, from everything that was received of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..collector import registry, typed
from ..collector.contract import Platform, Raw
from ..core.errors import BadItem, ConfigError
from ..core.records import Post
from ..review.web.surroundings import Version
from ..storage import payloads
from ..storage.payloads import Payload
from ..storage.store import Store


def versions(store: Store, post_id: int) -> list[Version]:
    """The oldest first, what it says now last; only in the word of who is believed most about it. What cannot be read
    is left out. Empty for a post that is not held."""
    with store.reading() as connection:
        kept = payloads.of_post(connection, post_id)
        now = payloads.said_now(connection, post_id)
    if now is None:
        return []
    told = sorted(_told(kept), key=lambda one: (one.edited_at is not None, one.edited_at or one.seen_at, one.seen_at))
    told.append(Version(now.text, now.title, now.warning, now.edited_at, now.seen_at))
    found: list[Version] = []
    for one in told:
        if not found or _words(one) != _words(found[-1]):
            found.append(one)
    return found


def _told(kept: list[Payload]) -> Iterator[Version]:
    for one in kept:
        post = _mapped(one)
        if post is not None:
            yield Version(post.text, post.title, post.warning, post.edited_at, one.seen_at)


def _mapped(kept: Payload) -> Post | None:
    platform = _platform(kept.platform)
    raw = Raw(kept.seen_as, kept.endpoint, kept.body, kept.seen_at, kept.context)
    try:
        sightings = platform.to_sightings(raw) if platform else ()
    except BadItem:
        return None
    return next((one.post for one in sightings if one.seen_as == kept.seen_as), None)


def _platform(name: str) -> Platform | None:
    if name == typed.PLATFORM.name:
        return typed.PLATFORM
    try:
        return registry.load(name)
    except ConfigError:  # a network that this version no longer knows
        return None


def _words(one: Version) -> tuple[str, str | None, str | None]:
    return one.text, one.title, one.warning
