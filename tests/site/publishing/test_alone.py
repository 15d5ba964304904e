"""Publishers on different machines keep out of one another's way; one that is gone keeps nobody waiting."""

from __future__ import annotations

from pathlib import Path

import pytest

from tagora.core.errors import PublishError
from tagora.site.publishing.lock import alone_here, held
from tagora.site.publishing.record import LOCK

from .conftest import Later, publisher
from .places import FolderPlace


def test_who_is_surely_gone_keeps_nobody_waiting(tmp_path: Path) -> None:
    target = FolderPlace(tmp_path).open()
    lock = held(target, publisher("dead"))
    lock.__enter__()
    with pytest.raises(PublishError, match="at work"), held(target, publisher("new")):
        pass
    with held(target, publisher("new", gone=True)):
        pass
    assert target.read(LOCK) is None


def test_who_gives_no_sign_of_life_is_gone_after_ten_minutes(tmp_path: Path) -> None:
    target, clock = FolderPlace(tmp_path).open(), Later()
    silent = held(target, publisher("silent", now=clock))
    hold = silent.__enter__()
    clock.after(8)
    hold.beat()
    clock.after(8)
    with pytest.raises(PublishError, match="at work"), held(target, publisher("new", now=clock)):
        pass
    clock.after(3)
    with held(target, publisher("new", now=clock)):
        with pytest.raises(PublishError, match="took over"):
            hold.beat()
        with pytest.raises(PublishError, match="took over"):
            hold.check()
    assert target.read(LOCK) is None


def test_a_lock_that_says_nothing_holds_nobody(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path)
    place.write(LOCK, b"")  # killed while it was written
    with held(place.open(), publisher("me")):
        pass


def test_on_one_machine_the_second_is_told_at_once(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with alone_here(lock), pytest.raises(PublishError, match="another process"), alone_here(lock):
        pass
    with alone_here(lock):
        pass
