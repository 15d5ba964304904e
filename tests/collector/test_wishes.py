"""Each row of the table of wishes, as its network says it, from the raw item to admission."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tagora.collector import registry
from tagora.collector.admission import Admitted, Policy, Refused, admit
from tagora.collector.platforms.feed.items import raws
from tagora.collector.platforms.feed.reading import read
from tagora.core.records import Sighting
from tagora.core.wishes import TABLE, Kept

from .platforms.golden import read_raw

GOLDEN = Path(__file__).parent / "platforms"


def mastodon(**account: Any) -> Sighting:
    raw = read_raw(GOLDEN / "mastodon" / "golden" / "author-asks-to-be-left-alone.wire.json")
    plain = {"noindex": False, "indexable": True, "note": "<p>Gardens.</p>", "limited": False}
    body = {**raw.body, "account": {**raw.body["account"], **plain, **account}}
    return registry.load("mastodon").to_sightings(dataclasses.replace(raw, body=body))[0]


def bluesky(*, account: tuple[str, ...] = (), post: tuple[str, ...] = (), taken_back: bool = False) -> Sighting:
    raw = read_raw(GOLDEN / "bluesky" / "golden" / "several-languages.wire.json")
    body = json.loads(json.dumps(raw.body))
    body["author"]["labels"] = [{"val": label, "neg": taken_back} for label in account]
    body["labels"] = [{"val": label} for label in post]
    return registry.load("bluesky").to_sightings(dataclasses.replace(raw, body=body))[0]


def feed(channel: str) -> Sighting:
    body = f"""<rss version="2.0" xmlns:access="http://www.bloglines.com/about/specs/fac-1.0"
        xmlns:xhtml="http://www.w3.org/1999/xhtml"><channel><title>Notes</title>{channel}<item><guid>1</guid>
        <title>One</title><pubDate>Mon, 02 Nov 2026 08:30:00 +0100</pubDate></item></channel></rss>"""
    document = read(body.encode(), "application/rss+xml", "https://blog.example/feed")
    (raw,) = raws(document, "blog.example", {"blog.example"}, datetime(2026, 11, 3, tzinfo=UTC), text="excerpt")
    return registry.load("feed").to_sightings(raw)[0]


SAID: Mapping[tuple[str, str], list[Sighting]] = {
    ("Mastodon", "noindex"): [mastodon(noindex=True)],
    ("Mastodon", "not_indexable"): [mastodon(indexable=False)],
    ("Mastodon", "nobot"): [
        mastodon(note="<p>#<span>NoBot</span> per favore</p>"),
        mastodon(note="#nobots!"),
        mastodon(note="roses, #noarchive"),
        mastodon(fields=[{"name": "please", "value": "#noindex"}]),
    ],
    ("Mastodon", "limited"): [mastodon(limited=True)],
    ("Mastodon", "suspended"): [mastodon(suspended=True)],
    ("Bluesky", "no_unauthenticated"): [
        bluesky(account=("!no-unauthenticated",)),
        bluesky(post=("!no-unauthenticated",)),
    ],
    ("Bluesky", "suspended"): [bluesky(account=(label,)) for label in ("!hide", "!takedown", "!suspend")],
    ("Feeds", "noindex"): [
        feed('<xhtml:meta name="robots" content="noindex, nofollow"/>'),
        feed('<xhtml:meta name="ROBOTS" content="NONE"/>'),
        feed('<access:restriction relationship="deny"/>'),
    ],
}


def verdict(sighting: Sighting, *also_refuse: str) -> str:
    policy = Policy(frozenset(), by_hand=frozenset({sighting.post.ref}), also_refuse=frozenset(also_refuse))
    (one,) = admit([sighting], policy, {}, {}, {})
    assert isinstance(one, Admitted | Refused)
    return one[1]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.network}-{row.name}")
def test_a_wish_is_heard_and_kept_at_admission(row: Any) -> None:
    for sighting in SAID[row.network, row.name]:
        assert sighting.post.author is not None
        assert sighting.post.author.wishes == (row.name,)
        assert verdict(sighting) == ("wish" if row.kept is Kept.REFUSED else "hand")
        assert verdict(sighting, row.name) == "wish"


@pytest.mark.parametrize(
    "sighting",
    [
        mastodon(),
        mastodon(note="<p>I write #nobotany and #noindexing.</p>"),
        mastodon(noindex=None, indexable=None, limited="yes"),
        bluesky(account=("!no-unauthenticated",), taken_back=True),
        bluesky(account=("!warn", "spam")),
        feed('<xhtml:meta name="robots" content="nofollow"/><access:restriction relationship="allow"/>'),
    ],
)
def test_who_asks_nothing_is_collected(sighting: Sighting) -> None:
    assert sighting.post.author is not None
    assert sighting.post.author.wishes == ()
    assert verdict(sighting) == "hand"
