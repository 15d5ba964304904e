"""A discussion for this adapter's tests, and how its sandbox is reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tagora.collector.contract import Fetch, FreeMeter, Meter, Target
from tagora.collector.platforms.bluesky import PLATFORM
from tagora.collector.platforms.bluesky.config import BlueskyConfig
from tagora.core.clock import Clock, ManualClock
from tagora.core.records import PostRef
from tagora.sandbox.script import Script
from tagora.sandbox.script_file import parse_script
from tagora.sandbox.server import Sandbox


def config(box: Sandbox, **settings: Any) -> BlueskyConfig:
    told = {"handle": box.tokens.bluesky.handle, "public_base_url": box.bluesky_public_url}
    return BlueskyConfig(**{**told, **settings})


def secrets(box: Sandbox) -> dict[str, str]:
    return {"app_password": box.tokens.bluesky.app_password}


@contextmanager
def connected(
    box: Sandbox,
    settings: BlueskyConfig | None = None,
    clock: Clock | None = None,
    meter: Meter | None = None,
    keys: dict[str, str] | None = None,
) -> Iterator[Fetch]:
    with PLATFORM.connect(
        settings or config(box),
        secrets(box) if keys is None else keys,
        clock or ManualClock(box.now),
        box.bluesky_url,
        user_agent="tagora-tests",
        meter=meter or FreeMeter(),
    ) as fetch:
        yield fetch


def target_of(box: Sandbox, key: str) -> Target:
    return Target(PostRef("bluesky", box.native_id(key)), url=box.post_url(key))


def reply(key: str, by: str, at: int, text: str, to: str = "question", **more: Any) -> dict[str, Any]:
    return {"key": key, "by": by, "at": at, "text": text, "reply_to": to, **more}


def script(further: int = 20, *, deep: int = 0, posts: tuple[dict[str, Any], ...] = ()) -> Script:
    """A question with replies and quotes, `further` tagged posts (some within the same minute), a chain of `deep`
    replies below the question, and `posts`."""
    listed: list[dict[str, Any]] = [
        {
            "key": "question",
            "by": "celeste",
            "at": 10,
            "lang": "it",
            "text": "☁️👩‍🔬 Che rete siete? #agora @otto.bsky.social https://example.org/a",
            "likes": 3,
        },
        reply("answer", "otto", 20, "A slow one."),
        reply("blocked", "otto", 21, "Not for you.", visibility="blocked"),
        reply("deleted", "celeste", 22, "Via #agora", deleted_at=40),
        reply("orphan", "otto", 23, "To what was said #agora", "deleted"),
        {"key": "quoting", "by": "otto", "at": 50, "text": "Look", "quote_of": "question"},
        {"key": "quoting-too", "by": "celeste", "at": 51, "text": "Guarda", "quote_of": "question"},
        {"key": "shy", "by": "shy", "at": 52, "text": "Not for strangers #agora"},
    ]
    above = "question"
    for n in range(deep):
        listed.append(reply(f"d{n}", "otto", 60 + n, f"Level {n}", above))
        above = f"d{n}"
    listed += [
        {"key": f"p{n}", "by": "celeste" if n % 3 else "otto", "at": 100 + n // 3, "text": f"Risposta {n} #agora"}
        for n in range(further)
    ]
    return parse_script(
        {
            "title": "Test",
            "start": "2026-11-02T08:00:00Z",
            "tag": "agora",
            "servers": [],
            "pages": [],
            "people": [
                {"key": "celeste", "network": "bluesky", "handle": "celeste.example.org", "name": "Celeste ☁️"},
                {"key": "otto", "network": "bluesky", "handle": "otto.bsky.social", "name": "Otto"},
                {"key": "shy", "network": "bluesky", "handle": "shy.bsky.social", "no_unauthenticated": True},
            ],
            "posts": [*listed, *posts],
        }
    )
