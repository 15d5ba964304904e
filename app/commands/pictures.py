"""`tagora pictures`."""

from __future__ import annotations

import click

from ...storage import pictures
from ..picturing import Outcome, look
from ..printing import as_json, count
from ..progress import progress
from ..workplace import Workplace, open_workplace
from . import Invocation, pass_invocation


@click.command("pictures", short_help="Copy the pictures of approved posts.")
@click.option("--again", is_flag=True, help="Try those too that were given up.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, again: bool, json_: bool) -> int:
    """Copy the pictures of approved posts, where their source says so (docs/pictures.md), and let go of the others'.
    The next build shows them. `tagora collect` and `tagora run` do it by themselves.

    Exit status 1: some could not be copied (named).
    """
    with open_workplace(invocation.config) as place:
        if again:
            with place.store.writing() as connection:
                pictures.again(connection, place.clock.now())
        outcome = copied(place, quiet=json_)
        with place.store.reading() as connection:
            now = pictures.standing(connection)
    if json_:
        as_json({**row(outcome), "standing": now})
    elif outcome.busy:
        click.echo("Another tagora is copying pictures.")
    else:
        click.echo(f"{outcome.words}; {count(now.copied, 'picture')} in all: {place.pictures_folder}")
        for problem in outcome.problems:
            click.echo(problem, err=True)
        if now.failed:
            click.echo(f"{count(now.failed, 'picture')} given up; `tagora pictures --again` tries once more:", err=True)
            for words, number in now.problems:
                click.echo(f"  {number:,}: {words}", err=True)
    return 1 if outcome.problems else 0


def copied(place: Workplace, *, quiet: bool) -> Outcome:
    """One look at all pictures, with a bar where there are some to fetch."""
    with progress("copying pictures", quiet=quiet) as step:
        return look(place, step=step)


def row(outcome: Outcome) -> dict[str, object]:
    return {
        "copied": outcome.copied,
        "later": outcome.later,
        "failed": outcome.failed,
        "dropped": outcome.dropped,
        "lost": outcome.lost,
        "problems": outcome.problems,
    }
