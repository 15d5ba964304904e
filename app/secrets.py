"""Keys come from environment variables or files named in config. They are looked up late and kept in memory only."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core import yaml_lines
from ..core.errors import ConfigError
from ..core.yaml_lines import Document

# A name is only said again when it cannot be the key itself, put there by mistake.
SHORTEST = 6  # characters: what is shorter could be a part of any word, and is no key
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


_read: set[str] = set()  # every key that was read in this process


def hidden(text: str) -> str:
    """`text` without any key that was ever read, should one have got into it."""
    for key in _read:
        if key in text:
            text = text.replace(key, "[key]")
    return text


def split(options: Mapping[str, Any], names: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
    """`options` without the NAME_env and NAME_file keys, and those: {name: ("env" | "file", where)}."""
    rest = dict(options)
    places: dict[str, tuple[str, str]] = {}
    for name in names:
        for kind in ("env", "file"):
            where = rest.pop(f"{name}_{kind}", None)
            if where is not None:
                places[name] = (kind, str(where))
    return rest, places


def refuse_plain(options: Mapping[str, Any], names: tuple[str, ...], document: Document, at: yaml_lines.Path) -> None:
    """Raises ConfigError when a key itself stands in the file, or two places are named for it."""
    for name in names:
        if name in options:
            raise ConfigError(
                f"`{name}` must not stand in the configuration itself",
                f"Put the key into an environment variable and write `{name}_env: NAME`, or into a file and write "
                f"`{name}_file: path`.",
                where=document.where((*at, name)),
            )
        if options.get(f"{name}_env") is not None and options.get(f"{name}_file") is not None:
            raise ConfigError(
                f"`{name}_env` and `{name}_file` both say where the key stands",
                "Take one of them out.",
                where=document.where((*at, f"{name}_file")),
            )


def read(
    places: Mapping[str, tuple[str, str]], folder: Path, document: Document, at: yaml_lines.Path
) -> dict[str, str]:
    """The keys themselves. Raises ConfigError naming the variable or file that is missing or empty."""
    keys: dict[str, str] = {}
    for name, (kind, where) in places.items():
        place = document.where((*at, f"{name}_{kind}"))
        if kind == "env":
            value = os.environ.get(where, "").strip()
            if not value and not _NAME.fullmatch(where):
                raise ConfigError(
                    f"`{name}_env` must name an environment variable that holds the key, and no such one is set",
                    f"Write a name like {name.upper()}; if the key itself stands here, take it out and replace it.",
                    where=place,
                )
            if not value:
                raise ConfigError(
                    f"the environment variable {where} is not set",
                    f"Put the {name.replace('_', ' ')} into it.",
                    where=place,
                )
        else:
            try:
                value = (folder / Path(where).expanduser()).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(
                    f"the file {where} cannot be read: {error.strerror}",
                    f"It should hold the {name.replace('_', ' ')}.",
                    where=place,
                ) from None
            except UnicodeDecodeError:
                raise ConfigError(f"the file {where} holds no text", where=place) from None
            if not value:
                raise ConfigError(
                    f"the file {where} is empty", f"It should hold the {name.replace('_', ' ')}.", where=place
                )
        if any(ord(c) < 33 or ord(c) > 126 for c in value):
            raise ConfigError(
                f"the {name.replace('_', ' ')} has a space or an odd character in it", "Copy it again.", where=place
            )
        if len(value) >= SHORTEST:
            _read.add(value)
        keys[name] = value
    return keys
