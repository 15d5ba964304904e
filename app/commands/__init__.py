"""One module a command, loaded when called."""

from __future__ import annotations

import click

from ..cli import Invocation

pass_invocation = click.make_pass_decorator(Invocation)
PORT = click.IntRange(0, 65535)  # 0: whichever is free
