"""What looking again at published posts will take, from what is held now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..collector.contract import Lookup
from ..core.recheck import DAY, Forecast, forecast, spoken_steps
from ..storage import rechecks
from ..storage.store import Connection
from .closing import phase_of, recheck_in
from .collecting import source_id
from .printing import count, dollars
from .sources import Configured, limits
from .workplace import Workplace

STRETCHES = (("a day", DAY), ("in 30 days", 30 * DAY), ("in a year", 365 * DAY))


@dataclass(frozen=True, slots=True)
class Ahead:
    """What one source's look-ups take. `posts`: how many it looks up; `stretches`: the next day, 30 days and year, if
    no post is added."""

    source: Configured
    posts: int
    stretches: tuple[Forecast, Forecast, Forecast]

    @property
    def day(self) -> Forecast:
        return self.stretches[0]

    @property
    def month(self) -> Forecast:
        return self.stretches[1]

    @property
    def year(self) -> Forecast:
        return self.stretches[2]

    @property
    def words(self) -> str:
        """A sentence for people."""
        recheck = self.source.recheck
        if not recheck.steps:
            return "held posts are never looked up again (recheck_every: never): edits and deletions stay unknown"
        paid = recheck.micros > 0
        told = (
            f"{count(round(ahead.calls), 'call')}{f' and at most {dollars(ahead.micros)}' if paid else ''} {when}"
            for (when, _), ahead in zip(STRETCHES, self.stretches, strict=True)
        )
        which = "published post" if paid else "held post"
        return f"{count(self.posts, which)} looked up again ({spoken_steps(recheck.steps)}): about {', '.join(told)}"


def ahead(place: Workplace, connection: Connection) -> list[Ahead]:
    """For every source whose network can be asked for posts by id, in the configuration's order."""
    now = place.clock.now()
    found: list[Ahead] = []
    for one in place.sources:
        support = one.platform.supports(one.config).get(Lookup)
        recheck = recheck_in(one, phase_of(place, connection, one.campaign.slug))
        if support is None or (one.recheck.steps and not recheck.steps):  # the campaign is over
            continue
        campaign_id = place.ids[one.campaign.slug].campaign_id
        ages = rechecks.ages(connection, source_id(place, one), campaign_id, now, published_only=one.recheck.micros > 0)
        day, month, year = (forecast(one.recheck, ages, over, batch=support.batch) for _, over in STRETCHES)
        found.append(Ahead(one, sum(ages.values()), (day, month, year)))
    return found


def shortfalls(of: Ahead, every: Sequence[Ahead]) -> list[str]:
    """The ceilings that do not suffice, a sentence each. `every`: all sources, since some share an account."""
    together = [one for one in every if one.source.account == of.source.account]
    share = of.source.source.recheck_share
    found: list[str] = []
    for whose, budget, those in (
        ("account", of.source.account_budget, together),
        ("source", of.source.source.budget, [of]),
    ):
        told = limits(budget)
        for period, most, calls in (
            ("day", told.micros_per_day, told.requests_per_day),
            ("month", told.micros_per_month, told.requests_per_month),
        ):
            takes = [one.day if period == "day" else one.month for one in those]
            money, requests = sum(one.micros for one in takes), sum(one.calls for one in takes)
            if most is not None and money > most * share:
                found.append(_sentence(whose, period, dollars(money), dollars(int(most * share)), share, dollars(most)))
            if calls is not None and requests > calls * share:
                allowed = count(int(calls * share), "call")
                found.append(_sentence(whose, period, count(round(requests), "call"), allowed, share, f"{calls:,}"))
    return found


def _sentence(whose: str, period: str, takes: str, allowed: str, share: float, ceiling: str) -> str:
    return (
        f"looking again takes {takes} this {period}, of which the {whose}'s ceiling leaves {allowed} ({share:.0%} of "
        f"{ceiling}): published posts that cannot be looked up in time will become bare links. Raise `budget:` or "
        f"`recheck_share:`, or look less often (`recheck_every:`)"
    )
