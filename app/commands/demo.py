"""`tagora demo`."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import click

from ...core.errors import UsageError
from ..demo import SLUG, playing
from ..demo_team import NAME, PASSWORD, settle_in
from ..printing import as_json
from ..rebuilding import rebuilding
from ..reviewing import serving_review, surroundings
from ..serving import serving, until_interrupted
from ..workplace import Workplace


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
@click.option(
    "--port",
    type=click.IntRange(0, 65500),
    default=8000,
    show_default=True,
    help="Where the site is shown; the next free one if taken.",
)
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
def command(folder: Path, once: bool, port: int, json_: bool) -> int:
    """Play a made-up discussion of some 350 posts on X, Mastodon, Facebook, Bluesky and two blogs: collected from
    networks in a box, reviewed, published, one post withdrawn. Then show the site and the moderators' review app until
    Ctrl-C. Needs no account and no internet."""
    begun = time.perf_counter()
    with playing(folder.resolve(), (lambda _line: None) if json_ else click.echo) as (report, place):
        settle_in(place, SLUG)
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
        if not once:
            _show(place, folder, port)
    return report.status


def _show(place: Workplace, folder: Path, port: int) -> None:
    handed = surroundings(place, rebuilding=True)
    with ExitStack() as open_:
        site = _first_free(open_, port, lambda at: serving(place.site_folder, "127.0.0.1", at))
        review = _first_free(open_, port + 1, lambda at: serving_review(lambda: handed, "127.0.0.1", at))
        open_.enter_context(rebuilding(place))
        click.echo(f"\nThe site, as readers see it:  {site}")
        click.echo(f"The review app:               {review}   name: {NAME}   password: {PASSWORD}")
        click.echo("What you decide there is on the site some seconds later. Ctrl-C ends the demo.")
        click.echo("\nLook further, in another terminal:")
        for words in (f"list --campaign {SLUG}", "status", "show 12"):
            click.echo(f"  {_command()} -c {folder / 'config.yaml'} {words}")
        until_interrupted()
    click.echo(f"\nThe demo has ended. What it made stays in {_near(place.loaded.folder)} until the next one.")


def _first_free(open_: ExitStack, port: int, serve: Callable[[int], AbstractContextManager[str]]) -> str:
    for candidate in (*range(port, port + 20), 0):
        try:
            return open_.enter_context(serve(candidate))
        except UsageError:
            continue
    raise UsageError(f"no port from {port} on is free", "Choose another with --port.")


def _command() -> str:
    """How the person at this terminal calls Tagora: `make demo` does not put it on the path."""
    return "tagora" if shutil.which("tagora") else _near(Path(sys.argv[0]))


def _near(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
