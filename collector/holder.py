"""The name under which a process holds leases, and whether the process behind a name is provably gone.

A process number means something only on one host, since its last start, within one container, and only together with
the moment at which the process began: numbers are given again. All of it stands in the name. Where a part of it cannot
be read (systems without Linux's /proc) or differs from ours, nothing is proved and the lease has to run out.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

_NAME = re.compile(r"(?P<host>.+), process (?P<pid>[1-9][0-9]*) \[(?P<place>[0-9a-f]+)-(?P<started>[0-9]+)-[0-9a-f]+\]")
_CLOCK = "/proc/self/ns/time"  # by which the moments in /proc are told
_DEAD = ("Z", "X")  # killed, and its parent has not taken notice yet


def holder_name() -> str:
    """A name for this process and moment, to hold leases under."""
    pid = os.getpid()
    place, state = _place(pid), _state(pid)
    mark = f"{place}-{state[1]}-" if place and state else ""
    return f"{socket.gethostname()}, process {pid} [{mark}{uuid4().hex[:8]}]"


def shown(holder: str) -> str:
    """What people are told of a name: host and process number."""
    return holder.partition(" [")[0]


def gone(holder: str) -> bool:
    """Whether the process that gave itself this name surely is no more. False when it cannot be known."""
    told = _NAME.fullmatch(holder)
    if told is None or told["host"] != socket.gethostname() or told["place"] != _place(os.getpid()):
        return False
    pid = int(told["pid"])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):  # somebody else's; no number of a process
        pass
    state = _state(pid)
    return state is not None and (state[0] in _DEAD or state[1] != told["started"])


@lru_cache(maxsize=4)
def _place(pid: int) -> str | None:
    """Where this process's number counts: the machine since its last start, and the container; None if unknown."""
    try:
        if os.readlink("/proc/self") != str(pid):  # a /proc that counts otherwise than we do
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        numbers = os.readlink("/proc/self/ns/pid")
        clock = os.readlink(_CLOCK) if os.path.lexists(_CLOCK) else ""  # kernels before 5.6 have one for all
    except OSError:
        return None
    return hashlib.blake2b(f"{boot}\n{numbers}\n{clock}".encode(), digest_size=10).hexdigest()


def _state(pid: int) -> tuple[str, str] | None:
    """The process's state and when it began, in ticks since the machine's start; None if it cannot be read. A leader
    that ended before its threads counts as alive (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)."""
    try:
        # the name in brackets may hold anything, brackets and blanks too
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        state, threads, started = fields[0], int(fields[17]), fields[19]
    except (OSError, ValueError, IndexError):
        return None
    return ("R" if threads > 1 else state), started
