"""A short discussion on one Mastodon server of the sandbox, and a workplace that collects it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tagora.sandbox import Sandbox, parse_script

from . import workplace
from .discussion import TAG

HOST = "mastodon.uno"
EARLIER = 10  # posts that are there from the start, one a minute


@dataclass(frozen=True, slots=True)
class Town:
    box: Sandbox
    config: Path

    def text(self, minute: int) -> str:
        """Words that stand in the post of this minute only."""
        return _text(minute)


@contextmanager
def town(folder: Path, minutes: int = EARLIER, *, every: str = "10m", policy: str = "review_first") -> Iterator[Town]:
    """The sandbox after the first ten posts of a discussion in which somebody says something every minute, all of it
    lately, and a configuration in `folder` that collects it."""
    start = (datetime.now(UTC) - timedelta(minutes=minutes + 30)).replace(second=0, microsecond=0)
    people = [
        {"key": key, "network": "mastodon", "server": HOST, "handle": key, "name": key.capitalize()}
        for key in ("giulia", "marco")
    ]
    posts = [
        {
            "key": f"m{minute}",
            "by": people[minute % 2]["key"],
            "at": minute,
            "lang": "it",
            "text": f"{_text(minute)} #{TAG}",
            **({"reply_to": f"m{minute - 1}"} if minute % 5 else {}),
        }
        for minute in range(minutes)
    ]
    script = parse_script(
        {
            "title": "A talk",
            "start": start,
            "tag": TAG,
            "servers": [{"host": HOST, "family": "mastodon", "token_needed": False}],
            "people": people,
            "posts": posts,
        }
    )
    with Sandbox(script, now=EARLIER - 1, enforce_limits=False) as box:
        address = box.fediverse_url(HOST)
        source = {"platform": "mastodon", "name": HOST, "base_url": address, "homes": {HOST: address}, "every": every}
        config = workplace.make(folder, [{**source, "token_file": "server.key"}], policy)
        (folder / "server.key").write_text(box.tokens.fediverse[HOST].user, encoding="utf-8")
        yield Town(box, config)


def _text(minute: int) -> str:
    return f"Pensiero numero {minute:04d} sulle relazioni"
