"""`tagora connect`: lasting keys."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from ...core.clock import SystemClock
from ...core.errors import ConfigError, TagoraError, UsageError
from ..sources import user_agent
from ..workplace import open_workplace
from . import Invocation, pass_invocation

LASTING = "no end date"


@click.group("connect", short_help="Get a network's lasting key (facebook).")
def command() -> None:
    """Get a network's lasting key."""


@command.command("facebook")
@click.option("--app-id", required=True, help="The number of your app (developers.facebook.com).")
@click.option("--app-secret-env", default="FACEBOOK_APP_SECRET", show_default=True, help="Where the app's secret is.")
@click.option("--user-token-env", default="FACEBOOK_USER_TOKEN", show_default=True, help="Where the short token is.")
@click.option("--page", metavar="ID", help="Write the key of this Page; without it the Pages are listed.")
@click.option("--out", type=click.Path(path_type=Path), help="The file the Page's key is written to (mode 0600).")
@click.option("--base-url", help="Another address of the Graph API.")
@pass_invocation
def facebook(
    invocation: Invocation,
    app_id: str,
    app_secret_env: str,
    user_token_env: str,
    page: str | None,
    out: Path | None,
    base_url: str | None,
) -> None:
    """From a short-lived user token to a Page's lasting key.

    Take a user token with pages_show_list, pages_read_engagement and pages_read_user_content from the Graph API
    Explorer, put it into the environment, and run this within the hour. Keys are never printed.
    """
    from ...collector.contract import FreeMeter
    from ...collector.platforms.facebook.access import long_lived_token, managed_pages, token_state
    from ...collector.platforms.facebook.client import open_client
    from ...collector.platforms.facebook.config import FacebookConfig

    secret, token = _environment(app_secret_env, "the app's secret"), _environment(user_token_env, "the user token")
    if page and out is None:
        raise UsageError("--page needs --out FILE", "The key is written there and never printed.")
    version = FacebookConfig(page=page or "0").graph_version
    opened = partial(
        open_client,
        clock=SystemClock(),
        base_url=base_url,
        graph_version=version,
        user_agent=user_agent(None),
        meter=FreeMeter(),
    )
    with opened(token) as graph:
        long = long_lived_token(graph, app_id, secret)
    with opened(long.token) as graph:
        pages = managed_pages(graph)
    if not pages:
        raise ConfigError("this person works on no Page", "Take the token as somebody who manages the Page.")
    for one in pages:
        click.echo(f"{one.id}  {one.name}  ({', '.join(one.tasks) or 'no tasks'})")
    if page is None:
        click.echo("Choose one with --page ID --out FILE.")
        return
    chosen = next((one for one in pages if one.id == page), None)
    if chosen is None:
        raise UsageError(f"the Page {page} is not among them", "Take a number from the list.")
    with opened(chosen.token) as graph:
        state = token_state(graph, app_id, secret)
    assert out is not None
    out.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(chosen.token + "\n")
    click.echo(f"The key of “{chosen.name}” is in {out}. Write token_file: {out} into the source.")
    click.echo(f"It ends: {state.expires_at:%d %b %Y}" if state.expires_at else f"It has {LASTING}.")
    if state.data_access_expires_at:
        click.echo(f"Access to data must be renewed before {state.data_access_expires_at:%d %b %Y}.")
    ends = [one for one in (state.expires_at, state.data_access_expires_at) if one is not None]
    if ends:
        click.echo(f"To be told two weeks before, write beside it: key_ends: {min(ends):%Y-%m-%d}")
    # there may be no configuration yet; where there is one, its source is asked again
    with suppress(TagoraError), open_workplace(invocation.config):
        pass
    for scope in state.lacks:
        click.echo(f"It lacks the permission {scope}.", err=True)
    sys.stdout.flush()


def _environment(name: str, what: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigError(f"the environment variable {name} is not set", f"Put {what} into it.")
    return value
