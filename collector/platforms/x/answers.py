"""One 2xx answer of X, taken apart: posts with what belongs to each, counts, usage. Pure, no SDK."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson

from ....core.errors import Temporary
from ....core.records import PostRef
from ...contract import Missing, MissingReason, Quota, Raw, Usage
from .ids import ORIGIN, is_id
from .mapping import edit_chain, references
from .problems import missing_reason, quota_of


@dataclass(frozen=True, slots=True)
class Answer:
    """The outer shape. `posts`: the objects of `data`; whatever stood there and is no object is kept inside one, so
    that it is counted as a bad item. `beside`: posts that came as references of these."""

    data: Any
    posts: tuple[dict[str, Any], ...]
    beside: tuple[dict[str, Any], ...]
    users: tuple[dict[str, Any], ...]
    media: tuple[dict[str, Any], ...]
    problems: tuple[dict[str, Any], ...]
    meta: dict[str, Any]
    quota: Quota | None


def parse(body: bytes) -> Any:
    """The JSON of a body, or None when it is something else (HTML, cut, absurdly deep). orjson, several times faster,
    gives up on lone surrogates and makes fractions of huge numbers: those bodies are read the long way."""
    if not _HUGE_NUMBER.search(body):
        with suppress(ValueError):
            return orjson.loads(body)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


_HUGE_NUMBER = re.compile(rb"[\s:,\[]-?[0-9]{19}")  # outside of text, where ids are


def read_answer(body: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
    """Raises Temporary when the body is no JSON or not of the shape that X describes."""
    whole = parse(body)
    if not isinstance(whole, dict) or not whole.keys() & {"data", "errors", "meta"}:
        raise odd_shape()
    includes, problems, meta = whole.get("includes", {}), whole.get("errors", []), whole.get("meta", {})
    if not (isinstance(includes, dict) and isinstance(problems, list) and isinstance(meta, dict)):
        raise odd_shape()
    data = whole.get("data")
    listed = data if isinstance(data, list) else []
    return Answer(
        data=data,
        posts=tuple(item if isinstance(item, dict) else {"not_a_post": item} for item in listed),
        beside=(*_objects(includes.get("posts")), *_objects(includes.get("tweets"))),
        users=tuple(_objects(includes.get("users"))),
        media=tuple(_objects(includes.get("media"))),
        problems=tuple(_objects(problems)),
        meta=meta,
        quota=quota_of(headers, now),
    )


def odd_shape() -> Temporary:
    return Temporary("X's answer has another shape than X describes.", "It is asked again later.")


def post_ids(answer: Answer) -> tuple[str, ...]:
    return tuple(post["id"] for post in answer.posts if is_id(post.get("id")))


def raws(answer: Answer, endpoint: str, now: datetime) -> tuple[Raw, ...]:
    """Each post with its own author and media. Posts that came beside are taken where their author came too:
    without name and picture X's display rules cannot be kept, and the run looks them up."""
    users = {user["id"]: user for user in answer.users if is_id(user.get("id"))}
    media = {item["media_key"]: item for item in answer.media if isinstance(item.get("media_key"), str)}
    pointed_at = {native_id for post in answer.posts for native_id in references(post)} - set(post_ids(answer))
    beside = {
        post["id"]: post
        for post in answer.beside
        if _text(post.get("id")) in pointed_at and _text(post.get("author_id")) in users
    }
    return tuple(_raw(post, users, media, endpoint, now) for post in (*answer.posts, *beside.values()))


def _raw(post: dict[str, Any], users: dict[str, Any], media: dict[str, Any], endpoint: str, now: datetime) -> Raw:
    context: dict[str, Any] = {}
    if author := users.get(_text(post.get("author_id"))):
        context["author"] = author
    attachments = post.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    if own := [media[key] for key in (keys if isinstance(keys, list) else []) if _text(key) in media]:
        context["media"] = own
    return Raw(PostRef(ORIGIN, _text(post.get("id")) or "?"), endpoint, post, now, context)


def newer_versions(answer: Answer) -> dict[str, str]:
    """Id of each post that came in an older version -> id of its newest one."""
    newest = {post["id"]: edit_chain(post, post["id"])[-1] for post in answer.posts if is_id(post.get("id"))}
    return {old: new for old, new in newest.items() if old != new}


def missing(answer: Answer, asked: Iterable[str], refs: Mapping[str, PostRef]) -> tuple[Missing, ...]:
    """Asked posts that did not come, with X's reason. X's own passing faults say nothing about a post."""
    came = set(post_ids(answer))
    told = {_text(problem.get("resource_id")) or _text(problem.get("value")): problem for problem in answer.problems}
    found: list[Missing] = []
    for native_id in asked:
        if native_id in came:
            continue
        reason = missing_reason(told[native_id]) if native_id in told else MissingReason.OMITTED
        if reason:
            found.append(Missing(refs[native_id], reason))
    return tuple(found)


def total_count(answer: Answer) -> int:
    """The sum that the counts endpoint gives. Raises Temporary when there is none."""
    total = _whole(answer.meta.get("total_post_count", answer.meta.get("total_tweet_count")))
    if total is None:
        raise odd_shape()
    return total


def read_usage(answer: Answer, micros_each: int) -> Usage:
    data = answer.data if isinstance(answer.data, dict) else {}
    daily = data.get("daily_project_usage")
    by_day: dict[date, int] = {}
    for entry in _objects(daily.get("usage") if isinstance(daily, dict) else None):
        count, day = _whole(entry.get("usage")), _day(entry.get("date"))
        if count is not None and day:
            by_day[day] = count
    return Usage(by_day, micros_each, _whole(data.get("project_usage")), _whole(data.get("project_cap")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _whole(value: object) -> int | None:
    """A count; X gave them as numbers and since description 2.167 partly as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _day(value: object) -> date | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
