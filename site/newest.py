"""The newest published posts of a campaign, found without reading its discussions again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..storage import publishable, snapshot
from ..storage.store import Connection
from .manifest import Manifest
from .views import Card

MOST = 48  # asked for; pages that show fewer may pass some by


class Newest(NamedTuple):
    """A post and the page on which its words stand."""

    node: snapshot.Node
    path: str


def newest_posts(
    connection: Connection,
    manifest: Manifest,
    in_store: Mapping[str, publishable.Campaign],
    cards: Mapping[str, Sequence[Card]],
) -> dict[str, tuple[Newest, ...]]:
    """Of each campaign, by slug."""
    return {slug: _of(connection, manifest, in_store[slug], some) for slug, some in cards.items() if slug in in_store}


def _of(
    connection: Connection, manifest: Manifest, of: publishable.Campaign, cards: Sequence[Card]
) -> tuple[Newest, ...]:
    """The posts that came last, of those whose words stand on a page without a warning before them, the newest first.
    The newest posts are in the discussions with the newest posts: only as many of those are looked at."""
    recent = sorted(cards, key=lambda card: (-card.latest, card.path))[:MOST]
    threads = {card.thread_id for card in recent}
    owned = manifest.owned_by(f"{of.slug}/{thread_id}" for thread_id in sorted(threads))
    pages = [path for paths in owned.values() for path in sorted(paths) if path.endswith(".html")]
    there = {id_: path for path in pages for id_ in manifest.shown(path)}  # the first page last, for it comes first
    ids = publishable.newest_ids(connection, of, there.keys(), MOST)
    found = [Newest(node, there[node.id]) for node in snapshot.nodes(connection, of, ids) if node.thread_id in threads]
    return tuple(sorted(found, key=lambda it: (-(it.node.published_at or 0), it.node.origin, it.node.native_id)))
