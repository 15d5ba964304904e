"""`tagora serve`."""

from __future__ import annotations

import click

from ...core.errors import UsageError
from ..config_file import load
from ..serving import serving, until_interrupted
from . import PORT, Invocation, pass_invocation


@click.command("serve", short_help="Show the written site at a local address.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=PORT, default=8000, show_default=True, help="The port; 0 takes a free one.")
@pass_invocation
def command(invocation: Invocation, host: str, port: int) -> None:
    """Show the written site at a local address, until Ctrl-C. For looking; put it on any static host for readers."""
    loaded = load(invocation.config)
    folder = loaded.path(loaded.config.site.out)
    if not (folder / "index.html").is_file():
        raise UsageError(f"there is no site in {folder}", "Write it with `tagora build`.")
    with serving(folder, host, port) as address:
        click.echo(f"{address}   (Ctrl-C ends it)")
        until_interrupted()
