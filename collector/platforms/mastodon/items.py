"""Cutting an answer into Raws: one author's object each, those of others left as references. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ....core.records import PostRef
from ...contract import Raw
from .address import LOCAL_ID, local_ref

Json = dict[str, Any]

# What the server tells the token's owner about itself, not about the post.
_VIEWER = ("favourited", "reblogged", "bookmarked", "muted", "pinned", "filtered")


def id_of(item: Any) -> str | None:
    """The local id of a status, as text; None where there is no usable one."""
    value = item.get("id") if isinstance(item, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and LOCAL_ID.fullmatch(value) else None


def raws(items: list[Any], host: str, endpoint: str, seen_at: datetime, *, own: bool) -> tuple[Raw, ...]:
    """The statuses of one answer of the server `host`, and those embedded in them, each as a Raw of its own. `own`: it
    is the source's server, chosen by the organiser, not one that a post named.

    A boost is dropped and the boosted post kept. What is no status at all becomes a Raw that mapping refuses, so
    that it is counted."""
    found: dict[PostRef, Raw] = {}
    for status in _unfolded(items):
        local_id = id_of(status)
        ref = local_ref(host, local_id or f"unreadable-{_digest(status)}")
        body = status if isinstance(status, dict) else {"unreadable": str(status)[:1000]}
        found.setdefault(ref, Raw(ref, endpoint, body, seen_at, {"own": own}))
    return tuple(found.values())


def _unfolded(items: list[Any]) -> Iterator[Any]:
    todo = list(reversed(items))
    while todo:
        item = todo.pop()
        if not isinstance(item, dict):
            yield item
            continue
        boosted = item.get("reblog")
        if isinstance(boosted, dict):
            todo.append(boosted)
            continue
        status, embedded = _cut(item)
        todo += embedded
        yield status


def _cut(item: Json) -> tuple[Json, list[Json]]:
    """The status without what belongs to others, and the statuses that stood in it."""
    embedded: list[Json] = []
    status = {key: value for key, value in item.items() if key not in _VIEWER}
    quote = status.get("quote")
    if isinstance(quote, dict):
        quoted = quote.get("quoted_status")
        if isinstance(quoted, dict):
            embedded.append(quoted)
            status["quote"] = {**quote, "quoted_status": _reference(quoted)}
        elif "account" in quote:  # Akkoma: the quoted status stands there itself
            embedded.append(quote)
            status["quote"] = _reference(quote)
    pleroma = status.get("pleroma")
    if isinstance(pleroma, dict) and isinstance(pleroma.get("quote"), dict):
        embedded.append(pleroma["quote"])
        status["pleroma"] = {**pleroma, "quote": _reference(pleroma["quote"])}
    account = status.get("account")
    if isinstance(account, dict) and isinstance(account.get("moved"), dict):
        status["account"] = {**account, "moved": _reference(account["moved"])}
    card = status.get("card")
    if isinstance(card, dict) and isinstance(card.get("authors"), list):
        authors = [{**author, "account": None} for author in card["authors"] if isinstance(author, dict)]
        status["card"] = {**card, "authors": authors}
    return status, embedded


def _reference(item: Json) -> Json:
    return {key: item[key] for key in ("id", "uri") if key in item}


def _digest(item: Any) -> str:
    return hashlib.blake2b(json.dumps(item, sort_keys=True, default=str).encode(), digest_size=8).hexdigest()
