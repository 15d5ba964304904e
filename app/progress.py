"""A bar on the terminal while something takes long; nothing where no person looks, and nothing left behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Step(Protocol):
    """To be called after each step, or after several."""

    def __call__(self, steps: int = 1, /) -> None: ...


@contextmanager
def progress(words: str, total: int | None = None, *, quiet: bool = False) -> Iterator[Step]:
    """Shows `words` with a bar over `total` steps (None: how long is not known) on stderr; yields what to call after
    each step."""
    if quiet or not sys.stderr.isatty():
        yield lambda _steps=1, /: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()]
    if total is not None:
        columns.insert(3, MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(words, total=total)
        yield lambda steps=1, /: shown.advance(task, steps)
