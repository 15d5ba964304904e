"""How commands print: JSON for machines, plain lines for people. Text of posts is made harmless for terminals."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

import click
import orjson
from click.core import ParameterSource


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


def size(number: int) -> str:
    """Of bytes: "812 B", "14.2 kB", "3.1 MB"."""
    if number < 1_000:
        return f"{number} B"
    return f"{number / 1_000:.1f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"


def again(context: click.Context, **changed: str) -> str:
    """The command with the options it was called with, these changed: a line to copy."""
    words = ["tagora"]
    for each in filter(None, (context.parent, context)):
        if each is context:
            words.append(context.info_name or "")
        for option in each.command.params:
            name = option.name or ""
            given = each.get_parameter_source(name) is ParameterSource.COMMANDLINE
            if each is context and name in changed:
                words += option.opts[-1], changed[name]
            elif given and isinstance(option, click.Option):
                words += _written(option, each.params[name])
    return shlex.join(words)


def _written(option: click.Option, value: Any) -> Iterator[str]:
    for one in value if option.multiple else (value,):
        if option.is_flag:
            yield (option.opts if one else option.secondary_opts)[-1]
        else:
            yield from (option.opts[-1], str(one))
