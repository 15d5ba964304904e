"""What can be seen of one feed, in sentences, for `tagora check`: one question to it."""

from __future__ import annotations

from datetime import datetime

from ....core.errors import BadItem
from ...contract import Fetch, Probe, Query, Raw
from .mapping import to_sightings
from .walks import Blog
from .web import Known


def probe(fetch: Fetch, query: Query) -> Probe:
    """What the feed holds now. Raises what a fetch raises."""
    assert isinstance(fetch, Blog)
    url = fetch.config.url
    found = fetch.web.feed(Known(url))
    items = fetch.raws(found)
    times = sorted(filter(None, map(_written_at, items)))
    span = f", from {times[0]:%Y-%m-%d} to {times[-1]:%Y-%m-%d}" if times else ""
    sees = [f"{len(items) or 'no'} {'entry' if len(items) == 1 else 'entries'}{span}."]
    lacks = ["What is older: a feed shows its newest entries only."]
    if talked_of := sum(1 for item in items if fetch.comments_of(item)):
        sees.append(f"The newest comments under {talked_of} of them, each in a feed of its own.")
    if len(times) < len(items):
        lacks.append(f"{len(items) - len(times)} of them: without a date, a name or a text they cannot be kept.")
    if found.document is not None and found.document.about.get("noindex"):
        lacks.append("Anything: the feed asks robots to stay away, and that is kept (docs/wishes.md).")
    if found.known.url != url:
        lacks.append(f"Its old address for long: it moved for good. Set `url` to {found.known.url}")
    return Probe(tuple(sees), tuple(lacks))


def _written_at(item: Raw) -> datetime | None:
    try:
        return to_sightings(item)[0].post.published_at
    except BadItem:
        return None
