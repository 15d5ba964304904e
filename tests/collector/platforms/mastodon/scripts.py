"""A discussion for this adapter's tests, and how its sandbox is reached."""

from __future__ import annotations

from typing import Any

from tagora.collector.platforms.mastodon.config import MastodonConfig
from tagora.sandbox.script import Script, parse_script
from tagora.sandbox.server import Sandbox

HOST = "mastodon.uno"
NEIGHBOUR = "mastodon.social"


def config(box: Sandbox, **settings: Any) -> MastodonConfig:
    homes = {server.host: box.fediverse_url(server.host) for server in box.script.servers}
    return MastodonConfig(homes=homes, **settings)


def script() -> Script:
    """A question with replies on four servers, ninety further tagged posts, and what occurs in life."""
    posts: list[dict[str, Any]] = [
        {"key": "question", "by": "giulia", "at": 10, "text": "Che rete siete? 🌐 #mmgCasnocha\n\nhttps://example.org/a/long/path/to/an/article",
         "seen_on": ["mastodon.social", "sociale.example"], "likes": 3},
        {"key": "answer", "by": "marco", "at": 20, "text": "@giuliar@mastodon.uno Una rete lenta.", "reply_to": "question", "seen_on": [HOST]},
        {"key": "only-at-home", "by": "giulia", "at": 25, "text": "E perché lenta?", "reply_to": "answer"},
        {"key": "ulid", "by": "sara", "at": 30, "text": "Da un altro server #mmgCasnocha", "reply_to": "question", "seen_on": [HOST]},
        {"key": "flake", "by": "pia", "at": 31, "text": "Da Pleroma #mmgCasnocha", "reply_to": "question", "seen_on": [HOST]},
        {"key": "only-next-door", "by": "marco", "at": 40, "text": "Lo penso ancora.", "reply_to": "answer"},
        {"key": "unlisted", "by": "giulia", "at": 41, "text": "Piano #mmgCasnocha", "reply_to": "question", "visibility": "unlisted"},
        {"key": "private", "by": "giulia", "at": 42, "text": "Per pochi #mmgCasnocha", "reply_to": "question", "visibility": "private"},
        {"key": "direct", "by": "giulia", "at": 43, "text": "@marcob@mastodon.social solo a te", "reply_to": "answer", "visibility": "direct"},
        {"key": "quoting", "by": "marco", "at": 50, "text": "Guardate", "quote_of": "question", "seen_on": [HOST]},
        {"key": "edited", "by": "giulia", "at": 60, "text": "Prima #mmgCasnocha", "edits": [{"at": 90, "text": "Dopo #mmgCasnocha"}]},
        {"key": "deleted", "by": "giulia", "at": 61, "text": "Via #mmgCasnocha", "deleted_at": 95},
    ]  # fmt: skip
    posts += [
        {"key": f"p{n}", "by": "giulia" if n % 3 else "marco", "at": 100 + n, "text": f"Risposta {n} #mmgCasnocha",
         "seen_on": [HOST] if n % 3 == 0 else []}
        for n in range(90)
    ]  # fmt: skip
    return parse_script(
        {
            "title": "Test",
            "start": "2026-11-02T08:00:00Z",
            "tag": "mmgCasnocha",
            "servers": [
                {"host": HOST},
                {"host": NEIGHBOUR},
                {"host": "sociale.example", "family": "gotosocial", "token_needed": True},
                {"host": "pleroma.example", "family": "pleroma"},
            ],
            "pages": [],
            "people": [
                {"key": "giulia", "network": "mastodon", "server": HOST, "handle": "giuliar", "name": "Giulia R."},
                {"key": "marco", "network": "mastodon", "server": NEIGHBOUR, "handle": "marcob", "name": "Marco B."},
                {"key": "sara", "network": "mastodon", "server": "sociale.example", "handle": "sara", "name": "Sara"},
                {"key": "pia", "network": "mastodon", "server": "pleroma.example", "handle": "pia", "name": "Pia"},
            ],
            "posts": posts,
        }
    )
