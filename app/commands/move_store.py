"""`tagora move-store`: the collection into another database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing

import click
from sqlalchemy import URL, make_url

from ...core.clock import SystemClock
from ...storage.store import open_store
from ..config_file import load
from ..moving import move
from ..printing import as_json, count
from ..progress import progress
from ..workplace import store_url, url_of
from . import Invocation, pass_invocation


@click.command("move-store", short_help="Move the collection to another database.")
@click.argument("to", metavar="URL")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, to: str, json_: bool) -> None:
    """Copy everything into the empty database at URL: sqlite:///var/tagora.db or postgresql+psycopg://user@host/name.

    Stop `tagora run` and `tagora review` first. It is all there afterwards or nothing is: one that was cut short is
    simply called again. The former store stays as it was.
    """
    loaded = load(invocation.config)
    with closing(open_store(store_url(loaded))) as source, ExitStack() as shown:

        def begun(total: int) -> Callable[[int], None]:
            return shown.enter_context(progress("Moving", total, quiet=json_))

        rows = move(source, url_of(loaded, to), SystemClock().now(), begun)
    url = make_url(to)
    written = URL.create(
        url.drivername, url.username, host=url.host, port=url.port, database=url.database, query=url.query
    ).render_as_string()
    if json_:
        as_json({"store": written, "rows": rows})
        return
    click.echo(f"Copied {count(rows['post'], 'post')} and {count(rows['decision'], 'decision')}. Now write:")
    click.echo(f"  store: {written}")
    if url.password:
        click.echo("and put the password into PGPASSWORD or ~/.pgpass: it does not belong into the configuration.")
    click.echo(
        "Then: tagora build (every page is looked at once). The former store is as it was; delete it when nothing"
    )
    click.echo("is missing.")
