"""A discussion for this adapter's tests, and how its sandbox is reached."""

from __future__ import annotations

from typing import Any

from tagora.collector.contract import Target
from tagora.collector.platforms.mastodon.address import local_ref
from tagora.collector.platforms.mastodon.config import MastodonConfig
from tagora.core.records import PostRef
from tagora.sandbox import ids
from tagora.sandbox.script import Script
from tagora.sandbox.script_file import parse_script
from tagora.sandbox.server import Sandbox

HOST = "mastodon.uno"
NEIGHBOUR = "mastodon.social"


def config(box: Sandbox, **settings: Any) -> MastodonConfig:
    homes = {server.host: box.fediverse_url(server.host) for server in box.script.servers}
    return MastodonConfig(homes=homes, **settings)


def target_of(box: Sandbox, key: str, seen_at: str | None = HOST) -> Target:
    """A scripted post as the store would ask for it, known by its uri and by its id on `seen_at`."""
    post = box.script.post(key)
    seen_as = (local_ref(seen_at, box.world.local_id(seen_at, post)),) if seen_at else ()
    return Target(uri_of(box, key), seen_as, ids.fediverse_url(box.script, post))


def uri_of(box: Sandbox, key: str) -> PostRef:
    return PostRef("activitypub", ids.fediverse_uri(box.script, box.script.post(key)))


def reply(key: str, by: str, at: int, text: str, to: str = "question", **more: Any) -> dict[str, Any]:
    return {"key": key, "by": by, "at": at, "text": text, "reply_to": to, **more}


def script(further: int = 90) -> Script:
    """A question with replies on four servers, `further` tagged posts, and what occurs in life."""
    here: dict[str, Any] = {"seen_on": [HOST]}
    posts: list[dict[str, Any]] = [
        {
            "key": "question",
            "by": "giulia",
            "at": 10,
            "text": "Che rete siete? 🌐 #mmgCasnocha\n\nhttps://example.org/a/long/path/to/an/article",
            "seen_on": [NEIGHBOUR, "sociale.example"],
            "likes": 3,
        },
        reply("answer", "marco", 20, "@giuliar@mastodon.uno Una rete lenta.", **here),
        reply("only-at-home", "giulia", 25, "E perché lenta?", "answer"),
        reply("ulid", "sara", 30, "Da un altro server #mmgCasnocha", **here),
        reply("flake", "pia", 31, "Da Pleroma #mmgCasnocha", **here),
        reply("only-next-door", "marco", 40, "Lo penso ancora.", "answer"),
        reply("unlisted", "giulia", 41, "Piano #mmgCasnocha", visibility="unlisted"),
        reply("private", "giulia", 42, "Per pochi #mmgCasnocha", visibility="private"),
        reply("direct", "giulia", 43, "@marcob@mastodon.social solo a te", "answer", visibility="direct"),
        {"key": "quoting", "by": "marco", "at": 50, "text": "Guardate", "quote_of": "question", **here},
        {
            "key": "edited",
            "by": "giulia",
            "at": 60,
            "text": "Prima #mmgCasnocha",
            "edits": [{"at": 90, "text": "Dopo #mmgCasnocha"}],
        },
        {"key": "deleted", "by": "giulia", "at": 61, "text": "Via #mmgCasnocha", "deleted_at": 95},
    ]
    posts += [
        {
            "key": f"p{n}",
            "by": "giulia" if n % 3 else "marco",
            "at": 100 + n,
            "text": f"Risposta {n} #mmgCasnocha",
            "seen_on": [HOST] if n % 3 == 0 else [],
        }
        for n in range(further)
    ]
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
