"""Which troubles there are, and in which words, from what is known at one moment."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tagora.app.health.facts import CampaignFacts, Disk, Facts, SourceFacts, Unreached
from tagora.app.health.find import troubles
from tagora.app.health.trouble import Severity, Trouble
from tagora.app.health.words import Speech
from tagora.collector.coverage import Hole
from tagora.storage.budget import Ceiling
from tagora.storage.publications import Publication
from tagora.storage.reports import Waiting
from tagora.storage.running import Running
from tagora.storage.sources import Source

NOW = datetime(2026, 11, 24, 13, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ENGLISH, ITALIAN = Speech("en", "Europe/Rome"), Speech("it", "Europe/Rome")
MONTH_END = datetime(2026, 12, 1, tzinfo=UTC)


def source(platform: str = "facebook", label: str = "Facebook", **changes: Any) -> SourceFacts:
    """A source that fares well; `changes` of the facts or of the stored source."""
    stored = Source(
        id=1, campaign_id=1, name=platform, platform=platform, account=f"{platform}-main", enabled=True,
        due_at=NOW + MINUTE, attempts=0, last_error=None, last_ok_at=NOW - MINUTE, last_new_at=NOW - HOUR,
        lease_by=None, lease_until=None, usual_per_hour=None, campaign="casnocha",
        ailing_since=None, problem=None, rests_until=None,
    )  # fmt: skip
    facts = {"reach": None, "asked_until": NOW - MINUTE, "closes_at": None, "holes": (), "ceilings": (),
             "failing_since": None, "key_at": ("file", "x.key"), "key_ends": None}  # fmt: skip
    own = {name: value for name, value in changes.items() if name in facts}
    rest = {name: value for name, value in changes.items() if name not in facts}
    return SourceFacts(now=NOW, source=replace(stored, **rest), label=label, **{**facts, **own})


def x(**changes: Any) -> SourceFacts:
    return source("x", "X", reach=timedelta(days=7), **changes)


def month(spent: float, unit: str = "micros") -> Ceiling:
    of = 30_000_000 if unit == "micros" else 1_000
    return Ceiling("account", unit, "month", of, int(of * spent), MONTH_END)


def found(*sources: SourceFacts, **facts: Any) -> list[Trouble]:
    return troubles(Facts(now=NOW, sources=sources, **facts))


def only(*sources: SourceFacts, **facts: Any) -> Trouble:
    (one,) = found(*sources, **facts)
    return one


def test_what_fares_well_is_no_trouble() -> None:
    assert found(source(), x(ceilings=(month(0.5),)), disks=(Disk("store", 50 * 10**9, 80 * 10**9),)) == []


def test_a_cancelled_key_is_told_with_what_is_lost_and_the_command_that_repairs_it() -> None:
    one = only(source(ailing_since=NOW, problem="the token was cancelled", attempts=1))
    assert (one.kind, one.severity, one.campaign) == ("key refused", Severity.FAULT, "casnocha")
    assert ENGLISH.told(one).all == (
        "Facebook stopped answering on Tue 24 Nov, 14:02: the token was cancelled. "
        "Nothing held is lost; what was written since then is fetched once you renew the key. "
        "Renew the key: tagora connect facebook"
    )
    assert ITALIAN.told(one).what == "Facebook ha smesso di rispondere mar 24 nov, 14:02: the token was cancelled."


def test_where_a_network_forgets_the_day_is_named_until_which_nothing_is_lost() -> None:
    one = only(x(ailing_since=NOW, problem="the key is wrong.", last_ok_at=NOW - DAY))
    assert "if that is before Mon 30 Nov, 14:02: X gives nothing older than 7 days" in ENGLISH.told(one).loss
    assert "x.key" in ENGLISH.told(one).repair and "tagora sources --retry casnocha/x" in ENGLISH.told(one).repair


def test_sources_of_one_account_are_one_trouble() -> None:
    assert len(found(*[x(ailing_since=NOW, problem="no", name=name) for name in ("x1", "x2")])) == 1


def test_a_single_failure_is_none_yet_three_or_half_an_hour_are() -> None:
    assert found(source(attempts=2, last_error="no answer.", failing_since=NOW - 20 * MINUTE)) == []
    assert only(source(attempts=3, last_error="no answer.", failing_since=NOW - MINUTE)).severity is Severity.WARNING
    one = only(source(attempts=1, last_error="refused.", failing_since=NOW - 31 * MINUTE))
    assert one.kind == "source fails" and one.since == NOW - 31 * MINUTE
    assert only(source(attempts=9, last_error="no.", failing_since=NOW - 25 * HOUR)).severity is Severity.FAULT


def test_a_source_whose_ceiling_is_reached_rests_until_the_period_ends() -> None:
    one = only(x(ceilings=(month(0.999),), last_error="the ceiling.", due_at=MONTH_END))
    assert one.kind == "budget ended" and one.severity is Severity.WARNING
    assert ENGLISH.told(one).what == "X rests until Tue 1 Dec, 01:00: $29.97 of $30.00 used this month."
    small = only(x(ceilings=(month(0.75),), last_error="one more call does not fit.", due_at=MONTH_END))
    assert ENGLISH.told(small).what == "X rests until Tue 1 Dec, 01:00: $22.50 of $30.00 used this month."
    day = Ceiling("source", "requests", "day", 100, 100, NOW + 2 * HOUR)
    one = only(x(ceilings=(day,), last_error="the ceiling.", due_at=NOW + 2 * HOUR))
    assert one.severity is Severity.NOTE, "a day's ceiling is reached on many days: to be seen, not to be told"
    assert "100 of 100 calls made today" in ENGLISH.told(one).what


def test_a_budget_is_nearly_spent_when_it_goes_by_faster_than_the_month() -> None:
    assert found(x(ceilings=(month(0.79),))) == [], "four fifths are left of the month, and more of the budget"
    assert only(x(ceilings=(month(0.81),))).kind == "budget nearly spent"
    late = datetime(2026, 11, 29, tzinfo=UTC)
    assert troubles(Facts(now=late, sources=(x(ceilings=(month(0.85),)),))) == [], "its pace is the month's"
    both = found(x(ceilings=(month(0.9),), name="x1"), x(ceilings=(month(0.9),), name="x2"))
    assert len(both) == 1, "the ceiling is the account's"


@pytest.mark.parametrize(
    ("left", "severity"), [(13 * DAY, Severity.WARNING), (2 * DAY, Severity.FAULT), (-HOUR, Severity.FAULT)]
)
def test_the_end_of_a_key_is_told_two_weeks_before(left: timedelta, severity: Severity) -> None:
    assert found(source(key_ends=NOW + 15 * DAY)) == []
    one = only(source(key_ends=NOW + left))
    assert (one.kind, one.severity) == ("key ends", severity)
    assert ("ended" in ENGLISH.told(one).what) == (left < timedelta(0))


def test_what_can_soon_no_longer_be_read_is_told_with_its_day() -> None:
    assert found(x(closes_at=NOW + 3 * DAY)) == []
    one = only(x(closes_at=NOW + 2 * DAY))
    assert one.kind == "window closing" and "From Thu 26 Nov, 14:02, X no longer gives" in ENGLISH.told(one).what
    assert only(x(closes_at=NOW + HOUR)).severity is Severity.FAULT
    assert found(x(closes_at=NOW)) == [], "what is lost is a hole"


def test_a_hole_is_told_once_and_only_noted_after_a_week() -> None:
    holed = x(holes=(Hole(NOW - 9 * DAY, NOW - 8 * DAY),))
    one = only(holed)
    assert one.severity is Severity.WARNING and not one.passes
    assert only(holed, noticed={one.key: NOW - 8 * DAY}).severity is Severity.NOTE


def test_flood_and_waiting_belong_to_their_campaign() -> None:
    facts = CampaignFacts("casnocha", "What kind of networker?", NOW - HOUR, 12, NOW - 13 * HOUR)
    flood, waiting = found(campaigns=(facts,), review="https://review.example.org/")
    assert (flood.campaign, waiting.campaign) == ("casnocha", "casnocha")
    assert "tagora publishing release --campaign casnocha" in ENGLISH.told(flood).repair
    assert "12 in all, the oldest since Tue 24 Nov, 01:02" in ENGLISH.told(waiting).what
    assert "https://review.example.org/c/casnocha/?order=oldest" in ENGLISH.told(waiting).repair
    assert found(campaigns=(replace(facts, flood_since=None, oldest_at=NOW - 11 * HOUR),)) == []


def test_published_posts_that_became_bare_links_are_told_with_what_to_look_at() -> None:
    facts = CampaignFacts("casnocha", "What kind of networker?", None, 0, None, 7, NOW - HOUR)
    one = only(campaigns=(facts,))
    assert (one.kind, one.severity, one.since) == ("bare links", Severity.WARNING, NOW - HOUR)
    assert "only the links of 7 published posts" in ENGLISH.told(one).what
    assert "tagora check" in ENGLISH.told(one).repair


def test_a_disk_nearly_full_is_a_trouble_until_there_is_a_little_more_room_again() -> None:
    assert found(disks=(Disk("store", 2_100_000_000, 80 * 10**9),)) == []
    one = only(disks=(Disk("store", 1_900_000_000, 80 * 10**9),))
    assert ENGLISH.told(one).what == "The disk with the store is nearly full: 1.9 GB of 80.0 GB left."
    assert only(disks=(Disk("store", 2_100_000_000, 80 * 10**9),), noticed={one.key: NOW}).kind == "disk"
    assert only(disks=(Disk("site", 200_000_000, 80 * 10**9),)).severity is Severity.FAULT
    assert found(disks=(Disk("site", 600_000_000, 10**10),)) == [], "a small disk is not always nearly full"


def test_a_run_without_sign_of_life_and_a_collection_by_nobody_are_faults() -> None:
    silent = Running("name", "host, process 12", NOW - DAY, NOW - 5 * MINUTE)
    assert (
        "(host, process 12) has given no sign of life since Tue 24 Nov, 13:57"
        in ENGLISH.told(only(run_silent=silent)).what
    )
    assert found(idle_since=NOW - 24 * HOUR) == [], "collected by cron, once a day"
    assert only(idle_since=NOW - 26 * HOUR).kind == "nobody collects"


def test_a_site_that_stays_behind_and_a_way_of_telling_that_fails_are_told() -> None:
    assert found(unshown_since=NOW - 24 * HOUR) == [], "built by cron, once a day"
    assert only(unshown_since=NOW - 26 * HOUR).kind == "site behind"
    assert (
        found(at_work=True, unshown_since=NOW - 5 * MINUTE, unreached=(Unreached("mail", NOW - MINUTE, "451"),)) == []
    )
    site, mail = found(
        at_work=True, unshown_since=NOW - HOUR, unreached=(Unreached("mail", NOW - HOUR, "it said 451"),)
    )
    assert (site.kind, mail.kind) == ("site behind", "mail fails")
    assert ENGLISH.told(mail).what == "Mail cannot be sent since Tue 24 Nov, 13:02: it said 451."


def test_the_worst_comes_first() -> None:
    kinds = [one.severity for one in found(
        x(closes_at=NOW + 2 * DAY, ceilings=(month(0.9),)), source(ailing_since=NOW), unshown_since=NOW - 2 * DAY,
    )]  # fmt: skip
    assert kinds == sorted(kinds, key=["fault", "warning", "note"].index) and kinds[0] is Severity.FAULT


def test_every_sentence_can_be_said_in_both_languages() -> None:
    """The widest net: nothing is left to fill in, and nothing stays English that the catalogue knows."""
    campaign = CampaignFacts("casnocha", "T", NOW, 1, NOW - DAY, 7, NOW)
    ceilings = (month(0.9), month(0.9, "requests"))
    every = found(
        source(ailing_since=NOW), x(attempts=5, failing_since=NOW), x(ceilings=ceilings, closes_at=NOW + DAY),
        source(rests_until=NOW + DAY, ailing_since=NOW, problem="paid"), source(key_ends=NOW, key_at=("env", "KEY")),
        x(holes=(Hole(NOW, NOW),)), campaigns=(campaign,), disks=(Disk("store", 1, 10**9), Disk("site", 1, 10**9)),
        run_silent=Running("a", "b", NOW, NOW), unshown_since=NOW - 2 * DAY, backup_problem="no room",
        refused="config.yaml:3: no",
        unreached=(Unreached("mail", NOW - DAY, "a"), Unreached("webhook", NOW - DAY, "a")),
    )  # fmt: skip
    assert len({one.kind for one in every}) == 17
    for one in every:
        italian, english = ITALIAN.told(one), ENGLISH.told(one)
        assert "%(" not in italian.all + english.all
        assert all(mine != theirs for mine, theirs in zip(italian, english, strict=True) if theirs)


def test_a_place_that_cannot_be_published_to_is_noted_at_once_and_told_when_it_lasts() -> None:
    fails = Publication("s3", NOW, None, 0, "it does not answer", NOW - MINUTE, 1)
    assert only(unpublished=(fails,)).severity is Severity.NOTE
    trouble = only(unpublished=(replace(fails, failing_since=NOW - HOUR),))
    assert trouble.severity is Severity.FAULT
    assert ENGLISH.told(trouble).what.startswith("The site cannot be published to s3 since ")
    assert "it does not answer." in ENGLISH.told(trouble).what
    assert ITALIAN.told(trouble).repair == "Si riprova da sé; subito con: tagora publish"


def test_every_kind_is_documented_by_its_name() -> None:
    root = Path(__file__).resolve().parents[3]
    code = "".join(each.read_text(encoding="utf-8") for each in (root / "app" / "health").glob("*.py"))
    kinds = {*re.findall(r'Trouble\(\s*"([a-z ]+)"', code), "mail fails", "webhook fails"}
    table = (root / "docs" / "alerts.md").read_text(encoding="utf-8").split("| kind | when |")[1].split("\n\n")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    documented = {kind for row in rows for kind in re.findall(r"`([a-z ]+)`", row)}
    assert kinds == documented


def test_a_report_that_waits_half_a_day_is_told_with_how_many_wait() -> None:
    assert found(reports=Waiting(2, NOW - 12 * HOUR + MINUTE)) == []
    one = only(reports=Waiting(2, NOW - 12 * HOUR))
    assert (one.key, one.severity, one.since) == ("reports wait reports", Severity.WARNING, NOW - 12 * HOUR)
    assert ENGLISH.told(one).what == (
        "What readers asked for or reported waits too long: 2 in all, the oldest since Tue 24 Nov, 02:02."
    )
    assert "2 in tutto" in ITALIAN.told(one).what
