"""Decisions by command: approve, reject, hold, feature, unfeature, undo, note."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Any

import click

from ...core.decisions import Verdict
from ...review import deciding, moderate
from ...review.notes import remark
from ..printing import as_json
from ..workplace import open_workplace
from . import Invocation, pass_invocation

campaign_option = click.option("--campaign", metavar="SLUG", help="The campaign, where a post is in several.")
by_option = click.option("--by", metavar="NAME", help="Who decides; your login name otherwise.")
json_option = click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")


def whose(by: str | None) -> str:
    """The moderator's name."""
    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def _verdict(name: str, verdict: Verdict, line: str, with_reason: bool) -> click.Command:
    def run(
        invocation: Invocation,
        posts: tuple[str, ...],
        campaign: str | None,
        by: str | None,
        json_: bool,
        reason: str | None = None,
    ) -> None:
        with open_workplace(invocation.config) as place, place.store.writing() as connection:
            wanted = place.campaign_id(campaign) if campaign else None
            places = moderate.locate(connection, posts, wanted)
            decided: list[tuple[str, deciding.Decided]] = []
            for campaign_id in dict.fromkeys(found.campaign_id for found in places):
                here = [found for found in places if found.campaign_id == campaign_id]
                ids = [found.post_id for found in here]
                for one in deciding.decide(
                    connection, campaign_id, ids, verdict, whose(by), place.clock.now(), reason=reason
                ):
                    decided.append((here[0].campaign, one))
        if json_:
            as_json(
                {
                    "decided": [
                        {
                            "campaign": slug,
                            "post": one.post_id,
                            "before": one.before.value,
                            "after": one.after.value,
                            "featured": one.featured,
                            "decision": one.decision_id,
                        }
                        for slug, one in decided
                    ]
                }
            )
            return
        for slug, one in decided:
            state = one.after.value + (", featured" if one.featured else "")
            click.echo(
                f"#{one.post_id} in {slug}: {state} (decision {one.decision_id})"
                if one.decision_id is not None
                else f"#{one.post_id} in {slug}: was {state} already"
            )

    run.__doc__ = f"{line}\n\nPOSTS are numbers from `tagora list`, or addresses of posts."
    decorate: list[Callable[[Any], Any]] = [json_option, by_option, campaign_option]
    if with_reason:
        decorate.append(click.option("--reason", metavar="TEXT", help="Why; readers never see it."))
    command: Any = pass_invocation(run)
    for one in decorate:
        command = one(command)
    command = click.argument("posts", nargs=-1, required=True, metavar="POSTS...")(command)
    return click.command(name, short_help=line, help=run.__doc__)(command)


approve = _verdict("approve", Verdict.APPROVE, "Approve posts for publication.", False)
reject = _verdict("reject", Verdict.REJECT, "Reject posts, with a reason.", True)
hold = _verdict("hold", Verdict.HOLD, "Put posts aside for later.", True)
feature = _verdict("feature", Verdict.FEATURE, "Put a discussion at the top.", False)
unfeature = _verdict("unfeature", Verdict.UNFEATURE, "Take a discussion from the top.", False)


@click.command("undo", short_help="Take back a decision.")
@click.argument("decision", type=int, required=False)
@campaign_option
@by_option
@json_option
@pass_invocation
def undo(invocation: Invocation, decision: int | None, campaign: str | None, by: str | None, json_: bool) -> None:
    """Take back a decision, a rule's too, or an undo. Without a number: your last one, with all that
    you decided in one stroke with it."""
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        wanted = place.campaign_id(campaign) if campaign else None
        undone = deciding.undo(connection, whose(by), place.clock.now(), decision_id=decision, campaign_id=wanted)
    if json_:
        as_json(
            {
                "undone": [
                    {
                        "post": one.post_id,
                        "took_back": one.took_back.verdict.value,
                        "before": one.before.value,
                        "after": one.after.value,
                        "featured": one.featured,
                        "decision": one.decision_id,
                    }
                    for one in undone
                ]
            }
        )
        return
    for one in undone:
        click.echo(f"#{one.post_id}: took back “{one.took_back.verdict.value}”, now {one.after.value}")


@click.command("note", short_help="Leave a note on a post.")
@click.argument("post")
@click.argument("text")
@campaign_option
@by_option
@pass_invocation
def note(invocation: Invocation, post: str, text: str, campaign: str | None, by: str | None) -> None:
    """Leave a note on a post, for moderators only. POST is a number or an address."""
    with open_workplace(invocation.config) as place, place.store.writing() as connection:
        wanted = place.campaign_id(campaign) if campaign else None
        for found in moderate.locate(connection, [post], wanted):
            remark(connection, found.campaign_id, found.post_id, text, whose(by), place.clock.now())
            click.echo(f"#{found.post_id} in {found.campaign}: noted")
