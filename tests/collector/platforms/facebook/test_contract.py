"""What is asked of the Graph API, beside Facebook's own description of its nodes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tagora.collector.platforms.facebook.asking import COMMENT_FIELDS, POST_FIELDS

ROOT = Path(__file__).parents[4]
CONTRACTS = Path(os.environ.get("TAGORA_CONTRACTS", ROOT.parent / "shared" / "contracts")) / "facebook"


def names(fields: str) -> set[str]:
    """The outermost names of a field list."""
    flat = fields
    while "{" in flat:
        flat = re.sub(r"\{[^{}]*\}", "", flat)
    return {re.split(r"[.(]", name)[0] for name in re.sub(r"\([^()]*\)", "", flat).split(",")}


@pytest.mark.parametrize("node, fields", [("PagePost", POST_FIELDS), ("Comment", COMMENT_FIELDS)])
def test_every_field_asked_for_is_described_by_facebook(node: str, fields: str) -> None:
    path = CONTRACTS / f"{node}.json"
    if not path.exists():
        pytest.skip(f"Facebook's description of {node} is not here: set TAGORA_CONTRACTS to the folder that holds it")
    described = json.loads(path.read_text("utf-8"))
    edges = {api["endpoint"].strip("/") for api in described["apis"] if api.get("endpoint")}
    assert names(fields) <= {field["name"] for field in described["fields"]} | edges
