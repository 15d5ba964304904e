"""How many scenarios are played and by which seed, and their counts at the end.

make faults, or: python -m pytest tests/faults --scenarios 500 --seed 7
"""

from __future__ import annotations

import pytest

from tagora.sandbox import SMALL, Script, load_script


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(int(metafunc.config.getoption("--scenarios") or 0)))


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--seed") or 0)


@pytest.fixture(scope="session")
def script() -> Script:
    return load_script(SMALL)
