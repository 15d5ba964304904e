"""Pagefind's own program, which makes a shard from documents. It is called as any other program: in a folder of its
own, with nothing set but what is said here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import orjson

from ...core.errors import BuildError

CODES = {"settled": "qaa", "active": "qab"}  # languages that nobody speaks: no words are cut, both tongues are alike
PART = "6000"  # places of words in one file of the index: every search fetches one; Pagefind makes them thrice as large
HINT = "Install it with `pip install pagefind-bin`, or say `search: false` under `site:`."
_URL = re.compile(rb'pagefind_dcd\{"url":"/([^"]+)"')


@dataclass(frozen=True, slots=True)
class Shard:
    """`folder` holds its `files`. `entry`: what Pagefind's script wants to know first. `fragments`: the name of each
    document's fragment, by the document's path. `script` and `engine` are Pagefind's own: what runs in the browser."""

    folder: Path
    files: tuple[str, ...]
    entry: Mapping[str, object]
    fragments: Mapping[str, str]
    script: bytes
    engine: bytes


class Program(Protocol):
    def version(self) -> str:
        """Of the program. Raises BuildError when it is not there."""
        ...

    def __call__(self, shard: str, documents: Iterable[tuple[str, bytes]], folder: Path) -> Shard:
        """Makes the shard, in the empty `folder`. Raises BuildError when it cannot."""
        ...


class Pagefind:
    """The program that its wheel brings."""

    def version(self) -> str:
        found = re.search(r"\d+\.\d+\.\d+", _ran([str(_program()), "--version"], Path.cwd()))
        if found is None:
            raise BuildError("Pagefind does not say its version", HINT)
        return found[0]

    def __call__(self, shard: str, documents: Iterable[tuple[str, bytes]], folder: Path) -> Shard:
        source, made = folder / "documents", folder / "made"
        for path, content in documents:
            target = f"{source}/{path}"
            try:
                file = open(target, "wb")  # noqa: SIM115 - ten thousand times
            except FileNotFoundError:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                file = open(target, "wb")  # noqa: SIM115
            with file:
                file.write(content)
        language = ["--force-language", CODES[shard], "--keep-index-url"]
        _ran([str(_program()), "--site", str(source), "--output-path", str(made), *language, "--silent"], folder)
        shutil.rmtree(source)
        try:
            kept = [*made.glob("*.pf_meta"), *(path for name in _FOLDERS for path in (made / name).glob("*"))]
            return Shard(
                made,
                tuple(sorted(path.relative_to(made).as_posix() for path in kept)),
                orjson.loads((made / "pagefind-entry.json").read_bytes()),
                dict(map(_named, (made / "fragment").iterdir())),
                (made / "pagefind.js").read_bytes(),
                (made / "wasm.unknown.pagefind").read_bytes(),
            )
        except FileNotFoundError as error:
            raise BuildError(f"Pagefind made no index: {error.filename} is missing", HINT) from error


_FOLDERS = ("fragment", "index", "filter")


def _named(fragment: Path) -> tuple[str, str]:
    head = zlib.decompressobj(31).decompress(fragment.read_bytes(), 500)
    found = _URL.match(head)
    if found is None:
        raise BuildError(f"Pagefind's file {fragment.name} is none that this version of Tagora reads", HINT)
    return found[1].decode(), fragment.stem


def _program() -> Path:
    try:
        from pagefind_bin import get_executable

        return get_executable()
    except (ImportError, FileNotFoundError) as error:
        raise BuildError("the program Pagefind, which makes the search, is not installed", HINT) from error


def _ran(call: list[str], folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")}
    environment["PAGEFIND_UNSTABLE_INDEX_CHUNK_SIZE"] = PART
    try:
        done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise BuildError(f"the program Pagefind cannot be started: {error.strerror}", HINT) from error
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise BuildError(f"Pagefind ended with {done.returncode}: {said[-1] if said else 'it said nothing'}", HINT)
    return done.stdout
