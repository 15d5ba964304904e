"""`tagora rollback`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

import click

from ...core.errors import UsageError
from ...review import moderate
from ...storage.builds import Past, builds
from ..building import build_site
from ..printing import count, when
from ..publishing import publish_now
from ..workplace import Workplace, open_workplace
from . import Invocation, pass_invocation
from .review_decide import campaign_option

LISTED = 20


@click.command("rollback", short_help="Bring the site back to an earlier build.")
@click.argument("moment", metavar="[BUILD|TIME]", required=False)
@campaign_option
@pass_invocation
def command(invocation: Invocation, moment: str | None, campaign: str | None) -> int:
    """Bring the site back to what was decided at an earlier build.

    BUILD is its number; TIME ("2026-11-25 14:00") means the last build before. What was withdrawn, rejected or edited
    since does not come back. Without either: list the last builds.

    Publishing stays stopped, for all campaigns or the one named, until `tagora publishing resume`: nothing decided
    since is shown, in this build or later ones.
    """
    with open_workplace(invocation.config) as place:
        if moment is None:
            _list(place)
            return 0
        past = _chosen(place, moment)
        slugs = [place.campaign(campaign).slug] if campaign else list(place.ids)
        with place.store.writing() as connection:
            for slug in slugs:
                moderate.go_back(connection, place.ids[slug].campaign_id, past.built.started_at)
        report = build_site(place)
        published = publish_now(place)
        click.echo(
            f"{', '.join(slugs)}: as at build {past.number} ({when(past.built.started_at, place.zone)}); "
            f"{count(report.written, 'page')} written, {report.removed:,} removed. "
            "Nothing decided since is shown until: tagora publishing resume"
        )
        problems = [*report.failures, *(f"{one.place}: {one.problem}" for one in published if one.problem)]
        for problem in problems:
            click.echo(problem, err=True)
    return 1 if problems else 0


def _list(place: Workplace) -> None:
    with place.store.reading() as connection:
        shown = list(islice(_that_changed_something(builds(connection)), LISTED))
    for one in shown:
        began = when(one.built.started_at, place.zone)
        click.echo(f"{one.number:>6}  {began}  {count(one.written, 'page')} written, {one.removed:,} removed")
    if not shown:
        click.echo("Nothing was built yet.")


def _that_changed_something(all_: Iterator[Past]) -> Iterator[Past]:
    return (one for one in all_ if one.written or one.removed)


def _chosen(place: Workplace, moment: str) -> Past:
    with place.store.reading() as connection:
        if moment.isdecimal():
            found = next(builds(connection, number=int(moment)), None)
            wanted = f"no build {moment}"
        else:
            until = _read(place, moment)
            found = next(builds(connection, until=until), None)
            wanted = f"no build before {when(until, place.zone)}"
    if found is None:
        raise UsageError(f"there is {wanted}", "`tagora rollback` without more lists the last ones.")
    return found


def _read(place: Workplace, moment: str) -> datetime:
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        raise UsageError(
            f"{moment!r} is neither the number of a build nor a time", 'Write it like "2026-11-25 14:00".'
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=place.zone)
