"""The end of a campaign. Pure.

From the day it is closed its tags are no longer searched; its conversations are asked about for two weeks more; then
what each source's `after_end` says takes effect. A campaign can be opened again at any time.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

COOLS_FOR = timedelta(days=14)


class Phase(StrEnum):
    OPEN = "open"
    COOLING = "cooling"  # closed, its conversations are still asked about
    ENDED = "ended"


class AfterEnd(StrEnum):
    """What becomes of a source's posts on the site."""

    KEEP = "keep"  # shown as before, and so looked up again as before
    LINKS_ONLY = "links_only"  # a bare link each; nothing is looked up
    REMOVE = "remove"  # not shown; nothing is looked up


def ends_on(closed_on: date) -> date:
    """The day on which `after_end` takes effect."""
    return closed_on + COOLS_FOR


def phase(closed_on: date | None, today: date) -> Phase:
    if closed_on is None:
        return Phase.OPEN
    return Phase.COOLING if today < ends_on(closed_on) else Phase.ENDED
