"""`tagora optout`."""

from __future__ import annotations

import click

from ...core.errors import UsageError
from ..opting_out import opt_out, take_back
from ..workplace import open_workplace
from . import Invocation, pass_invocation
from .review_decide import by_option, whose


@click.command("optout", short_help="Note that somebody is not to be collected.")
@click.argument("account", metavar="ACCOUNT")
@click.option("--take-back", "again", is_flag=True, help="The account is collected again.")
@by_option
@pass_invocation
def command(invocation: Invocation, account: str, again: bool, by: str | None) -> None:
    """Note that somebody is not to be collected of whom nothing is held: @name (X), @name@server (fediverse),
    @name.bsky.social (Bluesky), or the address of the account's page. Nothing that names the account is kept. Of whom
    something is held: `tagora forget`.
    """
    if not account.strip():
        raise UsageError("no account is named", "Give its @handle, or the address of its page.")
    with open_workplace(invocation.config) as place:
        if again:
            take_back(place, account)
            click.echo("The account is collected again.")
        else:
            opt_out(place, account, whose(by))
            click.echo("Noted: what the account posts is not collected. It is taken back with --take-back.")
