"""`tagora migrate`: the store's schema."""

from __future__ import annotations

import click

from ...storage.migrate import current, downgrade, migrate
from ...storage.store import open_store
from ..config_file import load
from ..workplace import store_url
from . import Invocation, pass_invocation


@click.command("migrate", short_help="Bring the store to this version's form.")
@click.option("--down", metavar="REVISION", help="Go back to an older form; what only newer forms keep is lost.")
@click.option("--yes", is_flag=True, help="Do not ask before going back.")
@pass_invocation
def command(invocation: Invocation, down: str | None, yes: bool) -> None:
    """Bring the store to this version's form. Every other command does this by itself; with --down it goes back, for
    use with an older Tagora."""
    store = open_store(store_url(load(invocation.config)))
    try:
        before = current(store)
        if down is None:
            migrate(store)
        else:
            if not yes:
                click.confirm(f"Take {store.url} back to {down}? What newer versions kept there is lost.", abort=True)
            downgrade(store, down)
        after = current(store)
        click.echo(
            f"{store.url}: {before or 'empty'} → {after or 'empty'}"
            if before != after
            else f"{store.url}: {after}, nothing to do"
        )
    finally:
        store.close()
