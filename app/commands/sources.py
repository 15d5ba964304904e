"""`tagora sources`."""

from __future__ import annotations

import click

from ...core.errors import UsageError
from ...storage import sources as repository
from ..printing import as_json, when
from ..standing import source_standings
from ..workplace import open_workplace
from . import Invocation, pass_invocation


@click.command("sources", short_help="List the sources and when they are due.")
@click.option("--retry", metavar="NAME", help="Ask an ailing source again (`all` for every one).")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, retry: str | None, json_: bool) -> None:
    """List the sources: how each fares and when it is due."""
    with open_workplace(invocation.config) as place:
        if retry is not None:
            with place.store.writing() as connection:
                names = None if retry == "all" else [retry]
                freed = repository.retry(connection, place.clock.now(), names)
            if not freed:
                raise UsageError(f"there is no source {retry!r}", "`tagora sources` lists them.")
        with place.store.reading() as connection:
            standings = source_standings(place, connection)
        if json_:
            as_json(
                {
                    "sources": [
                        {
                            "campaign": one.source.campaign,
                            "platform": one.source.platform,
                            "name": one.source.name,
                            "account": one.source.account,
                            "state": one.state,
                            "words": one.words,
                            "due_at": one.source.due_at,
                            "last_ok_at": one.source.last_ok_at,
                            "last_new_at": one.source.last_new_at,
                        }
                        for one in standings
                    ]
                }
            )
            return
        now = place.clock.now()
        for one in standings:
            due = "now" if one.source.due_at <= now else when(one.source.due_at, place.zone)
            click.echo(f"{one.source.campaign}/{one.source.name:<24} {one.source.platform:<9} due {due}; {one.words}")
        if not standings:
            click.echo("No source is configured. Add one under `sources:` of a campaign.")
