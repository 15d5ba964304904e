"""From a picture's bytes, which a stranger chose, to its copies: asks a process that may break (child.py)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import Any

from ...core.errors import BadItem
from ...core.pictures import KINDS, Rendition
from ..pages import digest

SECONDS = 60  # by the clock, on a busy machine
MOST_BYTES = 40_000_000  # of all copies of one picture
COMMAND = (sys.executable, "-I", "-m", "tagora.site.pictures.child")
ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1"}  # none of ours: it has no keys


def make(content: bytes) -> Mapping[Rendition, bytes]:
    """The picture's copies with their bytes; nothing in them but pixels. Raises BadItem where it is none that may be
    shown, OSError where there is no room for it."""
    with tempfile.TemporaryFile() as given:
        given.write(content)
        given.seek(0)
        with subprocess.Popen(
            COMMAND, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT
        ) as process:
            watch = threading.Timer(SECONDS, process.kill)
            watch.start()
            try:
                assert process.stdout is not None
                answer = process.stdout.read(MOST_BYTES + 1)
                if len(answer) > MOST_BYTES:
                    process.kill()
                status = process.wait()
            finally:
                process.kill()  # also where we are told to stop
                watch.cancel()
    if status != 0:
        raise BadItem("breaks the program that reads it, or takes too long")
    try:
        return _read(answer)
    except (ValueError, KeyError, TypeError):
        raise BadItem("breaks the program that reads it, or takes too long") from None


def _read(answer: bytes) -> Mapping[Rendition, bytes]:
    """Believes nothing of what the process says but its bytes."""
    line, _, rest = answer.partition(b"\n")
    told: dict[str, Any] = json.loads(line)
    if "refused" in told:
        raise BadItem(str(told["refused"])[:100])
    found: dict[Rendition, bytes] = {}
    at = 0
    for (kind, width, height), length in zip(told["copies"], told["bytes"], strict=True):
        part = rest[at : at + length]
        if kind not in KINDS or not part or len(part) != length or min(width, height) < 1:
            raise ValueError("not what was asked for")
        found[Rendition(digest(part), kind, int(width), int(height))] = part
        at += length
    return found
