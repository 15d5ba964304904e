"""`tagora doctor`."""

from __future__ import annotations

import click

from ...core.clock import SystemClock
from ..checking import Finding, Level
from ..health.doctor import examine
from ..printing import as_json, count
from . import Invocation, pass_invocation


@click.command("doctor", short_help="Test everything, and say what to do.")
@click.option("--send", is_flag=True, help="Send a mail and a webhook message to try them.")
@click.option("--offline", is_flag=True, help="Ask no network.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@pass_invocation
def command(invocation: Invocation, send: bool, offline: bool, json_: bool) -> int:
    """Test everything an installation needs: configuration, keys, store, disks, clock, `tagora run`, the team, the
    site, backups, mail, webhooks, each network (by one cheap question, within its budget), and all troubles of
    `tagora status`. Each line says what to do.

    Exit status 1: something does not work (fault); 2: the configuration is wrong; 3: the store cannot be used.
    """
    findings: list[Finding] = []
    for one in examine(invocation.config, SystemClock(), send=send, ask=not offline):
        findings.append(one)
        if not json_:
            click.echo(f"{one.level.value:<8} {one.about}: {one.words}")
            if one.todo:
                click.echo(f"         {one.todo}")
    faults, warnings = (sum(one.level is level for one in findings) for level in (Level.FAULT, Level.WARNING))
    if json_:
        as_json({"findings": findings, "fit": not faults})
    else:
        click.echo(f"{count(faults, 'fault')}, {count(warnings, 'warning')}")
    broken = {one.about for one in findings if one.level is Level.FAULT}
    return 2 if "configuration" in broken else 3 if "store" in broken else min(faults, 1)
