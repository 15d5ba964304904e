"""Sources that rest, or soon will, because nothing more may be spent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ...collector.contract import MICROS
from ...storage import budget
from ...storage.budget import Ceiling
from .facts import SourceFacts
from .trouble import N_, Sentence, Severity, Trouble, ended, say

NEARLY_SPENT = 0.8  # of a month's ceiling, sooner than the month goes by


def rests(one: SourceFacts, now: datetime) -> Trouble | None:
    """A source that rests because nothing may, or can, be spent."""
    source = one.source
    if source.ailing_since is not None and source.rests_until is not None and source.rests_until > now:
        what = say(
            N_("%(network)s rests until %(until)s: %(problem)s"),
            network=one.label,
            until=source.rests_until,
            problem=ended(source.problem),
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


def nearly_spent(one: SourceFacts, now: datetime) -> Iterator[Trouble]:
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
