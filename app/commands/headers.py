"""`tagora headers`."""

from __future__ import annotations

import click

from ...core.errors import UsageError
from ...site import headers, render
from ...site.headers import Moves
from ..building import site_settings
from ..workplace import Workplace, open_workplace
from . import Invocation, pass_invocation


@click.command("headers", short_help="Write out what a web server is to say.")
@click.option(
    "--for", "server", type=click.Choice(["nginx", "caddy"]), required=True, help="The server it is written for."
)
@click.option("--root", metavar="FOLDER", help="Where the site lies on the server; the folder it is built in if empty.")
@pass_invocation
def command(invocation: Invocation, server: str, root: str | None) -> None:
    """Write out what a web server is to say with the site's files: security and cache headers, types, the page for what
    is not there, where discussions have moved to. The site itself holds `_headers` and `_redirects` for hosts that read
    those (Netlify, Cloudflare Pages).
    """
    with open_workplace(invocation.config) as place:
        settings = site_settings(place)
        write = headers.nginx if server == "nginx" else headers.caddy
        inline = headers.of_inline(render.asset(render.STYLE, settings.look))
        moves, form = _moves(place), settings.report_form
        click.echo(write(settings.base_url, root or str(settings.out), inline, moves, form), nl=False)


def _moves(place: Workplace) -> Moves:
    """As the last build wrote them for other hosts."""
    try:
        lines = (site_settings(place).out / "_redirects").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise UsageError("there is no site yet", "Write it with `tagora build`.") from None
    moves = [line.split() for line in lines if line.startswith("/")]
    return [(former.lstrip("/"), present.lstrip("/")) for former, present, _ in moves]
