"""`tagora run`."""

from __future__ import annotations

import logging
import signal
import threading

import click

from ...core.clock import SystemClock
from ..config_file import load
from ..service import Service
from ..serving import serving
from . import Invocation, pass_invocation
from .collect import tell


@click.command("run", short_help="Collect, build and publish on a schedule.")
@click.option("--serve", "port", type=int, metavar="PORT", help="Also show the site at this local port.")
@pass_invocation
def command(invocation: Invocation, port: int | None) -> None:
    """Collect, build and publish on a schedule, until stopped with Ctrl-C or a TERM signal.

    A changed config.yaml is taken up; a broken one is refused while the former stays in force. Only one runs on a
    store at a time; other commands work beside it.
    """
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.INFO)
    for noisy in ("urllib3", "requests", "alembic", "apscheduler", "tweepy", "mastodon"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # an event may not be set where its waiter was interrupted
        signal.signal(number, lambda *_: threading.Thread(target=stopping.set).start())
    service = Service(invocation.config, SystemClock(), tell, stopping)
    loaded = load(invocation.config)
    folder = loaded.path(loaded.config.site.out)
    click.echo(f"running on {loaded.document.name}; Ctrl-C stops it")
    if port is None:
        service.serve()
        return
    folder.mkdir(parents=True, exist_ok=True)
    with serving(folder, "127.0.0.1", port) as address:
        click.echo(address)
        service.serve()
