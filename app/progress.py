"""A bar on the terminal while something takes long; nothing where no person looks, and nothing left behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Step(Protocol):
    """To be called after each step, or after several; `say` changes the words."""

    def __call__(self, steps: int = 1, /) -> None: ...
    def say(self, words: str) -> None: ...


class _Unseen:
    def __call__(self, steps: int = 1, /) -> None:
        pass

    def say(self, words: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Seen:
    shown: Progress
    task: TaskID

    def __call__(self, steps: int = 1, /) -> None:
        self.shown.advance(self.task, steps)

    def say(self, words: str) -> None:
        self.shown.update(self.task, description=words)


@contextmanager
def progress(words: str, total: int | None = None, *, quiet: bool = False) -> Iterator[Step]:
    """Shows `words` with a bar over `total` steps (None: how long is not known) on stderr; yields what to call after
    each step."""
    if quiet or not sys.stderr.isatty():
        yield _Unseen()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()]
    if total is not None:
        columns.insert(3, MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(words, total=total)
        yield _Seen(shown, task)
