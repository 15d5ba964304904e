"""What is told outside the review app, and when: new posts that wait, to another program; that posts wait too long, by
mail. Pure; app/alerting.py does it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from ..core.tongue import Tongue
from ..presentation.formats import Formats
from ..storage.telling import NewPost, Progress
from ..storage.types import microseconds

AT_ONCE = 100  # posts in one delivery
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One campaign whose oldest waiting post has waited since `oldest_at`."""

    slug: str
    title: str
    posts: int
    oldest_at: datetime


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


# --- the mail --------------------------------------------------------------------------------------------------------


def too_old(campaigns: Sequence[Waiting], limit: timedelta, now: datetime) -> list[Waiting]:
    """The campaigns in which a post has waited too long, the longest first."""
    late = [one for one in campaigns if now - one.oldest_at >= limit]
    return sorted(late, key=lambda one: one.oldest_at)


def may_mail(so_far: Progress, limit: timedelta, now: datetime) -> bool:
    """At most one mail in the time that a post may wait."""
    return is_due(so_far, now) and (so_far.at is None or now - so_far.at >= limit)


def mail(late: Sequence[Waiting], title: str, review: str | None, say: Tongue, formats: Formats) -> tuple[str, str]:
    """(subject, text) about campaigns in which posts wait too long; nobody is named in it."""
    posts = sum(one.posts for one in late)
    subject = say.ngettext(
        "%(title)s: %(num)d post waits for a decision", "%(title)s: %(num)d posts wait for a decision", posts
    ) % {"title": " ".join(title.split()), "num": posts}
    lines = [say.gettext("Posts have been waiting longer than they should:"), ""]
    for one in late:
        waits = say.ngettext("%(num)d post, since %(when)s", "%(num)d posts, the oldest since %(when)s", one.posts)
        told = waits % {"num": one.posts, "when": formats.moment(microseconds(one.oldest_at)).text}
        lines.append(f"{one.title}: {told}")
        if review:
            lines += [f"{review.rstrip('/')}/c/{one.slug}/?order=oldest", ""]
    return subject, "\n".join(lines).rstrip() + "\n"
