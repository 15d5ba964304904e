"""The JSON API of the rules: in words, versions, trying, saving."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from ...core.decisions import Status, Verdict
from ...core.errors import ConfigError
from ...core.rules import Rule
from ...storage import rulesets
from ...storage.rulesets import Ruleset
from .. import moderate, rulebook
from ..backtest import Caught, Listed, back_test
from ..decide import compiled
from .access import Administering, Here, NotHere, Viewing
from .answers import told as told_error
from .pages_rules import LISTED, MOST_TRIED, TRIED, counted, told, wrong
from .surroundings import Surroundings

router = APIRouter(prefix="/api/v1/campaigns/{slug}/rules", tags=["rules"])


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RuleCounted(BaseModel):
    """On how many posts a rule said `verdict` in the last 30 days, and what people made of these."""

    verdict: Verdict
    posts: int
    approved: int
    rejected: int


class RuleTold(BaseModel):
    """A rule, and in `words` of the interface's language what it does."""

    name: str
    words: str
    then: Verdict
    reason: str | None
    counts: list[RuleCounted]


class RulesTold(BaseModel):
    """The rules in force. `version` is 0 where there never were any; `others`: what standings, the policy and former
    rules did."""

    version: int
    by: str | None
    at: datetime | None
    text: str
    rules: list[RuleTold]
    others: dict[str, list[RuleCounted]]


class VersionTold(BaseModel):
    version: int
    by: str
    at: datetime


class VersionText(VersionTold):
    """`difference`: from the version before, line by line."""

    text: str
    difference: list[tuple[Literal["same", "gone", "new", "cut"], str]]


class Attempt(_Strict):
    text: str = Field(description="Rules as YAML.")
    last: int = Field(default=TRIED, ge=1, le=MOST_TRIED, description="On how many posts, the latest ones.")
    rule: int | None = Field(default=None, ge=0, description="The place in the list of the rule whose catch is listed.")
    skip: int = Field(default=0, ge=0, description="How many of its posts to pass over.")


class CaughtTold(BaseModel):
    """`matched`: [start, end] in the text, or what matched elsewhere."""

    post: int
    author: str | None
    text: str
    matched: tuple[int, int] | str
    status: Status
    by_person: bool


class TrialTold(BaseModel):
    """`caught`: all its conditions hold; `decided`: no earlier rule decided; `approved` and `rejected`: what people
    made of those caught. `fresh`: whether the rule is new, or changed."""

    name: str
    words: str
    then: Verdict
    fresh: Literal["new", "changed"] | None
    caught: int
    decided: int
    approved: int
    rejected: int
    posts: list[CaughtTold]


class AttemptTold(BaseModel):
    posts: int
    untouched: int = Field(description="How many no rule would decide.")
    rules: list[TrialTold]


class NewRules(_Strict):
    text: str = Field(description="Rules as YAML.")
    seen: int | None = Field(description="The version the text was begun from, 0 for none; null: save over any.")
    apply: bool = Field(default=False, description="Ask the rules about everything that waits, too.")


class Saved(BaseModel):
    version: int
    left_queue: int | None = Field(description="How many posts left the queue, where the rules were applied.")


@router.get("")
def rules(request: Request, at: Viewing, here: Here) -> RulesTold:
    """The rules in force, in words and as YAML, and what each did."""
    with here.store.reading() as connection:
        held = rulesets.latest(connection, at.campaign.id)
        counts = counted(connection, at.campaign.id, here.clock.now())
    by_name = {
        name: [
            RuleCounted(verdict=one.verdict, posts=one.posts, approved=one.approved, rejected=one.rejected)
            for one in some
        ]
        for name, some in counts.items()
    }
    in_force = told(request, here, compiled(held.body) if held else ())
    return RulesTold(
        version=held.version if held else 0,
        by=held.by if held else None,
        at=held.at if held else None,
        text=rulebook.text_of(held),
        rules=[
            RuleTold(
                name=one.rule.name,
                words=one.words,
                then=one.rule.then,
                reason=one.rule.reason,
                counts=by_name.pop(one.rule.name, []),
            )
            for one in in_force
        ],
        others=by_name,
    )


@router.get("/versions")
def versions(at: Viewing, here: Here) -> list[VersionTold]:
    """Every version, the newest first."""
    with here.store.reading() as connection:
        found = rulesets.versions(connection, at.campaign.id)
    return [VersionTold(version=one.version, by=one.by, at=one.at) for one in reversed(found)]


@router.get("/versions/{version}")
def version(at: Viewing, here: Here, version: int) -> VersionText:
    """One version's text, and how it differs from the one before."""
    with here.store.reading() as connection:
        found = rulesets.version(connection, at.campaign.id, version)
        before = rulesets.version(connection, at.campaign.id, version - 1)
    if found is None:
        raise NotHere
    lines = rulebook.differences(rulebook.text_of(before), found.body)
    return VersionText(
        version=found.version,
        by=found.by,
        at=found.at,
        text=found.body,
        difference=[(line.kind, line.text) for line in lines],
    )


@router.post("/try", response_model=AttemptTold)
def attempt(request: Request, at: Administering, here: Here, wanted: Attempt) -> AttemptTold | Response:
    """What rules would have done; nothing is decided. For admins of the campaign. Rules that cannot be read are a 400
    with the `line`."""
    listed = Listed() if wanted.rule is None else Listed(wanted.rule, wanted.skip, LISTED)
    try:
        tried = rulebook.read(wanted.text)
        with here.store.reading() as connection:
            held = rulesets.latest(connection, at.campaign.id)
            report = back_test(connection, at.campaign.id, tried, wanted.last, here.clock.now(), listed)
    except ConfigError as error:
        return _wrong(request, here, wanted.text, error)
    fresh = rulebook.fresh(wanted.text, rulebook.text_of(held))
    return AttemptTold(
        posts=report.posts,
        untouched=report.untouched,
        rules=[
            TrialTold(
                name=trial.rule.name,
                words=words,
                then=trial.rule.then,
                fresh=fresh.get(trial.rule.name),
                caught=trial.caught,
                decided=trial.decided,
                approved=trial.approved,
                rejected=trial.rejected,
                posts=[_caught(one) for one in trial.examples],
            )
            for trial, words in zip(report.trials, _words(request, here, [t.rule for t in report.trials]), strict=True)
        ],
    )


@router.put("", response_model=Saved)
def save(request: Request, at: Administering, here: Here, wanted: NewRules) -> Saved | Response:
    """Puts rules into force as a new version. For admins of the campaign. Rules that cannot be read are a 400 with the
    `line`; where somebody else saved meanwhile, a 409 with their `version` and `by`."""
    left: int | None = None
    try:
        with here.store.writing() as connection:
            now = here.clock.now()
            held = rulebook.save(connection, at.campaign.id, wanted.text, at.visitor.name, now, seen=wanted.seen)
            if wanted.apply:
                left = moderate.apply_to_queue(connection, at.campaign.id, now)
    except ConfigError as error:
        return _wrong(request, here, wanted.text, error)
    except rulebook.RulesChanged as error:
        return told_error(request, 409, error.message, error.hint, **_who(error.now))
    if left:
        request.app.state.counter.forget(at.campaign.id)
    return Saved(version=held.version, left_queue=left)


def _wrong(request: Request, here: Surroundings, text: str, error: ConfigError) -> Response:
    found = wrong(request, here, text, error)
    return told_error(request, 400, found.sentence, found.hint, line=found.line)


def _who(held: Ruleset | None) -> dict[str, str | int]:
    return {"version": held.version, "by": held.by} if held else {"version": 0}


def _words(request: Request, here: Surroundings, rules: list[Rule]) -> list[str]:
    return [one.words for one in told(request, here, rules)]


def _caught(one: Caught) -> CaughtTold:
    return CaughtTold(
        post=one.post_id,
        author=one.handle,
        text=one.text,
        matched=one.matched,
        status=one.status,
        by_person=one.by_person,
    )
