"""`tagora check`."""

from __future__ import annotations

import click

from ...review.terminal import cut, safe
from ..checking import Finding, Peek, check, worst
from ..printing import as_json
from ..workplace import open_workplace
from . import Invocation, pass_invocation


@click.command("check", short_help="Check the configuration, keys and networks.")
@click.option("--offline", is_flag=True, help="Ask no network.")
@click.option("--peek", is_flag=True, help="Show the newest matches, where asking is free; nothing is stored.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, offline: bool, peek: bool, json_: bool) -> int:
    """Check the configuration, the keys, and what each source can see; say what X will cost before it is paid for.

    Exit status 1: something would not work (named).
    """
    findings: list[Finding] = []
    peeks: list[Peek] = []
    with open_workplace(invocation.config) as place:
        for told in check(place, offline=offline, peek=5 if peek else 0):
            if isinstance(told, Finding):
                findings.append(told)
                if not json_:
                    click.echo(f"{told.level.value:<8} {told.about}: {told.words}")
            else:
                peeks.append(told)
                if not json_:
                    post = told.sighting.post
                    who = (post.author.handle or post.author.display_name) if post.author else None
                    click.echo(f"         {post.published_at:%d %b %H:%M} {safe(who or '?')}: {cut(post.text, 80)}")
    if json_:
        as_json(
            {
                "findings": [{"level": f.level.value, "about": f.about, "words": f.words} for f in findings],
                "peek": [{"about": p.about, "url": p.sighting.post.url, "text": p.sighting.post.text} for p in peeks],
            }
        )
    return worst(findings)
