"""Processes that are started, killed and started again, beside networks in a box that live in the test's process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tagora.sandbox import SMALL, Sandbox, Script, load_script

MINUTE = 1_000


@pytest.fixture(scope="session")
def script() -> Script:
    return load_script(SMALL)


@pytest.fixture
def box(script: Script) -> Iterator[Sandbox]:
    with Sandbox(script, now=MINUTE) as box:
        yield box
