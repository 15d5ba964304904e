"""`tagora close`: what it costs is shown first; then the tags rest, the conversations cool, and each network ends as
its source says. A person may withdraw at any time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tagora.app.closing import close
from tagora.app.rebuilding import Rebuilder
from tagora.app.workplace import open_workplace
from tagora.core.clock import ManualClock
from tagora.sandbox import Sandbox
from tagora.storage import campaigns
from tagora.storage.campaigns import CampaignSeed
from tagora.storage.store import Store

from ..folder import Folder


@pytest.fixture
def mine(folder: Callable[..., Folder], now: ManualClock) -> Folder:
    """A folder that keeps X's posts and removes Facebook's, after its first round."""
    made = folder(only=("x", "facebook"))
    for one in made.campaign["sources"]:
        one["after_end"] = "remove" if one["platform"] == "facebook" else "keep"
    made.write()
    assert made("collect", "--once").status == 0
    return made


def site(folder: Folder) -> str:
    assert folder("build").status == 0
    out: Path = folder.path / "site"
    files = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert folder("build", "--full").status == 0
    assert {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()} == files
    return "\n".join(content.decode() for content in files.values())


def texts(folder: Folder, platform: str) -> list[str]:
    return [
        one["text"]
        for one in folder("export", "--status", "approved").lines
        if one["platform"] == platform and one["text"].isascii() and "&" not in one["text"]
    ]


def test_what_each_way_costs_a_year_is_told_and_nothing_done_without_a_yes(mine: Folder) -> None:
    told = mine("close", "talk")
    assert told.status == 0
    lines = told.out.splitlines()
    assert lines[0] == "Closing talk:"
    table = {line.split()[0]: line.split() for line in lines if line.startswith(("  X", "  Facebook"))}
    assert table["X"][2] == "keep" and table["X"][3].startswith("$")
    assert table["Facebook"][2] == "remove" and table["Facebook"][4].startswith("call")
    assert table["X"][-2:] == table["Facebook"][-2:] == ["nothing", "nothing"]
    assert "Nothing was done" in told.out
    assert mine("close", "--json").json["closed"] is False
    assert mine("status", "--json").json["campaigns"][0]["closed_at"] is None


def test_the_yearly_cost_is_that_of_looking_up_what_is_published_after_the_two_weeks(mine: Folder) -> None:
    by_network = {one["network"]: one for one in mine("close", "talk", "--json").json["networks"]}
    x = by_network["X"]
    assert x["published"] == len(
        [one for one in mine("export", "--status", "approved").lines if one["platform"] == "x"]
    )
    weekly, monthly = (91 - 14) / 7, (365 + 14 - 91) / 30
    most = x["published"] * (weekly + monthly) * 0.015
    assert 0.8 * most <= x["yearly"]["keep"]["usd"] <= 1.01 * most
    assert by_network["Facebook"]["yearly"]["keep"]["usd"] == 0 < by_network["Facebook"]["yearly"]["keep"]["calls"]
    assert x["yearly"]["remove"] == x["yearly"]["links_only"] == {"usd": 0, "calls": 0}


def test_a_closed_campaign_cools_ends_and_can_be_opened_again(mine: Folder, box: Sandbox, now: ManualClock) -> None:
    on_x, on_facebook = texts(mine, "x"), texts(mine, "facebook")
    assert on_x and on_facebook
    assert "close" not in mine("status").out
    assert mine("close", "talk", "--yes").status == 0
    assert "closed on" in mine("status").out
    told = site(mine)
    day = f"{now.now():%-d}"
    assert f"Questa raccolta è stata chiusa il {day} " in told
    assert all(text in told for text in (*on_x, *on_facebook)), "nothing else changes for two weeks"

    now.advance(timedelta(days=1))
    before = len(box.requests)
    mine("collect", "--once")
    paths = [str(request) for request in box.requests[before:]]
    assert any("conversation_id" in path for path in paths)
    assert not any("%23" in path or "#" in path for path in paths), "no tag is searched"

    now.advance(timedelta(days=14))
    mine("collect", "--once")
    told = site(mine)
    assert all(text in told for text in on_x)
    assert not any(text in told for text in on_facebook)
    assert "bare link" not in mine("status").out

    shown = next(one for one in mine("export", "--status", "approved").lines if one["platform"] == "x")
    assert mine("forget", shown["url"], "--yes").status == 0, "withdrawal goes on working"
    assert shown["text"] not in site(mine)

    assert mine("close", "talk", "--undo").status == 0
    before = len(box.requests)
    mine("collect", "--once")
    assert any("%23" in str(request) or "#" in str(request) for request in box.requests[before:])
    told = site(mine)
    assert "è stata chiusa" not in told
    assert all(text in told for text in on_facebook)


def test_links_only_leaves_the_address_and_nothing_of_the_author(
    folder: Callable[..., Folder], now: ManualClock
) -> None:
    mine = folder(only=("x",))
    mine.campaign["sources"][0]["after_end"] = "links_only"
    mine.write()
    mine("collect", "--once")
    posts = [one for one in mine("export", "--status", "approved").lines if one["platform"] == "x"]
    mine("close", "--yes")
    now.advance(timedelta(days=15))
    told = site(mine)
    for one in posts:
        assert f"https://x.com/i/status/{one['url'].rpartition('/')[2]}" in told
        assert f"@{one['author']}" not in told
    assert "di questo post resta solo il link" in told
    now.advance(timedelta(days=60))
    calls = mine("collect", "--once", "--json").json
    assert "bare link" not in mine("status").out, "nobody looks them up, and nobody misses it"
    assert calls


def test_closing_twice_counts_once_and_opening_what_is_open_does_nothing(mine: Folder, now: ManualClock) -> None:
    mine("close", "--yes")
    first = mine("close", "--json").json
    now.advance(timedelta(days=3))
    assert mine("close", "--yes", "--json").json["closed_on"] == first["closed_on"]
    assert mine("close", "--undo", "--json").json == {
        "campaign": "talk", "closed": False, "was_closed_on": first["closed_on"],
    }  # fmt: skip
    assert "not closed" in mine("close", "--undo").out


def test_a_closing_day_that_passed_is_told_by_check_and_switches_nothing_off(
    mine: Folder, box: Sandbox, now: ManualClock
) -> None:
    invitation: Any = mine.path / "invitation.md"
    invitation.write_text(invitation.read_text(encoding="utf-8").replace("date:", "closes: 2020-01-01\ndate:"), "utf-8")
    assert "its invitation closed on 2020-01-01" in mine("check", "--offline").out
    now.advance(timedelta(days=1))
    before = len(box.requests)
    mine("collect", "--once")
    assert any("%23" in str(request) or "#" in str(request) for request in box.requests[before:])
    mine("close", "--yes")
    assert "its invitation closed" not in mine("check", "--offline").out


def test_under_tagora_run_the_site_follows_closing_ending_and_what_could_not_be_looked_up(
    mine: Folder, now: ManualClock
) -> None:
    rebuilder = Rebuilder()
    with open_workplace(mine.file, now) as place:
        assert rebuilder.look(place) is not None
        assert rebuilder.look(place) is None
        close(place, "talk")
        assert rebuilder.look(place) is not None
        assert rebuilder.look(place) is None
        now.advance(timedelta(days=14))
        assert rebuilder.look(place) is not None
        text = "\n".join(path.read_text("utf-8") for path in place.site_folder.rglob("*.html"))
        assert "è solo il link" in text, "nobody looked X's posts up for two weeks"
        assert rebuilder.look(place) is None


def test_the_store_knows_since_when(store: Store, clock: ManualClock) -> None:
    with store.writing() as connection:
        ids = campaigns.sync(connection, [CampaignSeed("c", "review_first", ())], clock.now())["c"]
        campaigns.close(connection, ids.campaign_id, clock.now())
        first = clock.now()
        clock.advance(timedelta(days=1))
        campaigns.close(connection, ids.campaign_id, clock.now())
        assert campaigns.closed_at(connection, ids.campaign_id) == first
        campaigns.reopen(connection, ids.campaign_id, clock.now())
        assert campaigns.closed_at(connection, ids.campaign_id) is None
