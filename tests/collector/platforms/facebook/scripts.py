"""A Page with a discussion on it for this adapter's tests, and how its sandbox is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tagora.collector.contract import Cursor, Fetch, FreeMeter, Meter, Page, Query, Raw, Target
from tagora.collector.platforms.facebook import PLATFORM
from tagora.collector.platforms.facebook.config import FacebookConfig
from tagora.core.clock import ManualClock
from tagora.core.records import PostRef
from tagora.sandbox import Sandbox, Script, ids, parse_script
from tagora.sandbox.script import Network

PAGE = "1234567890"
FEED_PATH = f"/v26.0/{PAGE}/feed"


def script() -> Script:
    """An opener with 230 comments, seventy further posts, and what occurs in life."""
    posts: list[dict[str, Any]] = [
        {"key": "opener", "by": "page", "page": PAGE, "at": 5, "text": "Che tipo di networker sei?", "likes": 3},
        {"key": "first", "by": "anna", "at": 50, "text": "Sono 🐢 lenta #mmgCasnocha", "reply_to": "opener"},
        {"key": "reply", "by": "bruno", "at": 58, "text": "Anna Verdi hai ragione", "reply_to": "first"},
        {"key": "deleted", "by": "bruno", "at": 60, "text": "Poi lo tolgo", "reply_to": "opener", "deleted_at": 900},
        {"key": "hidden", "by": "bruno", "at": 61, "text": "Nascosto", "reply_to": "opener", "visibility": "hidden"},
        {"key": "untagged", "by": "page", "page": PAGE, "at": 70, "text": "Domani si parla d'altro"},
        {"key": "tagged-below", "by": "anna", "at": 80, "text": "Però #mmgCasnocha", "reply_to": "untagged"},
        {"key": "visitor", "by": "anna", "page": PAGE, "at": 90, "text": "Scrivo a @La Pagina per #mmgCasnocha"},
        {"key": "draft", "by": "page", "page": PAGE, "at": 95, "text": "Bozza", "visibility": "unpublished"},
        {"key": "edited", "by": "page", "page": PAGE, "at": 96, "text": "Prima",
         "edits": [{"at": 300, "text": "Dopo"}]},
        {"key": "gone", "by": "page", "page": PAGE, "at": 97, "text": "Via", "deleted_at": 700},
    ]  # fmt: skip
    posts += [
        {"key": f"c{n}", "by": ("anna", "bruno")[n % 2], "at": 100 + n, "text": f"Commento {n}", "reply_to": "opener"}
        for n in range(230)
    ]
    posts += [
        {"key": f"p{n}", "by": "page", "page": PAGE, "at": 400 + n, "text": f"Notizia {n} della settimana"}
        for n in range(70)
    ]
    return parse_script(
        {
            "title": "Test",
            "start": "2026-11-02T08:00:00Z",
            "tag": "mmgCasnocha",
            "servers": [],
            "pages": [{"id": PAGE, "name": "La Pagina", "url": "https://www.facebook.com/lapagina"}],
            "people": [
                {"key": "anna", "network": "facebook", "name": "Anna Verdi"},
                {"key": "bruno", "network": "facebook", "name": "Bruno Neri"},
            ],
            "posts": posts,
        }
    )


def id_of(box: Sandbox, key: str) -> str:
    return ids.facebook_id(box.script, box.script.post(key))


def target(box: Sandbox, key: str, *, url: bool = True) -> Target:
    post = box.script.post(key)
    address = ids.facebook_url(box.script, post) if url else None
    return Target(PostRef("facebook", id_of(box, key)), url=address)


def visible(box: Sandbox, *roots: str) -> set[str]:
    """The ids of what everybody may see now, by the script: everything, or these posts and what stands below."""
    script, minute = box.script, box.minute
    chosen = [post for post in script.of(Network.FACEBOOK) if not roots or script.root(post).key in roots]
    return {
        ids.facebook_id(script, post)
        for post in chosen
        if all(one.visibility == "public" and one.is_there(minute) for one in (post, script.root(post)))
    }


@contextmanager
def connected(box: Sandbox, token: str | None = None, meter: Meter | None = None, **settings: Any) -> Iterator[Fetch]:
    secrets: Mapping[str, str] = {"token": token or box.tokens.facebook.pages[PAGE]}
    with PLATFORM.connect(
        FacebookConfig(page=PAGE, **settings),
        secrets,
        ManualClock(box.now),
        box.graph_url,
        user_agent="tagora-test",
        meter=meter or FreeMeter(),
    ) as fetch:
        yield fetch


def pages(box: Sandbox, query: Query, cursor: Cursor | None = None, **settings: Any) -> list[Page]:
    with connected(box, **settings) as fetch:
        return list(fetch(query, cursor or Cursor()))


def raws(found: list[Page]) -> list[Raw]:
    return [raw for page in found for raw in page.items]


def native_ids(found: list[Page]) -> set[str]:
    return {raw.seen_as.native_id for raw in raws(found)}
