"""Real `tagora` processes, started in a few milliseconds: this process imports everything once and forks for each
command. The child runs under a clock of its own, with the mishap it is told, and knows nothing of the test.

    python mortal.py        one JSON order a line on stdin; answers a line with the pid, then one with how it ended
"""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import pkgutil
import resource
import sys
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

IMPATIENT = 0.3  # seconds: for answers, and for the store's lock
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2  # the rights by which root may write into read-only folders
PACKAGES = ("tagora.app.commands", "tagora.collector.platforms", "tagora.site", "tagora.review")
WAITS = (
    "tagora.collector.platforms.x.client:TIMEOUT",
    "tagora.collector.platforms.facebook.client:TIMEOUTS",
    "tagora.collector.platforms.mastodon.wire:READ_SECONDS",
    "tagora.collector.platforms.mastodon.wire:WHOLE_SECONDS",
    "tagora.storage.store:BUSY_TIMEOUT_SECONDS",
)


def main() -> None:
    _import_everything()
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _import_everything() -> None:
    for package in PACKAGES:
        for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            import_module(module.name)
    for name in ("psycopg", "tweepy", "facebook"):  # which the program imports when it needs them
        import_module(name)
    import_module("tagora.collector.language")._identifier()  # the model takes half a second to read
    _read_templates()


def _read_templates() -> None:
    """Every build would compile them again: that is half of a small one."""
    from tagora.site import render
    from tagora.site.page_kinds import VIEWS

    for template in VIEWS:
        render.closure(template)
        for language in ("it", "en"):
            render.environment(language).get_template(template)


def _become(order: dict[str, Any]) -> None:
    """The child: never returns."""
    for stream, name in ((0, os.devnull), (1, order["out"]), (2, order["err"])):
        opened = os.open(name, os.O_RDONLY if stream == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, stream)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 (for the process's life)
    status = 70
    try:
        _prepare(order)
        from tagora.app.cli import main as tagora

        tagora(order["arguments"])
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _prepare(order: dict[str, Any]) -> None:
    _set_clock(datetime.fromisoformat(order["moment"]), order.get("jump", 0.0), order.get("after", 0))
    if order.get("impatient"):
        for where in WAITS:
            module, _, name = where.partition(":")
            setattr(import_module(module), name, IMPATIENT)
    if order["point"] != "never":
        import_module("killer").arm(order["point"])  # beside this file
    if order.get("drop_rights") and os.geteuid() == 0:
        _drop_rights()
    if (most := order.get("file_bytes")) is not None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    if (pages := order.get("more_pages")) is not None:
        _bound_store(pages)


def _set_clock(moment: datetime, jump: float, after: int) -> None:
    """From `after` looks at the clock on it has jumped by `jump` seconds."""
    import time

    from tagora.core.clock import SystemClock

    begun, looks = time.monotonic(), itertools.count()

    def now(_clock: SystemClock) -> datetime:
        jumped = jump if next(looks) >= after else 0.0
        return moment + timedelta(seconds=time.monotonic() - begun + jumped)

    SystemClock.now = now  # type: ignore[method-assign]


def _bound_store(pages: int) -> None:
    """SQLite finds the disk full when its file would grow by more than so many pages."""
    from sqlalchemy import Engine, event

    def bound(driver_connection: Any, _record: object) -> None:
        cursor = driver_connection.cursor()
        used = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {max(1, used + pages)}")
        cursor.close()

    event.listen(Engine, "connect", bound)


def _drop_rights() -> None:
    """https://man7.org/linux/man-pages/man2/capset.2.html, version 3: two halves of three 32-bit masks."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    masks = (ctypes.c_uint32 * 6)()
    if libc.capget(header, masks):
        raise OSError(ctypes.get_errno(), "capget")
    masks[0] &= ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
    if libc.capset(header, masks):
        raise OSError(ctypes.get_errno(), "capset")


if __name__ == "__main__":
    main()
