"""`tagora review`."""

from __future__ import annotations

import logging

import click

from ...storage.moderators import every
from .. import logs
from ..alerting import looking
from ..health.web import Watched
from ..reviewing import serving_review, surroundings
from ..serving import until_interrupted
from ..workplace import open_workplace
from . import PORT, Invocation, pass_invocation


@click.command("review", short_help="Serve the moderators' review app.")
@click.option("--host", help="The address to listen at; `review: {host}` of the configuration otherwise.")
@click.option("--port", type=PORT, help="The port; `review: {port}` otherwise.")
@pass_invocation
def command(invocation: Invocation, host: str | None, port: int | None) -> None:
    """Serve the moderators' review app until Ctrl-C. `tagora run` serves it too.

    People are let in by `tagora moderators add NAME`, which prints a link to set a password.
    """
    logs.prepare(invocation.log_format, logging.INFO if invocation.log_format == "json" else logging.WARNING)
    with open_workplace(invocation.config) as place:
        handed = surroundings(place)
        wanted = host or handed.settings.host, handed.settings.port if port is None else port
        with place.store.reading() as connection:
            empty = not every(connection)
        with looking(place), serving_review(lambda: handed, *wanted, Watched(lambda: place)) as address:
            click.echo(f"{handed.settings.public_url or address}   (Ctrl-C ends it)")
            if empty:
                click.echo("Nobody can sign in yet. Let yourself in: tagora moderators add NAME --role admin")
            until_interrupted()
