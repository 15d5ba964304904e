"""`tagora collect`: one round."""

from __future__ import annotations

import logging

import click

from ...collector.plan import RunReport
from ...core.errors import UsageError
from ..collecting import collect, failed
from ..forgetting import finish_owed
from ..logs import event
from ..printing import as_json, count, dollars
from ..progress import progress
from ..workplace import open_workplace
from . import Invocation, pass_invocation, pictures

log = logging.getLogger("tagora.collect")


@click.command("collect", short_help="Ask the networks that are due, once.")
@click.option("--once", is_flag=True, help="One round, then end. This is what it does anyway; `tagora run` repeats.")
@click.option("--now", "early", is_flag=True, help="Also ask sources that are not due yet.")
@click.option("--source", "only", multiple=True, metavar="NAME", help="Only this source (repeatable).")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, once: bool, early: bool, only: tuple[str, ...], json_: bool) -> int:
    """Ask every network that is due, once, and store what belongs to the campaigns.

    Exit status 1: some sources failed (named); what the others brought is stored.
    """
    with open_workplace(invocation.config) as place:
        known = {name for one in place.sources for name in (one.name, f"{one.campaign.slug}/{one.name}")}
        for name in only:
            if name not in known:
                raise UsageError(f"there is no source {name!r}", "`tagora sources` lists them.")
        finish_owed(place)
        with progress("asking", len(only) or len(place.sources), quiet=json_) as step:
            had_a_turn: set[str] = set()

            def done(report: RunReport) -> None:
                name = f"{report.campaign}/{report.name}"
                if name not in had_a_turn:
                    step()
                had_a_turn.add(name)
                log_report(report)
                if not json_:
                    tell(report)

            reports = collect(place, when_due=not early, only=only, done=done)
        outcome = pictures.copied(place, quiet=json_)
        if json_:
            as_json({"sources": [_row(report) for report in reports], "pictures": pictures.row(outcome)})
        elif not place.sources:
            click.echo("The configuration has no source to ask. Add one under `campaigns:`, `sources:`.")
        elif not reports:
            click.echo("No source is due. (`tagora collect --now` asks all the same.)")
        if outcome.is_anything and not json_:
            click.echo(f"pictures: {outcome.words}")
        return failed(reports)


def tell(report: RunReport) -> None:
    """One line about one source; an error goes to stderr."""
    name = f"{report.campaign}/{report.name}"
    if report.error and not report.seen and not report.new and not report.updated and not report.requests:
        click.echo(f"{name}: {report.error}", err=True)
        return
    if report.skipped:
        click.echo(f"{name}: not asked, {report.skipped}")
        return
    parts = [f"{report.new:,} new", f"{report.updated:,} updated", f"{report.seen:,} seen"]
    if report.gaps:
        parts.append(count(report.gaps, "gap"))
    if report.refused:
        parts.append("refused " + ", ".join(f"{n} {reason}" for reason, n in sorted(report.refused.items())))
    parts.append(count(report.requests, "request"))
    if report.micros:
        parts.append(dollars(report.micros))
    click.echo(f"{name}: {', '.join(parts)}")
    if report.error:
        click.echo(f"{name}: {report.error}", err=True)


def log_report(report: RunReport) -> None:
    """The same as one event, for machines that read the log."""
    name = f"{report.campaign}/{report.name}"
    if report.skipped:
        return
    failed = report.error is not None
    words = f"{name}: {report.error or 'asked'}"
    event(log, "source.failed" if failed else "source.asked", words, source=name, **_row(report))


def _row(report: RunReport) -> dict[str, object]:
    return {
        "campaign": report.campaign,
        "platform": report.platform,
        "name": report.name,
        "new": report.new,
        "updated": report.updated,
        "seen": report.seen,
        "gaps": report.gaps,
        "refused": dict(report.refused),
        "requests": report.requests,
        "usd": report.micros / 1_000_000,
        "skipped": report.skipped,
        "error": report.error,
    }
