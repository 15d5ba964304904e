"""Answers held against the AT Protocol's lexicons: as much of the language as those of Bluesky use.

https://atproto.com/specs/lexicon
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

_FORMATS = {
    "at-uri": r"at://did:[a-z]+:[A-Za-z0-9._:%-]+/[A-Za-z0-9.-]+/[A-Za-z0-9._:~-]+",
    "did": r"did:[a-z]+:[A-Za-z0-9._:%-]+",
    "handle": r"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?",
    "cid": r"ba[a-z2-7]{50,100}",
    "uri": r"[a-z][a-z0-9+.-]*:\S+",
    "language": r"[a-z]{2,3}(-[A-Za-z0-9]+)*",
}


class Lexicons:
    """The files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cache  # noqa: B019 (lives as long as the tests)
    def _file(self, name: str) -> dict[str, Any]:
        return json.loads((self._folder / f"{name.replace('.', '/')}.json").read_text())

    def problems(self, name: str, answer: Any) -> list[str]:
        """What is wrong with an answer of this method."""
        return list(self._check(self._file(name)["defs"]["main"]["output"]["schema"], answer, name, name))

    def record_problems(self, name: str, record: Any) -> list[str]:
        return list(self._check(self._file(name)["defs"]["main"]["record"], record, name, name))

    def wrong_parameters(self, name: str, given: dict[str, str]) -> set[str]:
        """Parameters that the method does not know or that are missing."""
        known = self._file(name)["defs"]["main"]["parameters"]
        return (given.keys() - known["properties"].keys()) | (set(known.get("required", ())) - given.keys())

    def _find(self, ref: str, home: str) -> tuple[dict[str, Any], str]:
        name, _, part = ref.partition("#")
        name = name or home
        return self._file(name)["defs"][part or "main"], name

    def _check(self, schema: dict[str, Any], value: Any, home: str, at: str) -> Iterator[str]:
        match schema["type"]:
            case "ref":
                found, name = self._find(schema["ref"], home)
                yield from self._check(found, value, name, at)
            case "union":
                yield from self._one_of(schema, value, home, at)
            case "object" | "record":
                yield from self._object(schema, value, home, at)
            case "array":
                yield from self._array(schema, value, home, at)
            case "string":
                yield from _string(schema, value, at)
            case "integer":
                low, high = schema.get("minimum", value), schema.get("maximum", value)
                if type(value) is not int or not low <= value <= high:
                    yield f"{at}: {value!r} is no fitting integer"
            case "boolean":
                if type(value) is not bool or value is not schema.get("const", value):
                    yield f"{at}: {value!r} is no fitting boolean"
            case "blob":
                if value.get("$type") != "blob" or set(value) != {"$type", "ref", "mimeType", "size"}:
                    yield f"{at}: no blob"
            case "unknown":
                if not isinstance(value, dict):
                    yield f"{at}: no object"
            case other:
                raise AssertionError(f"{at}: the lexicon's type {other} is not understood here")

    def _one_of(self, schema: dict[str, Any], value: Any, home: str, at: str) -> Iterator[str]:
        kind = value.get("$type") if isinstance(value, dict) else None
        fitting = [ref for ref in schema["refs"] if (ref if not ref.startswith("#") else home + ref) == kind]
        if not fitting:
            yield f"{at}: {kind!r} is none of {schema['refs']}"
            return
        found, name = self._find(fitting[0], home)
        yield from self._check(found, value, name, at)

    def _object(self, schema: dict[str, Any], value: Any, home: str, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at}: no object"
            return
        parts = schema.get("properties", {})
        yield from (f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value)
        yield from (f"{at}: {name} is not in the lexicon" for name in value if name not in parts and name != "$type")
        for name, part in parts.items():
            if name in value:
                yield from self._check(part, value[name], home, f"{at}.{name}")

    def _array(self, schema: dict[str, Any], value: Any, home: str, at: str) -> Iterator[str]:
        if not isinstance(value, list) or len(value) > schema.get("maxLength", len(value)):
            yield f"{at}: no fitting array"
            return
        for number, item in enumerate(value):
            yield from self._check(schema["items"], item, home, f"{at}[{number}]")


def _string(schema: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, str) or len(value.encode()) > schema.get("maxLength", 10**9):
        yield f"{at}: {value!r} is no fitting string"
        return
    wanted = schema.get("format")
    if wanted == "datetime":
        if datetime.fromisoformat(value).tzinfo is None:
            yield f"{at}: {value} has no zone"
    elif wanted and not re.fullmatch(_FORMATS[wanted], value):
        yield f"{at}: {value} is no {wanted}"
