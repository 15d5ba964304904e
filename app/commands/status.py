"""`tagora status`."""

from __future__ import annotations

import click

from ...core.closing import ends_on
from ...storage.reports import waiting
from ..health.telling import look, tell_troubles
from ..health.words import Speech
from ..printing import as_json, count, when
from ..publishing import standings as published_standings
from ..standing import campaigns, source_standings
from ..workplace import open_workplace
from . import Invocation, pass_invocation


@click.command("status", short_help="Say how the collection stands.")
@click.option("--tell", is_flag=True, help="Also tell by mail and webhook what was not told yet (for a timer).")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, tell: bool, json_: bool) -> None:
    """Say how the collection stands: troubles and what repairs them, posts, threads, what waits, gaps, and the health
    of every source."""
    with open_workplace(invocation.config) as place:
        if tell:
            tell_troubles(place)
        with place.store.reading() as connection:
            found = look(place, connection)
            all_campaigns = [one for one in campaigns(connection) if one.slug in place.ids]
            standings = source_standings(place, connection)
            reported = waiting(connection)
        published = published_standings(place)
        speech = Speech("en", place.loaded.config.timezone)
    totals = {
        name: sum(getattr(one.numbers, name) for one in all_campaigns)
        for name in ("posts", "threads", "pending", "approved", "rejected", "held", "gaps")
    }
    if json_:
        as_json(
            {
                **totals,
                "reports": {"waiting": reported.number, "oldest_at": reported.oldest_at},
                "troubles": [
                    {
                        "kind": one.kind,
                        "about": one.about,
                        "severity": one.severity,
                        "since": one.since,
                        "campaign": one.campaign,
                        **speech.told(one)._asdict(),
                    }
                    for one in found
                ],
                "published": [
                    {"place": one.place, "at": one.at, "ok_at": one.ok_at, "files": one.files, "problem": one.problem}
                    for one in published
                ],
                "campaigns": [
                    {
                        "campaign": one.slug,
                        "policy": one.policy,
                        "publishing": one.publishing,
                        "flood_since": one.flood_since,
                        "posts": one.numbers.posts,
                        "threads": one.numbers.threads,
                        "pending": one.numbers.pending,
                        "held": one.numbers.held,
                        "approved": one.numbers.approved,
                        "rejected": one.numbers.rejected,
                        "gaps": one.numbers.gaps,
                        "bare_links": one.numbers.doubted,
                        "closed_at": one.closed_at,
                        "oldest_pending": one.numbers.oldest_pending,
                    }
                    for one in all_campaigns
                ],
                "accounts": {
                    one.source.account: {"platform": one.source.platform, "state": one.state, "words": one.words}
                    for one in standings
                },
                "sources": [
                    {
                        "campaign": one.source.campaign,
                        "platform": one.source.platform,
                        "name": one.source.name,
                        "account": one.source.account,
                        "state": one.state,
                        "words": one.words,
                        "hint": one.hint,
                        "due_at": one.source.due_at,
                        "budget": [
                            {
                                "of": ceiling.whose,
                                "unit": "usd" if ceiling.unit == "micros" else "requests",
                                "period": ceiling.period,
                                "limit": ceiling.limit / 1_000_000 if ceiling.unit == "micros" else ceiling.limit,
                                "spent": ceiling.spent / 1_000_000 if ceiling.unit == "micros" else ceiling.spent,
                            }
                            for ceiling in one.spent
                        ],
                    }
                    for one in standings
                ],
            }
        )
        return
    for one in found:
        what, *more = filter(None, speech.told(one))
        click.echo(f"{one.severity.value:<8} {what}")
        for words in more:
            click.echo(f"         {words}")
    for one in all_campaigns:
        counted = one.numbers
        click.echo(
            f"{one.slug}: {count(counted.posts, 'post')} in {count(counted.threads, 'thread')}; "
            f"{counted.approved:,} approved, {counted.pending + counted.new:,} waiting, {counted.held:,} held, "
            f"{counted.rejected:,} rejected; {count(counted.gaps, 'gap')}"
        )
        if counted.doubted:
            click.echo(f"  {count(counted.doubted, 'published post')} shown as a bare link: not looked up in time")
        if one.closed_at is not None:
            closed = one.closed_at.astimezone(place.zone).date()
            click.echo(f"  closed on {closed}; conversations are asked about until {ends_on(closed)}")
        if not one.publishing:
            click.echo("  publishing is stopped: tagora publishing resume")
    if reported.oldest_at is not None:
        since = when(reported.oldest_at, place.zone)
        click.echo(f"reported by readers: {count(reported.number, 'report')} waiting, the oldest since {since}")
    for one in published:
        if one.ok_at is not None:
            click.echo(f"published to {one.place}: {count(one.files, 'file')}, {when(one.ok_at, place.zone)}")
    for one in standings:
        click.echo(f"{one.source.campaign}/{one.source.name}: {one.words}")
        for words in one.usd:
            click.echo(f"  {words}")
        if one.hint:
            click.echo(f"  {one.hint}")
    if not all_campaigns:
        click.echo("The configuration has no campaign.")
