"""`tagora show`: the conversation around a post."""

from __future__ import annotations

import click

from ...review import moderate
from ...review.terminal import decision_line, safe, thread_lines
from ...storage.decisions import logs
from ...storage.notes import notes
from ...storage.thread_view import thread_nodes, thread_of
from ..printing import when
from ..workplace import open_workplace
from . import Invocation, pass_invocation
from .review_decide import campaign_option


@click.command("show", short_help="Show the conversation around a post.")
@click.argument("post")
@campaign_option
@pass_invocation
def command(invocation: Invocation, post: str, campaign: str | None) -> None:
    """Show the conversation around a post, gaps included, where each post stands, and what was decided on this one.

    POST is a number from `tagora list`, or an address.
    """
    with open_workplace(invocation.config) as place, place.store.reading() as connection:
        zone = place.zone
        wanted = place.campaign_id(campaign) if campaign else None
        for found in moderate.locate(connection, [post], wanted):
            thread_id = thread_of(connection, found.post_id)
            nodes = thread_nodes(connection, found.campaign_id, thread_id) if thread_id is not None else []
            click.echo(found.campaign)
            for line in thread_lines(nodes, found.post_id, zone):
                click.echo(line)
            text = next((node.text for node in nodes if node.post_id == found.post_id), "")
            for decision in logs(connection, found.campaign_id, [found.post_id]).get(found.post_id, ()):
                click.echo(decision_line(decision, text, zone))
            for note in notes(connection, found.campaign_id, [found.post_id]):
                click.echo(f"note by {safe(note.by)}, {when(note.at, zone)}: {safe(note.text)}")
