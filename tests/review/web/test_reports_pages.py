"""Reports as readers send them from a site elsewhere, and as moderators without scripts deal with them."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tagora.core.clock import ManualClock
from tagora.core.decisions import Status, Verdict
from tagora.core.errors import UsageError
from tagora.core.moderators import Role
from tagora.review.deciding import decide
from tagora.review.web.surroundings import Removal
from tagora.storage import reports as stored
from tagora.storage.decisions import subjects
from tagora.storage.store import Store

from ...agora import arrive
from ...make import NOON, sighting
from ...team import NoActs, Team, team

SITE = "http://127.0.0.1:8000/"
POST = "https://example.net/x/1"


class Doing(NoActs):
    def removal(self, target: str) -> Removal:
        if target == "@nobody":
            raise UsageError(f"nothing of {target} is held here", "Give the post's address.")
        return Removal(target, 1, 1, 0, 0, ("casnocha",))


@pytest.fixture
def agora(sqlite_store: Store, clock: ManualClock) -> Team:
    made = team(sqlite_store, clock, "casnocha", "other", acts=Doing())
    with sqlite_store.writing() as c:
        ids = arrive(c, made.ids["casnocha"], [sighting("1", text="what is meant")])
        decide(c, made.ids["casnocha"], ids, Verdict.APPROVE, "anna", NOON)
    return made


def text_in(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def sent(agora: Team, *, address: str = "192.0.2.1", **fields: str) -> tuple[int, str, str]:
    """A reader's browser, on a page of the site, sends the form: status, text, where the link leads."""
    client = TestClient(agora.app, base_url="http://127.0.0.1:8001", client=(address, 1), follow_redirects=False)
    given = {"kind": "hurtful", "target": POST, "language": "en", **fields}
    headers = {"Origin": "https://agora.example", "Sec-Fetch-Site": "cross-site"}
    answer = client.post("/report", data=given, headers=headers)
    assert "set-cookie" not in answer.headers
    link = re.search(r'<a href="([^"]*)"', answer.text)
    return answer.status_code, text_in(answer.text), html.unescape(link[1]) if link else ""


def waiting(agora: Team) -> int:
    with agora.store.reading() as c:
        return stored.waiting(c).number


def test_a_reader_sends_a_report_without_signing_in_and_is_led_back(agora: Team) -> None:
    page = f"{SITE}casnocha/abc234.html#pdeadbeef"
    status, told, link = sent(agora, target=page, words="<script>alert(1)</script>", contact="bo@example.org")
    assert (status, link) == (200, page)
    assert "A person looks at it" in told
    assert "Una persona la guarda" in sent(agora, language="it")[1]
    assert waiting(agora) == 2
    for elsewhere in ("https://evil.example/", f"{SITE}../x", "javascript:alert(1)", f"{SITE}/evil.example/", POST):
        assert sent(agora, target=elsewhere, address="192.0.2.9", kind="illegal")[2] == SITE


def test_what_says_too_little_or_comes_from_programs_is_not_kept(agora: Team) -> None:
    status, told, _ = sent(agora, kind="other")
    assert status == 400 and "it is not said what is wrong" in told and "go one page back" in told
    assert sent(agora, target="")[0] == 400
    assert sent(agora, website="https://buy.example/")[0] == 200
    assert sent(agora, words="x" * 60_000, address="192.0.2.2")[0] == 413
    assert waiting(agora) == 0


def test_a_flood_of_reports_is_slowed_down(agora: Team) -> None:
    answers = [sent(agora, target=f"{POST}{n}")[0] for n in range(7)]
    assert answers == [200] * 5 + [429] * 2
    assert sent(agora, address="192.0.2.7")[0] == 200


def test_moderators_see_how_many_wait_and_who_may_not_sees_nothing(agora: Team) -> None:
    sent(agora)
    anna, vera = agora.signed_in("Anna"), agora.signed_in("Vera", Role.VIEWER)
    assert "Reports (1)" in text_in(anna.get("/c/casnocha/").text)
    assert "Reports" not in text_in(vera.get("/c/casnocha/").text)
    assert vera.get("/c/casnocha/reports").status_code == 403
    assert vera.get("/api/v1/campaigns/casnocha/reports").status_code == 403
    listed = text_in(anna.get("/c/casnocha/reports").text)
    assert "Reported as hurtful" in listed and "waits too long" not in listed
    assert "Nothing." in text_in(anna.get("/c/other/reports").text)
    agora.clock.advance(timedelta(hours=12))  # type: ignore[attr-defined]
    assert "waits too long" in text_in(anna.get("/c/casnocha/reports").text)


def test_a_report_opens_on_its_post_and_is_decided_and_taken_back_there(agora: Team) -> None:
    sent(agora, words="<b>that hurts</b>", contact="bo@example.org")
    anna, bea = agora.signed_in("Anna"), agora.signed_in("Bea")
    page = anna.get("/c/casnocha/reports/1").text
    shown = text_in(page)
    assert "what is meant" in shown and "<b>that hurts</b>" in shown and "&lt;b&gt;that hurts" in page
    assert 'href="mailto:bo%40example.org"' in page
    post = "/c/casnocha/reports/1"
    answer = anna.post(f"{post}/reject", data={"reason": "tone"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/casnocha/reports")
    assert _status(agora) is Status.REJECTED
    refused = bea.post(f"{post}/dismiss", data={"why": "fine"})
    assert refused.status_code == 400 and "Anna was quicker" in text_in(refused.text)
    assert "taken off the site" in text_in(bea.get("/c/casnocha/reports?closed=1").text)
    assert bea.post(f"{post}/reopen").headers["location"] == post
    assert _status(agora) is Status.APPROVED
    assert "Taken back" in text_in(bea.get(post).text)


def _status(agora: Team) -> Status:
    with agora.store.reading() as c:
        (subject,) = subjects(c, agora.ids["casnocha"], [1]).values()
        return subject.state.status


def test_withdrawing_asks_for_the_word_and_hands_out_the_reply(agora: Team) -> None:
    sent(agora, kind="post", contact="bo@example.org")
    anna = agora.signed_in("Anna")
    asked = anna.post("/c/casnocha/reports/1/withdraw", data={"what": "post"})
    assert "This removes 1 post from 1 discussion" in text_in(asked.text)
    assert anna.post("/c/casnocha/reports/1/withdraw", data={"what": "post", "typed": "yes"}).status_code == 400
    assert agora.acts.done == []
    done = text_in(anna.post("/c/casnocha/reports/1/withdraw", data={"what": "post", "typed": "remove"}).text)
    assert agora.acts.done == [("remove", POST)]
    assert "A reply, to copy" in done and "bo@example.org" in done and "withdrawn for ever" in done
    again = anna.post("/c/casnocha/reports/1/withdraw", data={"what": "post", "typed": "remove"})
    assert "this report is closed" in text_in(again.text) and len(agora.acts.done) == 1


def test_somebody_of_whom_nothing_is_held_is_not_collected(agora: Team) -> None:
    sent(agora, kind="account", target="@nobody")
    anna = agora.signed_in("Anna")
    assert "No post of this campaign was found" in text_in(anna.get("/c/other/reports/1").text)
    assert anna.post("/c/other/reports/1/not-collected", data={"account": "@nobody"}).status_code == 303
    assert agora.acts.done == [("opt out", "@nobody")]
    with agora.store.reading() as c:
        found = stored.one(c, agora.ids["other"], 1)
        assert found is not None and (found.target, found.outcome) == (None, "not_collected")
        assert stored.one(c, agora.ids["casnocha"], 1) is None


def test_programs_do_the_same(agora: Team) -> None:
    sent(agora)
    sent(agora, kind="account", target="@nobody")
    anna = agora.signed_in("Anna")
    at = "/api/v1/campaigns/casnocha/reports"
    assert [one["number"] for one in anna.get(at).json()] == [1, 2]
    assert anna.post(f"{at}/2/place", json={"target": POST}).json()["post"] == 1
    assert anna.post(f"{at}/1/close", json={"act": "dismiss"}).status_code == 400
    closed = anna.post(f"{at}/1/close", json={"act": "dismiss", "reason": "it is fine"}).json()
    assert (closed["outcome"], closed["acts"][0]["by"]) == ("dismissed", "Anna")
    assert anna.post(f"{at}/1/close", json={"act": "block"}).status_code == 409
    assert anna.post(f"{at}/1/reopen").json()["closed_at"] is None
    assert anna.post(f"{at}/1/close", json={"act": "withdraw"}).json()["outcome"] == "withdrawn"
    assert anna.post(f"{at}/1/close", json={"act": "withdraw"}).status_code == 400
    assert agora.acts.done == [("remove", POST)]
    assert anna.get(f"{at}/9").status_code == 404


def test_what_was_done_is_said_once_and_not_on_the_pages_after(agora: Team) -> None:
    sent(agora)
    anna = agora.signed_in("Anna")
    anna.post("/c/casnocha/reports/1/dismiss", data={"why": "it says nothing bad"})
    said = "Report 1:"
    assert said in text_in(anna.get("/c/casnocha/reports").text)
    for later in ("reports", "reports?closed=1", "reports/1", "authors", "record", "rules", "add", ""):
        assert said not in text_in(anna.get(f"/c/casnocha/{later}").text), later


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("private", "private"), ("hurtful", "insult"), ("illegal", "illegal"), ("post", "other")],
)
def test_the_reason_chosen_beforehand_is_what_was_reported(agora: Team, kind: str, reason: str) -> None:
    sent(agora, kind=kind)
    page = agora.signed_in("Anna").get("/c/casnocha/reports/1").text
    assert re.findall(r'<option value="([a-z-]+)" selected>', page) == [reason]


def test_the_choice_of_campaigns_says_what_waits_in_each(agora: Team) -> None:
    with agora.store.writing() as c:
        arrive(c, agora.ids["other"], [sighting("2", text="one that waits")])
    sent(agora)
    chosen = text_in(agora.signed_in("Anna").get("/").text)
    assert "1 post waits" in chosen and "Nothing waits here." in chosen and "1 report waits" in chosen
    assert "1 report waits" not in text_in(agora.signed_in("Vera", Role.VIEWER).get("/").text)
