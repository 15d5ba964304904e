"""New posts that wait are told to another program: what, when, and how it is signed. Pure; app/alerting.py does it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from ..storage.telling import NewPost, Progress

AT_ONCE = 100  # posts in one delivery
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


# --- how it goes on --------------------------------------------------------------------------------------------------


def is_due(so_far: Progress, now: datetime) -> bool:
    return so_far.due is None or now >= so_far.due


def succeeded(so_far: Progress, told: int, now: datetime) -> Progress:
    return Progress(told, now)


def failed(so_far: Progress, now: datetime) -> Progress:
    """Tried again after 1, 2, 4 … minutes, at last every six hours: for ever, and nothing is skipped."""
    pause = min(FIRST_PAUSE * 2 ** min(so_far.attempts, 20), LONGEST_PAUSE)
    return replace(so_far, attempts=so_far.attempts + 1, due=now + pause)


# --- the webhook -----------------------------------------------------------------------------------------------------


def delivery(slug: str, posts: Sequence[NewPost], up_to: int, review: str | None) -> bytes:
    """What is sent. `delivery` is the same whenever the same is sent again. `review`: the review app's address. What
    posts say is not in it: it could not be taken back."""
    told = [
        {
            "decision": one.decision,
            "post": one.post_id,
            "network": one.network,
            "url": one.url,
            "author": one.handle,
            "language": one.language,
            "via": one.via,
            "published_at": one.published_at,
            "added_at": one.added_at,
            "review": f"{review.rstrip('/')}/c/{slug}/posts/{one.post_id}" if review else None,
        }
        for one in posts
    ]
    return orjson.dumps({"event": "pending", "campaign": slug, "delivery": f"{slug}-{up_to}", "posts": told})


def headers(secret: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """The signature covers the time too: who keeps what they overheard cannot send it again later."""
    at = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Tagora",
        "X-Tagora-Timestamp": at,
        "X-Tagora-Signature": f"sha256={signature(secret, at, body)}",
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over "TIMESTAMP.BODY", in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
