"""Which troubles there are: one pure list, from what is known at one moment. Each kind stands with its sentences."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from ...collector.contract import MICROS
from ...storage import budget
from ...storage.budget import Ceiling
from .facts import CampaignFacts, Disk, Facts, SourceFacts
from .trouble import N_, Sentence, Severity, Trouble, say

FEW_TRIES = 3
FAILING_LONG = timedelta(minutes=30)  # a source that failed for so long is told, however seldom it was asked
FAILING_VERY_LONG = timedelta(days=1)
KEY_ENDS_SOON, KEY_ENDS_NOW = timedelta(days=14), timedelta(days=3)
NEARLY_SPENT = 0.8  # of a month's ceiling, sooner than the month goes by
CLOSES_SOON, CLOSES_NOW = timedelta(days=2), timedelta(days=1)
HOLE_SEEN = timedelta(days=7)  # after so long a hole is only noted
UNREACHED_LONG = timedelta(minutes=10)  # some mail servers refuse the first try on purpose
BEHIND_LONG = timedelta(minutes=45)
REPORT_LONG = timedelta(hours=12)  # half of the day that the strictest network gives for a withdrawal
IDLE_LONG = timedelta(hours=25)  # collecting or building by `cron`, once a day, is well
LITTLE, VERY_LITTLE, SMALL_SHARE = 2_000_000_000, 300_000_000, 0.05  # bytes, bytes, of the whole disk

_LATER = N_("Nothing held is lost; what was written since then is fetched afterwards.")
_RENEWED = N_("Nothing held is lost; what was written since then is fetched once you renew the key.")
_UNTIL = N_(
    "Nothing held is lost; what was written since then is fetched afterwards, if that is before %(until)s: "
    "%(network)s gives nothing older than %(days)s days."
)


def troubles(facts: Facts) -> list[Trouble]:
    """Everything that people should know of, the worst first."""
    found = [
        *_process(facts),
        *_disks(facts),
        *_site(facts),
        *_backups(facts),
        *_places(facts),
        *_sources(facts),
        *_campaigns(facts),
        *_reports(facts),
        *_channels(facts),
    ]
    order = [Severity.FAULT, Severity.WARNING, Severity.NOTE]
    found = [replace(one, since=one.since or facts.noticed.get(one.key)) for one in found]
    return sorted(found, key=lambda one: order.index(one.severity))


# --- accounts and sources --------------------------------------------------------------------------------------------


def _sources(facts: Facts) -> Iterator[Trouble]:
    told: set[str] = set()
    for one in facts.sources:
        refused = one.source.ailing_since is not None and one.source.rests_until is None
        if refused:
            if one.source.account not in told:
                yield _key_refused(one)
            told.add(one.source.account)
        elif (rests := _rests(one, facts.now)) is not None:
            yield rests
        elif _fails(one, facts.now):
            yield _failing(one, facts.now)
        if (ends := _key_ends(one, facts.now)) is not None and ends.key not in told:
            told.add(ends.key)
            yield ends
        for near in _nearly_spent(one, facts.now):
            if near.key not in told:
                told.add(near.key)
                yield near
        yield from _windows(one, facts)


def _key_refused(one: SourceFacts) -> Trouble:
    since = one.source.ailing_since
    assert since is not None
    return Trouble(
        "key refused",
        one.source.account,
        Severity.FAULT,
        say(
            N_("%(network)s stopped answering on %(when)s: %(problem)s"),
            network=one.label,
            when=since,
            problem=_sentence(one.source.problem),
        ),
        since,
        _loss(one, _RENEWED),
        _renew(one),
        one.source.campaign,
    )


def _fails(one: SourceFacts, now: datetime) -> bool:
    if not one.source.attempts or not one.source.enabled:
        return False
    long = one.failing_since is not None and now - one.failing_since >= FAILING_LONG
    return long or one.source.attempts >= FEW_TRIES


def _failing(one: SourceFacts, now: datetime) -> Trouble:
    since = one.failing_since
    long = since is not None and now - since >= FAILING_VERY_LONG
    return Trouble(
        "source fails",
        one.name,
        Severity.FAULT if long else Severity.WARNING,
        say(
            N_("%(network)s has not given what it was asked for since %(when)s: %(problem)s"),
            network=one.label,
            when=since or now,
            problem=_sentence(one.source.last_error),
        ),
        since,
        _loss(one),
        say(
            N_("It is tried again by itself; at once with: tagora sources --retry %(source)s"),
            source=shlex.quote(one.name),
        ),
        one.source.campaign,
    )


def _loss(one: SourceFacts, later: str = _LATER) -> Sentence:
    if one.reach is None:
        return say(later)
    until = (one.source.last_ok_at or one.asked_until or one.now) + one.reach
    return say(_UNTIL, until=until, network=one.label, days=one.reach.days)


def _renew(one: SourceFacts) -> Sentence:
    if one.source.platform == "facebook":
        return say(N_("Renew the key: tagora connect facebook"))
    kind, where = one.key_at or ("", "")
    source = shlex.quote(one.name)
    if kind == "file":
        return say(
            N_("Put a new key into the file %(where)s, then: tagora sources --retry %(source)s"),
            where=where,
            source=source,
        )
    if kind == "env":
        return say(
            N_(
                "Put a new key into the variable %(where)s, start `tagora run` again: tagora sources --retry %(source)s"
            ),
            where=where,
            source=source,
        )
    return say(N_("See the source’s settings, then: tagora sources --retry %(source)s"), source=source)


def _key_ends(one: SourceFacts, now: datetime) -> Trouble | None:
    if one.key_ends is None or one.key_ends - now > KEY_ENDS_SOON:
        return None
    gone = one.key_ends <= now
    what = (
        N_("The key for %(network)s ended on %(when)s, by the configuration.")
        if gone
        else N_("The key for %(network)s ends on %(when)s.")
    )
    return Trouble(
        "key ends",
        one.source.account,
        Severity.FAULT if one.key_ends - now <= KEY_ENDS_NOW else Severity.WARNING,
        say(what, network=one.label, when=one.key_ends),
        None,
        say(N_("Nothing held is lost, but nothing new is collected without a key.")),
        _renew(one),
        one.source.campaign,
    )


# --- budgets ---------------------------------------------------------------------------------------------------------


def _rests(one: SourceFacts, now: datetime) -> Trouble | None:
    """A source that rests because nothing may, or can, be spent."""
    source = one.source
    if source.ailing_since is not None and source.rests_until is not None and source.rests_until > now:
        what = say(
            N_("%(network)s rests until %(until)s: %(problem)s"),
            network=one.label,
            until=source.rests_until,
            problem=_sentence(source.problem),
        )
        return _resting(one, Severity.WARNING, what, source.ailing_since, None)
    if source.last_error is None or source.attempts or source.due_at <= now:
        return None
    if source.rests_until is not None and source.rests_until > now:  # the network wants a pause
        return None
    reached = [ceiling for ceiling in one.ceilings if ceiling.ends_at == source.due_at]
    if not reached:
        return None
    ceiling = max(reached, key=_share)
    severity = Severity.WARNING if ceiling.period == "month" else Severity.NOTE
    raise_it = say(
        N_("To go on sooner, raise `budget:` of %(whose)s in config.yaml."),
        whose=source.account if ceiling.whose == "account" else one.name,
    )
    return _resting(one, severity, _used(one, ceiling, rests=True), one.failing_since, raise_it)


def _resting(
    one: SourceFacts, severity: Severity, what: Sentence, since: datetime | None, repair: Sentence | None
) -> Trouble:
    loss = say(N_("Nothing held is lost; it goes on by itself then."))
    return Trouble("budget ended", one.name, severity, what, since, loss, repair, one.source.campaign)


def _nearly_spent(one: SourceFacts, now: datetime) -> Iterator[Trouble]:
    for ceiling in one.ceilings:
        if ceiling.period != "month" or ceiling.ends_at == one.source.due_at:
            continue
        begins = budget.month_start(now)
        gone_by = (now - begins) / (ceiling.ends_at - begins)
        if not max(NEARLY_SPENT, gone_by) <= _share(ceiling):
            continue
        whose = one.source.account if ceiling.whose == "account" else one.name
        yield Trouble(
            "budget nearly spent",
            f"{whose} {ceiling.unit}",
            Severity.WARNING,
            _used(one, ceiling, rests=False),
            None,
            say(N_("Nothing held is lost; at its end the source rests until the next month.")),
            say(N_("If that is too soon, raise `budget:` of %(whose)s in config.yaml."), whose=whose),
            one.source.campaign,
        )


_USED = {
    (True, "micros", "month"): N_("%(network)s rests until %(until)s: $%(used)s of $%(limit)s used this month."),
    (True, "micros", "day"): N_("%(network)s rests until %(until)s: $%(used)s of $%(limit)s used today."),
    (True, "requests", "month"): N_("%(network)s rests until %(until)s: %(used)s of %(limit)s calls made this month."),
    (True, "requests", "day"): N_("%(network)s rests until %(until)s: %(used)s of %(limit)s calls made today."),
    (False, "micros", "month"): N_("%(network)s: $%(used)s of $%(limit)s used already; the month ends on %(until)s."),
    (False, "requests", "month"): N_(
        "%(network)s: %(used)s of %(limit)s calls made already; the month ends on %(until)s."
    ),
}


def _used(one: SourceFacts, ceiling: Ceiling, *, rests: bool) -> Sentence:
    money = ceiling.unit == "micros"
    used, limit = (f"{number / MICROS:.2f}" if money else f"{number}" for number in (ceiling.spent, ceiling.limit))
    pattern = _USED[rests, ceiling.unit, ceiling.period]
    return say(pattern, network=one.label, until=ceiling.ends_at, used=used, limit=limit)


def _share(ceiling: Ceiling) -> float:
    return ceiling.spent / ceiling.limit if ceiling.limit else 1.0


# --- what can no longer be had ---------------------------------------------------------------------------------------


def _windows(one: SourceFacts, facts: Facts) -> Iterator[Trouble]:
    if (closing := _closing(one, facts.now)) is not None:
        yield closing
    for hole in one.holes:
        about = f"{one.name} {hole.since:%Y-%m-%dT%H:%M} {hole.until:%Y-%m-%dT%H:%M}"
        since = facts.noticed.get(f"hole {about}")
        old = since is not None and facts.now - since > HOLE_SEEN
        yield Trouble(
            "hole",
            about,
            Severity.NOTE if old else Severity.WARNING,
            say(
                N_("What was posted on %(network)s between %(since)s and %(until)s was not asked for in time."),
                network=one.label,
                since=hole.since,
                until=hole.until,
            ),
            since,
            say(N_("It can no longer be asked for; what others answered to it may still come in by conversations.")),
            say(N_("Single posts are brought in with: tagora add URL")),
            one.source.campaign,
            passes=False,
        )


def _closing(one: SourceFacts, now: datetime) -> Trouble | None:
    """The first moment from which something not yet read can no longer be had."""
    if one.closes_at is None or not now < one.closes_at <= now + CLOSES_SOON:
        return None
    return Trouble(
        "window closing",
        one.name,
        Severity.FAULT if one.closes_at <= now + CLOSES_NOW else Severity.WARNING,
        say(
            N_("From %(until)s, %(network)s no longer gives what was posted before and has not been read yet."),
            network=one.label,
            until=one.closes_at,
        ),
        None,
        say(N_("What is held stays; the rest is lost unless it is read before.")),
        say(N_("Read it now: tagora collect --now --source %(source)s"), source=shlex.quote(one.name)),
        one.source.campaign,
    )


# --- campaigns -------------------------------------------------------------------------------------------------------


def _campaigns(facts: Facts) -> Iterator[Trouble]:
    for one in facts.campaigns:
        if one.flood_since is not None:
            yield _flood(one, one.flood_since)
        if one.oldest_at is not None and facts.now - one.oldest_at >= facts.oldest_pending:
            yield _waiting(one, one.oldest_at, facts.review)
        if one.fallen_back_at is not None:
            yield _fallen_back(one, one.fallen_back_at)


def _fallen_back(one: CampaignFacts, since: datetime) -> Trouble:
    return Trouble(
        "bare links",
        one.slug,
        Severity.WARNING,
        say(
            N_(
                "Of %(campaign)s readers get only the links of %(posts)s published posts: since %(when)s they could "
                "not be looked up in time."
            ),
            campaign=one.title,
            posts=one.fallen_back,
            when=since,
        ),
        since,
        say(N_("They come back by themselves as soon as their networks give them again.")),
        say(N_("See which source fails, or whether its budget suffices: tagora check")),
        one.slug,
    )


def _flood(one: CampaignFacts, since: datetime) -> Trouble:
    return Trouble(
        "flood",
        one.slug,
        Severity.WARNING,
        say(
            N_("Far more posts than usual came into %(campaign)s; the flood brake is on since %(when)s."),
            campaign=one.title,
            when=since,
        ),
        since,
        say(N_("Nothing is published unseen; the source rests and misses nothing that its network still gives.")),
        say(N_("Look at them, then release the brake: tagora publishing release --campaign %(slug)s"), slug=one.slug),
        one.slug,
    )


def _waiting(one: CampaignFacts, since: datetime, review: str | None) -> Trouble:
    queue = f"{review.rstrip('/')}/c/{one.slug}/?order=oldest" if review else ""
    return Trouble(
        "waiting",
        one.slug,
        Severity.WARNING,
        say(
            N_("Posts wait too long for a decision in %(campaign)s: %(posts)s in all, the oldest since %(when)s."),
            campaign=one.title,
            posts=one.waiting,
            when=since,
        ),
        since,
        None,
        say(N_("Decide on them: %(queue)s"), queue=queue)
        if queue
        else say(N_("See them: tagora list --campaign %(slug)s"), slug=one.slug),
        one.slug,
    )


def _reports(facts: Facts) -> Iterator[Trouble]:
    number, since = facts.reports
    if since is None or facts.now - since < REPORT_LONG:
        return
    yield Trouble(
        "reports wait",
        "reports",
        Severity.WARNING,
        say(
            N_("What readers asked for or reported waits too long: %(reports)s in all, the oldest since %(when)s."),
            reports=number,
            when=since,
        ),
        since,
        say(N_("Who asks for a withdrawal has a right to it; some networks give a day.")),
        say(N_("Look at them in the review app, under Reports.")),
    )


# --- the machine -----------------------------------------------------------------------------------------------------


def _process(facts: Facts) -> Iterator[Trouble]:
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
            say(N_("The configuration as it is now was refused: %(problem)s"), problem=_sentence(facts.refused)),
            None,
            say(N_("The former one stays in force until `tagora run` ends; it could not start again.")),
            say(N_("Mend it, then look: tagora check --offline")),
        )


def _disks(facts: Facts) -> Iterator[Trouble]:
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


def _site(facts: Facts) -> Iterator[Trouble]:
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


def _backups(facts: Facts) -> Iterator[Trouble]:
    if facts.backup_problem is not None:
        what = say(N_("No backup could be made: %(problem)s"), problem=_sentence(facts.backup_problem))
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


def _places(facts: Facts) -> Iterator[Trouble]:
    for one in facts.unpublished:
        yield Trouble(
            "publishing fails",
            one.place,
            Severity.FAULT if facts.now - (one.failing_since or one.at) >= UNREACHED_LONG else Severity.NOTE,
            say(
                N_("The site cannot be published to %(place)s since %(when)s: %(problem)s"),
                place=one.place,
                when=one.failing_since or one.at,
                problem=_sentence(one.problem),
            ),
            one.failing_since,
            say(N_("Readers see the former pages; what was removed since then may still be among them.")),
            say(N_("It is tried again by itself; at once with: tagora publish")),
        )


def _channels(facts: Facts) -> Iterator[Trouble]:
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
            say(what, when=one.since, problem=_sentence(one.problem)),
            one.since,
            say(N_("What is to be told is kept and told later.")),
            say(N_("Look what is wrong: tagora doctor --send")),
        )


def _sentence(problem: str | None) -> str:
    told = (problem or "").strip() or "?"
    return told if told.endswith((".", "!", "?")) else f"{told}."
