"""Withdrawing a post or a person: store, then site, then copies of pictures, then the files' free pages. Each step can
be repeated."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from ..core.errors import StoreError, UsageError
from ..review.reports import CLEANED_AFTER
from ..site.build import Report
from ..storage import forget as store_forget
from ..storage import optouts, reports, tombstones
from ..storage.forget import Plan
from ..storage.optouts import WISHES
from ..storage.replay import Replayed, replay
from . import withdrawals_file
from .building import build_site
from .picture_files import compare
from .withdrawal_key import digest_with
from .workplace import Workplace


class AlreadyWithdrawn(UsageError):
    """What should be withdrawn was withdrawn before: whoever asks again is not wrong."""

    exit_status = 0


log = logging.getLogger("tagora.forget")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done, without naming anybody: to be kept, or sent to the person."""

    at: datetime
    posts: int
    people: int
    discussions: int
    campaigns: tuple[str, ...]
    mentions: int
    site: Report


def planned(place: Workplace, target: str) -> Plan:
    """What would go. Raises UsageError when nothing of it is here, AlreadyWithdrawn when nothing is left of it."""
    with place.store.reading() as connection:
        plan = store_forget.plan(connection, target)
        names = _names(place, target) if plan.is_empty else ()
        gone = tombstones.forgotten_among(connection, names, digest_with(place.key)) if names else {}
    if gone:
        raise AlreadyWithdrawn(f"{target} was withdrawn before: nothing of it is held, and it is not collected again")
    if plan.is_empty:
        raise UsageError(
            f"nothing of {target} is held here",
            "Give the post's address as its network shows it, or the @handle (@name@server in the fediverse).",
        )
    return plan


def _names(place: Workplace, target: str) -> set[tuple[str, str]]:
    """Under which names a withdrawal may have kept the target, read off its address alone: the store holds nothing of
    it any more."""
    platforms = {one.platform.name for one in place.sources}
    located = (one.platform.locate(one.config, target) for one in place.sources)
    own = {*platforms, "activitypub"} if target.startswith("@") else set[str]()
    return {(ref.origin, ref.native_id) for ref in located if ref} | {(origin, target.lower()) for origin in own}


def forget(place: Workplace, target: str) -> Receipt:
    """Withdraws, scrubs, rebuilds. Raises UsageError when nothing of it is here."""
    planned(place, target)
    now = place.clock.now()
    with place.store.writing() as connection:
        plan = store_forget.plan(connection, target)  # again: the world moved since it was shown
        known_by = store_forget.forget(connection, plan, digest_with(place.key), now)
        withdrawals_file.note(place.loaded, known_by)  # before the store has it: a crash loses none
    report = build_site(place)
    compare(place)  # pictures whose rows are gone
    store_forget.scrub_free_pages(place.store)
    return Receipt(
        at=now,
        posts=len(plan.posts),
        people=len(plan.people) if plan.for_good else 0,
        discussions=len(plan.threads),
        campaigns=plan.campaigns,
        mentions=len(plan.mentions),
        site=report,
    )


def keep_in_step(place: Workplace) -> Replayed | None:
    """Withdraws what is noted outside and unknown to the store (put back from an older copy, or cut short just before
    its end), and notes what the store knows and the files do not. None when the store knew all. The backups' folder may
    be out of reach for a while."""
    file, copy = withdrawals_file.file_of(place.loaded), withdrawals_file.copy_of(place.loaded)
    noted = withdrawals_file.read(file)
    try:
        noted += withdrawals_file.read(copy)
    except StoreError as error:
        log.warning("%s", error)
    wishes = [one for one in noted if one.kind in WISHES]
    withdrawn = [one for one in noted if one.kind not in WISHES]
    with place.store.reading() as connection:
        known, asked = tombstones.every(connection), optouts.every(connection)
    replayed = None
    if {one.digest for one in withdrawn}.difference(one.digest for one in known):
        with place.store.writing() as connection:
            replayed = replay(connection, withdrawn, digest_with(place.key), place.clock.now())
    if any(optouts.differing(wishes, asked)):
        with place.store.writing() as connection:
            optouts.replay(connection, wishes, place.clock.now())
            asked = optouts.every(connection)
    withdrawals_file.note_missing(place.loaded, [*known, *asked, *noted])
    return replayed


def finish_owed(place: Workplace) -> bool:
    """Finishes a withdrawal that was cut short, and carries out those that are noted outside the store and unknown to
    it; `build`, `collect` and `run` do so by themselves. True when there was one."""
    replayed = keep_in_step(place)
    tidy(place)
    with place.store.reading() as connection:
        owed = store_forget.is_owed(connection)
    if owed:
        build_site(place)
        compare(place)
        store_forget.scrub_free_pages(place.store)
    return owed or replayed is not None


def tidy(place: Workplace) -> None:
    """Takes out of reports what readers wrote, where they were closed long enough ago."""
    with place.store.reading() as connection:
        numbers = reports.to_clean(connection, place.clock.now() - CLEANED_AFTER)
    if numbers:
        with place.store.writing() as connection:
            reports.clean(connection, numbers)
