"""What a post said over time: real edits in the networks in a box, and what is damaged left out."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, update

from tagora.app.versions import versions
from tagora.app.workplace import open_workplace
from tagora.core.clock import ManualClock
from tagora.core.records import PostRef
from tagora.sandbox import SMALL, Sandbox, Script, load_script
from tagora.storage.ingest import Incoming, store_page
from tagora.storage.store import Store
from tagora.storage.tables import payload, post, sighting

from ..folder import Folder
from ..make import NOON, author
from ..make import post as make_post
from ..make import sighting as make_sighting

EDITED = {
    "mastodon": ("m4", (72, 100, 300), ["Io no.", "Io no, mai.", "Io no, quasi mai."]),
    "x": ("x7", (122, 130, 200), ["Refuso #agoraTest", "Refuzo corretto #agoraTest", "Refuso corretto #agoraTest"]),
    "facebook": ("f12", (500, 700), ["Il calendario di novembre", "Il calendario di novembre e dicembre"]),
}


@pytest.fixture
def script() -> Script:
    return load_script(SMALL)


@pytest.fixture
def box(script: Script) -> Iterator[Sandbox]:
    with Sandbox(script, enforce_limits=False) as box:
        yield box


@pytest.mark.parametrize("network", EDITED)
def test_every_version_that_was_seen_is_told_the_oldest_first(
    network: str, folder: Callable[..., Folder], box: Sandbox, now: ManualClock
) -> None:
    key, minutes, texts = EDITED[network]
    now.set(box.set_time(minutes[0]))
    campaign = folder(only=[network])
    number = campaign("add", box.post_url(key), "--json").json["post"]
    for minute in minutes[1:]:
        now.set(box.set_time(minute))
        assert campaign("collect", "--now").status == 0
        assert campaign("collect", "--now").status == 0  # twice: seeing the same again is no version
    with open_workplace(campaign.file) as place:
        told = versions(place.store, number)
    assert [one.text for one in told] == texts
    assert [one.seen_at for one in told] == sorted(one.seen_at for one in told)
    if network != "facebook":  # which tells no time of an edit
        assert told[0].edited_at is None
        assert [one.edited_at for one in told[1:]] == [box.script.time(e.at) for e in box.script.post(key).edits]


def test_a_post_that_never_changed_has_one_version_and_an_unknown_one_none(
    folder: Callable[..., Folder], box: Sandbox, now: ManualClock
) -> None:
    now.set(box.set_time(100))
    campaign = folder(only=["x"])
    number = campaign("add", box.post_url("x1"), "--json").json["post"]
    with open_workplace(campaign.file) as place:
        (only,) = versions(place.store, number)
        assert only.text.startswith("🎉🎉 Pazienza")
        assert versions(place.store, 999) == []


@pytest.mark.parametrize(
    "damage",
    [b"", b"no zip", zlib.compress(b"{"), zlib.compress(b"[1]"), zlib.compress(b'{"veiled":true}'),
     zlib.compress(b'{"body":{"id":7},"context":{}}'), zlib.compress(b"[" * 100_000)],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out(
    damage: bytes, folder: Callable[..., Folder], box: Sandbox, now: ManualClock
) -> None:
    key, minutes, texts = EDITED["facebook"]
    now.set(box.set_time(minutes[0]))
    campaign = folder(only=["facebook"])
    number = campaign("add", box.post_url(key), "--json").json["post"]
    now.set(box.set_time(minutes[1]))
    campaign("collect", "--now")
    with open_workplace(campaign.file) as place:
        with place.store.writing() as connection:
            of_it = select(sighting.c.id).where(sighting.c.post_id == number)
            connection.execute(update(payload).where(payload.c.sighting_id.in_(of_it)).values(body=damage))
        assert [one.text for one in versions(place.store, number)] == texts[-1:], "what it says now is always there"


def test_only_the_word_of_who_is_believed_most_is_told(sqlite_store: Store) -> None:
    """A neighbour server's copy lags behind, or lies: it is no version."""
    home = b'{"body":{"id":"1","uri":"https://a.example/users/anna/statuses/1","created_at":"2026-11-23T12:00:00Z",'
    home += b'"content":"home","visibility":"public"},"context":{"own":true}}'
    rumour = home.replace(b'"home"', b'"rumour"')
    said = {
        ("activitypub@a.example", 3): (home, "home"),
        ("activitypub@b.example", 1): (rumour, "rumour"),
    }
    items = [
        Incoming(
            make_sighting(
                make_post(PostRef("activitypub", "https://a.example/users/anna/statuses/1"), text, author=author()),
                seen_as=PostRef(origin, "1"),
                authority=authority,
            ),
            "mastodon",
            "statuses",
            body,
            1,
        )
        for (origin, authority), (body, text) in said.items()
    ]
    with sqlite_store.writing() as connection:
        store_page(connection, items, NOON)
        number = connection.execute(select(post.c.id)).scalar_one()
    assert [one.text for one in versions(sqlite_store, number)] == ["home"]
