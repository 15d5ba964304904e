"""What of the log an address asks for, and back: `by=Anna&verdict=reject&from=2026-11-01`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from ...core.decisions import Verdict
from ...core.errors import UsageError
from ...core.normalise import clean_line
from ...storage.history import LogFilter
from .dates import end_of, start_of
from .written import Written

PEOPLE, RULES = "*people", "*rules"  # values of `by` that are nobody's name
LONGEST = 200


@dataclass(frozen=True, slots=True)
class AskedLog(Written):
    """The filter as people write it: each value is text, empty where nothing is asked. `since`, `until`: days."""

    by: str = ""
    verdict: str = ""
    rule: str = ""
    reason: str = ""
    post: str = ""
    author: str = ""
    since: str = ""
    until: str = ""

    @property
    def narrowed(self) -> bool:
        return any(value for _, value in self.values)


def asked_log(given: Mapping[str, str]) -> AskedLog:
    """What an address asks for. What cannot be meant is left out: an old bookmark still opens."""
    said = {one.name: clean_line(given.get(one.name), LONGEST) or "" for one in fields(AskedLog)}
    said["post"] = said["post"].lstrip("#")
    if said["verdict"] not in list(Verdict):
        said["verdict"] = ""
    if not said["post"].isdecimal() or len(said["post"]) > 15:
        said["post"] = ""
    asked = AskedLog(**said)
    for name in ("since", "until"):
        try:
            start_of(said[name], "UTC")
        except UsageError:
            asked = replace(asked, **{name: ""})
    return asked


def log_filter(said: AskedLog, campaign_id: int, timezone: str) -> LogFilter:
    """What is asked of the store."""
    groups = {PEOPLE: True, RULES: False}
    return LogFilter(
        campaign_id,
        by=said.by if said.by and said.by not in groups else None,
        people=groups.get(said.by),
        verdicts=(Verdict(said.verdict),) if said.verdict else (),
        rule=said.rule or None,
        reason=said.reason or None,
        post_id=int(said.post) if said.post else None,
        handle=said.author or None,
        since=start_of(said.since, timezone) if said.since else None,
        until=end_of(said.until, timezone) if said.until else None,
    )
