"""Backups made in time: what `tagora run` does by itself, and how it stands with them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from ..core.config import BackupConfig
from ..core.errors import StoreError
from ..storage.backing_up import note_problem, problem
from ..storage.store import Connection
from . import withdrawals_file
from .backups import Backup, folder_of, good, make, prune
from .printing import count, when
from .workplace import Workplace

LOOK = 60  # seconds between two looks whether one is due
AFTER_FAILURE = 3600  # seconds until one that failed is tried again


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with the backups. `wanted`: whether any are to be made; `overdue`: the last one is older than two
    turns; `problem`: why the last try failed, in words."""

    folder: Path
    last: Backup | None
    wanted: bool
    overdue: bool
    problem: str | None

    def words(self, zone: tzinfo) -> str:
        """One sentence, without its stop."""
        if self.last is None:
            told = f"no backup in {self.folder} yet"
        else:
            told = f"last backup {when(self.last.at, zone)}, with {count(self.last.posts, 'post')}"
        if self.problem:
            return f"{told}; the last try failed: {self.problem}"
        return told if self.wanted else f"{told}; none are made by themselves (`backup: every`)"


def standing(place: Workplace, connection: Connection) -> Standing:
    """How it stands with the backups; looks into their folder and at what the store notes."""
    config, folder, now = place.loaded.config.backup, folder_of(place.loaded), place.clock.now()
    last = next((one for one in good(folder) if one.at <= now), None)
    if config.every == "never":
        return Standing(folder, last, False, False, None)
    overdue = last is not None and now - last.at > 2 * config.every
    return Standing(folder, last, True, overdue, problem(connection))


class Keeper:
    """Makes the backups that are due, look by look."""

    def __init__(self) -> None:
        self._not_before = 0.0

    def look(self, place: Workplace) -> Backup | None:
        """Makes one if it is due, and takes away those that are too many. Raises StoreError when that fails: it is
        noted, and tried again after a while."""
        config, folder = place.loaded.config.backup, folder_of(place.loaded)
        if time.monotonic() < self._not_before or not is_due(config, good(folder), place.clock.now()):
            return None
        try:
            made = make(place.store, folder, place.clock)
            withdrawals_file.bring_to(folder, place.loaded)
        except StoreError as error:
            self._not_before = time.monotonic() + AFTER_FAILURE
            with place.store.writing() as connection:
                note_problem(connection, str(error))
            raise
        with place.store.writing() as connection:
            note_problem(connection, None)
        prune(folder, config.keep, place.clock.now())
        return made


def is_due(config: BackupConfig, kept: list[Backup], now: datetime) -> bool:
    """Whether one is to be made. One that says it was made in the future (the clock was wrong) keeps none from it."""
    every: timedelta | str = config.every
    return isinstance(every, timedelta) and not any(now - every < one.at <= now for one in kept)
