"""A process's name tells another one whether it is provably gone; where nothing can be proved it counts as alive."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tagora.collector.holder import gone, holder_name, shown

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lets us prove that a process is gone"),
]

NAME = re.compile(r"(.+), process (\d+) \[([0-9a-f]+)-(\d+)-([0-9a-f]+)\]")
OTHER = "from tagora.collector.holder import holder_name; print(holder_name(), flush=True); input()"


@contextmanager
def another(*before: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process and the name it gave itself."""
    command = [*before, sys.executable, "-c", OTHER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def with_parts(name: str, **changed: str) -> str:
    found = NAME.fullmatch(name)
    assert found, name
    parts = dict(zip(("host", "pid", "place", "started", "token"), found.groups(), strict=True)) | changed
    return "{host}, process {pid} [{place}-{started}-{token}]".format(**parts)


def test_this_process_and_living_ones_are_not_gone() -> None:
    assert not gone(holder_name())
    with another() as (_, name):
        assert not gone(name)


def test_a_killed_process_is_gone_also_before_its_parent_took_notice() -> None:
    with another() as (process, name):
        process.kill()
        assert process.stdout and process.stdout.read() == ""  # its end is closed: it is dead, and not yet waited for
        until_dead(process.pid)
        assert gone(name)
        process.wait()
        assert gone(name)


def until_dead(pid: int) -> None:
    """Returns when the process is a zombie."""
    while not re.search(r"^State:\s+Z", open(f"/proc/{pid}/status").read(), re.M):  # noqa: SIM115
        pass


def test_a_number_that_another_process_has_now_does_not_keep_the_dead_alive() -> None:
    with another() as (_, name):
        assert gone(with_parts(name, started="1"))


@pytest.mark.parametrize("where", [{"host": "elsewhere"}, {"place": "00000000000000000000"}])
def test_of_a_process_that_ran_elsewhere_nothing_can_be_proved(where: dict[str, str]) -> None:
    with another() as (process, name):
        process.kill()
        process.wait()
        assert gone(name)
        assert not gone(with_parts(name, **where))


@pytest.mark.parametrize("name", ["", "me", "host:12:abcdef01", "host, process 0 [a-1-b]", "0f" * 16])
def test_names_that_say_too_little_prove_nothing(name: str) -> None:
    assert not gone(name)


def test_the_same_number_in_another_container_is_another_process() -> None:
    alone = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a process namespace")
    with another(*alone) as (process, name):
        found = NAME.fullmatch(name)
        assert found and int(found[2]) < 10, "it counts from one in there"
        assert not gone(name)
        process.kill()
        process.wait()
        assert not gone(name), "from out here nothing is known of it"


def test_people_are_told_host_and_number() -> None:
    assert re.fullmatch(r".+, process \d+", shown(holder_name()))
    assert shown("somebody") == "somebody"
