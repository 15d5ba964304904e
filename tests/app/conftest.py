"""The networks in a box at one moment, the program's clock set to the same one, and a campaign's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tagora.core.clock import ManualClock, SystemClock
from tagora.sandbox import SMALL, Sandbox, load_script

from ..folder import Folder

MINUTE = 1_000


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(load_script(SMALL), now=MINUTE) as box:
        yield box


@pytest.fixture
def now(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """The clock of every command called in this process."""
    clock = ManualClock(box.now)
    monkeypatch.setattr(SystemClock, "now", lambda _self: clock.now())
    return clock


@pytest.fixture
def folder(box: Sandbox, now: ManualClock, tmp_path: Path) -> Callable[..., Folder]:
    """Makes a folder that collects the box: all of it, or the networks in `only`."""
    return lambda **given: Folder.of(tmp_path / "campaign", box, **given)


@pytest.fixture
def lonely(tmp_path: Path) -> Folder:
    """A folder without any network."""
    campaign: dict[str, Any] = {"slug": "talk", "hashtags": ["agoraTest"], "invitation": "invitation.md"}
    return Folder(
        tmp_path / "lonely",
        {
            "store": "sqlite:///tagora.db",
            "secret_file": "withdrawals.key",
            "site": {"out": "site"},
            "campaigns": [campaign],
        },
    )
