"""`tagora look`."""

from __future__ import annotations

from difflib import get_close_matches

import click

from ...core.errors import UsageError


@click.command("look", short_help="Print what a look of your own begins from.")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print a template, the style or the words as they came with Tagora, to begin a look of your own from. Without a
    NAME: what there is.

    \b
        tagora look month.html > look/templates/month.html
    """
    from ...site.look.starting import shipped, text_of
    from ...site.page_kinds import VIEWS

    if name is None:
        for each in shipped():
            view = VIEWS.get(each)
            click.echo(f"{each:20} {f'docs/views.md#{view.__name__.lower()}' if view else ''}".rstrip())
        return
    if name not in shipped():
        near = get_close_matches(name, shipped(), n=1)
        raise UsageError(
            f"nothing that is called {name!r} came with Tagora",
            f"Did you mean {near[0]}?" if near else "`tagora look` lists what did.",
        )
    click.echo(text_of(name), nl=False)
