"""The networks in a box at one moment, the program's clock set to the same one, and a campaign's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tagora.core.clock import ManualClock, SystemClock
from tagora.sandbox import SMALL, Sandbox, Script, parse_script

from ..folder import Folder
from .outside import Mailbox, Receiver, mail_server, receiving

MINUTE = 1_000
POSTS = ("m1", "m2", "m8", "m9", "x1", "x2", "x7", "f1", "f2", "f3", "f6", "f7")  # a few are enough here


@pytest.fixture(scope="session")
def few() -> Script:
    """The small discussion, cut to a few of its posts; m8 is unlisted, so only a person may publish it."""
    told = yaml.safe_load(SMALL.read_text(encoding="utf-8"))
    return parse_script(told | {"posts": [post for post in told["posts"] if post["key"] in POSTS]})


@pytest.fixture
def box(few: Script) -> Iterator[Sandbox]:
    with Sandbox(few, now=MINUTE) as box:
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
            "site": {"out": "site", "search": False},
            "campaigns": [campaign],
        },
    )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made
