"""Somebody of whom nothing is held asks not to be collected: heard when posts come in, also after a restore."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tagora.app import forgetting, opting_out, withdrawals_file
from tagora.app.collecting import Withdrawals
from tagora.app.withdrawal_key import digest_with
from tagora.app.workplace import open_workplace
from tagora.core.errors import UsageError
from tagora.sandbox import Script
from tagora.storage import optouts
from tagora.storage.optouts import IN, OUT
from tagora.storage.store import Store
from tagora.storage.tombstones import Tombstone

from ..folder import Folder

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("@Anna", {("x", "@anna")}),
        ("https://twitter.com/Anna?lang=it", {("x", "@anna")}),
        ("@Anna@Mastodon.uno", {("activitypub", "@anna@mastodon.uno")}),
        ("anna@mastodon.uno", {("activitypub", "@anna@mastodon.uno")}),
        ("https://mastodon.uno/@anna", {("activitypub", "@anna@mastodon.uno")}),
        ("https://mastodon.uno/@anna@sociale.network", {("activitypub", "@anna@sociale.network")}),
        (
            "https://mastodon.uno/users/Anna",
            {("activitypub", "https://mastodon.uno/users/Anna"), ("activitypub", "@anna@mastodon.uno")},
        ),
        ("@anna.bsky.social", {("bluesky", "@anna.bsky.social")}),
        ("https://bsky.app/profile/Anna.bsky.social", {("bluesky", "@anna.bsky.social")}),
        ("https://bsky.app/profile/did:plc:abc", {("bluesky", "did:plc:abc")}),
    ],
)
def test_an_account_is_read_off_its_handle_or_its_page(written: str, names: set[tuple[str, str]]) -> None:
    assert set(opting_out.names_of(written)) == names


@pytest.mark.parametrize(
    "written", ["", "anna", "https://x.com/search", "https://x.com/anna/status/1", "@", "a b", "@a@"]
)
def test_what_names_no_account_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="names no account"):
        opting_out.names_of(written)


def test_the_last_word_holds_in_whatever_order_it_is_found(store: Store) -> None:
    digest = b"d" * 32
    out, back = Tombstone(NOON, OUT, digest), Tombstone(NOON + timedelta(hours=1), IN, digest)
    with store.writing() as connection:
        for noted in ([out], [out, out]):
            optouts.replay(connection, noted, NOON)
            assert [one.digest for one in optouts.every(connection)] == [digest]
        for noted in ([back, out], [out, back]):
            assert optouts.differing(noted, [out]) == ([], [digest])
        optouts.replay(connection, [back, out], NOON)
        assert optouts.every(connection) == []
        assert optouts.differing([out, back], []) == ([], [])


def test_who_asked_is_not_collected_and_is_known_again_after_a_restore(
    few: Script, folder: Callable[..., Folder]
) -> None:
    post = next(one for one in few.posts if one.key == "m2")
    person = next(one for one in few.people if one.key == post.by)
    handle = f"@{person.handle}@{person.server}"
    campaign = folder()
    done = campaign("optout", handle)
    assert (done.status, done.err) == (0, "")
    told = json.loads(campaign("collect", "--once", "--json").out)
    assert sum(one["refused"].get("optout", 0) for one in told["sources"]) > 0
    held = campaign("export").lines
    assert held and not [one for one in held if f"@{one['author']}" == handle]
    assert "something is held" in campaign("optout", f"@{held[0]['author']}").err
    noted = campaign.path / "var" / "withdrawals.txt"
    assert noted.is_file() and str(person.handle) not in noted.read_text(encoding="ascii")

    with open_workplace(campaign.file) as place, place.store.writing() as connection:
        digests = [one.digest for one in optouts.every(connection)]
        optouts.take_back(connection, digests)  # as in a copy from before
    with open_workplace(campaign.file) as place:
        forgetting.keep_in_step(place)
        with place.store.reading() as connection:
            assert [one.digest for one in optouts.every(connection)] == digests
            heard = Withdrawals(connection, digest_with(place.key))
            name = ("activitypub", handle.lower())
            assert heard([name, ("x", "@nobody")]) == {name: "optout"}
    assert campaign("optout", handle, "--take-back").status == 0
    assert campaign("optout", handle, "--take-back").status == 2
    assert {one.kind for one in withdrawals_file.read(noted)} == {IN}
    with open_workplace(campaign.file) as place:
        forgetting.keep_in_step(place)
        with place.store.reading() as connection:
            assert optouts.every(connection) == []
