"""Troubles with sources and their keys."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta

from .budgets import nearly_spent, rests
from .facts import Facts, SourceFacts
from .trouble import N_, Sentence, Severity, Trouble, ended, say
from .windows import windows

FEW_TRIES = 3
FAILING_LONG = timedelta(minutes=30)  # a source that failed for so long is told, however seldom it was asked
FAILING_VERY_LONG = timedelta(days=1)
KEY_ENDS_SOON, KEY_ENDS_NOW = timedelta(days=14), timedelta(days=3)

_LATER = N_("Nothing held is lost; what was written since then is fetched afterwards.")
_RENEWED = N_("Nothing held is lost; what was written since then is fetched once you renew the key.")
_UNTIL = N_(
    "Nothing held is lost; what was written since then is fetched afterwards, if that is before %(until)s: "
    "%(network)s gives nothing older than %(days)s days."
)


def sources(facts: Facts) -> Iterator[Trouble]:
    told: set[str] = set()
    for one in facts.sources:
        refused = one.source.ailing_since is not None and one.source.rests_until is None
        if refused:
            if one.source.account not in told:
                yield _key_refused(one)
            told.add(one.source.account)
        elif (pause := rests(one, facts.now)) is not None:
            yield pause
        elif _fails(one, facts.now):
            yield _failing(one, facts.now)
        if (ends := _key_ends(one, facts.now)) is not None and ends.key not in told:
            told.add(ends.key)
            yield ends
        for near in nearly_spent(one, facts.now):
            if near.key not in told:
                told.add(near.key)
                yield near
        yield from windows(one, facts)


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
            problem=ended(one.source.problem),
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
            problem=ended(one.source.last_error),
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
