"""Batches of threads in several processes. A worker sees the moment that the build sees, or does nothing.

Whatever a page could show is written to the change log in the transaction that alters it. So two transactions that
read the same newest change and the same switches see the same site, and no worker has to be handed a snapshot, nor
any writer kept waiting while the workers start.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from ..core.garbage import few_collections
from ..storage import publishable, snapshot
from ..storage.store import open_store
from .manifest import Manifest
from .settings import CampaignInfo, SiteSettings
from .threads import Done, Threads


@dataclass(frozen=True, slots=True)
class Moment:
    """What a worker must see in the store before it may work."""

    seq: int
    in_store: Mapping[str, publishable.Campaign]


_threads: Threads | None = None  # of this worker process
_open = ExitStack()  # its transaction, until the process ends


def _start(url: str, settings: SiteSettings, campaigns: Sequence[CampaignInfo], moment: Moment) -> None:
    global _threads
    connection = _open.enter_context(open_store(url).reading())
    in_store = publishable.campaigns(connection)
    _open.enter_context(few_collections())
    if Moment(snapshot.seq(connection), in_store) == moment:
        _threads = Threads(connection, Manifest(settings.manifest), settings, campaigns, in_store)


def _work(slug: str, ids: Sequence[int]) -> Done | None:
    return _threads.batch(slug, ids) if _threads is not None else None


def in_processes(
    processes: int,
    url: str,
    settings: SiteSettings,
    campaigns: Sequence[CampaignInfo],
    moment: Moment,
    batches: Sequence[tuple[str, Sequence[int]]],
) -> Iterator[tuple[tuple[str, Sequence[int]], Done | None]]:
    """Each batch with what was done in another process; None for one that is left to this process, which is one of
    them, or that met a worker which saw another moment, or that died."""
    others = processes - 1
    context = multiprocessing.get_context("spawn")  # a forked process would share the store's connections
    waiting = deque(batches)
    given: deque[tuple[tuple[str, Sequence[int]], Future[Done | None]]] = deque()
    with ProcessPoolExecutor(others, context, _start, (url, settings, campaigns, moment)) as pool:
        while waiting or given:
            with suppress(BrokenProcessPool):
                while waiting and len(given) < 2 * others:
                    given.append((waiting[0], pool.submit(_work, *waiting[0])))
                    waiting.popleft()
            if waiting and not (given and given[0][1].done()):
                yield waiting.pop(), None
                continue
            batch, future = given.popleft()
            try:
                done = future.result()
            except BrokenProcessPool:  # killed, for want of memory perhaps
                done = None
            yield batch, done
