"""The rules' pages, as browsers without scripts use them."""

from __future__ import annotations

import html
import re

import pytest
from starlette.testclient import TestClient

from tagora.core.clock import ManualClock
from tagora.core.decisions import Draft, Verdict
from tagora.core.moderators import Role
from tagora.storage import rulesets
from tagora.storage.decisions import record, subjects
from tagora.storage.store import Store

from ...agora import arrive, campaign
from ...make import NOON, sighting
from ...team import Team, team
from .queries import counted

RULES = "- name: spam\n  when: {words: [spam]}\n  then: reject\n  reason: advertising\n"
LINKS = "- name: shouting\n  when: {regex: '[A-Z]{8}'}\n  then: hold\n"


@pytest.fixture
def agora(sqlite_store: Store, clock: ManualClock) -> Team:
    return team(sqlite_store, clock)


def filled(agora: Team, posts: int = 3, rules: str = RULES) -> list[int]:
    with agora.store.writing() as c:
        campaign(c, rules=rules)
        texts = ["spam here", "fine", "SHOUTING all day"]
        return arrive(c, agora.ids["casnocha"], [sighting(str(n), text=texts[n % 3]) for n in range(posts)])


def approve(agora: Team, post_id: int) -> None:
    with agora.store.writing() as c:
        subject = subjects(c, agora.ids["casnocha"], [post_id])[post_id]
        record(c, [(subject, [Draft(Verdict.APPROVE, subject.content_hash, "Anna")])], NOON)


def reading(language: str, client: TestClient) -> TestClient:
    client.headers["Accept-Language"] = language
    return client


def text_in(page: str) -> str:
    """What the page says, without marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_rules_are_told_in_words_with_what_they_did(agora: Team) -> None:
    ids = filled(agora)
    approve(agora, ids[0])
    anna = agora.signed_in("Anna", Role.VIEWER)

    english = text_in(anna.get("/c/casnocha/rules", headers={"Accept-Language": "en"}).text)
    assert "When it says “spam”, the post is rejected (advertising)." in english
    assert "1 post rejected people approved 1" in english
    assert "the campaign's policy 2 posts put into the queue" in english
    italian = text_in(anna.get("/c/casnocha/rules", headers={"Accept-Language": "it"}).text)
    assert "Quando dice «spam», il post è rifiutato (advertising)." in italian
    assert "Change the rules" not in english
    assert anna.get("/c/casnocha/rules/edit").status_code == 403


def test_a_new_version_is_tried_then_saved_and_compared(agora: Team) -> None:
    filled(agora)
    admin = reading("en", agora.signed_in("Ada", Role.ADMIN))

    tried = admin.post("/c/casnocha/rules/try", data={"text": RULES + LINKS, "seen": "1", "last": "500"})
    said = text_in(tried.text)
    assert tried.status_code == 200
    assert "On the last 3 posts" in said
    assert "This would have caught 1, of which people approved 0 and rejected 0." in said
    assert "New here: shouting" in said
    with agora.store.reading() as c:
        assert len(rulesets.versions(c, agora.ids["casnocha"])) == 1

    softer = admin.post("/c/casnocha/rules/log-only", data={"text": RULES + LINKS, "seen": "1"})
    assert "then: log" in softer.text and "then: reject" in softer.text
    saved = admin.post("/c/casnocha/rules", data={"text": RULES + LINKS, "seen": "1", "apply": "1"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/c/casnocha/rules")
    shown = text_in(admin.get("/c/casnocha/rules?from=1&to=2").text)
    assert "Version 2 is in force. 1 post left the queue." in shown
    assert "+ - name: shouting" in shown
    assert admin.get("/c/casnocha/rules?from=1&to=9").status_code == 404
    begun = admin.get("/c/casnocha/rules/edit?version=1").text
    assert "shouting" not in begun and 'name="seen" value="2"' in begun


def test_a_wrong_line_is_marked_and_the_text_stays(agora: Team) -> None:
    filled(agora)
    admin = reading("en", agora.signed_in("Ada", Role.ADMIN))

    for path in ("/c/casnocha/rules", "/c/casnocha/rules/try", "/c/casnocha/rules/log-only"):
        refused = admin.post(path, data={"text": (RULES + LINKS).replace("regex", "regexp"), "seen": "1"})
        assert refused.status_code == 400
        assert "Line 6: rule “shouting”: the key `regexp` is not known." in text_in(refused.text)
        assert "<mark>  when: {regexp: &#39;[A-Z]{8}&#39;}</mark>" in refused.text
        assert "regexp" in refused.text.split("<textarea")[1]


def test_the_second_to_save_is_shown_what_happened(agora: Team) -> None:
    filled(agora)
    ada, ben = reading("en", agora.signed_in("Ada", Role.ADMIN)), reading("it", agora.signed_in("Ben", Role.ADMIN))

    assert ada.post("/c/casnocha/rules", data={"text": RULES + LINKS, "seen": "1"}).status_code == 303
    refused = ben.post("/c/casnocha/rules", data={"text": "[]", "seen": "1"})

    assert refused.status_code == 409
    assert "le regole intanto sono cambiate: è in vigore la versione 2, di Ada" in text_in(refused.text)
    assert "<del>− - name: shouting</del>" in refused.text
    assert 'name="seen" value="2"' in refused.text  # who saw it may save over it
    assert ben.post("/c/casnocha/rules", data={"text": "[]", "seen": "2"}).status_code == 303


def test_all_that_a_rule_would_have_caught_can_be_paged(agora: Team) -> None:
    filled(agora, 120)
    admin = reading("en", agora.signed_in("Ada", Role.ADMIN))
    form = {"text": RULES, "seen": "1", "last": "500"}

    first = admin.post("/c/casnocha/rules/try", data=form).text
    assert 'value="0:0">All 40' in first
    second = admin.post("/c/casnocha/rules/try", data={**form, "more": "0:25"}).text
    assert "26 to 40 of 40" in text_in(second)
    assert second.count('href="/c/casnocha/posts/') == 15


def test_what_posts_say_is_only_ever_text(agora: Team) -> None:
    with agora.store.writing() as c:
        arrive(c, agora.ids["casnocha"], [sighting("1", text="<script>alert(1)</script> spam")])
    admin = agora.signed_in("Ada", Role.ADMIN)
    page = admin.post("/c/casnocha/rules/try", data={"text": RULES.replace("spam", "</textarea><script>")})
    assert "<script>" not in page.text.replace('<script type="', "")


@pytest.mark.parametrize("path", ["/c/casnocha/rules", "/c/casnocha/rules?from=0&to=1", "/c/casnocha/rules/edit"])
def test_more_posts_and_versions_cost_no_more_statements(agora: Team, path: str) -> None:
    admin = agora.signed_in("Ada", Role.ADMIN)
    filled(agora)
    with counted(agora.store) as few:
        assert admin.get(path).status_code == 200
    filled(agora, 60, RULES + LINKS)
    with counted(agora.store) as many:
        assert admin.get(path).status_code == 200
    assert len(many) == len(few) <= 8
