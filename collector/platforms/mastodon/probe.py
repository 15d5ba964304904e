"""What a source sees of its server, for `tagora check`."""

from __future__ import annotations

from ....core.errors import AuthError, CollectorError, QueryRefused
from ...contract import Cursor, Fetch, Page, Probe, Query, Tag, Target, Thread
from .mapping import to_sightings
from .walks import CONTEXT_CAP, CONTEXT_LEVELS, Conversations


def probe(fetch: Fetch, query: Query) -> Probe:
    """What the source's server shows, in at most three requests. Raises what a fetch raises, save for what the server
    merely refuses: that is told as lacking."""
    assert isinstance(fetch, Conversations) and isinstance(query, Tag)
    own, tags = fetch.own, ", ".join(f"#{tag}" for tag in query.tags)
    try:
        page = next(fetch(query, Cursor()))
    except (AuthError, QueryRefused) as error:
        return Probe((), (str(error),))
    sees = [f"Posts with {tags} that reached {own.host} ({len(page.items) or 'none'} on the first page)."]
    lacks = ["Posts that never reached this server: add further servers as sources of their own."]
    if target := _first(page):
        try:
            _ = [page for page, _ in zip(fetch(Thread((target,)), Cursor()), range(2), strict=False)]
            sees.append("Conversations below them.")
        except CollectorError as error:
            lacks.append(f"Conversations: {error}")
    if own.has_token:
        sees.append("Posts that quote them, where the server runs Mastodon 4.5 or later.")
    else:
        lacks.append(
            f"Without a token: quotes, and of a conversation more than {CONTEXT_CAP} posts or {CONTEXT_LEVELS} levels "
            "in one answer."
        )
    return Probe(tuple(sees), tuple(lacks))


def _first(page: Page) -> Target | None:
    for raw in page.items:
        try:
            (sighting,) = to_sightings(raw)
        except CollectorError:
            continue
        return Target(raw.seen_as, (raw.seen_as,), sighting.post.url)
    return None
