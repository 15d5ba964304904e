"""Backups and restores killed at any point: the good backups stay, and the store is the former one or the new one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tagora.app import backups
from tagora.core.clock import SystemClock
from tagora.storage.migrate import current
from tagora.storage.store import open_store

from ..conftest import create_database, drop_database
from ..folder import Folder
from ..mortals import killed_at

pytestmark = pytest.mark.processes
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST, BOTH = ["the first"], ["the first", "the second"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A campaign without networks: one post in its backup, two in its store."""
    monkeypatch.setattr(SystemClock, "now", lambda _self: NOW)
    campaign = {"slug": "talk", "hashtags": ["agoraTest"]}
    return Folder(
        tmp_path / "talk",
        {
            "store": "sqlite:///tagora.db",
            "site": {"out": "site", "search": False},
            "backup": {"folder": "copies"},
            "campaigns": [campaign],
        },
    )


def fill(folder: Folder) -> Folder:
    for name, words in enumerate(BOTH):
        added = folder(
            "add", f"https://example.net/{name}", "--text", words, "--date", "2026-11-20",
            "--permission", "asked by mail", "--by", "mara",
        )  # fmt: skip
        assert added.status == 0, added.err
        if words in FIRST:
            assert folder("backup").status == 0
    return folder


def texts(folder: Folder) -> list[str]:
    return sorted(post["text"] for post in folder("export").lines)


@pytest.mark.parametrize("point", ["after-check:1", "before-rename:1", "after-rename:1"])
def test_a_backup_that_was_killed_counts_for_nothing_and_its_litter_goes(folder: Folder, point: str) -> None:
    fill(folder)
    copies = folder.path / "copies"
    before = backups.good(copies)
    killed_at(NOW + timedelta(hours=1), point, "-c", folder.file, "backup")
    assert backups.good(copies) == before
    assert len(list(copies.glob(f"{backups.HALF}*"))) == 1
    assert folder("backup").status == 0
    assert len(backups.good(copies)) == 2
    assert not list(copies.glob(f"{backups.HALF}*"))


def test_a_backup_that_was_killed_when_it_was_in_place_is_one(folder: Folder) -> None:
    fill(folder)
    killed_at(NOW + timedelta(hours=1), "after-rename:2", "-c", folder.file, "backup")
    assert [one.posts for one in backups.good(folder.path / "copies")] == [2, 1]


@pytest.mark.parametrize("point", ["after-check:1", "before-let-go:1", "before-rename:1"])
def test_a_restore_that_was_killed_before_its_one_step_has_not_happened(folder: Folder, point: str) -> None:
    fill(folder)
    killed_at(NOW, point, "-c", folder.file, "restore", "latest", "--over-newer")
    assert texts(folder) == BOTH
    assert folder("restore", "latest", "--over-newer").status == 0
    assert texts(folder) == FIRST
    assert not list(folder.path.glob(f"{backups.HALF}*"))


def test_a_restore_that_was_killed_after_its_one_step_is_done_and_the_site_follows(folder: Folder) -> None:
    fill(folder)
    for name in ("0", "1"):
        assert folder("approve", f"https://example.net/{name}", "--by", "mara").status == 0
    assert folder("build").status == 0
    killed_at(NOW, "after-rename:1", "-c", folder.file, "restore", "latest", "--over-newer")
    assert texts(folder) == FIRST
    assert folder("build").status == 0
    assert not any(b"the second" in content for content in folder.site().values())


@pytest.fixture
def on_postgresql(folder: Folder, postgres_url: str) -> Iterator[Folder]:
    folder.config["store"] = create_database(postgres_url, "killed_restore")
    folder.write()
    yield folder
    drop_database(postgres_url, "killed_restore")


def test_a_restore_killed_within_postgresqls_transaction_has_not_happened(on_postgresql: Folder) -> None:
    folder = fill(on_postgresql)
    killed_at(NOW, "copied-into-place:2", "-c", folder.file, "restore", "latest", "--over-newer")
    assert texts(folder) == BOTH
    assert folder("restore", "latest", "--over-newer").status == 0
    assert texts(folder) == FIRST


def test_a_move_killed_within_its_transaction_leaves_an_empty_database_and_is_called_again(
    folder: Folder, postgres_url: str
) -> None:
    to = create_database(postgres_url, "killed_move")
    killed_at(NOW, "copied-into-place:2", "-c", fill(folder).file, "move-store", to)
    store = open_store(to)
    assert current(store) is None
    store.close()
    assert folder("move-store", to).status == 0
    folder.config["store"] = to
    folder.write()
    assert texts(folder) == BOTH
    drop_database(postgres_url, "killed_move")
