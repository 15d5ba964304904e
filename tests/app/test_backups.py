"""Backups: made in time, whole or not at all, and the good ones stay."""

from __future__ import annotations

import errno
import gzip
import json
import os
import threading
import time
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tagora.app import backups, service
from tagora.app.backup_keeper import AFTER_FAILURE, Keeper, standing
from tagora.app.backups import Backup, good, make, prune, unpack
from tagora.app.workplace import Workplace, open_workplace
from tagora.core.clock import ManualClock, SystemClock
from tagora.core.errors import StoreError, StoreFull
from tagora.storage.copies import check
from tagora.storage.store import Store

from ..folder import Folder

DAY = timedelta(days=1)


@pytest.fixture
def place(lonely: Folder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(SystemClock, "now", lambda _self: clock.now())
    lonely.config["backup"] = {"folder": "copies", "keep": 3}
    lonely.write()
    with open_workplace(lonely.file, clock) as place:
        yield place


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_backup_is_a_compressed_store_with_facts_beside_it_that_nobody_else_may_read(
    sqlite_store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    folder = tmp_path / "copies"
    made = make(sqlite_store, folder, clock)
    assert names(folder) == ["tagora-2026-11-23T120000Z.db.gz", "tagora-2026-11-23T120000Z.json"]
    assert good(folder) == [made]
    assert {oct(path.stat().st_mode & 0o777) for path in (folder, made.file, made.facts)} == {"0o700", "0o600"}
    assert unpack(made.file, tmp_path / "store.db") == made.sha256
    assert check(tmp_path / "store.db").rows == made.rows


def test_two_within_a_second_stand_beside_each_other(store: Store, clock: ManualClock, tmp_path: Path) -> None:
    assert make(store, tmp_path / "copies", clock).file != make(store, tmp_path / "copies", clock).file
    assert len(good(tmp_path / "copies")) == 2


def test_what_is_not_whole_is_no_backup(sqlite_store: Store, clock: ManualClock, tmp_path: Path) -> None:
    made: list[Backup] = []
    for _ in range(5):
        made.append(make(sqlite_store, tmp_path, clock))
        clock.advance(DAY)
    cut, alone, wrong, gone, whole = made
    cut.file.write_bytes(cut.file.read_bytes()[:-1])
    alone.facts.unlink()
    wrong.facts.write_text("[]")
    gone.file.unlink()
    assert good(tmp_path) == [whole]
    with pytest.raises(StoreError, match="damaged or cut off"):
        unpack(cut.file, tmp_path / "store.db")


def test_only_the_newest_good_ones_stay_and_a_broken_one_pushes_none_out(
    sqlite_store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    made: list[Backup] = []
    for _ in range(5):
        made.append(make(sqlite_store, tmp_path, clock))
        clock.advance(DAY)
    made[4].file.write_bytes(b"half of it")
    assert prune(tmp_path, 3, clock.now()) == [made[0]]
    assert good(tmp_path) == made[3:0:-1]
    assert not made[0].facts.exists()


def test_one_from_the_future_is_the_first_to_go(sqlite_store: Store, clock: ManualClock, tmp_path: Path) -> None:
    now = clock.now()
    clock.advance(1_000 * DAY)
    wrong = make(sqlite_store, tmp_path, clock)
    clock.set(now)
    right = make(sqlite_store, tmp_path, clock)
    assert prune(tmp_path, 1, clock.now()) == [wrong]
    assert good(tmp_path) == [right]


def test_a_full_disk_is_told_in_one_sentence_and_keeps_the_earlier_ones(
    sqlite_store: Store, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = make(sqlite_store, tmp_path, clock)
    before = names(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(gzip.GzipFile, "write", full)
    with pytest.raises(StoreFull, match=r"no room for a backup.*earlier ones are kept"):
        make(sqlite_store, tmp_path, clock)
    assert names(tmp_path) == before
    assert good(tmp_path) == [earlier]


def test_what_the_disk_gives_back_otherwise_than_it_was_written_is_no_backup(
    sqlite_store: Store, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gzip.open
    monkeypatch.setattr(gzip, "open", lambda *given: _Flipped(real(*given)))
    with pytest.raises(StoreError, match="cannot be read back"):
        make(sqlite_store, tmp_path / "copies", clock)
    assert names(tmp_path / "copies") == []


class _Flipped:
    def __init__(self, real: gzip.GzipFile) -> None:
        self._real = real

    def __enter__(self) -> _Flipped:
        return self

    def __exit__(self, *_: object) -> None:
        self._real.close()

    def read(self, size: int) -> bytes:
        return bytes(255 - byte for byte in self._real.read(size))


def test_a_folder_that_cannot_be_written_is_told(sqlite_store: Store, clock: ManualClock, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreError, match=r"cannot be written to .*taken.*backup: folder"):
        make(sqlite_store, tmp_path / "taken", clock)


# --- in time ---------------------------------------------------------------------------------------------------------


def told(place: Workplace) -> str:
    with place.store.reading() as connection:
        return standing(place, connection).words(ZoneInfo("Europe/Rome"))


def test_one_is_made_each_day_and_as_many_stay_as_configured(place: Workplace, clock: ManualClock) -> None:
    keeper, folder = Keeper(), place.loaded.folder / "copies"
    assert told(place) == f"no backup in {folder} yet"
    moments: list[datetime] = []
    for _ in range(12 * 5):
        made = keeper.look(place)
        moments += [made.at] if made else []
        clock.advance(DAY / 12)
    assert [later - moment for moment, later in pairwise(moments)] == [DAY] * 4
    assert [one.at for one in good(folder)] == moments[:-4:-1]
    assert told(place) == "last backup 27 Nov 2026 13:00, with 0 posts"


def test_one_that_failed_is_told_and_tried_again_after_a_while(
    place: Workplace, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, passed = Keeper(), [0.0]
    monkeypatch.setattr("time.monotonic", lambda: passed[0])
    assert keeper.look(place)
    clock.advance(DAY)
    with monkeypatch.context() as broken:
        broken.setattr(backups, "copy_to", _no_room)
        with pytest.raises(StoreFull):
            keeper.look(place)
        assert keeper.look(place) is None, "not every minute"
    assert told(place).endswith("the last try failed: there is no room. Make some")
    passed[0] += AFTER_FAILURE
    assert keeper.look(place)
    assert "failed" not in told(place)


def _no_room(*_: object) -> None:
    raise StoreFull("there is no room", "Make some")


def test_tagora_run_makes_it(lonely: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    lonely.config |= {"backup": {"folder": "copies"}, "review": {"port": 0}}
    lonely.write()
    monkeypatch.setattr(service, "LOOK_AT_BACKUPS", 0.1)
    running = service.Service(lonely.file, SystemClock(), lambda _report: None)
    serving = threading.Thread(target=running.serve)
    serving.start()
    until = time.monotonic() + 30
    while not good(lonely.path / "copies") and time.monotonic() < until:
        serving.join(0.05)
    running.stop()
    serving.join()
    assert len(good(lonely.path / "copies")) == 1


def test_it_is_overdue_when_two_turns_were_missed(place: Workplace, clock: ManualClock) -> None:
    Keeper().look(place)
    for days, overdue in ((1, False), (1, False), (1, True)):
        clock.advance(timedelta(days=days))
        with place.store.reading() as connection:
            assert standing(place, connection).overdue is overdue


def test_none_is_made_where_none_are_wanted(lonely: Folder, clock: ManualClock) -> None:
    lonely.config["backup"] = {"every": "never"}
    lonely.write()
    with open_workplace(lonely.file, clock) as place:
        assert Keeper().look(place) is None
        assert told(place).endswith("yet; none are made by themselves (`backup: every`)")


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_by_hand_into_its_own_folder_or_another(place: Workplace, lonely: Folder, clock: ManualClock) -> None:
    assert lonely("backup", "list").out == f"There is no backup in {lonely.path / 'copies'}.\n"
    told_each: list[str] = []
    for _ in range(4):
        made = lonely("backup")
        assert (made.status, made.err) == (0, "")
        told_each.append(made.out)
        clock.advance(DAY)
    assert "0 posts, 0 decisions" in told_each[0]
    assert [out.endswith("1 older one removed.\n") for out in told_each] == [False, False, False, True]
    listed = lonely("backup", "list")
    assert [line.split("  ")[0] for line in listed.out.splitlines()] == [
        f"{day} Nov 2026 12:00" for day in (26, 25, 24)
    ]
    elsewhere = lonely("backup", "--to", lonely.path / "disk", "--json").json
    assert Path(elsewhere["file"]).parent == lonely.path / "disk"
    assert json.loads(Path(elsewhere["file"]).with_suffix("").with_suffix(".json").read_text())["rows"]["post"] == 0
    assert lonely("backup", "list", "--to", lonely.path / "disk", "--json").json["backups"] == [
        {key: value for key, value in elsewhere.items() if key != "removed"}
    ]


def test_a_store_that_is_not_there_yet_is_not_copied(lonely: Folder) -> None:
    answer = lonely("backup")
    assert answer.status == 3
    assert "is empty. There is nothing to copy yet" in answer.err
    assert not (lonely.path / "tagora.db").exists()
