"""docs/settings.md, commands.md, api.md and views.md, written from the code: `python -m tagora.app.reference docs`."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..collector import registry
from ..core import config, config_publish
from .cli import COMMANDS, cli
from .reference_api import api
from .reference_views import views

_PARTS: tuple[tuple[str, type[BaseModel], str], ...] = (
    (
        "config.yaml",
        config.Config,
        "The file's own keys. `include: campaigns/*.yaml` adds a file for each campaign.",
    ),
    ("legal", config.Legal, ""),
    ("site", config.SiteConfig, ""),
    ("publish[]", config_publish.PublishConfig, ""),
    ("review", config.ReviewConfig, ""),
    ("review.webhook", config.WebhookConfig, ""),
    ("alerts", config.AlertsConfig, ""),
    ("alerts.mail", config.MailConfig, ""),
    ("alerts.webhook", config.WebhookConfig, ""),
    ("backup", config.BackupConfig, ""),
    ("pictures", config.PicturesConfig, ""),
    ("accounts.NAME", config.AccountConfig, "Beside these: the platform's keys and settings, below."),
    ("campaigns[]", config.CampaignConfig, ""),
    ("campaigns[].sources[]", config.SourceConfig, "Beside these: the platform's keys and settings, below."),
    ("budget", config.Budget, ""),
)


def settings() -> str:
    """The page about every key of config.yaml."""
    lines = [
        "# Settings",
        "",
        "Every key of `config.yaml`. This page is written from the code (`python -m tagora.app.reference docs`).",
        "",
        "Keys of networks never stand in the file: `NAME_env` names an environment variable, `NAME_file` a file that",
        "holds it. Relative paths start at the file's own folder.",
    ]
    for name, kind, note in _PARTS:
        title = " ".join((kind.__doc__ or "").split())
        lines += ["", f"## `{name}`", "", title, *(["", note] if note else []), "", *_table(kind)]
    for name in registry.names():
        platform = registry.load(name)
        lines += ["", f"## Platform `{name}`", "", f"[What it asks and what it sees](platforms/{name}.md).", ""]
        keys = ", ".join(f"`{key}_env` or `{key}_file`" for key in platform.secrets)
        lines += [f"Keys: {keys or 'none'}.", "", *_table(platform.config)]
    return "\n".join(lines) + "\n"


def commands() -> str:
    """The page about every command."""
    lines = [
        "# Commands",
        "",
        "This page is written from the code (`python -m tagora.app.reference docs`).",
        "",
        "Exit status: 0 done; 1 done in part, what failed is named; 2 wrong usage or configuration; 3 nothing could be",
        "done. Commands are quiet on success; `--json` is for machines.",
        "",
        "```",
        _help(cli, "tagora"),
        "```",
    ]
    for name in COMMANDS:
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(f".commands.{module}", __package__), attribute or "command")
        lines += ["", f"## `tagora {name}`"]
        for path, one in _walk(command, f"tagora {name}"):
            lines += ["", "```", _help(one, path), "```"]
    return "\n".join(lines) + "\n"


def _table(kind: type[BaseModel]) -> list[str]:
    rows = ["| key | value | meaning |", "|---|---|---|"]
    for name, field in kind.model_fields.items():
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        rows.append(f"| `{name}` | {_value(field)} | {meaning} |")
    return rows


def _value(field: FieldInfo) -> str:
    told = _type(field.annotation)
    if field.is_required():
        return f"{told}, required"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is None or isinstance(default, BaseModel) or default in ((), {}):
        return told
    if isinstance(default, timedelta):
        default = f"{int(default.total_seconds() // 60)}m"
    if isinstance(default, tuple):
        default = ", ".join(map(str, default))
    if isinstance(default, bool):
        default = str(default).lower()
    return f"{told}; `{default}`"


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), [a for a in get_args(annotation) if a is not type(None)]
    if origin is Literal:
        return " \\| ".join(f"`{value}`" for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(argument) for argument in arguments))
    if origin is tuple:
        return "list"
    if origin is dict:
        return "names and values"
    if hasattr(annotation, "__metadata__"):
        return _type(annotation.__origin__)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " \\| ".join(f"`{value}`" for value in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "see below"
    names = {
        "str": "text",
        "int": "number",
        "float": "number",
        "bool": "`true` \\| `false`",
        "Decimal": "number",
        "timedelta": "duration",
    }
    return names.get(getattr(annotation, "__name__", ""), "value")


def _walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield from _walk(child, f"{path} {name}")


def _help(command: click.Command, path: str) -> str:
    context = click.Context(
        command, info_name=path, max_content_width=100, terminal_width=100, help_option_names=["-h", "--help"]
    )
    return command.get_help(context).rstrip()


def pages() -> dict[str, str]:
    return {"settings.md": settings(), "commands.md": commands(), "api.md": api(), "views.md": views()}


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
