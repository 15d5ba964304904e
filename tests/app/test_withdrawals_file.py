"""The file of withdrawals only grows, survives a crash in the middle of a line, and names nobody."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tagora.app.config_file import load
from tagora.app.withdrawals_file import NAME, add_missing, append, bring_to, note, read, what_keeps_from_noting
from tagora.core.errors import StoreError
from tagora.storage.tombstones import Tombstone

from ..folder import Folder

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
ONE, OTHER, THIRD = (
    Tombstone(AT, kind, bytes([number]) * 32) for number, kind in enumerate(("post", "author", "post"))
)


def test_what_is_noted_is_read_again_in_its_order_and_once(tmp_path: Path) -> None:
    file = tmp_path / "new" / "withdrawals.txt"
    assert read(file) == []
    append(file, [ONE, OTHER])
    append(file, [])
    append(file, [ONE, THIRD])
    assert read(file) == [ONE, OTHER, THIRD]
    assert file.read_text("ascii").splitlines()[0] == "2026-11-25T12:00:00+00:00 post " + "00" * 32
    assert file.stat().st_mode & 0o777 == 0o600


@given(cut=some.integers(min_value=0, max_value=200))
def test_a_line_that_a_crash_cut_off_says_nothing_and_harms_no_other(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("cut") / "withdrawals.txt"
    append(file, [ONE, OTHER])
    whole = file.read_bytes()
    file.write_bytes(whole[:cut])
    before = read(file)
    assert before == [ONE, OTHER][: len(before)]
    append(file, [THIRD])
    assert read(file) == [*before, THIRD]


def test_only_what_is_missing_is_added(tmp_path: Path) -> None:
    file = tmp_path / "withdrawals.txt"
    append(file, [ONE])
    add_missing(file, [ONE, OTHER])
    assert len(file.read_text("ascii").splitlines()) == 2


def test_strange_lines_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "withdrawals.txt"
    file.write_bytes("é\nyesterday post {0}\n2026-11-25T12:00:00 post {0}\nx y z\n".format("00" * 32).encode())
    assert read(file) == []


def test_backups_that_are_out_of_reach_keep_no_withdrawal_from_being_noted(
    lonely: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    lonely.config["backup"] = {"folder": "copies"}
    lonely.write()
    loaded = load(lonely.file)
    (lonely.path / "copies" / NAME).mkdir(parents=True)  # it cannot be written
    with caplog.at_level(logging.WARNING):
        note(loaded, [ONE])
    assert "cannot be noted in" in caplog.text
    assert read(lonely.path / "var" / "withdrawals.txt") == [ONE]
    (lonely.path / "copies" / NAME).rmdir()
    bring_to(lonely.path / "copies", loaded)
    assert read(lonely.path / "copies" / NAME) == [ONE]


def test_a_file_that_cannot_be_written_is_told_before_anybody_needs_it(lonely: Folder) -> None:
    loaded = load(lonely.file)
    assert what_keeps_from_noting(loaded) is None
    (lonely.path / "var").write_text("in the way")
    assert what_keeps_from_noting(loaded) == lonely.path / "var"
    assert lonely("status").status == 0
    doctor = lonely("doctor")
    assert f"{lonely.path / 'var' / 'withdrawals.txt'} cannot be written, so nobody could be withdrawn" in doctor.out
    with pytest.raises(StoreError, match="nothing was withdrawn"):
        append(lonely.path / "var" / "withdrawals.txt", [ONE])
