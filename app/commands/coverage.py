"""`tagora coverage`."""

from __future__ import annotations

from datetime import datetime

import click

from ..printing import as_json, count
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
                click.echo(
                    f"    asked  {_day(stretch.since)} to {_day(stretch.until)}, {sure}, {count(stretch.items, 'item')}"
                )
            for gap in question.open:
                end = f", gone after {_day(gap.unreachable_at)}" if gap.unreachable_at else ""
                click.echo(f"    open   {_day(gap.since)} to {_day(gap.until)}{end}")
            for hole in question.holes:
                click.echo(f"    missed {_day(hole.since)} to {_day(hole.until)}, can no longer be asked")


def _day(moment: datetime | None) -> str:
    return f"{moment:%d %b %Y %H:%M}" if moment else "the beginning"
