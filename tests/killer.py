"""Kills its process at a named point; the program itself knows nothing of it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from itertools import count
from typing import Any

BEFORE, DURING, AFTER = "before", "during", "after"
INTO_IT = 0.0004  # seconds: about the middle of a commit

POINTS = {
    "after-reserve": ("tagora.collector.budget:SourceMeter.reserve", AFTER),
    "after-answer": ("tagora.collector.page:read", BEFORE),
    "page-written": ("tagora.collector.budget:SourceMeter.settle", AFTER),
    "before-commit": ("sqlalchemy.engine.default:DefaultDialect.do_commit", BEFORE),
    "in-commit": ("sqlalchemy.engine.default:DefaultDialect.do_commit", DURING),
    "after-commit": ("sqlalchemy.engine.default:DefaultDialect.do_commit", AFTER),
    "after-claim": ("tagora.site.manifest:Manifest.claim", AFTER),
    "before-rename": ("os:replace", BEFORE),
    "after-rename": ("os:replace", AFTER),
    "before-record": ("tagora.site.manifest:Manifest.record", BEFORE),
    "before-addresses": ("tagora.storage.snapshot:record_published", BEFORE),
    "before-end-of-build": ("tagora.site.manifest:Manifest.set_meta", BEFORE),
    "before-half": ("fsspec.implementations.local:LocalFileSystem.pipe_file", BEFORE),
    "half-written": ("fsspec.implementations.local:LocalFileSystem.pipe_file", AFTER),
    "file-published": ("tagora.site.publishing.files:Files.put", AFTER),
    "file-removed": ("tagora.site.publishing.files:Files.remove", AFTER),
    "in-forget": ("tagora.storage.forget:forget", AFTER),
    "after-forget": ("tagora.app.forgetting:build_site", BEFORE),
    "before-scrub": ("tagora.storage.forget:scrub_free_pages", BEFORE),
    "noted": ("tagora.app.withdrawals_file:note", AFTER),
    "after-check": ("tagora.storage.copies:check", AFTER),
    "copied-into-place": ("tagora.storage.rows:counted", AFTER),
    "before-let-go": ("tagora.storage.replacing:_let_go", BEFORE),
    "in-scrub": ("tagora.storage.forget:scrub_free_pages", DURING),
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(real: Callable[..., Any], when: str, nth: int) -> Callable[..., Any]:
    """`real`, whose nth call kills the process."""
    calls = count(1)

    @wraps(real)
    def call(*args: Any, **kwargs: Any) -> Any:
        this_one = next(calls) == nth
        if this_one and when == BEFORE:
            die()
        if this_one and when == DURING:
            threading.Thread(target=lambda: (time.sleep(INTO_IT), die())).start()
        result = real(*args, **kwargs)
        if this_one and when == AFTER:
            die()
        return result

    return call


def arm(point: str) -> None:
    """`point` is one of POINTS, or POINT:N: SIGKILL comes when the process is there for the Nth time."""
    name, _, number = point.partition(":")
    where, when = POINTS[name]
    module, _, path = where.partition(":")
    holder: Any = import_module(module)
    *parents, attribute = path.split(".")
    for parent in parents:
        holder = getattr(holder, parent)
    real = getattr(holder, attribute)
    fatal = deadly(real, when, int(number or 1))
    setattr(holder, attribute, fatal)
    for module in [each for name, each in sys.modules.items() if name.startswith("tagora.")]:
        for name in [name for name, value in vars(module).items() if value is real]:  # imported by name already
            setattr(module, name, fatal)
