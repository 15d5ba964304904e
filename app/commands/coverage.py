"""`tagora coverage`."""

from __future__ import annotations

from datetime import datetime, tzinfo

import click

from ..printing import as_json, count, when
from ..standing import coverage_of
from ..workplace import open_workplace
from . import Invocation, pass_invocation


@click.command("coverage", short_help="Say what was asked, and what was missed.")
@click.option("--all", "every", is_flag=True, help="Also the walks of single conversations.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, every: bool, json_: bool) -> None:
    """Say which stretches of time each source was asked about, what is still open and until when it can be had, and
    which holes will stay."""
    with open_workplace(invocation.config) as place, place.store.reading() as connection:
        zone = place.zone
        told = coverage_of(place, connection)
    told = [(one, [c for c in found if every or c.question.startswith(("tag:", "feed:"))]) for one, found in told]
    if json_:
        as_json(
            {
                "sources": [
                    {"campaign": one.campaign.slug, "name": one.name, "platform": one.platform.name, "coverage": found}
                    for one, found in told
                ]
            }
        )
        return
    for one, found in told:
        click.echo(f"{one.campaign.slug}/{one.name}")
        if not found:
            click.echo("  never asked yet")
        for question in found:
            click.echo(f"  {question.question}")
            for stretch in question.asked:
                sure = "all that the network gives" if stretch.exhaustive else "best effort"
                asked = _stretch(stretch.since, stretch.until, zone)
                click.echo(f"    asked  {asked}, {sure}, {count(stretch.items, 'item')}")
            for gap in question.open:
                end = f", gone after {when(gap.unreachable_at, zone)}" if gap.unreachable_at else ""
                click.echo(f"    open   {_stretch(gap.since, gap.until, zone)}{end}")
            for hole in question.holes:
                click.echo(f"    missed {_stretch(hole.since, hole.until, zone)}, can no longer be asked")


def _stretch(since: datetime | None, until: datetime | None, zone: tzinfo) -> str:
    return f"{when(since, zone) if since else 'the beginning'} to {when(until, zone) if until else 'today'}"
