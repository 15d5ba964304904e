"""`tagora add`."""

from __future__ import annotations

import sys
from datetime import datetime, time, tzinfo

import click

from ...core.errors import UsageError
from ...core.normalise import clean_lang
from ...review.web.surroundings import Typed
from ..adding import add
from ..printing import as_json
from ..wanted import TYPE_IT_IN
from ..workplace import open_workplace
from . import Invocation, pass_invocation
from .review_decide import by_option, json_option, whose


@click.command("add", short_help="Add a post by its address, or type it in.")
@click.argument("url", metavar="URL")
@click.option("--campaign", metavar="SLUG", help="The campaign, where there are several.")
@by_option
@click.option(
    "--author", metavar="NAME", help="Typed in: who wrote it, a name or an @handle; left out: nobody is named."
)
@click.option("--text", metavar="TEXT", help="Typed in: what the post says; - reads it from the standard input.")
@click.option("--title", metavar="TEXT", help="Typed in: its title, if it has one.")
@click.option("--date", metavar="DATE", help="Typed in: when it was written, 2026-11-12 or 2026-11-12T14:05.")
@click.option("--lang", metavar="CODE", help="Typed in: its language, it or en; guessed otherwise.")
@click.option(
    "--permission",
    metavar="TEXT",
    help="Typed in: who allowed it to be shown, and how. Moderators see it, readers never.",
)
@json_option
@pass_invocation
def command(
    invocation: Invocation,
    url: str,
    campaign: str | None,
    by: str | None,
    author: str | None,
    text: str | None,
    title: str | None,
    date: str | None,
    lang: str | None,
    permission: str | None,
    json_: bool,
) -> None:
    """Add the post at URL to a campaign; it waits for a decision then. Its network is asked for it. Where there is no
    interface (Instagram, Threads, LinkedIn, TikTok, any web page), type it in: --text, --date and --permission, and
    --author where somebody is to be named. Typed again in other words, it goes back to review.
    """
    with open_workplace(invocation.config) as place:
        words = None
        if any(given is not None for given in (author, text, title, date, lang, permission)):
            said = sys.stdin.read() if text == "-" else text or ""
            if not (said or title):
                raise UsageError("what the post says is missing", "Give it with --text, or with --title.")
            if not permission:
                raise UsageError(
                    "nobody is named who allowed the post to be shown", "Say who did, and how, with --permission."
                )
            if lang and clean_lang(lang) is None:
                raise UsageError(f"{lang!r} is no code of a language", "Write it or en, or leave --lang out.")
            words = Typed(said, _moment(date, place.zone), permission, author, title, lang)
        try:
            added = add(place, campaign, url, whose(by), words)
        except UsageError as error:
            hint = error.hint.replace(TYPE_IT_IN, "Type it in: with --text, --date, --permission, and --author.")
            raise UsageError(error.message, hint) from None
        slug = place.campaign(campaign).slug
    if json_:
        as_json(
            {
                "post": added.post_id,
                "campaign": slug,
                "known": added.known,
                "edited": added.edited,
                "status": added.status.value,
                "rule": added.rule,
            }
        )
        return
    done = "typed in anew" if added.edited else "was there already" if added.known else "added"
    click.echo(f"#{added.post_id} in {slug}: {done}, {added.status.value}")
    if added.rule:
        click.echo(f"    what the rules say of it: {added.rule}")


def _moment(written: str | None, zone: tzinfo) -> datetime:
    """Noon, where only a day is given. Raises UsageError."""
    if not written:
        raise UsageError("the date is missing", "Give --date, the day on which the post was written.")
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        raise UsageError(f"{written!r} is no date", "Write 2026-11-12 or 2026-11-12T14:05.") from None
    if len(written.strip()) <= len("2026-11-12"):
        moment = datetime.combine(moment.date(), time(12))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
