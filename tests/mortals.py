"""Real `tagora` processes for tests, started by a fork of one that has imported everything (mortal.py)."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .folder import Answer

LONGEST = 60.0  # seconds that any command may take
Watch = Callable[[int], None]


class Mortals:
    """Starts them, one at a time."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="tagora-mortals-")
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("mortal.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def __call__(self, moment: datetime, *arguments: str | Path, watch: Watch | None = None, **order: Any) -> Answer:
        """Runs `tagora` to its end, under a clock that begins at `moment`; `watch` is called again and again meanwhile,
        with its pid. `order` says what befalls it: see mortal.py."""
        out, err = (Path(self._folder.name) / name for name in ("out", "err"))
        told = {"moment": moment.isoformat(), "arguments": [str(one) for one in arguments], "out": str(out),
                "err": str(err), "point": "never", **order}  # fmt: skip
        assert self._server.stdin
        self._server.stdin.write(json.dumps(told) + "\n")
        self._server.stdin.flush()
        pid = int(self._line())
        with _watched(pid, watch):
            status = int(self._line())
        return Answer(status, out.read_text("utf-8", "replace"), err.read_text("utf-8", "replace"))

    def close(self) -> None:
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait(10)
        self._folder.cleanup()

    def _line(self) -> str:
        assert self._server.stdout
        line = self._server.stdout.readline().strip()
        assert line, "the process that starts the others is gone"
        return line


@cache
def mortals() -> Mortals:
    """Those of this test process: begun when first asked for."""
    begun = Mortals()
    atexit.register(begun.close)
    return begun


def killed_at(moment: datetime, point: str, *arguments: str | Path) -> None:
    """Runs it to its death at that point (killer.py), which must come."""
    answer = mortals()(moment, *arguments, point=point)
    assert answer.status == -signal.SIGKILL, f"{point} was not reached: {answer}"


@contextmanager
def _watched(pid: int, watch: Watch | None) -> Iterator[None]:
    """While it runs: calls `watch`; kills what takes too long, which the caller sees by its end."""
    over = threading.Event()

    def look() -> None:
        ends = time.monotonic() + LONGEST
        while not over.wait(0.002):
            if watch:
                watch(pid)
            if time.monotonic() > ends:
                os.kill(pid, signal.SIGABRT)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
