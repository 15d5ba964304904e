"""The interface's words as they stand in the templates and the code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).resolve().parents[2]
Message = str | tuple[str, ...]


def written(folder: str) -> Iterator[tuple[str, Message]]:
    """(place, message) of each message under `folder`; a plural as (singular, plural)."""
    methods = [("**/templates/**", "jinja2"), ("**.py", "python")]
    options = {"**/templates/**": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    for name, line, message, _, _ in extract_from_dir(ROOT / folder, methods, options):
        yield f"{folder}/{name}:{line}", message
