"""`tagora check` tells what looking again at published posts will take, and whether the ceiling suffices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tagora.core.clock import ManualClock

from ..folder import Folder


def words(folder: Folder, *more: str) -> list[tuple[str, str, str]]:
    found: list[dict[str, Any]] = folder("check", "--offline", "--json").json["findings"]
    return [(one["level"], one["about"], one["words"]) for one in found if one["about"].startswith("talk/")]


def test_calls_and_money_are_told_per_day_month_and_year_for_what_is_published(
    folder: Callable[..., Folder], now: ManualClock
) -> None:
    mine = folder(only=("x",))
    assert words(mine) == [], "nothing is held yet"
    assert mine("collect", "--once").status == 0
    published = len(mine("list", "--status", "approved", "--limit", "100", "--json").json["posts"])
    assert published
    ((level, about, told),) = words(mine)
    assert (level, about) == ("ok", "talk/x")
    assert told.startswith(f"{published} published posts looked up again (1d until 7d, 7d until 91d, 30d): about")
    assert f"at most ${0.015 * published:.3f}".rstrip("0").rstrip(".") in told
    for stretch in (" a day", " in 30 days", " in a year"):
        assert stretch in told


def test_a_ceiling_that_does_not_suffice_is_named_with_what_to_do(
    folder: Callable[..., Folder], now: ManualClock
) -> None:
    mine = folder(only=("x",))
    mine("collect", "--once")
    mine.config["accounts"]["x-main"]["budget"] = {"usd_per_day": 0.02}
    mine.campaign["sources"][0]["budget"] = {"requests_per_month": 10}
    mine.write()
    warned = [told for level, _, told in words(mine) if level == "warning"]
    assert len(warned) == 2
    assert "this day, of which the account's ceiling leaves $0.01 (50% of $0.02)" in warned[0]
    assert "this month, of which the source's ceiling leaves 5 calls (50% of 10)" in warned[1]
    assert all("bare links" in told and "recheck_every" in told for told in warned)


def test_never_looking_again_is_said_where_it_is_allowed(folder: Callable[..., Folder], now: ManualClock) -> None:
    mine = folder(only=("bluesky",))
    mine.campaign["sources"][0]["recheck_every"] = "never"
    mine.write()
    ((level, _, told),) = words(mine)
    assert level == "warning"
    assert "never looked up again" in told
