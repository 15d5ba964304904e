"""Tokens: from a person's short one to a Page's lasting one, what a token is good for, and what it can see.

The way: https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
Tokens are in the values returned, never in their repr, in logs or in errors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from ....core.errors import AuthError, CollectorError, Gone, Temporary
from ....core.normalise import clean_line
from ...contract import Feed, Fetch, Probe, Query
from .client import GraphClient
from .items import wire_id
from .walks import FacebookFetch

MAX_PAGES = 20  # of /me/accounts, a hundred Pages each
SCOPES = {
    "pages_show_list": "list the Pages the person works on",
    "pages_read_engagement": "read the Page's posts and reactions",
    "pages_read_user_content": "read visitors' posts and comments",
    "pages_manage_engagement": "moderate comments",
    "pages_manage_metadata": "subscribe to the Page's notices",
    "business_management": "use the business's system users",
    "public_profile": "know the person's name",
}
NEEDED = ("pages_read_engagement", "pages_read_user_content")


@dataclass(frozen=True, slots=True)
class LongToken:
    """A person's long-lived token and its end (None: Facebook named none)."""

    token: str = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ManagedPage:
    """A Page the person works on, with the Page's own token. `tasks`: what they may do there (MODERATE, MANAGE …)."""

    id: str
    name: str
    tasks: tuple[str, ...]
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenState:
    """What Facebook says of a token. A time of None means "no end". `scopes` are the permissions as Facebook names
    them, `may` the same in words, `lacks` those that collecting needs and that were not given."""

    valid: bool
    kind: str | None
    expires_at: datetime | None
    data_access_expires_at: datetime | None
    scopes: tuple[str, ...]

    @property
    def may(self) -> tuple[str, ...]:
        return tuple(SCOPES.get(scope, scope) for scope in self.scopes)

    @property
    def lacks(self) -> tuple[str, ...]:
        return tuple(scope for scope in NEEDED if scope not in self.scopes)


def long_lived_token(graph: GraphClient, app_id: str, app_secret: str) -> LongToken:
    """Exchanges the client's short-lived user token for one of about 60 days.

    Raises AuthError when the token, the app's id or its secret is wrong."""
    answer = graph.ask("a long-lived token", graph.extend_access_token, app_id, app_secret)
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token:
        raise Temporary("Facebook's answer about a long-lived token makes no sense.")
    known = type(seconds) is int and 0 < seconds < 10**9
    return LongToken(token, graph.now() + timedelta(seconds=cast(int, seconds)) if known else None)


def managed_pages(graph: GraphClient) -> tuple[ManagedPage, ...]:
    """The Pages that the person of the client's user token works on. The Page tokens of a long-lived user token have
    no end date."""
    pages: list[ManagedPage] = []
    after: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        answer = graph.ask(
            "the list of Pages",
            graph.get_connections,
            "me",
            "accounts",
            fields="id,name,access_token,tasks",
            limit="100",
            **after,
        )
        rows = answer.get("data")
        if not isinstance(rows, list):
            raise Temporary("Facebook's answer about the list of Pages makes no sense.")
        pages += [page for page in map(_managed_page, rows) if page]
        paging = answer.get("paging") if isinstance(answer.get("paging"), dict) else {}
        cursor = _get(_get(paging, "cursors"), "after")
        if not _get(paging, "next") or not isinstance(cursor, str) or after == {"after": cursor}:
            break
        after = {"after": cursor}
    return tuple(pages)


def _managed_page(row: Any) -> ManagedPage | None:
    page_id, token, tasks = wire_id(_get(row, "id")), _get(row, "access_token"), _get(row, "tasks")
    if page_id is None or not isinstance(token, str) or not token:
        return None
    known = tuple(task for task in tasks if isinstance(task, str)) if isinstance(tasks, list) else ()
    return ManagedPage(page_id, clean_line(_get(row, "name")) or page_id, known, token)


def token_state(graph: GraphClient, app_id: str, app_secret: str) -> TokenState:
    """What the client's token is good for, and until when. Raises AuthError when the app's id or secret is wrong."""
    answer = graph.ask("the token's state", graph.debug_access_token, graph.access_token, app_id, app_secret)
    data = answer.get("data")
    if not isinstance(data, dict):
        raise Temporary("Facebook's answer about the token's state makes no sense.")
    scopes = data.get("scopes")
    return TokenState(
        valid=data.get("is_valid") is True,
        kind=clean_line(data.get("type")),
        expires_at=_moment(data.get("expires_at")),
        data_access_expires_at=_moment(data.get("data_access_expires_at")),
        scopes=tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else (),
    )


def probe(fetch: Fetch, query: Query) -> Probe:
    """What the source's token sees of its Page, in at most five requests. Raises what a fetch raises, save for
    things merely not permitted: those are told as lacking."""
    assert isinstance(fetch, FacebookFetch) and isinstance(query, Feed)
    graph, config = cast(GraphClient, fetch.graph), fetch.config
    sees, lacks = [], []
    try:
        page = graph.ask(f"the Page {query.name}", graph.get_object, query.name, fields="id,name")
    except (AuthError, Gone) as error:
        return Probe((), (str(error),))
    sees.append(f"The Page “{clean_line(page.get('name')) or query.name}”.")
    if graph.ask("the token's owner", graph.get_object, "me", fields="id").get("id") == query.name:
        sees.append("Names of those who post and comment, for the token is the Page's own.")
    else:
        lacks.append("Names of those who post and comment: Facebook gives them to the Page's own token only.")
    first = None
    for stream in ("feed", "tagged") if config.include_visitors else ("published_posts",):
        what = {"tagged": "Posts elsewhere that tag the Page", "feed": "Posts on the Page, visitors' too"}.get(
            stream, "The Page's own posts"
        )
        try:
            fields = "id,comments.summary(true).limit(0)"
            rows = graph.ask(what, graph.get_connections, query.name, stream, fields=fields, limit="100").get("data")
        except CollectorError as error:
            lacks.append(f"{what}: {error}")
            continue
        posts = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        sees.append(f"{what} ({len(posts) or 'none'} on the first page).")
        commented = [one for one in posts if _get(_get(_get(one, "comments"), "summary"), "total_count")]
        first = first or next((one for row in commented if (one := wire_id(row.get("id")))), None)
    if first is None:
        return Probe(tuple(sees), tuple(lacks))
    try:
        edge = graph.ask("comments", graph.get_connections, first, "comments", fields="id,created_time", limit="1")
    except CollectorError as error:
        return Probe(tuple(sees), (*lacks, f"Comments: {error}"))
    rows = edge.get("data")
    if isinstance(rows, list) and rows and wire_id(_get(rows[0], "id")) is None:
        sees.append("Comments, without their ids.")
        lacks.append("Which comment a reply answers, and whether a comment was deleted: comments come without ids.")
    elif rows:
        sees.append("Comments, with their ids.")
    return Probe(tuple(sees), tuple(lacks))


def _moment(value: object) -> datetime | None:
    """A time from unix seconds; 0 stands for "no end"."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 2**35 or math.isnan(value):
        return None
    return datetime.fromtimestamp(value, UTC)


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
