"""Processes that are started, killed and started again, beside networks in a box that live in the test's process."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tagora.sandbox import SMALL, Sandbox, Script, load_script

MINUTE = 1_000
KILLER = Path(__file__).with_name("killer.py")


@pytest.fixture(scope="session")
def script() -> Script:
    return load_script(SMALL)


@pytest.fixture
def box(script: Script) -> Iterator[Sandbox]:
    with Sandbox(script, now=MINUTE) as box:
        yield box


def start(moment: datetime, point: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A real `tagora`, whose clock begins at `moment` and which kills itself at `point` ("never": it does not)."""
    command = [sys.executable, str(KILLER), moment.isoformat(), point, "--", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def killed_at(moment: datetime, point: str, *arguments: str | Path) -> None:
    """Runs it to its death, which must come."""
    process = start(moment, point, *arguments)
    out, err = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, f"{point} was not reached: {out}{err}"
