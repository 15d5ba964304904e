"""`tagora demo`."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import click

from ...core.errors import UsageError
from ..demo import run_demo
from ..printing import as_json
from ..serving import serving, until_interrupted


@click.command("demo", short_help="Show everything on a made-up discussion.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Where to work: empty, absent, or a former demo's.",
)
@click.option("--once", is_flag=True, help="End when the site is written; do not show it.")
@click.option("--port", default=8000, show_default=True, help="Where the site is shown; the next free one if taken.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
def command(folder: Path, once: bool, port: int, json_: bool) -> int:
    """Play a made-up discussion of some 300 posts on X, Mastodon and Facebook: collected from networks in a box,
    reviewed, published, one post withdrawn. Then show the site until Ctrl-C. Needs no account and no internet."""
    begun = time.perf_counter()
    report = run_demo(folder.resolve(), (lambda _line: None) if json_ else click.echo)
    if json_:
        as_json(
            {
                "posts": report.posts,
                "threads": report.threads,
                "approved": report.approved,
                "pages": report.pages,
                "site": str(report.site),
                "store": str(report.store),
            }
        )
    else:
        click.echo(f"done in {time.perf_counter() - begun:.0f} s: {_near(report.site)}")
    if once:
        return report.status
    for candidate in (port, *range(port + 1, port + 20), 0):
        try:
            with serving(report.site, "127.0.0.1", candidate) as address:
                click.echo(f"\nThe site: {address}   (Ctrl-C ends the demo)")
                click.echo("Look further, in another terminal:")
                for words in ("list", "status", "show 12"):
                    click.echo(f"  {_command()} -c {folder / 'config.yaml'} {words}")
                until_interrupted()
                return report.status
        except UsageError:
            continue
    return report.status


def _command() -> str:
    """How the person at this terminal calls Tagora: `make demo` does not put it on the path."""
    return "tagora" if shutil.which("tagora") else _near(Path(sys.argv[0]))


def _near(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
