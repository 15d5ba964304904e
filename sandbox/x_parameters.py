"""Reading X's request parameters, and refusing them in X's words."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from . import ids, x_fields
from .web import Answer, Request, json_answer
from .world import X_WINDOW
from .x_objects import Generation, old_name, problem_type
from .x_query import ALL_LENGTH, RECENT_LENGTH, Query, QueryError, parse

ARCHIVE_STARTS = datetime(2006, 3, 21, tzinfo=UTC)
WINDOW_NAMES = ("start_time", "end_time", "since_id", "until_id")
SEARCH_NAMES = ("query", *WINDOW_NAMES, "max_results", "next_token", "pagination_token", "sort_order")
_OBJECT_NAMES = ("media.fields", "user.fields", "poll.fields", "place.fields", "expansions")
_ID = re.compile(r"[0-9]{1,19}")


class Refused(Exception):
    """The request is answered with this instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Shape:
    """What was asked for, in the old names, and the names to answer in."""

    new: bool
    post: frozenset[str]
    user: frozenset[str]
    media: frozenset[str]
    expansions: frozenset[str]


class Parameters:
    """Reads requests as one generation of X's description has them. Every method raises Refused."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation

    def speaks_new(self, request: Request) -> bool:
        if self.generation != Generation.BOTH:
            return self.generation == Generation.NEW
        return request.has("post.fields") and not request.has("tweet.fields")

    def known(self, request: Request, names: Iterable[str]) -> None:
        allowed = list(names)
        for name in request.query:
            if name not in allowed:
                raise self.invalid(
                    request,
                    {name: list(request.query[name])},
                    f"The query parameter [{name}] is not one of [{','.join(allowed)}]",
                )

    def shape(self, request: Request, parameters: tuple[str, ...]) -> Shape:
        spellings = {
            Generation.OLD: ("tweet.fields",),
            Generation.NEW: ("post.fields",),
            Generation.BOTH: ("tweet.fields", "post.fields"),
        }[self.generation]
        self.known(request, (*parameters, *_OBJECT_NAMES, *spellings))
        new = self.speaks_new(request)
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
        return Shape(
            new,
            frozenset(asked),
            frozenset({"id", "name", "username", *request.listed("user.fields")}),
            frozenset({"media_key", "type", *request.listed("media.fields")}),
            frozenset(expanded),
        )

    def _one_of(self, request: Request, name: str, allowed: frozenset[str]) -> None:
        for value in request.listed(name):
            if value not in allowed:
                raise self.invalid(
                    request,
                    {name: [",".join(request.query[name])]},
                    f"The `{name}` query parameter value [{value}] is not one of [{','.join(sorted(allowed))}]",
                )

    def size(self, request: Request, most: int) -> int:
        value = request.get("max_results", "10")
        if not value.isdigit() or not 10 <= int(value) <= most:
            raise self.invalid(
                request,
                {"max_results": [value]},
                f"The `max_results` query parameter value [{value}] is not between 10 and {most}",
            )
        return int(value)

    def query(self, request: Request, which: str) -> Query:
        text = request.get("query")
        if not text:
            raise self.invalid(request, {"query": [""]}, "The `query` query parameter can not be empty")
        try:
            return parse(text, ALL_LENGTH if which == "all" else RECENT_LENGTH)
        except QueryError as error:
            raise self.invalid(
                request, {"query": [text]}, f"There were errors processing your request: {error}"
            ) from error

    def bounds(self, request: Request, now: datetime, which: str) -> tuple[int, int]:
        """Ids between which the answer lies, both ends excluded."""
        for name, other in (("start_time", "since_id"), ("end_time", "until_id")):
            if request.has(name) and request.has(other):
                raise self.invalid(
                    request,
                    {name: [request.get(name)]},
                    "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.",
                )
        oldest = ARCHIVE_STARTS if which == "all" else now - X_WINDOW
        lowest, highest = ids.x_snowflake(oldest) - 1, ids.x_snowflake(now + timedelta(minutes=1))
        since, until = lowest, highest
        if request.has("start_time"):
            start = self.time(request, "start_time")
            if start < oldest:
                raise self.invalid(
                    request,
                    {"start_time": [request.get("start_time")]},
                    f"Invalid 'start_time':'{request.get('start_time')}'. 'start_time' must be on or after "
                    f"{oldest:%Y-%m-%dT%H:%MZ}",
                )
            since = ids.x_snowflake(start) - 1
        if request.has("end_time"):
            end = self.time(request, "end_time")
            if end > now - timedelta(seconds=10):
                raise self.invalid(
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
                raise self.invalid(
                    request, {name: [value]}, f"The `{name}` query parameter value [{value}] is not a valid number"
                )
            if int(value) < lowest:
                raise self.invalid(
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

    def time(self, request: Request, name: str) -> datetime:
        value = request.get(name)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise self.invalid(
                request,
                {name: [value]},
                f"The `{name}` query parameter value [{value}] is not a valid RFC3339 date-time",
            )
        return moment.astimezone(UTC)

    def check_id(self, request: Request, name: str, value: str) -> None:
        if not _ID.fullmatch(value):
            raise self.invalid(request, {name: [value]}, f"The `{name}` query parameter value [{value}] is not valid")

    def invalid(self, request: Request, parameters: dict[str, list[str]], message: str) -> Refused:
        body = {
            "errors": [{"parameters": parameters, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": problem_type("invalid-request", self.speaks_new(request)),
        }
        return Refused(json_answer(body, 400))


def token_after(last_id: str) -> str:
    return base64.b32hexencode(f"after={last_id}".encode()).decode().rstrip("=").lower()


def last_id(token: str) -> int | None:
    """The id of the last post before the page that a token names; None: no token of ours."""
    try:
        text = base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)).decode()
        return int(text.removeprefix("after="))
    except (binascii.Error, ValueError, UnicodeDecodeError):
        return None
