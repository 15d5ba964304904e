"""`tagora run`."""

from __future__ import annotations

import signal
import threading

import click

from ...core.clock import SystemClock
from .. import logs
from ..config_file import load
from ..service import Service
from ..serving import serving
from . import PORT, Invocation, pass_invocation
from .collect import log_report, tell


@click.command("run", short_help="Collect, build and publish on a schedule.")
@click.option("--serve", "port", type=PORT, metavar="PORT", help="Also show the site at this local port.")
@pass_invocation
def command(invocation: Invocation, port: int | None) -> None:
    """Collect, build and publish on a schedule, until stopped with Ctrl-C or a TERM signal.

    A changed config.yaml is taken up; a broken one is refused while the former stays in force. Only one runs on a
    store at a time; other commands work beside it.
    """
    logs.prepare(invocation.log_format, debug=invocation.debug)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # an event may not be set where its waiter was interrupted
        signal.signal(number, lambda *_: threading.Thread(target=stopping.set).start())
    told = log_report if invocation.log_format == "json" else tell
    service = Service(invocation.config, SystemClock(), told, stopping)
    loaded = load(invocation.config)
    folder = loaded.path(loaded.config.site.out)
    if invocation.log_format == "text":
        click.echo(f"running on {loaded.document.name}; Ctrl-C stops it")
    if port is None:
        service.serve()
        return
    folder.mkdir(parents=True, exist_ok=True)
    with serving(folder, "127.0.0.1", port, "--serve") as address:
        click.echo(address)
        service.serve()
