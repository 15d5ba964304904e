"""`tagora close`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date

import click

from ...core.closing import AfterEnd, Phase, ends_on, phase
from ..closing import Ending, close, closed_on, endings, reopen
from ..printing import as_json, count, dollars
from ..workplace import Workplace, open_workplace
from . import Invocation, pass_invocation


@click.command("close", short_help="End a campaign, or open it again.")
@click.argument("campaign", required=False, metavar="CAMPAIGN")
@click.option("--yes", is_flag=True, help="Do it. Without, it only says what follows (and asks, on a terminal).")
@click.option("--undo", is_flag=True, help="Open it again.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, campaign: str | None, yes: bool, undo: bool, json_: bool) -> None:
    """End a campaign: its tags are searched no more, its conversations are asked about for two weeks, then what each
    source's `after_end` says takes effect. What each way costs a year is shown first. Withdrawals go on working.
    """
    with open_workplace(invocation.config) as place:
        slug = place.campaign(campaign).slug
        with place.store.reading() as connection:
            since = closed_on(place, connection, slug)
            found = endings(place, connection, slug)
        today = place.clock.now().astimezone(place.zone).date()
        if undo:
            _undo(place, slug, since, json_)
            return
        done = since is not None
        if not json_:
            _tell(slug, since or today, found, phase(since, today))
        if since is None:
            if not yes and not json_ and sys.stdin.isatty():
                click.confirm("Close it?", abort=True)
                yes = True
            if yes:
                close(place, slug)
                done = True
            if not json_:
                click.echo(f"{slug} is closed. To open it again: tagora close {slug} --undo" if done else _NOTHING)
    if json_:
        as_json(_row(slug, since or today, found, done))


_NOTHING = "Nothing was done. Add --yes to close it; it can be opened again."


def _undo(place: Workplace, slug: str, since: date | None, json_: bool) -> None:
    if since is not None:
        reopen(place, slug)
    if json_:
        as_json({"campaign": slug, "closed": False, "was_closed_on": since})
    else:
        click.echo(f"{slug} is open again; its sources are asked at once." if since else f"{slug} is not closed.")


def _tell(slug: str, on: date, found: Sequence[Ending], now_in: Phase) -> None:
    then = ends_on(on)
    head = f"Closing {slug}:" if now_in is Phase.OPEN else f"{slug} was closed on {_day(on)}:"
    click.echo(head)
    click.echo(f"  from {_day(on)}: its tags are not searched; its conversations are still asked about")
    click.echo(f"  from {_day(then)}: what `after_end` of each source says")
    rows = [("network", "published", "after_end", "keep, a year", "links_only", "remove")]
    rows += [
        (one.network, f"{one.posts:,}", ", ".join(one.after_end), _keep(one), "nothing", "nothing") for one in found
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _keep(one: Ending) -> str:
    calls = count(round(one.keep.calls), "call")
    return f"{dollars(one.keep.micros)}, {calls}" if one.keep.micros else calls


def _row(slug: str, on: date, found: Sequence[Ending], done: bool) -> dict[str, object]:
    return {
        "campaign": slug,
        "closed": done,
        "closed_on": on,
        "ends_on": ends_on(on),
        "networks": [
            {
                "network": one.network,
                "sources": list(one.sources),
                "published": one.posts,
                "after_end": [str(each) for each in one.after_end],
                "yearly": {
                    str(AfterEnd.KEEP): {"usd": one.keep.micros / 1_000_000, "calls": round(one.keep.calls)},
                    str(AfterEnd.LINKS_ONLY): {"usd": 0, "calls": 0},
                    str(AfterEnd.REMOVE): {"usd": 0, "calls": 0},
                },
            }
            for one in found
        ],
    }


def _day(day: date) -> str:
    return f"{day:%d %b %Y}".lstrip("0")
