"""What a run is given and what it gives back: values only. The app makes plans out of config and store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

from ..core.closing import Phase
from ..core.recheck import AS_USUAL, Recheck
from ..core.records import PostRef
from ..storage.budget import NO_LIMITS, Limits, Purse


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another source of the same network in the same campaign."""

    source_id: int
    config: Any
    base_url: str | None


NO_SOURCE = 0  # of a plan for what a person typed in


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One source of one campaign, ready to run.

    `openers`: only those whose address this platform understands (`Platform.locate`). `by_hand`: posts that a person
    named just now.
    `account`: whose keys and budget are used; a source without a named account is its own.
    `also_refuse`: wishes that keep an author's posts out beside those that always do (core/wishes.py).
    `phase`: of the campaign; closed, its tags are not searched, and two weeks later nothing but re-checks is asked.
    `recheck`: how posts held from this source are looked up again.
    `recheck_share`: how much of each ceiling that may take.
    """

    campaign_id: int
    campaign: str
    source_id: int
    name: str
    platform: str
    account: str
    config: Any
    secrets: Mapping[str, str] = field(repr=False)
    tags: tuple[str, ...]
    every: timedelta
    base_url: str | None = None
    user_agent: str = "Tagora"
    openers: tuple[PostRef, ...] = ()
    by_hand: frozenset[PostRef] = frozenset()
    invitation_url: str | None = None
    conversation: Literal["full", "tagged"] = "full"
    max_posts_per_thread: int = 500
    exclude: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    account_limits: Limits = NO_LIMITS
    source_limits: Limits = NO_LIMITS
    also_refuse: frozenset[str] = frozenset()
    phase: Phase = Phase.OPEN
    recheck: Recheck = AS_USUAL
    recheck_share: float = 0.5
    neighbours: tuple[Neighbour, ...] = ()

    @property
    def purse(self) -> Purse:
        return Purse(self.account, self.source_id, self.account_limits, self.source_limits, self.recheck_share)


@dataclass(frozen=True, slots=True)
class RunReport:
    """How one run went. `new`: posts that became part of the campaign; `updated`: posts of it that changed; `seen`:
    items received; `refused`: items not admitted, by reason; `gaps`: posts known to exist that cannot be had.
    `handed_over`: other sources that have to ask for something now, because it is theirs to ask.
    `error` is a sentence for people, also when part of the run succeeded; what was stored before it stays."""

    campaign: str
    platform: str
    name: str
    new: int = 0
    updated: int = 0
    seen: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    gaps: int = 0
    requests: int = 0
    micros: int = 0
    error: str | None = None
    skipped: str | None = None  # why the source was not asked at all
    flood: bool = False
    handed_over: frozenset[int] = frozenset()

    def then(self, later: RunReport) -> RunReport:
        """Both runs of one source as one; how it ended is told by the later one."""
        return replace(
            later,
            new=self.new + later.new,
            updated=self.updated + later.updated,
            seen=self.seen + later.seen,
            refused=Counter(self.refused) + Counter(later.refused),
            gaps=self.gaps + later.gaps,
            requests=self.requests + later.requests,
            micros=self.micros + later.micros,
            flood=self.flood or later.flood,
            handed_over=self.handed_over | later.handed_over,
        )
