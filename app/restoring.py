"""Putting a backup in the store's place. Everything is prepared in a copy beside it: brought up to date, later
withdrawals carried out, made to know that the world went on; then it takes the place in one step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..collector.contract import MICROS
from ..collector.holder import gone
from ..core.clock import Clock
from ..core.errors import ConfigError, StoreDamaged, StoreError, StoreLocked, StoreTooNew, UsageError
from ..storage import budget, optouts, restored, tombstones
from ..storage.budget import Purse
from ..storage.copies import check, file_store
from ..storage.forget import is_owed, scrub_free_pages
from ..storage.migrate import current, migrate
from ..storage.replacing import replace
from ..storage.replay import Replayed, replay
from ..storage.running import running
from ..storage.store import Store, open_store
from . import backups, withdrawal_key, withdrawals_file
from .collecting import source_id
from .config_file import Loaded
from .sources import limits
from .workplace import Workplace, arrange, read_sources, store_url

BY = "restored"  # who set aside what may have been spent meanwhile


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done. `newest`: the last thing that the store knows of; `schema`: from which revision it was brought up
    to date; `set_aside`: dollars in millionths by account that may have been spent since; `aside`: where the former
    store is, None when there was none."""

    file: Path
    newest: datetime | None
    posts: int
    decisions: int
    schema: str
    replayed: Replayed | None
    set_aside: dict[str, int]
    aside: str | None
    checked: bool


@dataclass(frozen=True, slots=True)
class _Living:
    """The store that is there: `newest` is None when nothing can be told of it; `too_new`: a later version of this
    program made it."""

    newest: datetime | None
    too_new: bool = False


def chosen(loaded: Loaded, named: str, now: datetime) -> Path:
    """The backup's file: "latest" is the newest good one. Raises UsageError."""
    if named != "latest":
        file = Path(named)
        if not file.is_file():
            raise UsageError(f"there is no file {file}", "`tagora backup list` shows those that are whole.")
        return file
    folder = backups.folder_of(loaded)
    kept = backups.good(folder)
    if not kept:
        raise UsageError(f"there is no backup in {folder}", "Name a file: tagora restore FILE.")
    return next((one for one in kept if one.at <= now), kept[0]).file


def restore(
    loaded: Loaded,
    file: Path,
    clock: Clock,
    *,
    over_newer: bool = False,
    new_key: bool = False,
    step: Callable[[], None] = lambda: None,
) -> Restored:
    """Puts the backup in `file` in the store's place. `over_newer`: although the store there knows later things;
    `new_key`: although the withdrawal key is another one. The site still shows what it showed: build it.

    Raises StoreError when the backup is damaged or newer than this program, StoreLocked when a process works with the
    store, UsageError when it knows later things, ConfigError when the key does not fit.
    """
    sources = read_sources(loaded)
    store = open_store(store_url(loaded))
    with closing(store), backups.half_made(_beside(store, loaded)) as room:
        living = _living(store, clock.now())
        copy, facts = room / "store.db", backups.facts_of(file)
        sha256 = backups.unpack(file, copy)
        if facts is not None and facts.sha256 != sha256:
            raise StoreError(f"the backup {file} is not what was written (its SHA-256 differs)", "Use another one.")
        step()
        try:
            held = check(copy)
        except StoreDamaged as error:
            raise StoreError(f"the backup {file} is damaged: {error.message}", "Use another one.") from error
        step()
        prepared = file_store(copy)
        try:
            with prepared.reading() as connection:
                newest, mark = restored.newest_moment(connection), tombstones.key_mark(connection)
            _refuse_older(living, newest, over_newer)
            key = _fitting_key(loaded, mark, new_key)
            migrate(prepared)
            with prepared.writing() as connection:
                tombstones.set_key_mark(connection, withdrawal_key.mark_of(key))
                restored.begin_anew(connection, clock.now())
                noted = _noted(loaded, file)
                withdrawn = [one for one in noted if one.kind not in optouts.WISHES]
                replayed = replay(connection, withdrawn, withdrawal_key.digest_with(key), clock.now())
                optouts.replay(connection, noted, clock.now())
            place = arrange(loaded, sources, prepared, clock)
            set_aside = _set_aside(place, facts.at if facts else newest)
            with prepared.reading() as connection:
                owed = is_owed(connection)
            if owed:
                scrub_free_pages(prepared)
        finally:
            prepared.close()
        step()
        aside = replace(store, copy, clock.now())
        step()
    return Restored(
        file,
        newest,
        held.rows.get("post", 0),
        held.rows.get("decision", 0),
        held.schema,
        replayed,
        set_aside,
        aside,
        facts is not None,
    )


def _beside(store: Store, loaded: Loaded) -> Path:
    """A folder that may be written: the store's own where it is a file."""
    return (store.path or withdrawals_file.file_of(loaded)).parent


def _living(store: Store, now: datetime) -> _Living | None:
    """What is there now; None for nothing. Raises StoreLocked when a `tagora run` works with it."""
    if store.path is not None and not store.path.exists():
        return None
    try:
        if current(store) is None:
            return None
        with store.reading() as connection:
            other = running(connection, now)
            if other is not None and not gone(other.holder):
                raise StoreLocked(
                    f"`tagora run` is at work on this store: {other.where}", "Stop it first, and the review app too."
                )
            return _Living(restored.newest_moment(connection))
    except StoreDamaged:
        return _Living(None)
    except StoreTooNew:
        return _Living(None, too_new=True)


def _refuse_older(living: _Living | None, newest: datetime | None, over_newer: bool) -> None:
    hint = "Add --over-newer to put the backup in its place all the same; the store is kept aside."
    if living is None or over_newer:
        return
    if living.too_new:
        raise UsageError("the store that is there was made by a later version of this program", hint)
    if living.newest is None:
        return
    if newest is None or living.newest > newest:
        raise UsageError(
            f"the store that is there is newer: it knows of things until {living.newest:%d %b %Y %H:%M} UTC, "
            f"the backup of {f'those until {newest:%d %b %Y %H:%M}' if newest else 'nothing'}",
            hint,
        )


def _fitting_key(loaded: Loaded, mark: str | None, new_key: bool) -> bytes:
    """The withdrawal key, which must be the one that the backup's withdrawals were made with."""
    file, where = loaded.path(loaded.config.secret_file), loaded.document.where(("secret_file",))
    if not file.exists() and mark is not None and not new_key:
        raise ConfigError(
            f"the withdrawal key {file} is not there, and the backup needs it to know withdrawn people again",
            "Put it back from where you keep it. If it is lost for good: --new-key (those who were withdrawn may then "
            "be collected again).",
            where=where,
        )
    key = withdrawal_key.read_or_make(file)
    if mark not in (None, withdrawal_key.mark_of(key)) and not new_key:
        raise ConfigError(
            f"the withdrawal key in {file} is not the one that this backup was made with",
            "Put the right one back. If it is lost for good: --new-key (those who were withdrawn may then be collected "
            "again).",
            where=where,
        )
    return key


def _noted(loaded: Loaded, file: Path) -> list[tombstones.Tombstone]:
    """Withdrawals noted beside the store, beside the backups, and beside this backup."""
    places = (withdrawals_file.file_of(loaded), withdrawals_file.copy_of(loaded), file.parent / withdrawals_file.NAME)
    return [one for place in dict.fromkeys(places) for one in withdrawals_file.read(place)]


def _set_aside(place: Workplace, since: datetime | None) -> dict[str, int]:
    """What may have been spent after the backup was made counts as spent until a network's own count is asked or the
    month ends: the ceilings hold, whatever was lost. By account."""
    now = place.clock.now()
    first = max(since or now, now.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
    days = [first + timedelta(days=number) for number in range((now.date() - first.date()).days + 1)]
    found: dict[str, int] = {}
    with place.store.writing() as connection:
        for one in place.sources:
            purse = Purse(one.account, source_id(place, one), limits(one.account_budget), limits(one.source.budget))
            for day in days:
                ceilings = budget.ceilings(connection, purse, day)
                micros = min((ceiling.left for ceiling in ceilings if ceiling.unit == "micros"), default=0)
                if micros > 0 and budget.reserve(connection, purse, 0, micros, BY, day) is not None:
                    found[one.account] = found.get(one.account, 0) + micros
    return found


def dollars_set_aside(done: Restored) -> dict[str, float]:
    return {account: micros / MICROS for account, micros in done.set_aside.items()}
