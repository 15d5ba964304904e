"""Trusting and blocking authors by command."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ...core.conditions import Stands
from ...review import moderate
from ..workplace import open_workplace
from . import Invocation, pass_invocation
from .review_decide import by_option, campaign_option, whose


def _standing(name: str, stands: Stands, line: str, doing: str) -> click.Command:
    @click.command(name, short_help=line, help=f"{line}\n\nAUTHOR is a @handle, an id or a profile's address.")
    @click.argument("author")
    @click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day, like 2026-12-31.")
    @click.option("--lift", is_flag=True, help=f"No longer {doing} the author.")
    @campaign_option
    @by_option
    @pass_invocation
    def run(
        invocation: Invocation, author: str, until: datetime | None, lift: bool, campaign: str | None, by: str | None
    ) -> None:
        with open_workplace(invocation.config) as place, place.store.writing() as connection:
            chosen = place.campaign(campaign)
            campaign_id = place.campaign_id(campaign)
            end = None
            if until is not None:
                end = until.replace(hour=23, minute=59, second=59, tzinfo=place.zone).astimezone(UTC)
            for known in moderate.the_author(connection, author):
                left = moderate.set_standing(
                    connection, campaign_id, known.id, None if lift else stands, whose(by), place.clock.now(), until=end
                )
                state = "lifted" if lift else stands.value + (f" until {until:%Y-%m-%d}" if until else "")
                told = f"@{known.handle}" if known.handle else known.native_id
                click.echo(f"{told} in {chosen.slug}: {state}" + (f"; {left} left the queue" if left else ""))

    return run


trust = _standing("trust", Stands.TRUSTED, "Trust an author in a campaign.", "trust")
block = _standing("block", Stands.BLOCKED, "Block an author in a campaign.", "block")
