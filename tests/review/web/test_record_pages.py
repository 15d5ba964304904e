"""The record: the log filtered and paged, taking back from there, files, figures."""

from __future__ import annotations

import csv
import html
import re
from datetime import timedelta
from io import StringIO
from xml.etree import ElementTree

import orjson
import pytest
from starlette.testclient import TestClient

from tagora.core.clock import ManualClock
from tagora.core.decisions import TAGORA, Decision, Verdict
from tagora.core.moderators import Role
from tagora.review.adding import bring_in
from tagora.review.deciding import decide
from tagora.review.web.logbook import asked_log, log_filter
from tagora.review.web.sentences import Speaker
from tagora.storage import figures
from tagora.storage.decisions import subjects
from tagora.storage.history import LogFilter
from tagora.storage.store import Store
from tagora.storage.tombstones import ORIGIN as WITHDRAWN

from ...agora import arrive, campaign
from ...make import NOON, author, sighting
from ...team import Team, team
from .queries import counted

RULES = "- {name: spam, when: {words: [spam]}, then: reject, reason: advertising}\n"
HOUR = timedelta(hours=1)


@pytest.fixture
def agora(sqlite_store: Store, clock: ManualClock) -> Team:
    return team(sqlite_store, clock, "casnocha", "other")


def filled(agora: Team, posts: int = 6) -> list[int]:
    campaign_id = agora.ids["casnocha"]
    with agora.store.writing() as c:
        campaign(c, rules=RULES)
        seen = [
            sighting(str(n), text="spam" if n == 0 else None, author=author("bo" if n == 1 else "anna"))
            for n in range(posts)
        ]
        ids = arrive(c, campaign_id, seen)
        decide(c, campaign_id, [ids[1]], Verdict.APPROVE, "Anna", NOON + HOUR)
        decide(c, campaign_id, ids[2:4], Verdict.REJECT, "Bert", NOON + 2 * HOUR, reason="off-topic")
    return ids


def reading(language: str, client: TestClient) -> TestClient:
    client.headers["Accept-Language"] = language
    return client


def text_in(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def numbers(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<span class="number">(\d+)</span>', page)]


def test_the_log_says_who_decided_what_and_why(agora: Team) -> None:
    filled(agora)
    vera = agora.signed_in("Vera", Role.VIEWER)
    english = text_in(reading("en", vera).get("/c/casnocha/record").text)
    assert "23 Nov 2026, 15:00 Bert rejected #4 by anna Off topic in one stroke" in english
    assert "23 Nov 2026, 14:00 Anna approved #2 by bo" in english
    assert "rule “spam” rejected #1 by anna Advertising" in english
    italian = text_in(reading("it", vera).get("/c/casnocha/record").text)
    assert "Bert rifiutato #4 di anna Fuori tema in un solo gesto" in italian
    assert "regola «spam» rifiutato #1" in italian
    assert "record/undo" not in vera.get("/c/casnocha/record").text
    assert "Nothing of this is in the log." in text_in(reading("en", vera).get("/c/other/record").text)


@pytest.mark.parametrize(
    ("query", "posts"),
    [
        ("by=Bert", [4, 3]),
        ("by=*people&verdict=approve", [2]),
        ("by=*rules&author=@bo", [2]),
        ("rule=spam", [1]),
        ("reason=off-topic&post=%233", [3]),
        ("since=2026-11-24", []),
        ("until=2026-11-23&verdict=reject", [4, 3, 1]),
        ("verdict=dance&since=never&post=x&by=Anna", [2]),
    ],
)
def test_the_log_is_filtered(agora: Team, query: str, posts: list[int]) -> None:
    filled(agora)
    page = agora.signed_in("Vera", Role.VIEWER).get(f"/c/casnocha/record?{query}").text
    assert [int(found) for found in re.findall(r'posts/(\d+)"', page)] == posts


def test_a_filter_survives_its_way_through_the_address() -> None:
    asked = asked_log({"by": "Anna", "since": "2026-11-01", "post": "#7", "rule": "a & b"})
    assert asked.query == "by=Anna&rule=a+%26+b&post=7&since=2026-11-01"
    wanted = log_filter(asked, 3, "Europe/Rome")
    assert wanted == LogFilter(3, by="Anna", rule="a & b", post_id=7, since=NOON.replace(month=10, day=31, hour=23))


def test_pages_follow_each_other_without_a_gap_while_the_log_grows(agora: Team) -> None:
    ids = filled(agora, 120)
    vera = agora.signed_in("Vera", Role.VIEWER)
    seen: list[int] = []
    address: str | None = "/c/casnocha/record"
    while address:
        page = vera.get(address).text
        seen += numbers(page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(found[1]) if found else None
        with agora.store.writing() as c:
            decide(c, agora.ids["casnocha"], [ids[-len(seen) // 50]], Verdict.HOLD, "Anna", NOON + 3 * HOUR)
    assert seen == list(range(seen[0], 0, -1)) and len(seen) == 123


def test_anything_is_taken_back_from_the_record(agora: Team) -> None:
    ids = filled(agora)
    anna = reading("en", agora.signed_in("Anna"))
    page = anna.get("/c/casnocha/record?by=Bert").text
    (second, first) = numbers(page)

    done = anna.post("/c/casnocha/record/undo", data={"decision": str(second), "back": "by=Bert"})
    assert (done.status_code, done.headers["location"]) == (303, "/c/casnocha/record?by=Bert")
    after = anna.get("/c/casnocha/record?by=Bert")
    assert "Taken back: #4 is no longer “rejected”." in text_in(after.text)
    assert f"taken back by decision {second + 1}" in text_in(after.text)
    anna.post("/c/casnocha/record/undo", data={"decision": str(second + 1)})  # an undo too
    anna.post("/c/casnocha/record/undo", data={"decision": str(first), "stroke": "1"})
    with agora.store.reading() as c:
        found = subjects(c, agora.ids["casnocha"], ids[2:4]).values()
        assert [one.state.status.value for one in found] == ["pending", "pending"]
    assert anna.post("/c/casnocha/record/undo", data={"decision": "999"}).status_code == 400
    assert anna.post("/c/other/record/undo", data={"decision": str(first)}).status_code == 400
    assert agora.signed_in("Vera", Role.VIEWER).post("/c/casnocha/record/undo").status_code == 403


def test_what_is_filtered_leaves_as_a_file(agora: Team) -> None:
    filled(agora)
    vera = agora.signed_in("Vera", Role.VIEWER)
    sheet = vera.get("/c/casnocha/record/log.csv?by=Bert")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert sheet.headers["content-disposition"] == "attachment; filename*=UTF-8''casnocha-log-2026-11-23.csv"
    rows = list(csv.DictReader(StringIO(sheet.content.decode("utf-8-sig"))))
    assert [(row["by"], row["post"]) for row in rows] == [("Bert", "4"), ("Bert", "3")]
    lines = vera.get("/c/casnocha/record/log.jsonl").content.splitlines()
    assert len(lines) == 9 and orjson.loads(lines[-1])["rule"] == "spam"
    assert vera.get("/c/casnocha/record/log.exe").status_code == 422
    assert agora.browser().get("/c/casnocha/record/log.csv").status_code == 303


def test_figures_are_drawn_and_told(agora: Team, clock: ManualClock) -> None:
    filled(agora)
    clock.advance(3 * HOUR)
    with agora.store.writing() as c:
        figures.sample(c, clock.now())
    vera = reading("en", agora.signed_in("Vera", Role.VIEWER))
    for days in (7, 30, 90):
        page = vera.get(f"/c/casnocha/record/figures?days={days}").text
        drawn = re.findall(r"<svg.*?</svg>", page, flags=re.S)
        assert len(drawn) == 3
        for one in drawn:
            ElementTree.fromstring(one)
        said = text_in(page)
        assert "Collected 6 Approved by people 1" in said
        assert "Rejected by people 2 Rejected by rules 1 Advertising 1 Off topic 2 Waiting or held 2" in said
    assert "23 Nov 16:00 2 0" in text_in(vera.get("/c/casnocha/record/figures").text)  # the queue
    assert "Nothing was measured" in vera.get("/c/other/record/figures").text


@pytest.mark.parametrize(
    "path", ["/c/casnocha/record", "/c/casnocha/record?since=2026-11-01", "/c/casnocha/record/figures"]
)
def test_a_longer_log_costs_no_more_statements(agora: Team, path: str) -> None:
    vera = agora.signed_in("Vera", Role.VIEWER)
    filled(agora)
    with counted(agora.store) as few:
        assert vera.get(path).status_code == 200
    filled(agora, 150)
    with counted(agora.store) as many:
        assert vera.get(path).status_code == 200
    assert len(many) == len(few) <= 12


def test_the_record_says_in_the_readers_language_what_the_program_did(agora: Team) -> None:
    ids = filled(agora)
    with agora.store.writing() as c:
        bring_in(c, agora.ids["casnocha"], ids[4], "Anna", NOON + HOUR)
    told = text_in(reading("it", agora.signed_in("Anna")).get("/c/casnocha/record").text)
    assert "aggiunto a mano" in told and "la politica della campagna" in told
    assert "added by hand" not in told and " policy " not in told


def test_what_only_the_program_saw_is_not_laid_at_the_policys_door() -> None:
    withdrawn = Decision(1, 1, Verdict.REJECT, "h", TAGORA, NOON, reason=WITHDRAWN)
    speaker = Speaker("it", "Europe/Rome")
    assert (speaker.who(withdrawn), speaker.why(withdrawn)) == ("Tagora", "ritirato")
