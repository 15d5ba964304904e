"""`tagora list`: the queue."""

from __future__ import annotations

import click

from ...core.decisions import Status
from ...review.terminal import queue_lines
from ...storage.queue import QueueFilter, QueueItem, queue, read_key
from ..printing import again, as_json
from ..workplace import open_workplace
from . import Invocation, pass_invocation
from .review_decide import campaign_option, json_option

WAITING = "pending"


@click.command("list", short_help="List posts that wait for a decision.")
@campaign_option
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in Status]),
    default=(WAITING,),
    show_default=True,
    help="Where the posts stand (repeatable).",
)
@click.option("--network", metavar="NAME", help="Only posts of this network: mastodon, x, facebook.")
@click.option(
    "--language", "languages", metavar="CODE", multiple=True, help="Only posts in this language, like it (repeatable)."
)
@click.option("--author", metavar="HANDLE", help="Only posts of this author.")
@click.option("--rule", metavar="NAME", help="Only posts on which this rule spoke.")
@click.option("--search", "words", metavar="WORDS", help='Only posts that say this: words, "a phrase", -without.')
@click.option("--tagged/--untagged", default=None, help="Only posts with, or without, the tag.")
@click.option("--newest", is_flag=True, help="The newest first, not the oldest.")
@click.option("--urgent", is_flag=True, help="First what a rule flagged, or what was edited after it was shown.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500), help="How many at a time.")
@click.option("--after", metavar="KEY", help="Go on after this key, which the last page printed.")
@json_option
@pass_invocation
def command(
    invocation: Invocation,
    campaign: str | None,
    statuses: tuple[str, ...],
    network: str | None,
    languages: tuple[str, ...],
    author: str | None,
    rule: str | None,
    words: str | None,
    tagged: bool | None,
    newest: bool,
    urgent: bool,
    limit: int,
    after: str | None,
    json_: bool,
) -> None:
    """List posts that wait for a decision, with the number that `approve`, `reject` and `hold` take."""
    with open_workplace(invocation.config) as place:
        wanted = QueueFilter(
            campaign_id=place.campaign_id(campaign) if campaign else None,
            statuses=tuple(Status(status) for status in statuses),
            network=network,
            languages=languages,
            author=author,
            tagged=tagged,
            rule=rule,
            words=words,
            order="urgent" if urgent else "newest" if newest else "oldest",
        )
        with place.store.reading() as connection:
            page = queue(connection, wanted, after=read_key(after) if after else None, limit=limit)
        next_key = page.after.written if page.after else None
        if json_:
            as_json({"posts": [_row(item) for item in page.items], "after": next_key})
            return
        for line in queue_lines(page.items, place.zone):
            click.echo(line)
        if not page.items:
            narrowed = network or languages or author or rule or words or tagged is not None
            click.echo("Nothing waits." if statuses == (WAITING,) and not narrowed else "There is none.")
        if next_key:
            click.echo(f"There is more: {again(click.get_current_context(), after=next_key)}")


def _row(item: QueueItem) -> dict[str, object]:
    return {
        "campaign": item.campaign,
        "post": item.post_id,
        "network": item.network,
        "url": item.url,
        "author": item.handle or item.display_name,
        "published_at": item.published_at,
        "edited_at": item.edited_at,
        "status": item.status.value,
        "featured": item.featured,
        "via": item.via,
        "language": item.language,
        "warning": item.warning,
        "text": item.text,
        "content_hash": item.content_hash,
        "decided_by": item.decision.by if item.decision else None,
        "rule": item.decision.rule if item.decision else None,
        "reason": item.decision.reason if item.decision else None,
        "notes": item.notes,
    }
