"""The style of what site and review show alike."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
_LOOK = Path(__file__).parent / "static" / "look.css"


@lru_cache
def look() -> bytes:
    """The style sheet of colours, type, posts and threads, to be put before one's own."""
    return _LOOK.read_bytes()
