"""`tagora forget`."""

from __future__ import annotations

import sys

import click

from ...core.errors import PublishError, UsageError
from ..forgetting import finish_owed, forget, planned
from ..printing import as_json, count, when
from ..publishing import publish_now
from ..workplace import Workplace, open_workplace
from . import Invocation, pass_invocation


@click.command("forget", short_help="Withdraw a post or a person for ever.")
@click.argument("target", required=False, metavar="URL|@HANDLE")
@click.option("--yes", is_flag=True, help="Do it. Without, it only says what would go (and asks, on a terminal).")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, target: str | None, yes: bool, dry_run: bool, json_: bool) -> int:
    """Withdraw a post (by its address) or a person (by @handle): scrubbed from store and site at once, and not
    collected again. Replies of others keep their place. Without a target: finish a withdrawal that was cut short.
    """
    if target is not None and not target.strip():
        raise UsageError("no post and no account is named", "Give the post's address, or the @handle.")
    with open_workplace(invocation.config) as place:
        finished = finish_owed(place)
        if finished:
            click.echo("A withdrawal that was cut short is finished.", err=json_)
        if target is None:
            if not finished:
                click.echo("Nothing is owed. To withdraw, name a post's address or a @handle.")
            return 0
        plan = planned(place, target)
        what = (
            f"{count(len(plan.posts), 'post')} in {count(len(plan.threads), 'discussion')}"
            f"{' of ' + ', '.join(plan.campaigns) if plan.campaigns else ''}"
        )
        people = f", {count(len(plan.people), 'account')} not collected again" if plan.for_good else ""
        mentions = f"; the name is struck out in {count(len(plan.mentions), 'other post')}" if plan.mentions else ""
        if dry_run or (not yes and not sys.stdin.isatty()):
            if json_:
                as_json(
                    {
                        "done": False,
                        "posts": len(plan.posts),
                        "people": len(plan.people) if plan.for_good else 0,
                        "discussions": len(plan.threads),
                        "campaigns": list(plan.campaigns),
                        "mentions": len(plan.mentions),
                    }
                )
            else:
                click.echo(f"This would take away {what}{people}{mentions}.")
                click.echo("Nothing was done. Add --yes to do it; it cannot be undone.")
            return 0
        if not yes:
            click.echo(f"This takes away {what}{people}{mentions}. It cannot be undone.")
            click.confirm("Do it?", abort=True)
        receipt = forget(place, target)
        problems = _published(place)
    if json_:
        as_json(
            {
                "done": True,
                "at": receipt.at,
                "posts": receipt.posts,
                "people": receipt.people,
                "discussions": receipt.discussions,
                "campaigns": list(receipt.campaigns),
                "mentions": receipt.mentions,
                "pages_written": receipt.site.written,
                "pages_removed": receipt.site.removed,
                "not_published": problems,
            }
        )
    else:
        click.echo(f"Receipt, {when(receipt.at, place.zone)}")
        click.echo(
            f"  taken from the store: {count(receipt.posts, 'post')} in {count(receipt.discussions, 'discussion')}"
        )
        if receipt.people:
            click.echo(f"  not collected again: {count(receipt.people, 'account')}")
        if receipt.mentions:
            click.echo(f"  name struck out in {count(receipt.mentions, 'post')} of others")
        written, removed = count(receipt.site.written, "page"), count(receipt.site.removed, "page")
        click.echo(f"  site: {written} written again, {removed} removed")
        for problem in problems:
            click.echo(f"  not published yet, try again with tagora publish: {problem}", err=True)
    return 1 if receipt.site.failed or problems else 0


def _published(place: Workplace) -> list[str]:
    """Takes it from the published site too; what went wrong there."""
    try:
        return [f"{one.place}: {one.problem}" for one in publish_now(place) if one.problem is not None]
    except PublishError as error:  # another process is publishing
        return [str(error)]
