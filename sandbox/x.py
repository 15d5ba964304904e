"""X API v2: search, look-up, quotes, counts and usage, over the script.

Two things X leaves undescribed are decided here: `conversation_id` is the first id of the root's edit chain, and
asking for the id of an older version gives that version (its edit history names the newer ones).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from . import ids
from .faults import Fault, FaultKind
from .limits import Limiter
from .script import Network, Post, Script
from .text import Kind, mentions, pieces, tags
from .web import Answer, Request, iso, json_answer
from .world import X_WINDOW, public_on_x, x_version, x_version_at
from .x_answers import XAnswers
from .x_billing import Meter
from .x_objects import Generation, missing_problem, problem_type, selected, user_object
from .x_parameters import SEARCH_NAMES, WINDOW_NAMES, Parameters, Refused, Shape, last_id, token_after
from .x_query import Searched, fold

WINDOW = timedelta(minutes=15)
LIMITS = {  # an app's requests in a window
    "recent": 450,
    "all": 300,
    "tweets": 3500,
    "tweet": 450,
    "quotes": 75,
    "counts": 300,
    "usage": 50,
    "users": 300,
}
_ENDPOINTS = {
    "/2/tweets/search/recent": "recent",
    "/2/tweets/search/all": "all",
    "/2/tweets/counts/recent": "counts/recent",
    "/2/tweets/counts/all": "counts/all",
    "/2/tweets": "tweets",
    "/2/usage/tweets": "usage",
    "/2/users": "users",
}


class XNetwork:
    """Answers paths under `/2`."""

    name = "x"
    posts_to: frozenset[str] = frozenset()

    def __init__(self, script: Script, token: str, generation: Generation, limiter: Limiter) -> None:
        self.script = script
        self.token = token
        self.generation = generation
        self.limiter = limiter
        self.meter = Meter()
        self.posts = script.of(Network.X)
        self.answers = XAnswers(script, self.meter)
        self.parameters = Parameters(generation)
        self._searched = lru_cache(maxsize=None)(self._searched_version)

    # --- the door ---------------------------------------------------------------------------------------------------

    def answer(self, request: Request, minute: int) -> Answer:
        if request.bearer != self.token:
            return unauthorized()
        one = re.fullmatch(r"/2/tweets/([^/]+)(/quote_tweets)?", request.path)
        endpoint = _ENDPOINTS.get(request.path)
        if endpoint is None and one:
            endpoint = "quotes" if one[2] else "tweet"
        if endpoint is None:
            return json_answer({"title": "Not Found", "type": "about:blank", "status": 404, "detail": "Not Found"}, 404)
        now = self.script.time(minute)
        allowance = self.limiter.take(f"x {endpoint}", LIMITS[endpoint.partition("/")[0]], WINDOW, now)
        headers = limit_headers(allowance.limit, allowance.remaining, allowance.resets_at)
        if not allowance.allowed:
            return too_many(headers)
        try:
            answer = self._route(endpoint, request, minute, one[1] if one else "")
        except Refused as refused:
            answer = refused.answer
        return Answer(answer.status, answer.body, answer.content_type, headers | dict(answer.headers))

    def fault_answer(self, fault: Fault, now: datetime) -> Answer:
        """How X words a failure that is none of the request's making."""
        reset = limit_headers(450, 0, now + timedelta(seconds=fault.seconds))
        if fault.kind == FaultKind.RATE_LIMIT:
            return too_many(reset)
        if fault.kind == FaultKind.RATE_LIMIT_NO_RESET:
            return too_many({})
        if fault.kind == FaultKind.EXPIRED_TOKEN:
            return unauthorized()
        if fault.kind == FaultKind.NO_CREDITS:
            return self._problem(402, "CreditsDepleted", "credits", "Your enrolled account does not have any credits.")
        if fault.kind == FaultKind.USAGE_CAP:
            detail = "Usage cap exceeded: Monthly product cap"
            more = {"period": "Monthly", "scope": "Product"}
            headers = limit_headers(450, 449, now + WINDOW)
            return self._problem(429, "UsageCapExceeded", "usage-capped", detail, more, headers)
        if fault.kind == FaultKind.FORBIDDEN:
            detail = "When authenticating requests your App must be attached to a Project."
            more = {"reason": "client-not-enrolled", "client_id": "1"}
            return self._problem(403, "Client Forbidden", "client-forbidden", detail, more)
        words = HTTPStatus(fault.status).phrase
        return json_answer(
            {"title": words, "detail": words, "type": "about:blank", "status": fault.status}, fault.status
        )

    def _problem(
        self,
        status: int,
        title: str,
        name: str,
        detail: str,
        more: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        kind = problem_type(name, self.generation == Generation.NEW)
        return json_answer({"title": title, "detail": detail, "type": kind, **(more or {})}, status, headers)

    def _route(self, endpoint: str, request: Request, minute: int, post_id: str) -> Answer:
        if endpoint in ("recent", "all"):
            return self._search(request, minute, endpoint)
        if endpoint.startswith("counts/"):
            return self._counts(request, minute, endpoint.removeprefix("counts/"))
        if endpoint == "tweets":
            return self._lookup(request, minute)
        if endpoint == "tweet":
            return self._lookup_one(request, minute, post_id)
        if endpoint == "quotes":
            return self._quotes(request, minute, post_id)
        if endpoint == "users":
            return self._find_users(request)
        return self._usage(request, minute)

    # --- search -----------------------------------------------------------------------------------------------------

    def _search(self, request: Request, minute: int, which: str) -> Answer:
        shape = self.parameters.shape(request, SEARCH_NAMES)
        size = self.parameters.size(request, 500 if which == "all" else 100)
        found = self._matching(request, minute, which)
        if request.get("sort_order") == "relevancy":
            found.sort(key=lambda post: (-post.likes, post.key))
        page, token = self._page(request, found, minute, size)
        meta: dict[str, Any] = {}
        if page:
            every = sorted((self._latest_id(post, minute) for post in page), key=int)
            meta = {"newest_id": every[-1], "oldest_id": every[0]}
        meta["result_count"] = len(page)
        if token:
            meta["next_token"] = token
        return self.answers.of_posts(page, minute, shape, request.base, meta)

    def _matching(self, request: Request, minute: int, which: str) -> list[Post]:
        """The posts a search would find within the asked bounds, newest first."""
        query = self.parameters.query(request, which)
        since, until = self.parameters.bounds(request, self.script.time(minute), which)
        found = []
        for post in self.posts:
            if not public_on_x(self.script, post, minute):
                continue
            number = int(self._latest_id(post, minute))
            if since < number < until and query.matches(self._search_view(post, minute)):
                found.append((number, post))
        found.sort(key=lambda pair: -pair[0])
        return [post for _, post in found]

    def _latest_id(self, post: Post, minute: int) -> str:
        return ids.x_chain(self.script, post)[x_version(post, minute)]

    def _search_view(self, post: Post, minute: int) -> Searched:
        return self._searched(post.key, x_version_at(post, x_version(post, minute)))

    def _searched_version(self, key: str, written: int) -> Searched:
        script = self.script
        post = script.post(key)
        author, parent = script.author(post), script.parent(post)
        text = post.text_at(written)
        above = script.author(parent) if parent else None
        named = {fold(handle) for handle in mentions(text, Network.X)}
        if above and parent and parent.by != post.by:
            named.add(fold(above.handle))
        return Searched(
            text=fold(text),
            tags=frozenset(fold(tag) for tag in tags(text, Network.X)),
            author=fold(author.handle),
            author_id=ids.x_user(author),
            conversation_id=ids.x_id(script, script.root(post)),
            chain=ids.x_chain(script, post),
            replied_to=ids.x_chain(script, parent) if parent else (),
            replied_to_author=fold(above.handle) if above else None,
            quoted=ids.x_chain(script, script.post(post.quote_of)) if post.quote_of else (),
            mentioned=frozenset(named),
            links=tuple(fold(piece.value) for piece in pieces(text, Network.X) if piece.kind == Kind.LINK),
            lang=post.lang,
            media=bool(post.media),
            likes=post.likes,
            replies=len(script.children(post)) + post.replies_elsewhere,
            reposts=post.reposts,
        )

    # --- counts and usage -------------------------------------------------------------------------------------------

    def _counts(self, request: Request, minute: int, which: str) -> Answer:
        self.parameters.known(
            request, ("query", *WINDOW_NAMES, "granularity", "next_token", "pagination_token", "search_count.fields")
        )
        granularity = request.get("granularity", "hour")
        steps = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
        if granularity not in steps:
            raise self.parameters.invalid(
                request,
                {"granularity": [granularity]},
                f"The `granularity` query parameter value [{granularity}] is not one of [minute,hour,day]",
            )
        found = self._matching(request, minute, which)
        step = steps[granularity]
        now = self.script.time(minute)
        reach = X_WINDOW if which == "recent" else timedelta(days=30)
        start = self.parameters.time(request, "start_time") if request.has("start_time") else now - reach
        end = self.parameters.time(request, "end_time") if request.has("end_time") else now
        buckets: list[tuple[datetime, datetime]] = []
        while start < end:
            edge = datetime.fromtimestamp((start.timestamp() // step.total_seconds() + 1) * step.total_seconds(), UTC)
            buckets.append((start, min(edge, end)))
            start = edge
        new = self.parameters.speaks_new(request)
        name = "post_count" if new else "tweet_count"
        times = [self.script.time(x_version_at(post, x_version(post, minute))) for post in found]
        data = [
            {
                "start": iso(low),
                "end": iso(high),
                name: sum(low <= time < high or (time == high == end) for time in times),
            }
            for low, high in buckets
        ]
        self.meter.counted(which)
        total = sum(bucket[name] for bucket in data)
        return json_answer({"data": data, "meta": {f"total_{name}": total}})

    def _usage(self, request: Request, minute: int) -> Answer:
        self.parameters.known(request, ("days", "usage.fields"))
        days = request.get("days", "7")
        if not days.isdigit() or not 1 <= int(days) <= 90:
            message = f"The `days` query parameter value [{days}] is not between 1 and 90"
            raise self.parameters.invalid(request, {"days": [days]}, message)
        now = self.script.time(minute)
        first = f"{now - timedelta(days=int(days) - 1):%Y-%m-%d}"
        bill = self.meter.bill
        text = str if self.generation == Generation.NEW else int
        usage = [
            {"date": f"{day}T00:00:00.000Z", "usage": text(n)} for day, n in sorted(bill.posts.items()) if day >= first
        ]
        month = sum(n for day, n in bill.posts.items() if day[:7] == f"{now:%Y-%m}")
        project = "1560000000000000001"
        data: dict[str, Any] = {
            "cap_reset_day": 1,
            "project_id": project,
            "project_cap": text(3_000_000),
            "project_usage": text(month),
        }
        if "daily_project_usage" in request.listed("usage.fields"):
            daily: dict[str, Any] = {"project_id": text(1_560_001)}
            if usage:
                daily["usage"] = usage
            data["daily_project_usage"] = daily
        return json_answer({"data": data})

    # --- look-up and quotes -----------------------------------------------------------------------------------------

    def _lookup(self, request: Request, minute: int) -> Answer:
        shape = self.parameters.shape(request, ("ids",))
        asked = request.listed("ids")
        if not 1 <= len(asked) <= 100:
            raise self.parameters.invalid(
                request,
                {"ids": [request.get("ids")]},
                f"The number of values in the `ids` query parameter list [{len(asked)}] is not between 1 and 100",
            )
        for value in asked:
            self.parameters.check_id(request, "ids", value)
        return self._looked_up(asked, "ids", minute, shape, request.base)

    def _lookup_one(self, request: Request, minute: int, post_id: str) -> Answer:
        shape = self.parameters.shape(request, ())
        self.parameters.check_id(request, "id", post_id)
        answer = self._looked_up([post_id], "id", minute, shape, request.base).data()
        if "data" in answer:
            answer["data"] = answer["data"][0]
        return json_answer(answer)

    def _looked_up(self, asked: list[str], parameter: str, minute: int, shape: Shape, base: str) -> Answer:
        found: list[tuple[Post, int]] = []
        errors = []
        for value in dict.fromkeys(asked):
            held = self.answers.give(value, minute)
            if isinstance(held, tuple):
                found.append(held)
            else:
                errors.append(missing_problem(value, parameter, "data", held, shape.new))
        return self.answers.of_versions(found, minute, shape, base, None, errors)

    def _quotes(self, request: Request, minute: int, post_id: str) -> Answer:
        shape = self.parameters.shape(request, ("max_results", "pagination_token", "exclude"))
        self.parameters.check_id(request, "id", post_id)
        size = self.parameters.size(request, 100)
        held = self.answers.give(post_id, minute)
        if not isinstance(held, tuple):
            return json_answer({"errors": [missing_problem(post_id, "id", "data", held, shape.new)]})
        quotes = [post for post in self.script.quotes(held[0]) if public_on_x(self.script, post, minute)]
        if "replies" in request.listed("exclude"):
            quotes = [post for post in quotes if post.reply_to is None]
        quotes.sort(key=lambda post: -int(self._latest_id(post, minute)))
        page, token = self._page(request, quotes, minute, size)
        meta: dict[str, Any] = {"result_count": len(page)}
        if token:
            meta["next_token"] = token
        return self.answers.of_posts(page, minute, shape, request.base, meta)

    def _find_users(self, request: Request) -> Answer:
        self.parameters.known(request, ("ids", "user.fields", "expansions", "tweet.fields", "post.fields"))
        new = self.parameters.speaks_new(request)
        wanted = {"id", "name", "username", *request.listed("user.fields")}
        data, errors = [], []
        for value in dict.fromkeys(request.listed("ids")):
            person = self.answers.users.get(value)
            if person:
                data.append(selected(user_object(self.script, person, request.base), wanted, new))
            else:
                problem = missing_problem(value, "ids", "data", False, new)
                detail = f"Could not find user with ids: [{value}]."
                errors.append(problem | {"resource_type": "user", "detail": detail})
        return json_answer(({"data": data} if data else {}) | ({"errors": errors} if errors else {}))

    def _page(self, request: Request, found: list[Post], minute: int, size: int) -> tuple[list[Post], str | None]:
        """The page a token asks for, and the token of the next one."""
        start = 0
        name = "next_token" if request.has("next_token") else "pagination_token"
        if request.has(name):
            last = last_id(request.get(name))
            if last is None:
                value = request.get(name)
                message = f"The `{name}` query parameter value [{value}] is not valid"
                raise self.parameters.invalid(request, {name: [value]}, message)
            numbers = [int(self._latest_id(post, minute)) for post in found]
            start = numbers.index(last) + 1 if last in numbers else sum(number > last for number in numbers)
        page = found[start : start + size]
        more = start + size < len(found)
        return page, token_after(self._latest_id(page[-1], minute)) if more else None


# --- small answers --------------------------------------------------------------------------------------------------


def limit_headers(limit: int, remaining: int, resets_at: datetime) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(remaining),
        "x-rate-limit-reset": str(int(resets_at.timestamp())),
    }


def unauthorized() -> Answer:
    return json_answer({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, 401)


def too_many(headers: dict[str, str]) -> Answer:
    body = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
    return json_answer(body, 429, headers)
