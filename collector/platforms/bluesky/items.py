"""Cutting an answer into Raws: one author's object each, those of others left as references. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ....core.records import PostRef
from ...contract import Missing, MissingReason, Raw
from .address import ORIGIN, post_ref, post_uri

Json = dict[str, Any]

_VIEWER = ("viewer", "debug", "threadgate")  # what the asking account is told about itself, and what is no post's own
_QUOTED = ("uri", "cid", "notFound", "blocked", "detached", "$type")


def raws(views: list[Any], endpoint: str, seen_at: datetime, **context: Any) -> tuple[Raw, ...]:
    """The posts of one answer and those embedded in them, each as a Raw of its own. What is no post at all becomes a
    Raw that mapping refuses, so that it is counted."""
    found: dict[PostRef, Raw] = {}
    for view, told in _unfolded(views, context):
        ref = post_ref(view.get("uri")) if isinstance(view, dict) else None
        body = view if isinstance(view, dict) else {"unreadable": str(view)[:1000]}
        name = ref or PostRef(ORIGIN, f"unreadable-{_digest(view)}")
        found.setdefault(name, Raw(name, endpoint, body, seen_at, told))
    return tuple(found.values())


def uri_of(view: Any) -> str | None:
    return post_uri(view.get("uri")) if isinstance(view, dict) else None


@dataclass(slots=True)
class Tree:
    """A thread's answer taken apart. `cut`: uris below which the answer ends though there are replies."""

    views: list[Any] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)


def tree_of(thread: Json) -> Tree:
    """The posts of a thread, the asked one first, with what the network says is not to be had."""
    tree = Tree()
    todo: list[tuple[Any, bool]] = [(thread, True)]
    while todo:
        node, downwards = todo.pop()
        if not isinstance(node, dict):
            continue
        view = node.get("post")
        if not isinstance(view, dict):
            if ref := post_ref(node.get("uri")):
                reason = MissingReason.FORBIDDEN if node.get("blocked") is True else MissingReason.DELETED
                tree.missing.append(Missing(ref, reason))
            continue
        tree.views.append(view)
        if "parent" in node:
            todo.append((node["parent"], False))
        replies = node.get("replies")
        if isinstance(replies, list):
            todo += [(reply, True) for reply in reversed(replies)]
        elif downwards and _count(view.get("replyCount")) and (uri := uri_of(view)):
            tree.cut.append(uri)
    return tree


def _unfolded(views: list[Any], context: Json) -> Iterator[tuple[Any, Json]]:
    todo = [(view, context) for view in reversed(views)]
    while todo:
        view, told = todo.pop()
        if not isinstance(view, dict):
            yield view, told
            continue
        own, embedded = _cut(view)
        todo += [(other, {}) for other in embedded]
        yield own, told


def _cut(view: Json) -> tuple[Json, list[Json]]:
    """The post without what belongs to others, and the posts that stood in it."""
    embedded: list[Json] = []
    own = {key: value for key, value in view.items() if key not in _VIEWER}
    if isinstance(author := own.get("author"), dict):
        own["author"] = {key: value for key, value in author.items() if key not in _VIEWER}
    if isinstance(embed := own.get("embed"), dict):
        own["embed"] = _cut_embed(embed, embedded)
    return own, embedded


def _cut_embed(embed: Json, embedded: list[Json]) -> Json:
    cut = dict(embed)
    record, external = cut.get("record"), cut.get("external")
    if isinstance(record, dict) and isinstance(record.get("record"), dict):  # with media, the quote is one level deeper
        cut["record"] = {**record, "record": _quoted(record["record"], embedded)}
    elif isinstance(record, dict):
        cut["record"] = _quoted(record, embedded)
    if isinstance(media := cut.get("media"), dict):
        cut["media"] = _cut_embed(media, embedded)
    if isinstance(external, dict):
        cut["external"] = {key: value for key, value in external.items() if key != "associatedProfiles"}
    return cut


def _quoted(record: Json, embedded: list[Json]) -> Json:
    """What is left of a quoted record; a post with its author becomes one of the embedded."""
    if post_uri(record.get("uri")) and isinstance(record.get("author"), dict) and isinstance(record.get("value"), dict):
        embeds = record.get("embeds")
        view = {key: value for key, value in record.items() if key not in ("value", "embeds", "$type")}
        view["record"] = record["value"]
        if isinstance(embeds, list) and embeds and isinstance(embeds[0], dict):
            view["embed"] = embeds[0]
        embedded.append(view)
    return {key: record[key] for key in _QUOTED if key in record}


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _digest(item: Any) -> str:
    return hashlib.blake2b(json.dumps(item, sort_keys=True, default=str).encode(), digest_size=8).hexdigest()
