"""Bluesky's services: one where an account signs in and searches, one that answers strangers.

Both know conversations, quotes and look-ups; the public one refuses search, as the real one does for long periods.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from . import ids
from .bluesky_objects import blocked, not_found, post_view
from .faults import Fault, FaultKind
from .limits import Allowance, Limiter
from .script import Network, Post, Script
from .text import tags
from .web import Answer, Request, html_answer, json_answer
from .world import public_on_bluesky

WINDOW = timedelta(minutes=5)
LIMIT = 3000
LOGINS_A_DAY = 300
SESSION_MINUTES = 120
DEEPEST = 8  # levels that one answer holds, whatever is asked for
MAX_URIS = 25
_CREATE = "/xrpc/com.atproto.server.createSession"
_REFRESH = "/xrpc/com.atproto.server.refreshSession"


@dataclass(frozen=True, slots=True)
class Account:
    handle: str
    app_password: str


class Sessions:
    """The pairs of tokens that were given out, each good for SESSION_MINUTES of scripted time; a refresh token once."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._since: dict[str, int] = {}
        self._refresh: set[str] = set()
        self._count = 0
        self._lock = threading.Lock()

    def begin(self, minute: int) -> dict[str, Any]:
        """com.atproto.server.createSession's answer."""
        with self._lock:
            self._count += 1
            access, refresh = (f"bsky-{kind}-{self._count}-secret" for kind in ("access", "refresh"))
            self._since[access] = minute
            self._refresh.add(refresh)
        did = f"did:plc:{ids.in_base(ids.stable('account', self.account.handle, bits=120), 'abcdefghijklmnop', 24)}"
        return {"accessJwt": access, "refreshJwt": refresh, "handle": self.account.handle, "did": did, "active": True}

    def renew(self, refresh: str | None, minute: int) -> dict[str, Any] | None:
        with self._lock:
            if refresh not in self._refresh:
                return None
            self._refresh.discard(str(refresh))
        return self.begin(minute)

    def is_good(self, access: str, minute: int) -> bool | None:
        """None: never given out."""
        since = self._since.get(access)
        return None if since is None else minute - since < SESSION_MINUTES

    def end_all(self) -> None:
        """The service forgets every session, as after a change of keys."""
        with self._lock:
            self._since.clear()
            self._refresh.clear()


class Service:
    """Answers paths under `/xrpc`. Without `sessions` it is the public one."""

    def __init__(self, name: str, script: Script, limiter: Limiter, sessions: Sessions | None = None) -> None:
        self.name = name
        self.script = script
        self.limiter = limiter
        self.sessions = sessions
        self.posts_to = frozenset({_CREATE, _REFRESH})
        self._by_uri = {ids.bluesky_uri(script, post): post for post in script.of(Network.BLUESKY)}
        self._handles = {
            person.handle.casefold(): ids.did(person) for person in script.people if person.network == Network.BLUESKY
        }

    # --- the door ---------------------------------------------------------------------------------------------------

    def answer(self, request: Request, minute: int) -> Answer:
        now = self.script.time(minute)
        if request.path == _CREATE:
            allowance = self.limiter.take(f"{self.name} login", LOGINS_A_DAY, timedelta(days=1), now)
        else:
            allowance = self.limiter.take(self.name, LIMIT, WINDOW, now)
        answer = self._answer(request, minute) if allowance.allowed else _refusal(429, "RateLimitExceeded")
        return Answer(answer.status, answer.body, answer.content_type, _limits(allowance) | dict(answer.headers))

    def _answer(self, request: Request, minute: int) -> Answer:
        answers: Mapping[str, Callable[[Request, int], Answer]] = {
            _CREATE: self._sign_in,
            _REFRESH: self._renew,
            "/xrpc/app.bsky.feed.searchPosts": self._search,
            "/xrpc/app.bsky.feed.getPostThread": self._thread,
            "/xrpc/app.bsky.feed.getPosts": self._posts,
            "/xrpc/app.bsky.feed.getQuotes": self._quotes,
        }
        handler = answers.get(request.path)
        if handler is None:
            return _refusal(501, "MethodNotImplemented")
        return handler(request, minute)

    def fault_answer(self, fault: Fault, now: datetime) -> Answer:
        """How the services word a failure that is none of the request's making."""
        if fault.kind == FaultKind.RATE_LIMIT:
            resets_at = now + timedelta(seconds=fault.seconds)
            answer = _refusal(429, "RateLimitExceeded")
            return Answer(answer.status, answer.body, answer.content_type, _limits(Allowance(LIMIT, 0, resets_at)))
        if fault.kind == FaultKind.RATE_LIMIT_NO_RESET:
            return _refusal(429, "RateLimitExceeded")
        if fault.kind == FaultKind.EXPIRED_TOKEN:
            return _refusal(400, "ExpiredToken")
        if fault.kind == FaultKind.FORBIDDEN:
            return html_answer(403, "Request forbidden by administrative rules")
        return html_answer(fault.status, HTTPStatus(fault.status).phrase)

    # --- signing in -------------------------------------------------------------------------------------------------

    def _sign_in(self, request: Request, minute: int) -> Answer:
        if self.sessions is None:
            return _refusal(501, "MethodNotImplemented")
        try:
            said = json.loads(request.body)
            named = (said["identifier"], said["password"])
        except (ValueError, KeyError, TypeError):
            return _refusal(400, "InvalidRequest")
        account = self.sessions.account
        if named != (account.handle, account.app_password):
            return _refusal(401, "AuthenticationRequired")
        return json_answer(self.sessions.begin(minute))

    def _renew(self, request: Request, minute: int) -> Answer:
        renewed = self.sessions.renew(request.bearer, minute) if self.sessions else None
        return json_answer(renewed) if renewed else _refusal(400, "ExpiredToken")

    # --- answers ----------------------------------------------------------------------------------------------------

    def _search(self, request: Request, minute: int) -> Answer:
        if self.sessions is None:
            return html_answer(403, "Request forbidden by administrative rules")
        if request.bearer is None:
            return _refusal(401, "AuthMissing")
        good = self.sessions.is_good(request.bearer, minute)
        if not good:
            return _refusal(400, "ExpiredToken") if good is False else _refusal(400, "InvalidToken")
        try:
            since, until = (
                datetime.fromisoformat(request.get(name)) if request.has(name) else None for name in ("since", "until")
            )
            limit, start = int(request.get("limit", "25")), int(request.get("cursor", "0"))
        except ValueError:
            return _refusal(400, "InvalidRequest")
        query = request.get("q")
        if not query.startswith("#") or not 1 <= limit <= 100:
            return _refusal(400, "BadQueryString" if query else "InvalidRequest")
        wanted = query.removeprefix("#").casefold()
        found = [
            post
            for post in self._public(minute)
            if wanted in tags(post.text, post.network)
            and (since is None or self.script.time(post.at) >= since)
            and (until is None or self.script.time(post.at) < until)
        ]
        found.sort(key=lambda post: (post.at, post.key), reverse=True)
        page = found[start : start + limit]
        more = {"cursor": str(start + limit)} if len(found) > start + limit else {}
        return json_answer({**more, "hitsTotal": len(found), "posts": self._views(page, minute, request)})

    def _thread(self, request: Request, minute: int) -> Answer:
        post = self._named(request.get("uri"))
        if post is None or post.at > minute:
            return _refusal(400, "NotFound")
        try:
            depth, parents = int(request.get("depth", "6")), int(request.get("parentHeight", "80"))
        except ValueError:
            return _refusal(400, "InvalidRequest")
        if not (0 <= depth <= 1000 and 0 <= parents <= 1000):
            return _refusal(400, "InvalidRequest")
        node = self._node(post, minute, request, min(depth, DEEPEST))
        if "post" in node:
            self._add_parents(node, post, minute, request, parents)
        elif node.get("notFound"):
            return _refusal(400, "NotFound")
        return json_answer({"thread": node})

    def _node(self, post: Post, minute: int, request: Request, depth: int) -> dict[str, Any]:
        if not post.is_there(minute):
            return not_found(self.script, post)
        if not public_on_bluesky(post, minute):
            return blocked(self.script, post)
        view = post_view(self.script, post, minute, request.base)
        node: dict[str, Any] = {"$type": "app.bsky.feed.defs#threadViewPost", "post": view}
        if depth:
            there = [child for child in self.script.children(post) if child.is_there(minute)]
            node["replies"] = [self._node(child, minute, request, depth - 1) for child in there]
        return node

    def _add_parents(self, node: dict[str, Any], post: Post, minute: int, request: Request, height: int) -> None:
        parent = self.script.parent(post)
        while parent and height:
            node["parent"] = self._node(parent, minute, request, 0)
            node, parent, height = node["parent"], self.script.parent(parent), height - 1
            if "post" not in node:
                return

    def _posts(self, request: Request, minute: int) -> Answer:
        uris = request.query.get("uris", ())
        if not 1 <= len(uris) <= MAX_URIS:
            return _refusal(400, "InvalidRequest")
        named = [self._by_uri[uri] for uri in uris if uri in self._by_uri]
        there = [post for post in named if public_on_bluesky(post, minute)]
        return json_answer({"posts": self._views(there, minute, request)})

    def _quotes(self, request: Request, minute: int) -> Answer:
        post = self._named(request.get("uri"))
        try:
            limit, start = int(request.get("limit", "50")), int(request.get("cursor", "0"))
        except ValueError:
            return _refusal(400, "InvalidRequest")
        found = [quote for quote in self.script.quotes(post) if public_on_bluesky(quote, minute)] if post else []
        found.reverse()
        more = {"cursor": str(start + limit)} if len(found) > start + limit else {}
        posts = self._views(found[start : start + limit], minute, request)
        return json_answer({"uri": request.get("uri"), **more, "posts": posts})

    # --- what is known ----------------------------------------------------------------------------------------------

    def _public(self, minute: int) -> list[Post]:
        return [post for post in self._by_uri.values() if public_on_bluesky(post, minute)]

    def _views(self, posts: list[Post], minute: int, request: Request) -> list[dict[str, Any]]:
        return [post_view(self.script, post, minute, request.base) for post in posts]

    def _named(self, uri: str) -> Post | None:
        """The post of a uri, also of one that names its author by handle."""
        who, _, rest = uri.removeprefix("at://").partition("/")
        return self._by_uri.get(f"at://{self._handles.get(who.casefold(), who)}/{rest}")


def _limits(allowance: Allowance) -> dict[str, str]:
    return {
        "ratelimit-limit": str(allowance.limit),
        "ratelimit-remaining": str(allowance.remaining),
        "ratelimit-reset": str(int(allowance.resets_at.timestamp())),
        "ratelimit-policy": f"{allowance.limit};w=300",
    }


def _refusal(status: int, name: str) -> Answer:
    return json_answer({"error": name, "message": f"{name} (in words of the service's own)"}, status)
