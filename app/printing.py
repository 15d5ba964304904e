"""How commands print: JSON for machines, plain lines for people. Text of posts is made harmless for terminals."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

import click
import orjson


def as_json(value: Any) -> None:
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode())


def dollars(micros: int) -> str:
    return f"${micros / 1_000_000:.3f}".rstrip("0").rstrip(".") if micros % 10_000 else f"${micros / 1_000_000:.2f}"


def when(moment: datetime, zone: tzinfo) -> str:
    """ "23 Nov 2026 22:15", in the zone of the configuration."""
    return f"{moment.astimezone(zone):%d %b %Y %H:%M}"


def count(number: int, one: str, many: str | None = None) -> str:
    """ "1 post", "3 posts"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
