"""Programs that tests need beside Python."""

from __future__ import annotations

import os
import shutil

import pytest


def program(*names: str, package: str) -> str:
    """Where the first of these programs is. Without any, the test is skipped with the reason, and fails in CI, which
    installs them."""
    places = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    path = next(filter(None, (shutil.which(name, path=places) for name in names)), None)
    if path is None:
        reason = f"no {names[0]} here: on Debian and Ubuntu, `sudo apt install {package}`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
