"""`tagora build`."""

from __future__ import annotations

import click

from ...site.explain import explain
from ..building import build_site, campaign_infos, site_settings, try_look
from ..forgetting import finish_owed
from ..printing import as_json, count
from ..progress import progress
from ..workplace import open_workplace
from . import Invocation, pass_invocation


@click.command("build", short_help="Write the static site.")
@click.option("--full", is_flag=True, help="Look at every page, not only at those that can have changed.")
@click.option("--explain", "page", metavar="PATH", help="Say why this page would be written again; write nothing.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, full: bool, page: str | None, json_: bool) -> int:
    """Write the static site: only pages that changed; pages of withdrawn posts go first.

    Exit status 1: some pages failed (named) and keep their former form.
    """
    with open_workplace(invocation.config) as place:
        if page is not None:
            told = explain(place.store, site_settings(place), campaign_infos(place), page, now=place.clock.now())
            if told.changed:
                reason = f"would be written again, for this differs: {', '.join(told.changed)}"
            elif told.planned:
                reason = "is as it should be"
            else:
                reason = "would be removed" if told.owned else "is no page of this site"
            if json_:
                as_json({"path": told.path, "owned": told.owned, "planned": told.planned, "changed": told.changed})
            else:
                click.echo(f"{told.path} {reason}")
            return 0
        try_look(place)
        with progress("writing the site", quiet=json_) as step:
            report = build_site(place, full=full, say=step.say)
        finish_owed(place)
    if json_:
        as_json(
            {
                "written": report.written,
                "same_bytes": report.same_bytes,
                "skipped": report.skipped,
                "removed": report.removed,
                "failed": report.failed,
                "indexed": report.indexed,
                "failures": list(report.failures),
                "seconds": round(report.seconds, 3),
            }
        )
    else:
        click.echo(
            f"{count(report.written, 'page')} written, {report.same_bytes + report.skipped:,} unchanged, "
            f"{report.removed:,} removed in {report.seconds:.1f} s: {place.site_folder}"
        )
        for failure in report.failures:
            click.echo(failure, err=True)
    return 1 if report.failed else 0
