"""`tagora backup`: a copy of the store."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from ...core.clock import SystemClock
from ...storage.backing_up import note_problem
from ...storage.store import open_store
from .. import backups, withdrawals_file
from ..config_file import load
from ..printing import as_json, count, when
from ..progress import progress
from ..workplace import store_url
from . import Invocation, pass_invocation

to_option = click.option("--to", type=click.Path(path_type=Path), metavar="FOLDER", help="Another folder.")


@click.group("backup", invoke_without_command=True, short_help="Copy the store; list the copies.")
@to_option
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def command(context: click.Context, to: Path | None, json_: bool) -> None:
    """Copy the store, checked and compressed, into the folder of `backup:` (or another), while everything else goes on.

    In its own folder the newest `keep` stay; in one that is named with --to nothing is taken away. `tagora run` does
    this by itself. A store of an earlier release is copied as it is: do it before an upgrade.
    """
    if context.invoked_subcommand is not None:
        return
    loaded = load(context.ensure_object(Invocation).config)
    folder, clock = to or backups.folder_of(loaded), SystemClock()
    store = open_store(store_url(loaded))
    try:
        with progress("Copying the store", quiet=json_):
            made = backups.make(store, folder, clock)
            withdrawals_file.bring_to(folder, loaded)
        if to is None:
            with store.writing() as connection:
                note_problem(connection, None)
    finally:
        store.close()
    removed = [] if to else backups.prune(folder, loaded.config.backup.keep, clock.now())
    if json_:
        as_json(told(made) | {"removed": [str(one.file) for one in removed]})
        return
    click.echo(f"{made.file}: {count(made.posts, 'post')}, {count(made.decisions, 'decision')}, {_bytes(made.size)}")
    if removed:
        click.echo(f"{count(len(removed), 'older one')} removed.")


@command.command("list", short_help="List the copies that are whole.")
@to_option
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def list_(invocation: Invocation, to: Path | None, json_: bool) -> None:
    """List the copies that are whole, the newest first."""
    loaded = load(invocation.config)
    folder = to or backups.folder_of(loaded)
    found = backups.good(folder)
    if json_:
        as_json({"folder": str(folder), "backups": [told(one) for one in found]})
        return
    zone = ZoneInfo(loaded.config.timezone)
    for one in found:
        held = f"{count(one.posts, 'post')}, {count(one.decisions, 'decision')}"
        click.echo(f"{when(one.at, zone)}  {one.file.name}  {held}, {_bytes(one.size)}, tagora {one.program}")
    if not found:
        click.echo(f"There is no backup in {folder}.")


def told(one: backups.Backup) -> dict[str, object]:
    return {
        "file": str(one.file),
        "at": one.at,
        "posts": one.posts,
        "decisions": one.decisions,
        "schema": one.schema,
        "program": one.program,
        "size": one.size,
        "sha256": one.sha256,
    }


def _bytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size / 1_000:.1f} kB"
