"""Posts typed in: kept under their address, reviewed, published and withdrawn like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tagora.app import adding, versions
from tagora.app.workplace import open_workplace
from tagora.collector import by_hand
from tagora.core.clock import ManualClock
from tagora.review.web.surroundings import Typed
from tagora.sandbox import SMALL, FaultKind, Sandbox, Script, load_script
from tagora.storage.tables import campaign_post, note, payload, post

from ..folder import Folder

URL = "https://www.instagram.com/p/DBx4Yz/?igsh=MzRlODBiNWFlZA=="
SAME = "http://instagram.com/p/DBx4Yz"
ALLOWED = "Anna Verdi, by mail of 3 November 2026"
WORDS = ("--text", "Io ascolto, poi parlo #agoraTest https://a.example/x", "--date", "2026-11-02", "--author",
         "@annaverdi", "--permission", ALLOWED, "--by", "vera")  # fmt: skip


@pytest.fixture
def script() -> Script:
    return load_script(SMALL)


@pytest.fixture
def box(script: Script) -> Iterator[Sandbox]:
    with Sandbox(script, now=1_000, enforce_limits=False) as box:
        yield box


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "PAUSE", 0)


@pytest.fixture
def mine(folder: Callable[..., Folder]) -> Folder:
    return folder(policy="review_first", only=["x"])


def queue(campaign: Folder) -> list[dict[str, Any]]:
    return campaign("list", "--json", "--limit", "500").json["posts"]


def pages(campaign: Folder) -> str:
    """All written pages, one after the other."""
    campaign("build")
    return b"\n".join(page for name, page in campaign.site().items() if name.endswith(".html")).decode("utf-8")


def test_a_typed_post_waits_and_is_published_with_a_link_to_the_original(mine: Folder) -> None:
    answer = mine("add", URL, *WORDS)
    assert (answer.status, answer.err) == (0, "")
    assert "added, pending" in answer.out
    (found,) = queue(mine)
    assert found["url"] == "https://www.instagram.com/p/DBx4Yz/", "without what its sharing left in the address"
    assert (found["via"], found["network"]) == ("tag", "instagram.com")
    assert "Io ascolto" not in pages(mine)

    mine("approve", str(found["post"]))
    site = pages(mine)
    assert "Io ascolto, poi parlo" in site
    assert 'href="https://www.instagram.com/p/DBx4Yz/"' in site
    assert "annaverdi" in site and "instagram.com" in site


def test_the_permission_is_a_note_for_moderators_and_stands_nowhere_else(mine: Folder) -> None:
    number = mine("add", URL, *WORDS, "--json").json["post"]
    mine("approve", str(number))
    assert ALLOWED in mine("show", str(number)).out
    assert ALLOWED not in pages(mine)
    assert ALLOWED not in mine("export").out
    with open_workplace(mine.file) as place, place.store.reading() as connection:
        assert connection.execute(select(note.c.text, note.c.by)).all() == [(ALLOWED, "vera")]


def test_no_author_need_be_named(mine: Folder) -> None:
    words = ("--text", "Senza nome", "--date", "2026-11-02T10:00", "--permission", ALLOWED)
    number = mine("add", "https://www.linkedin.com/posts/x_y-activity-7", *words, "--json").json["post"]
    mine("approve", str(number))
    assert "Senza nome" in pages(mine)


def test_the_same_typed_again_under_another_spelling_of_the_address_is_known(mine: Folder) -> None:
    first = mine("add", URL, *WORDS, "--json").json
    again = mine("add", SAME, *WORDS, "--json").json
    assert again == first | {"known": True}
    assert mine("add", SAME, "--json").json == first | {"known": True}, "what is there need not be typed again"
    with open_workplace(mine.file) as place, place.store.reading() as connection:
        assert len(connection.execute(select(payload.c.id)).all()) == 1
        assert len(connection.execute(select(note.c.id)).all()) == 1


def test_typed_again_in_other_words_it_goes_back_to_review(mine: Folder, now: ManualClock, box: Sandbox) -> None:
    number = mine("add", URL, *WORDS, "--json").json["post"]
    mine("approve", str(number))
    assert "Io ascolto" in pages(mine)
    now.set(box.set_time(1_100))
    answer = mine("add", SAME, *WORDS, "--text", "Io parlo, poi ascolto", "--date", "2026-11-01")
    assert f"#{number} in talk: typed in anew, pending" in answer.out
    assert "Io ascolto" not in pages(mine), "what was approved is no longer what it says"
    assert [one["text"] for one in queue(mine)] == ["Io parlo, poi ascolto"]
    with open_workplace(mine.file) as place:
        told = [one.text for one in versions.versions(place.store, number)]
    assert told == ["Io ascolto, poi parlo #agoraTest https://a.example/x", "Io parlo, poi ascolto"]


@pytest.mark.parametrize("spelling", [URL, SAME, "https://www.instagram.com/p/DBx4Yz/", "@annaverdi"])
def test_it_is_withdrawn_by_its_address_or_its_author_and_stays_away(mine: Folder, spelling: str) -> None:
    number = mine("add", URL, *WORDS, "--json").json["post"]
    mine("approve", str(number))
    pages(mine)
    assert mine("forget", spelling, "--yes").status == 0
    files = [file for file in Path(mine.path).rglob("*") if file.is_file() and file.suffix != ".key"]
    for words in (b"Io ascolto", b"annaverdi", b"DBx4Yz", ALLOWED.encode()):
        assert [file.name for file in files if words in file.read_bytes()] == []
    for address in (URL, SAME):
        answer = mine("add", address, *WORDS)
        assert answer.status == 2
        assert "it was withdrawn here" in answer.err
    if spelling.startswith("@"):
        assert "its author was" in mine("add", "https://instagram.com/p/other", *WORDS).err


@pytest.mark.parametrize(
    "missing, sentence",
    [
        ("--text", "what the post says is missing"),
        ("--date", "the date is missing"),
        ("--permission", "nobody is named who allowed the post to be shown"),
    ],
)
def test_what_is_missing_is_asked_for(mine: Folder, missing: str, sentence: str) -> None:
    at = WORDS.index(missing)
    answer = mine("add", URL, *WORDS[:at], *WORDS[at + 2 :])
    assert answer.status == 2
    assert sentence in answer.err


@pytest.mark.parametrize("date", ["tomorrow", "2031-01-01", "1889-01-01", "12/11/2026"])
def test_a_date_that_cannot_be_is_refused(mine: Folder, date: str) -> None:
    answer = mine("add", URL, *WORDS, "--date", date)
    assert answer.status == 2
    assert "date" in answer.err
    assert queue(mine) == []


@pytest.mark.parametrize("key", ["x4", "x12"])
def test_what_its_network_does_not_show_cannot_be_typed_in(mine: Folder, box: Sandbox, key: str) -> None:
    answer = mine("add", box.post_url(key), *WORDS)
    assert answer.status == 2
    assert "was not added: its network" in answer.err
    assert queue(mine) == []


def test_what_its_network_tells_goes_before_what_was_typed(mine: Folder, box: Sandbox) -> None:
    mine("add", box.post_url("x8"), *WORDS)
    assert [one["text"] for one in queue(mine)] == ["Good morning, world!"]
    with open_workplace(mine.file) as place, place.store.reading() as connection:
        assert connection.execute(select(note.c.id)).all() == [], "nothing that was typed is kept"
    mine("add", box.post_url("x8"), *WORDS)
    assert [one["text"] for one in queue(mine)] == ["Good morning, world!"]


def test_what_was_typed_while_the_network_failed_becomes_what_it_tells_later(
    mine: Folder, box: Sandbox, now: ManualClock
) -> None:
    box.fault(FaultKind.SERVER_ERROR, count=None)
    number = mine("add", box.post_url("x1"), *WORDS, "--json").json["post"]
    mine("approve", str(number))
    box.clear_faults()
    now.set(box.set_time(1_100))
    mine("collect", "--now")
    (found,) = [one for one in queue(mine) if one["post"] == number]
    assert found["url"] == box.post_url("x1")
    assert found["text"].startswith("🎉🎉 Pazienza"), "the same post, its network's words, back in review"


def test_hostile_words_are_kept_harmless(mine: Folder) -> None:
    hostile = '<script>alert(1)</script> javascript:alert(1) \x00\ud800 "><img src=x>'
    with open_workplace(mine.file) as place:
        words = Typed(hostile, place.clock.now(), ALLOWED, author="<b>Eva</b>", title="</title><script>")
        number = adding.add(place, "talk", "https://a.example/<x>".replace("<x>", "x"), "vera", words).post_id
    mine("approve", str(number))
    site = pages(mine)
    assert "<script>alert(1)" not in site and "<img src=x" not in site and "<b>Eva" not in site
    assert "&lt;script&gt;alert(1)" in site


def test_a_typed_post_of_no_campaign_s_source_is_nobody_s_to_ask(mine: Folder) -> None:
    mine("add", URL, *WORDS)
    with open_workplace(mine.file) as place, place.store.reading() as connection:
        assert connection.execute(select(campaign_post.c.source_id, campaign_post.c.via)).all() == [(None, "tag")]
        assert connection.execute(select(post.c.origin)).all() == [("instagram.com",)]
