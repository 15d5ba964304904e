"""Troubles with what Tagora runs on: its process, disks, backups, where it publishes, how it tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from .facts import Disk, Facts
from .trouble import N_, Severity, Trouble, ended, say

UNREACHED_LONG = timedelta(minutes=10)  # some mail servers refuse the first try on purpose
BEHIND_LONG = timedelta(minutes=45)
IDLE_LONG = timedelta(hours=25)  # collecting or building by `cron`, once a day, is well
LITTLE, VERY_LITTLE, SMALL_SHARE = 2_000_000_000, 300_000_000, 0.05  # bytes, bytes, of the whole disk


def process(facts: Facts) -> Iterator[Trouble]:
    again = say(N_("Start it again: tagora run"))
    loss = say(N_("Nothing held is lost, but nothing is collected, published or told meanwhile."))
    if facts.run_silent is not None:
        what = say(
            N_("`tagora run` (%(where)s) has given no sign of life since %(when)s."),
            where=facts.run_silent.where,
            when=facts.run_silent.beat,
        )
        yield Trouble("run stopped", "run", Severity.FAULT, what, facts.run_silent.beat, loss, again)
    elif facts.idle_since is not None and facts.now - facts.idle_since >= IDLE_LONG:
        what = say(
            N_("No network was asked since %(when)s, though it was due: nothing is at work that collects."),
            when=facts.idle_since,
        )
        yield Trouble("nobody collects", "run", Severity.FAULT, what, facts.idle_since, loss, again)
    if facts.refused is not None:
        yield Trouble(
            "config refused",
            "configuration",
            Severity.FAULT,
            say(N_("The configuration as it is now was refused: %(problem)s"), problem=ended(facts.refused)),
            None,
            say(N_("The former one stays in force until `tagora run` ends; it could not start again.")),
            say(N_("Mend it, then look: tagora check --offline")),
        )


def disks(facts: Facts) -> Iterator[Trouble]:
    for disk in facts.disks:
        told = facts.noticed.get(f"disk {disk.of}") is not None
        if disk.free >= _enough(disk) * (1.2 if told else 1):  # it ends a little above of where it began
            continue
        values: dict[str, str] = {"free": size(disk.free), "total": size(disk.total)}
        what = {
            "store": N_("The disk with the store is nearly full: %(free)s of %(total)s left."),
            "site": N_("The disk with the site is nearly full: %(free)s of %(total)s left."),
        }[disk.of]
        yield Trouble(
            "disk",
            disk.of,
            Severity.FAULT if disk.free < VERY_LITTLE else Severity.WARNING,
            say(what, **values),
            None,
            say(N_("What is stored is safe; once the disk is full nothing new is kept, collected or published.")),
            say(N_("Free some space there.")),
        )


def _enough(disk: Disk) -> float:
    return max(VERY_LITTLE, min(LITTLE, disk.total * SMALL_SHARE))


def size(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"


def site(facts: Facts) -> Iterator[Trouble]:
    since = facts.unshown_since
    if since is None or facts.now - since < (BEHIND_LONG if facts.at_work else IDLE_LONG):
        return
    yield Trouble(
        "site behind",
        "site",
        Severity.FAULT,
        say(N_("The site does not show what changed since %(when)s."), when=since),
        since,
        say(N_("Readers see the former pages; what was removed since then may still be among them.")),
        say(N_("See why, and build it: tagora build")),
    )


def backups(facts: Facts) -> Iterator[Trouble]:
    if facts.backup_problem is not None:
        what = say(N_("No backup could be made: %(problem)s"), problem=ended(facts.backup_problem))
    elif facts.backup_since is not None:
        what = say(N_("The last backup is of %(when)s."), when=facts.backup_since)
    else:
        return
    yield Trouble(
        "backup late",
        "backup",
        Severity.WARNING,
        what,
        facts.backup_since,
        say(N_("Nothing is lost now; were the store lost, so would be what came since the last backup.")),
        say(N_("Make one, and see why it fails: tagora backup")),
    )


def places(facts: Facts) -> Iterator[Trouble]:
    for one in facts.unpublished:
        yield Trouble(
            "publishing fails",
            one.place,
            Severity.FAULT if facts.now - (one.failing_since or one.at) >= UNREACHED_LONG else Severity.NOTE,
            say(
                N_("The site cannot be published to %(place)s since %(when)s: %(problem)s"),
                place=one.place,
                when=one.failing_since or one.at,
                problem=ended(one.problem),
            ),
            one.failing_since,
            say(N_("Readers see the former pages; what was removed since then may still be among them.")),
            say(N_("It is tried again by itself; at once with: tagora publish")),
        )


def channels(facts: Facts) -> Iterator[Trouble]:
    for one in facts.unreached:
        if facts.now - one.since < UNREACHED_LONG:
            continue
        what = {
            "mail": N_("Mail cannot be sent since %(when)s: %(problem)s"),
            "webhook": N_("The webhook cannot be told since %(when)s: %(problem)s"),
        }[one.channel]
        yield Trouble(
            f"{one.channel} fails",
            one.channel,
            Severity.WARNING,
            say(what, when=one.since, problem=ended(one.problem)),
            one.since,
            say(N_("What is to be told is kept and told later.")),
            say(N_("Look what is wrong: tagora doctor --send")),
        )
