"""The published site follows the built one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tagora.app.building import build_site
from tagora.app.publishing import publish_site, standings
from tagora.app.republishing import Republisher
from tagora.app.workplace import Workplace, open_workplace
from tagora.core.clock import ManualClock

from ..folder import Folder, contents

MINUTE = timedelta(minutes=1)


@pytest.fixture
def place(lonely: Folder, clock: ManualClock) -> Iterator[Workplace]:
    lonely.config["publish"] = [{"to": "www"}]
    lonely.write()
    with open_workplace(lonely.file, clock) as place:
        yield place


def republisher() -> Republisher:
    return Republisher(lambda: False)


def www(place: Workplace) -> Path:
    return place.loaded.path("www")


def test_it_publishes_what_was_built_and_then_rests(place: Workplace) -> None:
    follows = republisher()
    assert follows.look(place) == []  # nothing is built
    build_site(place)
    (done,) = follows.look(place)
    assert done.problem is None and (www(place) / "index.html").is_file()
    assert follows.look(place) == []


def test_a_build_by_another_process_is_published_too(place: Workplace, clock: ManualClock) -> None:
    follows = republisher()
    build_site(place)
    follows.look(place)
    clock.advance(timedelta(days=1))
    build_site(place)  # by whomever
    (done,) = follows.look(place)
    assert done.problem is None


def test_a_place_that_fails_is_tried_again_ever_more_seldom_and_with_every_build(
    place: Workplace, clock: ManualClock
) -> None:
    www(place).write_text("a file, where a folder should be")
    build_site(place)
    follows = republisher()
    tries = [len(follows.look(place))]
    for _ in range(16):
        clock.advance(MINUTE)
        tries.append(len(follows.look(place)))
    assert [minute for minute, tried in enumerate(tries) if tried] == [0, 1, 3, 7, 15]
    (told,) = standings(place)
    assert told.attempts == 5 and told.problem and told.failing_since == clock.now() - 16 * MINUTE
    follows.built()
    assert len(follows.look(place)) == 1
    www(place).unlink()
    follows.built()
    (done,) = follows.look(place)
    (told,) = standings(place)
    assert done.problem is None and told.problem is None and told.attempts == 0


def test_while_another_process_publishes_it_waits_a_minute(
    place: Workplace, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_site(place)
    inside: list[object] = []
    follows = republisher()
    publish_site(place, stopped=lambda: bool(inside.append(follows.look(place))))
    assert inside[0] == []
    assert follows.look(place) == []
    clock.advance(MINUTE)
    assert len(follows.look(place)) == 1


def test_a_withdrawal_by_command_reaches_the_published_site(
    folder: Callable[..., Folder],
) -> None:
    mine = folder(only=["x"])
    mine.config["publish"] = [{"to": "www"}]
    mine.write()
    mine("collect", "--once")
    mine("publish")
    (found,) = mine("list", "--status", "approved", "--search", "E tu come fai?", "--json").json["posts"]
    assert any(b"E tu come fai?" in content for content in contents(mine.path / "www").values())
    assert mine("forget", found["url"], "--yes").status == 0
    assert not any(b"E tu come fai?" in content for content in contents(mine.path / "www").values())
    assert "published to folder: " in mine("status").out
