"""`tagora publish`."""

from __future__ import annotations

from typing import Any

import click

from ...site.publishing.publish import Outcome
from ..building import build_site, try_look
from ..forgetting import finish_owed
from ..printing import as_json, count, size
from ..progress import progress
from ..publishing import Preview, Published, places, previews, publish_site
from ..workplace import Workplace, open_workplace
from . import Invocation, pass_invocation


@click.command("publish", short_help="Bring the site to where readers find it.")
@click.option("--to", "names", metavar="NAME", multiple=True, help="Only to this place; may be said several times.")
@click.option("--dry-run", is_flag=True, help="Only list what would be sent and removed, of the site as it is.")
@click.option("--allow-shrink", is_flag=True, help="Let more files vanish than `max_shrink` says.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, names: tuple[str, ...], dry_run: bool, allow_shrink: bool, json_: bool) -> int:
    """Build the site and bring it to the places under `publish:`: only what changed, withdrawn posts first.

    Exit status 1: some files failed (named); they are tried again next time.
    """
    with open_workplace(invocation.config) as place:
        places(place, names)  # a wrong name is told before anything is built
        if dry_run:
            return _tell_previews(place, names, json_)
        try_look(place)
        with progress("writing the site", quiet=json_):
            built = build_site(place)
        finish_owed(place)
        done = publish_site(
            place,
            names,
            allow_shrink=allow_shrink,
            watch=lambda words, total: progress(words, total, quiet=json_),
        )
    if json_:
        as_json({"build_failures": list(built.failures), "places": [_told(one) for one in done]})
    else:
        for one in done:
            _tell(one)
        for failure in built.failures:
            click.echo(failure, err=True)
    if all(one.error is not None for one in done):
        return 3
    return 1 if built.failed or any(one.problem for one in done) else 0


def _tell(one: Published) -> None:
    if one.error is not None:
        click.echo(f"{one.place}: {one.error}", err=True)
        return
    outcome = one.outcome
    assert outcome is not None
    click.echo(
        f"{one.place}: {count(outcome.sent, 'file')} sent ({size(outcome.bytes_sent)}), "
        f"{outcome.removed:,} removed, {outcome.plan.unchanged:,} unchanged"
    )
    for failure in outcome.failures:
        click.echo(f"{one.place}: {failure}", err=True)


def _told(one: Published) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "place": one.place,
        "error": str(one.error) if one.error else None,
        **(_numbers(outcome) if outcome else {}),
    }


def _numbers(outcome: Outcome) -> dict[str, Any]:
    return {
        "sent": outcome.sent,
        "bytes": outcome.bytes_sent,
        "removed": outcome.removed,
        "unchanged": outcome.plan.unchanged,
        "failures": outcome.failures,
    }


def _tell_previews(place: Workplace, names: tuple[str, ...], json_: bool) -> int:
    found = list(previews(place, names))
    if json_:
        as_json([_previewed(one) for one in found])
    else:
        for one in found:
            _tell_preview(one)
    failed = sum(one.error is not None for one in found)
    return 0 if not failed else 3 if failed == len(found) else 1


def _tell_preview(one: Preview) -> None:
    if one.plan is None or one.record is None:
        click.echo(f"{one.place}: {one.error}", err=True)
        return
    for path in one.plan.sent:
        click.echo(f"send    {one.site.files[path].size:>10,}  {path}")
    for path in one.plan.removed:
        click.echo(f"remove  {one.record.files[path].size:>10,}  {path}")
    total = sum(one.site.files[path].size for path in one.plan.sent)
    click.echo(
        f"{one.place}: {count(len(one.plan.sent), 'file')} would be sent ({size(total)}), "
        f"{len(one.plan.removed):,} removed, {one.plan.unchanged:,} unchanged"
    )


def _previewed(one: Preview) -> dict[str, Any]:
    if one.plan is None or one.record is None:
        return {"place": one.place, "error": str(one.error)}
    files, there = one.site.files, one.record.files
    return {
        "place": one.place,
        "error": None,
        "send": [{"path": path, "bytes": files[path].size} for path in one.plan.sent],
        "remove": [{"path": path, "bytes": there[path].size} for path in one.plan.removed],
        "bytes": sum(files[path].size for path in one.plan.sent),
        "unchanged": one.plan.unchanged,
        "withdrawals": [*one.plan.withdrawn, *one.plan.corrected],
        "vanishing": one.plan.vanishing,
    }
