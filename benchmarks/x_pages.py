"""Answers of X's search to a made-up discussion, as bytes: what a recording of the network would hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import orjson

from . import x_ids
from .discussion import Discussion, Person, Written

PAGE = 100
HEADERS = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "449", "x-rate-limit-reset": "1796000000"}


def record(discussion: Discussion, file: Path) -> None:
    """Writes the answers into `file`, one a line, as one gets them who asks after every hundredth post: the oldest
    hundred first, each page's newest post first."""
    ids: list[str] = []
    written = iter(discussion)
    with file.open("wb") as out:
        while batch := list(islice(written, PAGE)):
            ids += [x_ids.post_id(one.number, one.at) for one in batch]
            out.write(orjson.dumps(_answer(batch, ids)) + b"\n")


def backwards(file: Path, out: Path) -> None:
    """The same pages, newest first: as a first collection finds them."""
    with file.open("rb") as pages:
        starts = [0]
        for line in pages:
            starts.append(starts[-1] + len(line))
        with out.open("wb") as target:
            for start, end in reversed(list(pairwise(starts))):
                pages.seek(start)
                target.write(pages.read(end - start))


def pages(file: Path) -> Iterator[bytes]:
    with file.open("rb") as lines:
        yield from lines


def _answer(batch: Sequence[Written], ids: Sequence[str]) -> dict[str, Any]:
    posts = [_post(one, ids) for one in reversed(batch)]
    people = {one.author.number: one.author for one in batch}
    media = [medium for one in batch for medium in _media(one, ids)]
    return {
        "data": posts,
        "includes": {"users": [_user(person) for person in people.values()], **({"media": media} if media else {})},
        "meta": {
            "newest_id": posts[0]["id"],
            "oldest_id": posts[-1]["id"],
            "result_count": len(posts),
            "next_token": f"token{posts[-1]['id']}",
        },
    }


def _post(one: Written, ids: Sequence[str]) -> dict[str, Any]:
    text, entities = _text(one)
    own = ids[one.number]
    body: dict[str, Any] = {
        "id": own,
        "text": text,
        "author_id": x_ids.user_id(one.author.number),
        "created_at": _iso(one.at),
        "conversation_id": ids[one.root],
        "edit_history_tweet_ids": [own],
        "lang": one.language,
        "possibly_sensitive": one.warning is not None,
        "public_metrics": {
            "retweet_count": one.likes // 3,
            "reply_count": one.replies,
            "like_count": one.likes,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": 20 * (one.likes + 1),
        },
    }
    if entities:
        body["entities"] = entities
    references = []
    if one.parent is not None:
        references.append({"type": "replied_to", "id": ids[one.parent]})
    if one.quotes is not None:
        references.append({"type": "quoted", "id": ids[one.quotes]})
    if references:
        body["referenced_tweets"] = references
    if one.images:
        body["attachments"] = {"media_keys": [medium["media_key"] for medium in _media(one, ids)]}
    return body


def _text(one: Written) -> tuple[str, dict[str, Any]]:
    """The text as X sends it, &, < and > escaped and links shortened, with offsets into it."""
    parts: list[str] = []
    entities: dict[str, Any] = {}
    length = 0
    for piece in one.pieces:
        shown = piece.text
        if piece.kind == "words":
            shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        elif piece.kind == "link":
            shown = f"https://t.co/{one.number:010x}"
        place = {"start": length, "end": length + len(shown)}
        if piece.kind == "hashtag":
            entities.setdefault("hashtags", []).append({**place, "tag": piece.target})
        elif piece.kind == "mention":
            user = x_ids.user_id(int(piece.target))
            entities.setdefault("mentions", []).append({**place, "username": piece.text[1:], "id": user})
        elif piece.kind == "link":
            link = {"url": shown, "expanded_url": piece.text, "display_url": piece.text[12:38]}
            entities.setdefault("urls", []).append({**place, **link})
        parts.append(shown)
        length += len(shown)
    return "".join(parts), entities


def _media(one: Written, ids: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "media_key": f"3_{ids[one.number]}{at}",
            "type": "photo",
            "url": f"https://pbs.twimg.example/media/{ids[one.number]}-{at}.jpg",
            "width": 1200,
            "height": 800,
            **({"alt_text": alt} if alt else {}),
        }
        for at, alt in enumerate(one.images)
    ]


def _user(person: Person) -> dict[str, Any]:
    return {
        "id": x_ids.user_id(person.number),
        "name": person.name,
        "username": person.handle,
        "created_at": _iso(person.joined),
        "protected": False,
        "profile_image_url": f"https://pbs.twimg.example/profile_images/{person.number}_normal.jpg",
    }


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
