"""What can no longer be had, and what soon can no longer be."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta

from .facts import Facts, SourceFacts
from .trouble import N_, Severity, Trouble, say

CLOSES_SOON, CLOSES_NOW = timedelta(days=2), timedelta(days=1)
HOLE_SEEN = timedelta(days=7)  # after so long a hole is only noted


def windows(one: SourceFacts, facts: Facts) -> Iterator[Trouble]:
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
