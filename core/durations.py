"""Lengths of time as config.yaml has them: 30s, 5m, 2h, 1d."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def duration(value: object) -> timedelta:
    """Raises ValueError, with what to write."""
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,6})\s*([smhd])", value.strip())):
        return timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if isinstance(value, timedelta):
        return value
    raise ValueError("write a number and a unit: 30s, 5m, 2h or 1d")


def spoken(length: timedelta) -> str:
    """In the largest unit that tells it exactly: "7d", "90m"."""
    seconds = int(length.total_seconds())
    unit, size = next((unit, size) for unit, size in _UNITS.items() if seconds % size == 0)
    return f"{seconds // size}{unit}"
