"""`tagora publishing`: the switch and the flood brake."""

from __future__ import annotations

import click

from ...review import moderate
from ...storage import campaigns
from ..workplace import open_workplace
from . import Invocation, pass_invocation
from .review_decide import campaign_option


@click.command("publishing", short_help="Stop or resume publishing a campaign.")
@click.argument("action", type=click.Choice(["stop", "resume", "release"]))
@campaign_option
@pass_invocation
def command(invocation: Invocation, action: str, campaign: str | None) -> None:
    """Stop or resume publishing a campaign.

    stop: nothing decided from now on is published; withdrawals still pass. resume: the pages follow the decisions
    again.
    release: lets go of the flood brake, which made everything wait for a person.
    """
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        slug, campaign_id = place.campaign(campaign).slug, place.campaign_id(campaign)
        if action == "stop":
            moderate.stop_publishing(connection, campaign_id)
            click.echo(f"{slug}: publishing stopped; withdrawals still pass")
        elif action == "resume":
            moderate.resume_publishing(connection, campaign_id)
            click.echo(f"{slug}: publishing goes on with the next build")
        else:
            campaigns.release_brake(connection, campaign_id, place.clock.now())
            click.echo(f"{slug}: the flood brake is off, its sources go on at once")
