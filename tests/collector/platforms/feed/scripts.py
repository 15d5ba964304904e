"""A blog for this adapter's tests, and how its sandbox is reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tagora.collector.contract import Fetch, FreeMeter, Meter, Target
from tagora.collector.platforms.feed import PLATFORM
from tagora.collector.platforms.feed.config import FeedConfig
from tagora.core.clock import Clock, ManualClock
from tagora.core.records import PostRef
from tagora.sandbox.script import Script
from tagora.sandbox.script_file import parse_script
from tagora.sandbox.server import Sandbox

HOST = "quaderno.example"


def config(box: Sandbox, path: str = "/feed/", **settings: Any) -> FeedConfig:
    return FeedConfig(**{"url": f"https://{HOST}{path}", "homes": box.blog_homes, **settings})


@contextmanager
def connected(
    box: Sandbox, settings: FeedConfig | None = None, clock: Clock | None = None, meter: Meter | None = None
) -> Iterator[Fetch]:
    with PLATFORM.connect(
        settings or config(box),
        {},
        clock or ManualClock(box.now),
        None,
        user_agent="tagora-tests",
        meter=meter or FreeMeter(),
    ) as fetch:
        yield fetch


def target_of(box: Sandbox, key: str) -> Target:
    return Target(PostRef(HOST, box.native_id(key)), url=box.post_url(key))


def script(further: int = 8, *, posts: tuple[dict[str, Any], ...] = (), **blog: Any) -> Script:
    """An article with comments, `further` articles, and `posts`. `blog`: how it is."""
    listed: list[dict[str, Any]] = [
        {
            "key": "question",
            "by": "ada",
            "blog": HOST,
            "at": 10,
            "lang": "it",
            "title": "Che rete siete?",
            "categories": ["agora", "due parole"],
            "text": "Una domanda & una storia.\n\nSi legge su https://example.org/a oggi.",
        },
        {"key": "answer", "by": "bea", "at": 20, "reply_to": "question", "text": "Lenta.\nMolto lenta."},
        {"key": "under", "by": "ada", "at": 25, "reply_to": "answer", "text": "Anch'io <così>."},
        {"key": "gone", "by": "bea", "at": 30, "reply_to": "question", "text": "Poi via", "deleted_at": 60},
        {"key": "apart", "by": "ada", "blog": HOST, "at": 40, "title": "Altro", "text": "Niente di tutto questo."},
    ]
    listed += [
        {"key": f"p{n}", "by": "ada", "blog": HOST, "at": 100 + n, "title": f"Nota {n}", "text": f"Nota {n} #agora"}
        for n in range(further)
    ]
    return parse_script(
        {
            "title": "Test",
            "start": "2026-11-02T08:00:00Z",
            "tag": "agora",
            "blogs": [{"host": HOST, "title": "Il quaderno", "lang": "it", "per_page": 3, **blog}],
            "people": [
                {"key": "ada", "network": "feed", "name": "Ada Serra"},
                {"key": "bea", "network": "feed", "name": "Bea"},
            ],
            "posts": [*listed, *posts],
        }
    )
