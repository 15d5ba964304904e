"""`tagora platforms`: the networks and what each can do."""

from __future__ import annotations

import click
import orjson

from ...collector import registry
from ...core.errors import ConfigError


@click.command("platforms", short_help="List the networks Tagora can ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def command(as_json: bool) -> None:
    """List the networks Tagora can ask, the keys each needs and its settings."""
    rows = []
    for name in registry.names():
        try:
            platform = registry.load(name)
        except ConfigError as error:
            rows.append({"platform": name, "title": name, "problem": str(error)})
            continue
        settings = {key: field.description or "" for key, field in platform.config.model_fields.items()}
        rows.append({"platform": name, "title": platform.title, "keys": list(platform.secrets), "settings": settings})
    if as_json:
        click.echo(orjson.dumps({"platforms": rows}, option=orjson.OPT_INDENT_2).decode())
        return
    for row in rows:
        click.echo(f"{row['platform']:<10} {row['title']}")
        if "problem" in row:
            click.echo(f"           {row['problem']}")
            continue
        keys = ", ".join(f"{key}_env" for key in row["keys"]) or "none"
        click.echo(f"           keys: {keys}")
        for key, description in row["settings"].items():
            click.echo(f"           {key}: {description}")
