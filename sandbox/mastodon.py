"""One fediverse server: the part of the Mastodon client API that a reader needs, with each family's habits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from .faults import Fault, FaultKind
from .limits import Limiter
from .mastodon_objects import account, content, status
from .script import Family, Post, Server
from .text import tags
from .web import Answer, Request, html_answer, iso, json_answer
from .world import OPEN, Fediverse

WINDOW = timedelta(minutes=5)
LIMIT = 300
ANCESTORS, DESCENDANTS, DEPTH = 40, 60, 20  # of a context without a user's token
CONTEXT_LIMIT = 4096
VERSIONS = {
    Family.MASTODON: "4.5.2",
    Family.GOTOSOCIAL: "0.20.2+git-sandbox",
    Family.PLEROMA: "2.7.2 (compatible; Pleroma 2.9.1)",
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """Keys of one server. `app`: an application's; `user`: an account that follows nobody; `follower`: an account
    that follows everyone there, so followers-only posts are open to it; `no_scope`: lacks the right to read."""

    app: str
    user: str
    follower: str
    no_scope: str


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who asks: anybody, an app, or an account of this server."""

    name: str = "anybody"

    @property
    def signed_in(self) -> bool:
        return self.name in ("user", "follower")


class FediverseServer:
    """Answers paths under `/api`, as the server `host`."""

    posts_to: frozenset[str] = frozenset()

    def __init__(self, server: Server, world: Fediverse, tokens: Tokens, limiter: Limiter) -> None:
        self.server = server
        self.name = server.host
        self.world = world
        self.script = world.script
        self.limiter = limiter
        self.tokens = tokens
        self._readers = {tokens.app: "app", tokens.user: "user", tokens.follower: "follower"}

    # --- the door ---------------------------------------------------------------------------------------------------

    def answer(self, request: Request, minute: int) -> Answer:
        now = self.script.time(minute)
        allowance = self.limiter.take(f"{self.name} {request.bearer}", LIMIT, WINDOW, now)
        headers = {
            "X-RateLimit-Limit": str(allowance.limit),
            "X-RateLimit-Remaining": str(allowance.remaining),
            "X-RateLimit-Reset": iso(allowance.resets_at),
        }
        answer = self._answer(request, minute) if allowance.allowed else self.too_many()
        return Answer(answer.status, answer.body, answer.content_type, headers | dict(answer.headers))

    def _answer(self, request: Request, minute: int) -> Answer:
        if request.path in ("/api/v1/instance", "/api/v2/instance"):
            return json_answer(self._instance(request))
        if request.bearer == self.tokens.no_scope:
            return json_answer({"error": "This action is outside the authorized scopes"}, 403)
        if request.bearer is not None and request.bearer not in self._readers:
            return self.bad_token()
        reader = _Reader(self._readers[request.bearer]) if request.bearer else _Reader()
        if request.path == "/api/v1/apps/verify_credentials":
            return json_answer({"name": "Tagora", "website": None}) if request.bearer else self.bad_token()
        if self._closed(request.path) and not request.bearer:
            return self.token_missing()
        found = re.fullmatch(r"/api/v1/timelines/tag/([^/]+)", request.path)
        if found:
            return self._tag_timeline(request, reader, minute, found[1])
        if request.path == "/api/v1/statuses":
            return self._statuses(request, reader, minute)
        if request.path in ("/api/v1/search", "/api/v2/search"):
            return self._search(request, reader, minute)
        found = re.fullmatch(r"/api/v1/statuses/([^/]+)(?:/(context|history|quotes))?", request.path)
        if not found:
            return self.not_found()
        post = self._visible(self.world.by_local_id(self.name, found[1]), reader, minute)
        if post is None:
            return self.not_found()
        parts: dict[str | None, Callable[[Request, _Reader, int, Post], Answer]] = {
            None: self._status,
            "context": self._context,
            "history": self._history,
            "quotes": self._quotes,
        }
        return parts[found[2]](request, reader, minute, post)

    def _closed(self, path: str) -> bool:
        """Whether strangers are refused: everywhere on GoToSocial, on a Mastodon that demands it for timelines."""
        if self.server.family == Family.GOTOSOCIAL:
            return True
        return self.server.token_needed and path.startswith("/api/v1/timelines/")

    # --- refusals, in each family's words -----------------------------------------------------------------------------

    def not_found(self) -> Answer:
        if self.server.family == Family.PLEROMA:
            return html_answer(404, "Not Found")
        words = "Not Found" if self.server.family == Family.GOTOSOCIAL else "Record not found"
        return json_answer({"error": words}, 404)

    def bad_token(self) -> Answer:
        words = {
            Family.MASTODON: "The access token is invalid",
            Family.GOTOSOCIAL: "Unauthorized: token supplied was invalid",
            Family.PLEROMA: "Invalid credentials.",
        }
        headers = {"WWW-Authenticate": 'Bearer realm="Doorkeeper", error="invalid_token"'}
        return json_answer({"error": words[self.server.family]}, 401, headers)

    def token_missing(self) -> Answer:
        words = {
            Family.MASTODON: "This API requires an authenticated user",
            Family.GOTOSOCIAL: "Unauthorized: token not supplied",
            Family.PLEROMA: "Invalid credentials.",
        }
        return json_answer({"error": words[self.server.family]}, 401)

    def too_many(self) -> Answer:
        return json_answer({"error": "Too many requests"}, 429)

    def fault_answer(self, fault: Fault, now: datetime) -> Answer:
        """How these servers word a failure that is none of the request's making."""
        if fault.kind == FaultKind.RATE_LIMIT:
            answer = self.too_many()
            headers = {
                "X-RateLimit-Limit": str(LIMIT),
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": iso(now + timedelta(seconds=fault.seconds)),
            }
            return Answer(answer.status, answer.body, answer.content_type, headers)
        if fault.kind == FaultKind.RATE_LIMIT_NO_RESET:
            return self.too_many()
        if fault.kind == FaultKind.EXPIRED_TOKEN:
            return self.bad_token()
        if fault.kind == FaultKind.FORBIDDEN:
            return json_answer({"error": "This action is not allowed"}, 403)
        return html_answer(fault.status, HTTPStatus(fault.status).phrase)

    # --- who may see what -------------------------------------------------------------------------------------------

    def _visible(self, post: Post | None, reader: _Reader, minute: int) -> Post | None:
        """The post, when this server knows it and shows it to this reader. Direct posts go to nobody here: no
        token belongs to a scripted person."""
        if post is None or not self.world.knows(self.name, post, minute):
            return None
        if post.visibility in OPEN or (post.visibility == "private" and reader.name == "follower"):
            return post
        return None

    def _known(self, minute: int) -> Iterable[Post]:
        for key in tuple(self.world.arrivals(self.name)):
            post = self.script.post(key)
            if self.world.knows(self.name, post, minute):
                yield post

    def _told(self, request: Request, reader: _Reader, minute: int, post: Post) -> dict[str, Any]:
        return status(self.world, self.name, post, minute, request.base, reader=reader.signed_in)

    # --- answers ----------------------------------------------------------------------------------------------------

    def _tag_timeline(self, request: Request, reader: _Reader, minute: int, tag: str) -> Answer:
        any_of = {name.casefold() for name in (tag, *request.query.get("any[]", ())[:4])}
        all_of = {name.casefold() for name in request.query.get("all[]", ())[:4]}
        none_of = {name.casefold() for name in request.query.get("none[]", ())[:4]}
        found = []
        for post in self._known(minute):
            here = self.script.author(post).server == self.name
            its = tags(post.text_at(minute), post.network)
            if post.visibility != "public" or not its & any_of or not all_of <= its or its & none_of:
                continue
            if (request.get("local") == "true" and not here) or (request.get("remote") == "true" and here):
                continue
            if request.get("only_media") == "true" and not post.media:
                continue
            found.append(post)
        return self._page(request, reader, minute, found)

    def _page(self, request: Request, reader: _Reader, minute: int, posts: list[Post]) -> Answer:
        """One page, newest arrival first. `since_id` gives the newest page above it, `min_id` the page just above
        it; `max_id` bounds both."""
        asked = request.get("limit", "20")
        limit = min(max(int(asked), 1), 40) if asked.isdigit() else 20
        rows = sorted(((self._sort_key(self.world.local_id(self.name, post)), post) for post in posts), key=_first)
        if request.has("max_id"):
            rows = [row for row in rows if row[0] < self._sort_key(request.get("max_id"))]
        if request.has("min_id"):
            rows = [row for row in rows if row[0] > self._sort_key(request.get("min_id"))][:limit]
        elif request.has("since_id"):
            rows = [row for row in rows if row[0] > self._sort_key(request.get("since_id"))]
        page = [post for _, post in reversed(rows[-limit:])]
        headers = {"Link": self._links(request, page)} if page else {}
        return json_answer([self._told(request, reader, minute, post) for post in page], headers=headers)

    def _links(self, request: Request, page: list[Post]) -> str:
        kept = [
            (name, value)
            for name, values in request.query.items()
            if name not in ("max_id", "min_id", "since_id")
            for value in values
        ]
        address = f"{request.base}/{self.name}{request.path}"
        older = urlencode([*kept, ("max_id", self.world.local_id(self.name, page[-1]))])
        newer = urlencode([*kept, ("min_id", self.world.local_id(self.name, page[0]))])
        return f'<{address}?{older}>; rel="next", <{address}?{newer}>; rel="prev"'

    @staticmethod
    def _sort_key(local_id: str) -> tuple[int, str]:
        return (len(local_id), local_id)

    def _status(self, request: Request, reader: _Reader, minute: int, post: Post) -> Answer:
        return json_answer(self._told(request, reader, minute, post))

    def _statuses(self, request: Request, reader: _Reader, minute: int) -> Answer:
        """Several at once; what is not there is simply left out."""
        asked = [*request.query.get("id[]", ()), *request.query.get("id", ())][:20]
        found = (self._visible(self.world.by_local_id(self.name, local_id), reader, minute) for local_id in asked)
        return json_answer([self._told(request, reader, minute, post) for post in found if post])

    def _context(self, request: Request, reader: _Reader, minute: int, post: Post) -> Answer:
        most_above, most_below, depth = ANCESTORS, DESCENDANTS, DEPTH
        if reader.signed_in:
            most_above = most_below = depth = CONTEXT_LIMIT
        above: list[Post] = []
        parent = self.script.parent(post)
        while parent and len(above) < most_above and self.world.knows(self.name, parent, minute):
            above.append(parent)
            parent = self.script.parent(parent)
        below: list[Post] = []
        waiting = [(child, 1) for child in self._answers(post, minute)]
        while waiting and len(below) < most_below:
            child, level = waiting.pop()
            below.append(child)
            if level < depth:
                waiting.extend((item, level + 1) for item in self._answers(child, minute))
        return json_answer(
            {
                "ancestors": [
                    self._told(request, reader, minute, item)
                    for item in reversed(above)
                    if self._visible(item, reader, minute)
                ],
                "descendants": [
                    self._told(request, reader, minute, item) for item in below if self._visible(item, reader, minute)
                ],
            }
        )

    def _answers(self, post: Post, minute: int) -> list[Post]:
        """What answers it, last first."""
        known = [child for child in self.script.children(post) if self.world.knows(self.name, child, minute)]
        return sorted(known, key=lambda child: self._sort_key(self.world.local_id(self.name, child)), reverse=True)

    def _history(self, request: Request, reader: _Reader, minute: int, post: Post) -> Answer:
        author = account(self.world, self.name, self.script.author(post), request.base)
        times = [post.at, *(edit.at for edit in post.edits if edit.at <= minute)]
        now = self._told(request, reader, minute, post)
        return json_answer(
            [
                {
                    "content": content(self.world, self.name, post, at),
                    "spoiler_text": post.warning or "",
                    "sensitive": now["sensitive"],
                    "created_at": iso(self.script.time(at)),
                    "account": author,
                    "media_attachments": now["media_attachments"],
                    "emojis": [],
                }
                for at in times
            ]
        )

    def _quotes(self, request: Request, reader: _Reader, minute: int, post: Post) -> Answer:
        if self.server.family != Family.MASTODON:
            return self.not_found()
        if not reader.signed_in:
            return self.token_missing()
        found = [item for item in self.script.quotes(post) if self._visible(item, reader, minute)]
        return self._page(request, reader, minute, found)

    def _search(self, request: Request, reader: _Reader, minute: int) -> Answer:
        """Finds a post by its address; with `resolve` the server fetches what it does not know yet, and keeps it."""
        if not reader.signed_in:
            return self.token_missing()
        post = self.world.by_address(request.get("q"))
        if post and request.get("resolve") in ("true", "1") and post.visibility in OPEN and post.is_there(minute):
            self.world.learn(self.name, post, minute)
        shown = self._visible(post, reader, minute)
        statuses = [self._told(request, reader, minute, shown)] if shown else []
        return json_answer({"accounts": [], "statuses": statuses, "hashtags": []})

    def _instance(self, request: Request) -> dict[str, Any]:
        server, version = self.server, VERSIONS[self.server.family]
        if request.path.startswith("/api/v1"):
            return {
                "uri": server.host,
                "title": server.host,
                "short_description": "A server of the sandbox",
                "description": "A server of the sandbox",
                "email": f"admin@{server.host}",
                "version": version,
                "urls": {"streaming_api": f"wss://{server.host}"},
                "stats": {"user_count": 10, "status_count": 100, "domain_count": 4},
                "languages": ["it"],
                "registrations": False,
                "rules": [],
            }
        configuration: dict[str, Any] = {"urls": {"streaming": f"wss://{server.host}"}}
        if server.family == Family.MASTODON:
            access = "authenticated" if server.token_needed else "public"
            configuration["timelines_access"] = {
                "live_feeds": {"local": access, "remote": access},
                "hashtag_feeds": {"local": access, "remote": access},
                "trending_link_feeds": {"local": access, "remote": access},
            }
        versions = {"api_versions": {"mastodon": 7}} if server.family == Family.MASTODON else {}
        return {
            **versions,
            "domain": server.host,
            "title": server.host,
            "version": version,
            "source_url": "https://example.org/sandbox",
            "description": "A server of the sandbox",
            "usage": {"users": {"active_month": 10}},
            "thumbnail": {"url": f"{request.base}/media/header.png"},
            "languages": ["it"],
            "configuration": configuration,
            "registrations": {"enabled": False, "approval_required": False, "message": None},
            "contact": {"email": f"admin@{server.host}", "account": None},
            "rules": [],
        }


def _first(row: tuple[tuple[int, str], Post]) -> tuple[int, str]:
    return row[0]
