"""What is asked of X, beside X's own descriptions of before and after its renaming."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tagora.collector.contract import Cursor, FreeMeter, Lookup, Query, Tag, Target
from tagora.collector.platforms.x.answers import Answer, read_answer
from tagora.collector.platforms.x.config import XConfig
from tagora.collector.platforms.x.walks import Params, XSession
from tagora.core.clock import ManualClock
from tagora.core.records import PostRef

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[4]
CONTRACTS = Path(os.environ.get("TAGORA_CONTRACTS") or ROOT.parent / "shared" / "contracts")


def described(version: str, endpoint: str) -> dict[str, set[str] | None]:
    """Each parameter of the endpoint, with the values that X lists for it (None: any)."""
    path = CONTRACTS / f"x-openapi-{version}.json"
    if not path.exists():
        pytest.skip(f"X's description {version} is not here: set TAGORA_CONTRACTS to the folder that holds it")
    data: Any = json.loads(path.read_text("utf-8"))
    found: dict[str, set[str] | None] = {}
    for parameter in data["paths"][f"/2/{endpoint}"]["get"]["parameters"]:
        if "$ref" in parameter:
            parameter = data["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[-1]]
        listed = parameter["schema"].get("items", {}).get("enum")
        found[parameter["name"]] = set(listed) if listed else None
    return found


@pytest.mark.parametrize("fields, version", [("tweet", "2.166"), ("post", "2.167")])
@pytest.mark.parametrize("search", ["recent", "all"])
def test_every_parameter_field_and_expansion_is_described_by_x(fields: Any, version: str, search: Any) -> None:
    asked: list[tuple[str, Params]] = []

    def ask(endpoint: str, params: Params) -> Answer:
        asked.append((endpoint, params))
        return read_answer(b'{"meta": {"total_tweet_count": 0}}', {}, NOW)

    session = XSession(XConfig(fields=fields, search=search), ask, ManualClock(NOW), FreeMeter())
    queries: list[Query] = [Tag(("a",)), Lookup((Target(PostRef("x", "1")),))]
    for query in queries:
        list(session(query, Cursor()))
    session.estimate(queries[0])
    session.usage(7)
    assert len(asked) == 4
    for endpoint, params in asked:
        known = described(version, endpoint)
        for name, value in params.items():
            wire_name = name.replace("tweet_fields", f"{fields}.fields").replace("_fields", ".fields")
            assert wire_name in known, f"{endpoint} has no parameter {wire_name}"
            values = known[wire_name]
            assert values is None or set(str(value).split(",")) <= values
