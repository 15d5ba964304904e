"""The rules' pages: in words, with what each did; every version; editing, trying, saving."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from ...core.errors import ConfigError, TagoraError, UsageError
from ...core.moderators import Role
from ...core.rules import RESERVED_NAMES, Rule, describe
from ...presentation.words import words
from ...storage import figures, rulesets
from ...storage.figures import RuleCount
from ...storage.rulesets import Ruleset
from ...storage.store import Connection
from .. import moderate, rulebook
from ..backtest import Listed, Report, back_test
from ..decide import compiled
from .access import Administering, Here, InCampaign, NotHere, Viewing
from .answers import Written, in_words, language, problem, show
from .flash import flash, flashed
from .surroundings import Surroundings
from .templating import LOCALES

router = APIRouter(prefix="/c/{slug}/rules", include_in_schema=False)
COUNTED = timedelta(days=30)
TRIED, MOST_TRIED = 500, 5_000  # posts
LISTED = 25  # on one page of what a rule would have caught
AROUND = 2  # lines shown before and after a wrong one


@dataclass(frozen=True, slots=True)
class Told:
    """A rule in words. `counts`: what it did of late; `fresh`: "new" or "changed", where it is not in force so."""

    rule: Rule
    words: str
    counts: Sequence[RuleCount] = ()
    fresh: str | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """An error in a text of rules, with the lines around it: (number, text)."""

    sentence: str
    hint: str
    line: int | None
    around: Sequence[tuple[int, str]]


def told(request: Request, here: Surroundings, rules: Sequence[Rule]) -> list[Told]:
    say = words(language(request, here), *LOCALES)
    return [Told(rule, describe(rule, say)) for rule in rules]


def counted(connection: Connection, campaign_id: int, now: datetime) -> Mapping[str, list[RuleCount]]:
    """What each rule did in the last 30 days, by its name."""
    found: dict[str, list[RuleCount]] = defaultdict(list)
    for count in figures.rule_counts(connection, campaign_id, now - COUNTED):
        found[count.rule].append(count)
    return found


@router.get("")
def rules(
    request: Request, at: Viewing, here: Here, old: Annotated[int, Query(alias="from")] = 0, to: int = 0
) -> Response:
    """`from` and `to`: two versions to compare."""
    with here.store.reading() as connection:
        versions = rulesets.versions(connection, at.campaign.id)
        counts = counted(connection, at.campaign.id, here.clock.now())
    held = versions[-1] if versions else None
    in_force = told(request, here, compiled(held.body) if held else ())
    by_number = {0: rulebook.EMPTY} | {one.version: one.body for one in versions}
    if to and not {old, to} <= by_number.keys():
        raise NotHere
    named = {one.rule.name for one in in_force}
    return show(
        request,
        here,
        "rules.html",
        campaign=at.campaign,
        place="rules",
        said=flashed(request),
        may_change=at.visitor.may(Role.ADMIN, at.campaign),
        held=held,
        rules=[Told(one.rule, one.words, counts.get(one.rule.name, ())) for one in in_force],
        others=[count for name, some in counts.items() if name not in named for count in some],
        reserved=RESERVED_NAMES,
        versions=versions[::-1],
        compared=(old, to, rulebook.differences(by_number[old], by_number[to])) if to else None,
        days=COUNTED.days,
    )


@router.get("/edit")
def edit(request: Request, at: Administering, here: Here, version: int | None = None) -> Response:
    """`version`: a former one to begin with."""
    with here.store.reading() as connection:
        held = rulesets.latest(connection, at.campaign.id)
        begun = held if version is None else rulesets.version(connection, at.campaign.id, version)
    if version is not None and begun is None:
        raise NotHere
    return _editing(request, at, here, held, rulebook.text_of(begun), _seen(held))


@router.post("/try")
def attempt(
    request: Request,
    at: Administering,
    here: Here,
    text: Written = "",
    seen: Written = "",
    last: Written = "",
    more: Written = "",
) -> Response:
    """What the text would have done. `more`: "RULE:SKIP", which of what it caught to list."""
    text = _unix(text)
    number, _, skip = more.partition(":")
    listed = Listed(int(number), int(skip), LISTED) if number.isdecimal() and skip.isdecimal() else Listed()
    try:
        tried = rulebook.read(text)
        with here.store.reading() as connection:
            held = rulesets.latest(connection, at.campaign.id)
            report = back_test(connection, at.campaign.id, tried, _how_many(last), here.clock.now(), listed)
    except ConfigError as error:
        return _refused(request, at, here, text, seen, error)
    return _editing(request, at, here, held, text, _number(seen), report=report, listed=listed, last=_how_many(last))


@router.post("/log-only")
def log_only(request: Request, at: Administering, here: Here, text: Written = "", seen: Written = "") -> Response:
    """The same text, with new rules that only log."""
    text = _unix(text)
    with here.store.reading() as connection:
        held = rulesets.latest(connection, at.campaign.id)
    try:
        names = [name for name, how in rulebook.fresh(text, rulebook.text_of(held)).items() if how == "new"]
        text = rulebook.only_log(text, names)
    except (ConfigError, UsageError) as error:
        return _refused(request, at, here, text, seen, error)
    return _editing(request, at, here, held, text, _number(seen))


@router.post("")
def save(
    request: Request, at: Administering, here: Here, text: Written = "", seen: Written = "", apply: Written = ""
) -> Response:
    """`seen`: the version that was in force when the text was begun; `apply`: asks the rules about the queue too."""
    text, left = _unix(text), None
    try:
        with here.store.writing() as connection:
            now = here.clock.now()
            held = rulebook.save(connection, at.campaign.id, text, at.visitor.name, now, seen=_number(seen))
            if apply:
                left = moderate.apply_to_queue(connection, at.campaign.id, now)
    except (ConfigError, rulebook.RulesChanged) as error:
        return _refused(request, at, here, text, seen, error)
    request.app.state.counter.forget(at.campaign.id)
    answer = RedirectResponse(f"/c/{at.campaign.slug}/rules", 303)
    flash(answer, _saved(language(request, here), held, left))
    return answer


# ---------------------------------------------------------------------------------------------------------------------


def wrong(request: Request, here: Surroundings, text: str, error: TagoraError) -> Wrong:
    """What is wrong with a text, in the visitor's language."""
    sentence, hint = problem(request, here, error)
    line = rulebook.line_of(error) if isinstance(error, ConfigError) else None
    if line is None:
        return Wrong(sentence, hint, None, ())
    sentence = sentence.removeprefix(f"{rulebook.NAME}:{line}: ")
    lines = list(enumerate(text.splitlines(), 1))[max(line - 1 - AROUND, 0) : line + AROUND]
    return Wrong(sentence, hint, line, lines)


def _refused(
    request: Request, at: InCampaign, here: Surroundings, text: str, seen: str, error: TagoraError
) -> Response:
    """The page with the text as it was sent. Who sees what somebody else saved may then save over it."""
    with here.store.reading() as connection:
        held = rulesets.latest(connection, at.campaign.id)
    overtaken = isinstance(error, rulebook.RulesChanged)
    return _editing(
        request,
        at,
        here,
        held,
        text,
        _seen(held) if overtaken else _number(seen),
        wrong=wrong(request, here, text, error),
        compared=rulebook.differences(rulebook.text_of(held), text) if overtaken else None,
        status=409 if overtaken else 400,
    )


def _editing(
    request: Request,
    at: InCampaign,
    here: Surroundings,
    held: Ruleset | None,
    text: str,
    seen: int,
    *,
    wrong: Wrong | None = None,
    compared: Sequence[rulebook.Line] | None = None,
    report: Report | None = None,
    listed: Listed = Listed(),  # noqa: B008 - frozen
    last: int = TRIED,
    status: int = 200,
) -> Response:
    fresh: Mapping[str, str] = rulebook.fresh(text, rulebook.text_of(held)) if report else {}
    return show(
        request,
        here,
        "rules_edit.html",
        status=status,
        campaign=at.campaign,
        place="rules",
        held=held,
        text=text,
        seen=seen,
        wrong=wrong,
        compared=compared,
        report=report,
        trials=[
            (trial, Told(trial.rule, one.words, (), fresh.get(trial.rule.name)))
            for trial, one in zip(report.trials, told(request, here, [t.rule for t in report.trials]), strict=True)
        ]
        if report
        else (),
        hasty=[
            trial.rule.name
            for trial in (report.trials if report else ())
            if fresh.get(trial.rule.name) == "new" and trial.rule.then not in ("log", "flag")
        ],
        listed=listed,
        page_size=LISTED,
        last=last,
        rows=min(max(text.count("\n") + 3, 12), 40),
    )


def _saved(spoken: str, held: Ruleset, left: int | None) -> str:
    told = in_words("Version %(version)s is in force.", spoken) % {"version": held.version}
    if left is None:
        return told
    counted = words(spoken, *LOCALES).ngettext("%(num)d post left the queue.", "%(num)d posts left the queue.", left)
    return f"{told} {counted % {'num': left}}"


def _unix(text: str) -> str:
    """As browsers do not send it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines if lines.endswith("\n") or not lines else f"{lines}\n"


def _seen(held: Ruleset | None) -> int:
    return held.version if held else 0


def _number(written: str) -> int:
    return int(written) if written.isdecimal() and len(written) < 10 else 0


def _how_many(written: str) -> int:
    return min(max(_number(written), 1), MOST_TRIED) if written else TRIED
