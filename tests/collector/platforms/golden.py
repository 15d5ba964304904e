"""Golden pairs: what a network sent beside the sightings it must become.

`golden/<oddity>.wire.json` holds one Raw ({"seen_as", "endpoint", "seen_at", "context", "body"}), `<oddity>.post.json`
the list of sightings, or {"bad_item": "…"} where the item must be refused. After a wanted change of a mapping,
`TAGORA_WRITE_GOLDEN=1 pytest …` writes the second files anew: read the difference before it is committed.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tagora.collector.contract import Raw
from tagora.core.errors import BadItem
from tagora.core.records import PostRef, Sighting


def plain(value: Any) -> Any:
    """A record as plain JSON: records as objects, references as pairs, sets sorted, times in ISO form."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def read_raw(path: Path) -> Raw:
    """The Raw that a `.wire.json` file holds."""
    data = json.loads(path.read_text("utf-8"))
    return Raw(
        seen_as=PostRef(*data["seen_as"]),
        endpoint=data["endpoint"],
        body=data["body"],
        seen_at=datetime.fromisoformat(data["seen_at"]),
        context=data.get("context", {}),
    )


def write_raw(path: Path, raw: Raw) -> None:
    """Writes a `.wire.json` file, for a test's author who has a Raw at hand."""
    path.write_text(json.dumps(plain(raw), ensure_ascii=False, indent=2) + "\n", "utf-8")


def wires(test_file: str) -> list[Any]:
    """One pytest parameter per `golden/*.wire.json` beside the test file, named after the oddity.
    Fails when there is none: a test without cases would pass for ever."""
    found = sorted((Path(test_file).parent / "golden").glob("*.wire.json"))
    assert found, f"no golden pairs beside {test_file}"
    return [pytest.param(path, id=path.name.removesuffix(".wire.json")) for path in found]


def check_pair(to_sightings: Callable[[Raw], tuple[Sighting, ...]], wire: Path) -> None:
    """Maps the wire file and compares with its partner. The two are equal as JSON."""
    try:
        became: Any = plain(to_sightings(read_raw(wire)))
    except BadItem as refused:
        became = {"bad_item": str(refused)}
    partner = wire.with_name(wire.name.removesuffix(".wire.json") + ".post.json")
    if os.environ.get("TAGORA_WRITE_GOLDEN"):
        partner.write_text(json.dumps(became, ensure_ascii=False, indent=2) + "\n", "utf-8")
        pytest.skip(f"wrote {partner.name}")
    assert partner.exists(), f"{partner.name} is missing: TAGORA_WRITE_GOLDEN=1 writes it"
    assert became == json.loads(partner.read_text("utf-8"))
