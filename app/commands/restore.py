"""`tagora restore`: a backup in the store's place."""

from __future__ import annotations

import click

from ...core.clock import SystemClock
from ...core.errors import BuildError
from ...storage.migrate import newest
from ..building import build_site
from ..config_file import load
from ..forgetting import finish_owed
from ..picture_files import compare
from ..printing import as_json, count, dollars, when
from ..progress import progress
from ..reconciling import reconcile_accounts
from ..restoring import Restored, chosen, dollars_set_aside, restore
from ..workplace import Workplace, open_workplace
from . import Invocation, pass_invocation


@click.command("restore", short_help="Put a backup in the store's place.")
@click.argument("backup", metavar="FILE|latest")
@click.option("--over-newer", is_flag=True, help="Even where the store that is there knows later things.")
@click.option("--new-key", is_flag=True, help="Even though the withdrawal key is not the one it was made with.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, backup: str, over_newer: bool, new_key: bool, json_: bool) -> int:
    """Put a backup in the store's place, SQLite or PostgreSQL: checked, brought to this version's form, without what
    was withdrawn since; then build the site anew. The store that was there is kept aside.

    Stop `tagora run` and `tagora review` first. See docs/backup.md.
    """
    loaded, clock = load(invocation.config), SystemClock()
    file = chosen(loaded, backup, clock.now())
    with progress("Restoring", 4, quiet=json_) as step:
        done = restore(loaded, file, clock, over_newer=over_newer, new_key=new_key, step=step)
    with open_workplace(invocation.config) as place:
        if not json_:
            _tell(place, done)
        asked = reconcile_accounts(place) if done.set_aside else []
        try:
            compare(place)  # what it knows of pictures may be older than their folder
            report = build_site(place)
            finish_owed(place)
        except BuildError as error:
            click.echo(f"The store is restored, the site is not built yet: {error}", err=True)
            return 1
    if json_:
        as_json(
            {
                "file": str(done.file),
                "newest": done.newest,
                "posts": done.posts,
                "decisions": done.decisions,
                "schema": done.schema,
                "withdrawn_since": done.replayed.withdrawals if done.replayed else 0,
                "usd_set_aside": dollars_set_aside(done),
                "kept_aside": done.aside,
                "pages_written": report.written,
                "pages_removed": report.removed,
            }
        )
    else:
        for line in asked:
            click.echo(f"  {line}")
        click.echo(f"  site: {count(report.written, 'page')} written, {count(report.removed, 'page')} removed")
        click.echo("Decisions and settings of the team made after that moment are lost. Start again: tagora run")
    return 1 if report.failed else 0


def _tell(place: Workplace, done: Restored) -> None:
    until = f"as of {when(done.newest, place.zone)}" if done.newest else "without any event"
    held = f"{count(done.posts, 'post')}, {count(done.decisions, 'decision')}"
    click.echo(f"Restored from {done.file}: {held}, {until}.")
    if not done.checked:
        click.echo("  its facts were not beside it, so its checksum could not be compared; the file itself is whole")
    if done.schema != newest():
        click.echo(f"  brought from schema {done.schema} to {newest()}")
    if done.replayed:
        back = done.replayed
        click.echo(
            f"  withdrawn since then, and kept out: {count(back.posts, 'post')}, {count(back.people, 'account')}, "
            f"{count(back.mentions, 'mention')}"
        )
    for account, micros in done.set_aside.items():
        click.echo(f"  {account}: {dollars(micros)} that may have been spent since counts as spent, until it is asked")
    if done.aside:
        click.echo(f"  the former store is kept as {done.aside}; delete it when nothing is missing")
    click.echo("  everybody signs in again; passwords, roles and tokens are those of that moment")
