"""`tagora init`: a first config.yaml and the invitation's file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date

import click

from ...core.config import written_tag
from ...core.config_types import is_mail_address
from ...core.errors import UsageError
from ...core.normalise import clean_url
from ..starter import NETWORKS, Answers, config_text, invitation_text
from . import Invocation, pass_invocation


@click.command("init", short_help="Make a config.yaml, asking a few questions.")
@click.option("--tag", help="The campaign's hashtag.")
@click.option("--article", help="The web address of the article that opens the discussion.")
@click.option("--network", "networks", multiple=True, type=click.Choice(list(NETWORKS)), help="A network to ask.")
@click.option("--controller", help="Who runs the collection.")
@click.option("--contact", help="Where people write to have a post withdrawn.")
@pass_invocation
def command(
    invocation: Invocation,
    tag: str | None,
    article: str | None,
    networks: tuple[str, ...],
    controller: str | None,
    contact: str | None,
) -> None:
    """Make a config.yaml (or the file named with -c) and an invitation to fill in.

    On a terminal it asks for what is not given. Nothing that exists is overwritten.
    """
    file = invocation.config
    if file.exists():
        raise UsageError(f"{file} exists already", "Move it away, or name another with -c FILE.")
    asking = sys.stdin.isatty()
    if tag is None and asking:
        tag = click.prompt("The hashtag, without #", value_proc=_asked_again(_tag))
    if not tag:
        raise UsageError("no hashtag was given", "Add --tag mmgCasnocha.")
    tag = _tag(tag)
    if article is None and asking:
        question = "The article's web address (Enter for none yet)"
        article = click.prompt(question, default="", show_default=False, value_proc=_asked_again(_article))
    article = _article(article or "")
    if not networks and asking:
        networks = tuple(
            name for name in NETWORKS if click.confirm(f"Ask {NETWORKS[name]}?", default=name == "mastodon")
        )
    if controller is None and asking:
        controller = click.prompt("Who runs the collection (readers see it)", default="", show_default=False)
    if contact is None and asking:
        question = "The mail address for withdrawals"
        contact = click.prompt(question, default="", show_default=False, value_proc=_asked_again(_contact))
    contact = _contact(contact or "")
    answers = Answers(
        tag=tag,
        slug=re.sub(r"[^a-z0-9]+", "-", tag.lower()).strip("-") or "campaign",
        article=article or None,
        networks=networks or ("mastodon",),
        controller=controller or None,
        contact=contact or None,
        today=date.today(),  # noqa: DTZ011 - a date for a person to correct
    )
    invitation = file.parent / "invitations" / f"{answers.slug}.md"
    invitation.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(config_text(answers), encoding="utf-8")
    written = [file]
    if not invitation.exists():
        invitation.write_text(invitation_text(answers), encoding="utf-8")
        written.append(invitation)
    for path in written:
        click.echo(f"wrote {path}")
    click.echo("Fill in what is marked, put the keys where it says, then: tagora check")


def _tag(written: str) -> str:
    try:
        return written_tag(written)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _article(written: str) -> str:
    if written and clean_url(written) is None:
        raise UsageError(f"{written!r} is no web address", "Write it in full: https://example.org/article.")
    return written


def _contact(written: str) -> str:
    if written and not is_mail_address(written):
        raise UsageError(f"{written!r} is no mail address", "Write one like privacy@example.org.")
    return written


def _asked_again(checked: Callable[[str], str]) -> Callable[[str], str]:
    """On a terminal a slip is told, and the question asked again."""

    def answered(written: str) -> str:
        try:
            return checked(written)
        except UsageError as error:
            raise click.BadParameter(str(error)) from None

    return answered
