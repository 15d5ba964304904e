"""`tagora moderators`: who is in the team. The first one can only be added here."""

from __future__ import annotations

import click

from ...core.moderators import Moderator, Role
from ...review import people
from ...review.terminal import safe
from ...storage import moderators
from ..printing import as_json, when
from ..workplace import Workplace, open_workplace
from . import Invocation, pass_invocation
from .review_decide import json_option

role_option = click.option("--role", type=click.Choice([role.value for role in Role]), help="What they may do.")
only_here = click.option("--campaign", metavar="SLUG", help="Only in this campaign; in all of them otherwise.")


@click.group("moderators", short_help="Say who may use the review app.")
def command() -> None:
    """Say who may use the review app: admin (everything, also rules and, when not only in a campaign, the team),
    moderator (decides) or viewer (looks)."""


@command.command("add")
@click.argument("name")
@role_option
@only_here
@click.option("--mail", metavar="ADDRESS", help="Where the digest goes.")
@click.option("--languages", metavar="CODES", default="", help="Of the posts they read, like it,en; all otherwise.")
@json_option
@pass_invocation
def add(
    invocation: Invocation,
    name: str,
    role: str | None,
    campaign: str | None,
    mail: str | None,
    languages: str,
    json_: bool,
) -> None:
    """Add somebody, and print the one-time link by which they choose a password.

    NAME is what the log calls them; it may be a pseudonym. Without --role they are a moderator."""
    given = Role(role or Role.MODERATOR)
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        roles = {place.campaign_id(campaign): given} if campaign else {}
        made, token = people.add(
            connection,
            name,
            None if campaign else given,
            place.clock.now(),
            roles=roles,
            mail=mail,
            languages=languages.replace(",", " ").split(),
        )
    _print_link(place, made, token, json_)


@command.command("list")
@json_option
@pass_invocation
def list_(invocation: Invocation, json_: bool) -> None:
    """List everybody, their roles and when they last signed in."""
    with open_workplace(invocation.config) as place, place.store.reading() as connection:
        everybody = moderators.every(connection)
    slugs = {ids.campaign_id: slug for slug, ids in place.ids.items()}
    if json_:
        as_json({"moderators": [_as_json(one, slugs) for one in everybody]})
        return
    if not everybody:
        click.echo("There is nobody yet. Add somebody: tagora moderators add NAME --role admin")
    for one in everybody:
        state = "disabled" if one.disabled_at else "invited" if not one.has_password else ""
        seen = f"last signed in {when(one.signed_in_at, place.zone)}" if one.signed_in_at else "never signed in"
        told = [safe(one.name), _roles(one, slugs), ", ".join(one.languages), state, seen]
        click.echo("  ".join(part for part in told if part))


@command.command("password")
@click.argument("name")
@json_option
@pass_invocation
def password(invocation: Invocation, name: str, json_: bool) -> None:
    """Print a new one-time link, for NAME to choose a new password; earlier links end."""
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        found = people.named(connection, name)
        token = people.invite(connection, found.id, place.clock.now())
    _print_link(place, found, token, json_)


@command.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([*(role.value for role in Role), "none"]))
@only_here
@pass_invocation
def role(invocation: Invocation, name: str, role: str, campaign: str | None) -> None:
    """Change what NAME may do. With --campaign, none lets the role hold there that holds everywhere."""
    wanted = None if role == "none" else Role(role)
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        found = people.named(connection, name)
        roles = dict(found.roles)
        if campaign:
            roles.pop(place.campaign_id(campaign), None)
            if wanted:
                roles[place.campaign_id(campaign)] = wanted
        people.set_roles(connection, found.id, found.role if campaign else wanted, roles)


@command.command("disable")
@click.argument("name")
@pass_invocation
def disable(invocation: Invocation, name: str) -> None:
    """Shut NAME out at once: sessions, tokens and links end. What they decided stays."""
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        people.disable(connection, people.named(connection, name).id, place.clock.now())


@command.command("enable")
@click.argument("name")
@pass_invocation
def enable(invocation: Invocation, name: str) -> None:
    """Let NAME in again, with the password they had."""
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        people.enable(connection, people.named(connection, name).id)


def _print_link(place: Workplace, one: Moderator, token: str, json_: bool) -> None:
    link = people.invite_link(place.loaded.config.review, token)
    if json_:
        as_json({"id": one.id, "name": one.name, "link": link, "days": people.INVITE_LASTS.days})
        return
    click.echo(f"{safe(one.name)} chooses a password here (once, within {people.INVITE_LASTS.days} days):\n{link}")


def _roles(one: Moderator, slugs: dict[int, str]) -> str:
    own = [f"{slugs[number]}: {role.value}" for number, role in one.roles.items() if number in slugs]
    return ", ".join([*([one.role.value] if one.role else []), *own]) or "no role"


def _as_json(one: Moderator, slugs: dict[int, str]) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role,
        "roles": {slugs[number]: role for number, role in one.roles.items() if number in slugs},
        "mail": one.mail,
        "languages": one.languages,
        "invited": not one.has_password,
        "made_at": one.made_at,
        "signed_in_at": one.signed_in_at,
        "disabled_at": one.disabled_at,
    }
