"""X API v2: search, look-up, quotes, counts and usage, over the script.

Two things X leaves undescribed are decided here: `conversation_id` is the first id of the root's edit chain, and
asking for the id of an older version gives that version (its edit history names the newer ones).
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from . import ids, x_fields
from .faults import Fault, FaultKind
from .limits import Limiter
from .script import Network, Person, Post, Script
from .text import Kind, mentions, pieces, tags
from .web import Answer, Request, iso, json_answer
from .world import X_WINDOW, public_on_x, x_version, x_version_at
from .x_objects import (
    Generation,
    media_object,
    missing_problem,
    old_name,
    post_object,
    problem_type,
    selected,
    user_object,
)
from .x_query import ALL_LENGTH, RECENT_LENGTH, Query, QueryError, Searched, fold, parse

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
PRICES = {"posts": 5_000, "users": 10_000, "counts/recent": 5_000, "counts/all": 10_000}  # millionths of a dollar
ARCHIVE_STARTS = datetime(2006, 3, 21, tzinfo=UTC)
_ID = re.compile(r"[0-9]{1,19}")
_OBJECTS = ("media.fields", "user.fields", "poll.fields", "place.fields", "expansions")
_WINDOW_NAMES = ("start_time", "end_time", "since_id", "until_id")
_SEARCH = ("query", *_WINDOW_NAMES, "max_results", "next_token", "pagination_token", "sort_order")


class Refused(Exception):
    """The request is answered with this instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Bill:
    """What was read so far, by UTC day; the same post or user twice in a day counts once."""

    posts: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    counts_recent: int = 0
    counts_all: int = 0

    def micros(self, *, users: bool = True) -> int:
        """The price in millionths of a dollar; whether X bills users that come by expansion is not known."""
        total = sum(self.posts.values()) * PRICES["posts"]
        total += sum(self.users.values()) * PRICES["users"] if users else 0
        return total + self.counts_recent * PRICES["counts/recent"] + self.counts_all * PRICES["counts/all"]


class Meter:
    """Counts what is billed."""

    def __init__(self) -> None:
        self._posts: dict[str, set[str]] = {}
        self._users: dict[str, set[str]] = {}
        self._counts = {"recent": 0, "all": 0}
        self._lock = threading.Lock()

    def read(self, day: str, posts: Iterable[str], users: Iterable[str]) -> None:
        with self._lock:
            self._posts.setdefault(day, set()).update(posts)
            self._users.setdefault(day, set()).update(users)

    def counted(self, which: str) -> None:
        with self._lock:
            self._counts[which] += 1

    @property
    def bill(self) -> Bill:
        with self._lock:
            return Bill(
                {day: len(found) for day, found in self._posts.items() if found},
                {day: len(found) for day, found in self._users.items() if found},
                self._counts["recent"],
                self._counts["all"],
            )


@dataclass(frozen=True, slots=True)
class _Shape:
    """What was asked for, in the old names, and the names to answer in."""

    new: bool
    post: frozenset[str]
    user: frozenset[str]
    media: frozenset[str]
    expansions: frozenset[str]


class XNetwork:
    """Answers paths under `/2`."""

    name = "x"

    def __init__(self, script: Script, token: str, generation: Generation, limiter: Limiter) -> None:
        self.script = script
        self.token = token
        self.generation = generation
        self.limiter = limiter
        self.meter = Meter()
        self.posts = script.of(Network.X)
        self._by_id = {
            x_id: (post, version) for post in self.posts for version, x_id in enumerate(ids.x_chain(script, post))
        }
        self._users = {ids.x_user(person): person for person in script.people if person.network == Network.X}
        self._searched = lru_cache(maxsize=None)(self._searched_version)

    # --- the door ---------------------------------------------------------------------------------------------------

    def answer(self, request: Request, minute: int) -> Answer:
        if request.bearer != self.token:
            return unauthorized()
        found = re.fullmatch(r"/2/(?:tweets/(?P<id>[^/]+)(?P<quotes>/quote_tweets)?|(?P<rest>.*))", request.path)
        named = {"/2/tweets/search/recent": "recent", "/2/tweets/search/all": "all", "/2/tweets": "tweets"}
        named |= {"/2/tweets/counts/recent": "counts/recent", "/2/tweets/counts/all": "counts/all"}
        named |= {"/2/usage/tweets": "usage", "/2/users": "users"}
        endpoint = named.get(request.path)
        if endpoint is None and found and found["id"]:
            endpoint = "quotes" if found["quotes"] else "tweet"
        if endpoint is None:
            return json_answer({"title": "Not Found", "type": "about:blank", "status": 404, "detail": "Not Found"}, 404)
        now = self.script.time(minute)
        allowance = self.limiter.take(f"x {endpoint}", LIMITS[endpoint.partition("/")[0]], WINDOW, now)
        headers = limit_headers(allowance.limit, allowance.remaining, allowance.resets_at)
        if not allowance.allowed:
            return too_many(headers)
        try:
            answer = self._route(endpoint, request, minute, found["id"] if found and found["id"] else "")
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
        shape = self._shape(request, _SEARCH)
        size = self._size(request, 500 if which == "all" else 100)
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
        return self._posts_answer(page, minute, shape, request.base, meta)

    def _matching(self, request: Request, minute: int, which: str) -> list[Post]:
        """The posts a search would find within the asked bounds, newest first."""
        query = self._query(request, which)
        since, until = self._bounds(request, minute, which)
        found = []
        for post in self.posts:
            if not public_on_x(self.script, post, minute):
                continue
            number = int(self._latest_id(post, minute))
            if since < number < until and query.matches(self._search_view(post, minute)):
                found.append((number, post))
        found.sort(key=lambda pair: -pair[0])
        return [post for _, post in found]

    def _query(self, request: Request, which: str) -> Query:
        text = request.get("query")
        if not text:
            raise self._invalid(request, {"query": [""]}, "The `query` query parameter can not be empty")
        try:
            return parse(text, ALL_LENGTH if which == "all" else RECENT_LENGTH)
        except QueryError as error:
            raise self._invalid(
                request, {"query": [text]}, f"There were errors processing your request: {error}"
            ) from error

    def _bounds(self, request: Request, minute: int, which: str) -> tuple[int, int]:
        """Ids between which the answer lies, both ends excluded."""
        for name, other in (("start_time", "since_id"), ("end_time", "until_id")):
            if request.has(name) and request.has(other):
                raise self._invalid(
                    request,
                    {name: [request.get(name)]},
                    "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.",
                )
        now = self.script.time(minute)
        oldest = ARCHIVE_STARTS if which == "all" else now - X_WINDOW
        lowest, highest = ids.x_snowflake(oldest) - 1, ids.x_snowflake(now + timedelta(minutes=1))
        since, until = lowest, highest
        if request.has("start_time"):
            start = self._time(request, "start_time")
            if start < oldest:
                raise self._invalid(
                    request,
                    {"start_time": [request.get("start_time")]},
                    f"Invalid 'start_time':'{request.get('start_time')}'. 'start_time' must be on or after "
                    f"{oldest:%Y-%m-%dT%H:%MZ}",
                )
            since = ids.x_snowflake(start) - 1
        if request.has("end_time"):
            end = self._time(request, "end_time")
            if end > now - timedelta(seconds=10):
                raise self._invalid(
                    request,
                    {"end_time": [request.get("end_time")]},
                    f"Invalid 'end_time':'{request.get('end_time')}'. 'end_time' must be a minimum of 10 seconds prior "
                    "to the request time.",
                )
            until = ids.x_snowflake(end)
        for name in ("since_id", "until_id"):
            if not request.has(name):
                continue
            value = request.get(name)
            if not _ID.fullmatch(value):
                raise self._invalid(
                    request, {name: [value]}, f"The `{name}` query parameter value [{value}] is not a valid number"
                )
            if int(value) < lowest:
                raise self._invalid(
                    request,
                    {name: [value]},
                    f"'{name}' must be a tweet id created after {oldest:%Y-%m-%dT%H:%MZ}. Please use a '{name}' that "
                    f"is larger than {lowest}",
                )
        if request.has("since_id"):
            since = int(request.get("since_id"))
        if request.has("until_id"):
            until = min(highest, int(request.get("until_id")))
        return since, until

    def _time(self, request: Request, name: str) -> datetime:
        value = request.get(name)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise self._invalid(
                request,
                {name: [value]},
                f"The `{name}` query parameter value [{value}] is not a valid RFC3339 date-time",
            )
        return moment.astimezone(UTC)

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
        self._known(
            request, ("query", *_WINDOW_NAMES, "granularity", "next_token", "pagination_token", "search_count.fields")
        )
        granularity = request.get("granularity", "hour")
        steps = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
        if granularity not in steps:
            raise self._invalid(
                request,
                {"granularity": [granularity]},
                f"The `granularity` query parameter value [{granularity}] is not one of [minute,hour,day]",
            )
        found = self._matching(request, minute, which)
        step = steps[granularity]
        now = self.script.time(minute)
        reach = X_WINDOW if which == "recent" else timedelta(days=30)
        start = self._time(request, "start_time") if request.has("start_time") else now - reach
        end = self._time(request, "end_time") if request.has("end_time") else now
        buckets: list[tuple[datetime, datetime]] = []
        while start < end:
            edge = datetime.fromtimestamp((start.timestamp() // step.total_seconds() + 1) * step.total_seconds(), UTC)
            buckets.append((start, min(edge, end)))
            start = edge
        new = self._speaks_new(request)
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
        self._known(request, ("days", "usage.fields"))
        days = request.get("days", "7")
        if not days.isdigit() or not 1 <= int(days) <= 90:
            message = f"The `days` query parameter value [{days}] is not between 1 and 90"
            raise self._invalid(request, {"days": [days]}, message)
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
        shape = self._shape(request, ("ids",))
        asked = request.listed("ids")
        if not 1 <= len(asked) <= 100:
            raise self._invalid(
                request,
                {"ids": [request.get("ids")]},
                f"The number of values in the `ids` query parameter list [{len(asked)}] is not between 1 and 100",
            )
        for value in asked:
            self._check_id(request, "ids", value)
        return self._looked_up(asked, "ids", minute, shape, request.base)

    def _lookup_one(self, request: Request, minute: int, post_id: str) -> Answer:
        shape = self._shape(request, ())
        self._check_id(request, "id", post_id)
        answer = self._looked_up([post_id], "id", minute, shape, request.base).data()
        if "data" in answer:
            answer["data"] = answer["data"][0]
        return json_answer(answer)

    def _check_id(self, request: Request, name: str, value: str) -> None:
        if not _ID.fullmatch(value):
            raise self._invalid(request, {name: [value]}, f"The `{name}` query parameter value [{value}] is not valid")

    def _looked_up(self, asked: list[str], parameter: str, minute: int, shape: _Shape, base: str) -> Answer:
        found: list[tuple[Post, int]] = []
        errors = []
        for value in dict.fromkeys(asked):
            held = self._give(value, minute)
            if isinstance(held, tuple):
                found.append(held)
            else:
                errors.append(missing_problem(value, parameter, "data", held, shape.new))
        return self._versions_answer(found, minute, shape, base, None, errors)

    def _give(self, post_id: str, minute: int) -> tuple[Post, int] | bool:
        """The post and version of an id; otherwise whether it is forbidden (else it is not there)."""
        held = self._by_id.get(post_id)
        if held is None or not held[0].is_there(minute) or held[1] > x_version(held[0], minute):
            return False
        return held if public_on_x(self.script, held[0], minute) else True

    def _quotes(self, request: Request, minute: int, post_id: str) -> Answer:
        shape = self._shape(request, ("max_results", "pagination_token", "exclude"))
        self._check_id(request, "id", post_id)
        size = self._size(request, 100)
        held = self._give(post_id, minute)
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
        return self._posts_answer(page, minute, shape, request.base, meta)

    def _find_users(self, request: Request) -> Answer:
        self._known(request, ("ids", "user.fields", "expansions", "tweet.fields", "post.fields"))
        new = self._speaks_new(request)
        wanted = {"id", "name", "username", *request.listed("user.fields")}
        data, errors = [], []
        for value in dict.fromkeys(request.listed("ids")):
            person = self._users.get(value)
            if person:
                data.append(selected(user_object(self.script, person, request.base), wanted, new))
            else:
                problem = missing_problem(value, "ids", "data", False, new)
                detail = f"Could not find user with ids: [{value}]."
                errors.append(problem | {"resource_type": "user", "detail": detail})
        return json_answer(({"data": data} if data else {}) | ({"errors": errors} if errors else {}))

    # --- putting an answer together ---------------------------------------------------------------------------------

    def _posts_answer(self, posts: list[Post], minute: int, shape: _Shape, base: str, meta: dict[str, Any]) -> Answer:
        return self._versions_answer([(post, x_version(post, minute)) for post in posts], minute, shape, base, meta, [])

    def _versions_answer(
        self,
        found: list[tuple[Post, int]],
        minute: int,
        shape: _Shape,
        base: str,
        meta: dict[str, Any] | None,
        errors: list[dict[str, Any]],
    ) -> Answer:
        script = self.script
        full = [post_object(script, post, minute, version) for post, version in found]
        given = {item["id"] for item in full}
        others: dict[str, tuple[Post, int]] = {}
        if "referenced_tweets.id" in shape.expansions:
            parameter = "referenced_posts" if shape.new else "referenced_tweets.id"
            for item in full:
                for reference in item.get("referenced_tweets", ()):
                    held = self._give(reference["id"], minute)
                    if isinstance(held, tuple):
                        others[reference["id"]] = held
                    elif not any(error["value"] == reference["id"] for error in errors):
                        errors.append(missing_problem(reference["id"], parameter, "includes", held, shape.new))
        if "edit_history_tweet_ids" in shape.expansions:
            for (post, _), item in zip(found, full, strict=True):
                for version, x_id in enumerate(item["edit_history_tweet_ids"]):
                    if x_id not in given:
                        others.setdefault(x_id, (post, version))
        included = [post_object(script, post, minute, version) for post, version in others.values()]
        people = self._people([*found], [*others.values()], shape, minute)
        media = self._media(found, list(others.values()), shape, base)
        includes: dict[str, Any] = {}
        if included:
            chosen = [selected(item, shape.post, shape.new) for item in included]
            includes["posts" if shape.new else "tweets"] = chosen
        if people:
            includes["users"] = [selected(user_object(script, who, base), shape.user, shape.new) for who in people]
        if media:
            includes["media"] = media
        self.meter.read(
            f"{script.time(minute):%Y-%m-%d}", given | set(others), (ids.x_user(person) for person in people)
        )
        body: dict[str, Any] = {}
        if full:
            body["data"] = [selected(item, shape.post, shape.new) for item in full]
        if includes:
            body["includes"] = includes
        if errors:
            body["errors"] = errors
        if meta is not None:
            body["meta"] = meta
        return json_answer(body)

    def _people(
        self, found: list[tuple[Post, int]], others: list[tuple[Post, int]], shape: _Shape, minute: int
    ) -> list[Person]:
        script, wanted = self.script, shape.expansions
        people: dict[str, Person] = {}

        def add(person: Person) -> None:
            people.setdefault(person.key, person)

        for post, version in found:
            if "author_id" in wanted:
                add(script.author(post))
            parent = script.parent(post)
            if "in_reply_to_user_id" in wanted and parent:
                add(script.author(parent))
            if "entities.mentions.username" in wanted:
                view = self._searched(post.key, x_version_at(post, version))
                for person in self._users.values():
                    if fold(person.handle) in view.mentioned:
                        add(person)
        if "referenced_tweets.id.author_id" in wanted:
            for post, _ in others:
                add(script.author(post))
        return list(people.values())

    def _media(
        self, found: list[tuple[Post, int]], others: list[tuple[Post, int]], shape: _Shape, base: str
    ) -> list[dict[str, Any]]:
        posts = [post for post, _ in found] if "attachments.media_keys" in shape.expansions else []
        if "referenced_tweets.id.attachments.media_keys" in shape.expansions:
            posts += [post for post, _ in others]
        unique = {post.key: post for post in posts}.values()
        return [
            selected(media_object(self.script, post, number, base), shape.media, shape.new)
            for post in unique
            for number in range(len(post.media))
        ]

    # --- reading the request ----------------------------------------------------------------------------------------

    def _speaks_new(self, request: Request) -> bool:
        if self.generation != Generation.BOTH:
            return self.generation == Generation.NEW
        return request.has("post.fields") and not request.has("tweet.fields")

    def _known(self, request: Request, names: Iterable[str]) -> None:
        allowed = list(names)
        for name in request.query:
            if name not in allowed:
                raise self._invalid(
                    request,
                    {name: list(request.query[name])},
                    f"The query parameter [{name}] is not one of [{','.join(allowed)}]",
                )

    def _shape(self, request: Request, parameters: tuple[str, ...]) -> _Shape:
        spellings = {
            Generation.OLD: ("tweet.fields",),
            Generation.NEW: ("post.fields",),
            Generation.BOTH: ("tweet.fields", "post.fields"),
        }[self.generation]
        self._known(request, (*parameters, *_OBJECTS, *spellings))
        new = self._speaks_new(request)
        fields = {
            Generation.OLD: x_fields.OLD_POST,
            Generation.NEW: x_fields.NEW_POST,
            Generation.BOTH: x_fields.OLD_POST | x_fields.NEW_POST | {"referenced_posts", "edit_history_post_ids"},
        }[self.generation]
        expansions = {
            Generation.OLD: x_fields.OLD_EXPANSIONS,
            Generation.NEW: x_fields.NEW_EXPANSIONS,
            Generation.BOTH: x_fields.OLD_EXPANSIONS | x_fields.NEW_EXPANSIONS,
        }[self.generation]
        for spelling in spellings:
            self._one_of(request, spelling, fields)
        self._one_of(request, "expansions", expansions)
        self._one_of(request, "user.fields", x_fields.USER)
        self._one_of(request, "media.fields", x_fields.MEDIA)
        expanded = {
            "referenced_tweets.id" if name == "referenced_posts" else old_name(name)
            for name in request.listed("expansions")
        }
        if any(name.startswith("referenced_tweets.id.") for name in expanded):
            expanded.add("referenced_tweets.id")
        asked = {"id", "text", "edit_history_tweet_ids"} | {old_name(name) for name in request.listed(*spellings)}
        asked |= expanded & {"author_id", "in_reply_to_user_id"}
        for expansion, brings in (
            ("referenced_tweets.id", "referenced_tweets"),
            ("attachments.media_keys", "attachments"),
            ("entities.mentions.username", "entities"),
        ):
            if expansion in expanded:
                asked.add(brings)
        return _Shape(
            new,
            frozenset(asked),
            frozenset({"id", "name", "username", *request.listed("user.fields")}),
            frozenset({"media_key", "type", *request.listed("media.fields")}),
            frozenset(expanded),
        )

    def _one_of(self, request: Request, name: str, allowed: frozenset[str]) -> None:
        for value in request.listed(name):
            if value not in allowed:
                raise self._invalid(
                    request,
                    {name: [",".join(request.query[name])]},
                    f"The `{name}` query parameter value [{value}] is not one of [{','.join(sorted(allowed))}]",
                )

    def _size(self, request: Request, most: int) -> int:
        value = request.get("max_results", "10")
        if not value.isdigit() or not 10 <= int(value) <= most:
            raise self._invalid(
                request,
                {"max_results": [value]},
                f"The `max_results` query parameter value [{value}] is not between 10 and {most}",
            )
        return int(value)

    def _page(self, request: Request, found: list[Post], minute: int, size: int) -> tuple[list[Post], str | None]:
        """The page a token asks for, and the token of the next one."""
        start = 0
        name = "next_token" if request.has("next_token") else "pagination_token"
        if request.has(name):
            last = _last_id(request.get(name))
            if last is None:
                value = request.get(name)
                message = f"The `{name}` query parameter value [{value}] is not valid"
                raise self._invalid(request, {name: [value]}, message)
            numbers = [int(self._latest_id(post, minute)) for post in found]
            start = numbers.index(last) + 1 if last in numbers else sum(number > last for number in numbers)
        page = found[start : start + size]
        more = start + size < len(found)
        return page, _token(self._latest_id(page[-1], minute)) if more else None

    def _invalid(self, request: Request, parameters: dict[str, list[str]], message: str) -> Refused:
        body = {
            "errors": [{"parameters": parameters, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": problem_type("invalid-request", self._speaks_new(request)),
        }
        return Refused(json_answer(body, 400))


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


def _token(last_id: str) -> str:
    return base64.b32hexencode(f"after={last_id}".encode()).decode().rstrip("=").lower()


def _last_id(token: str) -> int | None:
    """The id of the last post before the page that a token names; None: no token of ours."""
    try:
        text = base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)).decode()
        return int(text.removeprefix("after="))
    except (binascii.Error, ValueError, UnicodeDecodeError):
        return None
