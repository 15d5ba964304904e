"""What happened, in the interface's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...core.decisions import RULE, TAGORA, Decision, Verdict
from ...core.reasons import Reason
from ...core.rules import BLOCKED_AUTHOR, POLICY, TRUSTED_AUTHOR
from ...presentation.formats import Formats
from ...presentation.words import words
from ...storage.tombstones import ORIGIN as WITHDRAWN
from ...storage.types import microseconds
from ..adding import BY_HAND
from ..decide import EDITED
from ..deciding import Outcome, Refused, TakenBack, Why
from ..reasons import in_words
from .templating import LOCALES


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language and time zone. `reasons`: those of the campaign."""

    language: str
    timezone: str
    reasons: Sequence[Reason] = ()

    @property
    def tell(self) -> Callable[[str], str]:
        return words(self.language, *LOCALES).gettext

    @property
    def count(self) -> Callable[[str, str, int], str]:
        return words(self.language, *LOCALES).ngettext

    def when(self, moment: datetime) -> str:
        return Formats(self.language, self.timezone).moment(microseconds(moment)).text

    def verdict(self, verdict: Verdict) -> str:
        tell = self.tell
        return {
            Verdict.APPROVE: tell("approved"),
            Verdict.REJECT: tell("rejected"),
            Verdict.HOLD: tell("held"),
            Verdict.PEND: tell("put into the queue"),
            Verdict.FLAG: tell("flagged"),
            Verdict.LOG: tell("noted by a rule"),
            Verdict.FEATURE: tell("featured"),
            Verdict.UNFEATURE: tell("no longer featured"),
            Verdict.UNDO: tell("taken back"),
        }[verdict]

    def who(self, decision: Decision) -> str:
        if decision.by == RULE:
            return self.tell("rule “%(rule)s”") % {"rule": decision.rule}
        if decision.by == TAGORA:
            known = {
                BLOCKED_AUTHOR: self.tell("a blocked author"),
                TRUSTED_AUTHOR: self.tell("a trusted author"),
                POLICY: self.tell("the campaign’s policy"),
            }
            return known.get(decision.rule or "", "Tagora")  # which saw an edit, or that a post was withdrawn
        return decision.by

    def why(self, decision: Decision) -> str | None:
        if decision.by == TAGORA:
            known = {EDITED: self.tell("edited: in review"), WITHDRAWN: self.tell("withdrawn")}
            return known.get(decision.reason or "", decision.reason)
        if decision.reason == BY_HAND:
            return self.tell("added by hand")
        return in_words(decision.reason, self.reasons, self.language)

    def refused(self, one: Refused) -> str:
        """Why nothing was done on a post."""
        tell, post = self.tell, f"#{one.post_id}"
        said = one.decision
        if one.why is Why.EDITED:
            return tell("%(post)s was edited after you saw it: look at it again.") % {"post": post}
        if one.why is Why.DECIDED and said is not None:
            return tell("%(post)s was %(verdict)s by %(who)s meanwhile, %(when)s.") % {
                "post": post,
                "verdict": self.verdict(said.verdict),
                "who": self.who(said),
                "when": self.when(said.at),
            }
        if one.why is Why.DECIDED:
            return tell("What was decided on %(post)s was taken back meanwhile.") % {"post": post}
        if one.why is Why.CLAIMED and one.claim is not None:
            return tell("%(who)s has %(post)s open until %(when)s.") % {
                "post": post,
                "who": one.claim.by,
                "when": self.when(one.claim.until),
            }
        if one.why is Why.GONE:
            return tell("%(post)s is gone: its network no longer shows it, or it was withdrawn.") % {"post": post}
        return tell("%(post)s is not in this campaign.") % {"post": post}

    def decided(self, verdict: Verdict, outcome: Outcome) -> str:
        """What a stroke did, in one line."""
        number = len(outcome.decided)
        counted = self.count("%(num)d post", "%(num)d posts", number) % {"num": number}
        lines = [f"{counted}: {self.verdict(verdict)}."] if number else []
        return " ".join([*lines, *map(self.refused, outcome.refused[:3])])

    def taken_back(self, taken: TakenBack) -> str:
        if not taken.undone and not taken.refused:
            return self.tell("There is nothing of yours left to undo.")
        fresh = taken.undone
        lines: list[str] = []
        if len(fresh) == 1:
            lines.append(
                self.tell("Taken back: #%(post)s is no longer “%(verdict)s”.")
                % {"post": fresh[0].post_id, "verdict": self.verdict(fresh[0].took_back.verdict)}
            )
        elif fresh:
            lines.append(
                self.count("Taken back on %(num)d post.", "Taken back on %(num)d posts.", len(fresh))
                % {"num": len(fresh)}
            )
        return " ".join([*lines, *map(self.refused, taken.refused[:3])])
