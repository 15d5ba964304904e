"""Records for tests, with sane defaults: name only what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tagora.core.records import Author, Authority, Metrics, Post, PostRef, Sighting

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def ref(name: str | PostRef, origin: str = "x") -> PostRef:
    """ "1" is ("x", "1"); a PostRef stays itself."""
    return name if isinstance(name, PostRef) else PostRef(origin, name)


def author(name: str = "anna", origin: str = "x", **changes: Any) -> Author:
    """An account whose id, handle and address all hold `name`."""
    values: dict[str, Any] = {
        "origin": origin,
        "native_id": f"id-{name}",
        "handle": name,
        "display_name": name.capitalize(),
        "url": f"https://example.net/{name}",
    }
    return Author(**{**values, **changes})


def post(
    name: str | PostRef = "1",
    text: str | None = None,
    *,
    reply_to: str | PostRef | None = None,
    root_hint: str | PostRef | None = None,
    quote_of: str | PostRef | None = None,
    minutes: float = 0,
    **changes: Any,
) -> Post:
    """A public post, `minutes` after noon, whose references may be written as bare ids of "x"."""
    own = ref(name)
    values: dict[str, Any] = {
        "ref": own,
        "url": f"https://example.net/{own.origin}/{own.native_id}",
        "author": author(),
        "published_at": NOON + timedelta(minutes=minutes),
        "text": f"text of {own.native_id}" if text is None else text,
        "reply_to": None if reply_to is None else ref(reply_to),
        "root_hint": None if root_hint is None else ref(root_hint),
        "quote_of": None if quote_of is None else ref(quote_of),
    }
    return Post(**{**values, **changes})


def sighting(
    of: Post | str | PostRef = "1",
    *,
    seen_as: str | PostRef | None = None,
    seen_at: datetime | None = None,
    authority: int = Authority.HOME,
    also: tuple[str | PostRef, ...] = (),
    metrics: Metrics | None = None,
    names: tuple[tuple[str, str], ...] | None = None,
    **changes: Any,
) -> Sighting:
    """A sighting of `of` (a post, or what `post()` takes), an hour after noon under its own reference."""
    what: Any = of if isinstance(of, Post) else post(of, **changes)
    if names is None:
        who = what.author
        names = () if who is None else ((who.origin, who.native_id), (who.origin, f"@{who.handle}"))
    return Sighting(
        seen_as=what.ref if seen_as is None else ref(seen_as),
        post=what,
        seen_at=NOON + timedelta(hours=1) if seen_at is None else seen_at,
        authority=authority,
        also=tuple(ref(name) for name in also),
        metrics=metrics,
        names=names,
    )
