"""`tagora export`: the collection as JSON lines."""

from __future__ import annotations

import sys

import click
import orjson

from ...storage.export import exported
from ..workplace import open_workplace
from . import Invocation, pass_invocation
from .review_decide import campaign_option

PLATFORM_OF = {"activitypub": "mastodon"}


@click.command("export", short_help="Write all posts as JSON lines.")
@click.option("--format", "format_", type=click.Choice(["jsonl"]), default="jsonl", show_default=True, help="The form.")
@campaign_option
@click.option("--status", metavar="STATUS", help="Only posts that stand so: pending, held, approved, rejected.")
@pass_invocation
def command(invocation: Invocation, format_: str, campaign: str | None, status: str | None) -> None:
    """Write all held posts to standard output, one JSON object a line, whatever was decided on them. Posts that their
    networks no longer show are left out.

    X allows handing out ids, and full posts only in small numbers: mind each network's terms.
    """
    with open_workplace(invocation.config) as place, place.store.reading() as connection:
        chosen = [place.campaign(campaign)] if campaign else place.loaded.config.campaigns
        out = sys.stdout.buffer
        for one in chosen:
            for post in exported(connection, place.ids[one.slug].campaign_id):
                if status and post.status != status:
                    continue
                row = {
                    "campaign": one.slug,
                    "platform": PLATFORM_OF.get(post.origin, post.origin),
                    "uri": post.native_id,
                    "url": post.url,
                    "reply_to": post.reply_to,
                    "root": post.root,
                    "author": post.author or post.display_name,
                    "published_at": post.published_at,
                    "edited_at": post.edited_at,
                    "language": post.language,
                    "text": post.text,
                    "hashtags": sorted(post.hashtags),
                    "via": post.via,
                    "status": post.status,
                }
                out.write(orjson.dumps(row, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE))
        out.flush()
