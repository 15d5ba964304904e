"""Troubles as they come about: through the real collectors, against the networks in a box, told as people read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tagora.core.clock import ManualClock
from tagora.sandbox import Sandbox

from ...folder import Folder

DAY = timedelta(days=1)


def told(folder: Folder, kind: str) -> str | None:
    """The one trouble of this kind, as `tagora status` says it."""
    found = [one for one in folder("status", "--json").json["troubles"] if one["kind"] == kind]
    assert len(found) <= 1
    return " ".join((found[0]["what"], found[0]["loss"], found[0]["repair"])) if found else None


def test_a_budget_that_ends_rests_until_the_month_does_and_says_how_much_was_used(
    folder: Callable[..., Folder], now: ManualClock, box: Sandbox
) -> None:
    mine = folder(only=("x",))
    mine.config["accounts"]["x-main"]["budget"] = {"usd_per_month": 0.12}
    mine.write()
    mine("collect", "--once")
    words = told(mine, "budget ended")
    assert words is not None and words.startswith("X rests until Tue 1 Dec, 01:00: $0.")
    assert "of $0.12 used this month. Nothing held is lost; it goes on by itself then." in words
    assert "raise `budget:` of x-main" in words
    assert told(mine, "source fails") is None, "resting is no failing"
    now.advance(timedelta(days=40))
    assert told(mine, "budget ended") is None


def test_a_cancelled_facebook_key_is_told_until_it_is_renewed(
    folder: Callable[..., Folder], now: ManualClock, box: Sandbox
) -> None:
    mine = folder(only=("facebook",))
    mine.campaign["sources"] = mine.campaign["sources"][:1]
    mine.write()
    key = next(mine.path.glob("[0-9]*.key"))
    right = key.read_text(encoding="utf-8")
    assert mine("collect", "--now").status == 0 and told(mine, "key refused") is None
    key.write_text("EAAcancelled", encoding="utf-8")
    mine("collect", "--now")
    words = told(mine, "key refused")
    assert words is not None and words.startswith("Facebook stopped answering on ")
    assert words.endswith(
        "Nothing held is lost; what was written since then is fetched once you renew the key. "
        "Renew the key: tagora connect facebook"
    )
    assert "EAAcancelled" not in words
    key.write_text(right, encoding="utf-8")
    assert told(mine, "key refused") is None, "a new key is noticed"
    assert mine("collect", "--now").status == 0


def test_a_network_that_forgets_is_told_before_it_does_and_the_hole_afterwards(
    folder: Callable[..., Folder], now: ManualClock, box: Sandbox
) -> None:
    mine = folder(only=("x",))
    assert mine("collect", "--now").status == 0
    assert told(mine, "window closing") is None
    now.advance(5.5 * DAY)
    words = told(mine, "window closing")
    assert words is not None and "X no longer gives what was posted before and has not been read yet" in words
    assert "tagora collect --now --source talk/x" in words
    now.advance(3 * DAY)
    assert mine("collect", "--now").status == 0
    words = told(mine, "hole")
    assert words is not None and words.startswith("What was posted on X between ")
    assert told(mine, "window closing") is None
    closed = mine("close", "talk", "--yes")
    assert closed.status == 0
    now.advance(6 * DAY)
    assert told(mine, "window closing") is None, "of a closed campaign nothing new is wanted"
