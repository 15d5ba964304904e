"""The API of rules, record and care: what the pages do, for programs with a token."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tagora.core.clock import ManualClock
from tagora.core.moderators import Role
from tagora.storage.store import Store

from ...agora import arrive, campaign
from ...make import sighting
from ...team import Team, team

RULES = "- {name: spam, when: {words: [spam]}, then: reject, reason: advertising}\n"
BASE = "/api/v1/campaigns/casnocha"


@pytest.fixture
def agora(sqlite_store: Store, clock: ManualClock) -> Team:
    made = team(sqlite_store, clock)
    with sqlite_store.writing() as c:
        campaign(c, rules=RULES)
        arrive(c, made.ids["casnocha"], [sighting("1", text="spam"), sighting("2"), sighting("3")])
    return made


def program(agora: Team, role: Role, language: str = "en") -> TestClient:
    person = agora.signed_in(role.value, role)
    token = person.post("/api/v1/tokens", json={"label": "test"}).json()["token"]
    return agora.browser(Authorization=f"Bearer {token}", **{"Accept-Language": language})


def test_rules_are_told_tried_and_saved(agora: Team) -> None:
    admin = program(agora, Role.ADMIN)
    held = admin.get(f"{BASE}/rules").json()
    assert (held["version"], held["text"]) == (1, RULES)
    assert held["rules"][0]["words"] == "When it says “spam”, the post is rejected (advertising)."
    assert held["rules"][0]["counts"] == [{"verdict": "reject", "posts": 1, "approved": 0, "rejected": 0}]
    assert held["others"]["policy"][0]["posts"] == 2

    more = RULES + "- {name: all, when: {tagged: true}, then: flag}\n"
    tried = admin.post(f"{BASE}/rules/try", json={"text": more}).json()
    assert [(one["name"], one["fresh"], one["caught"]) for one in tried["rules"]] == [
        ("spam", None, 1),
        ("all", "new", 3),
    ]
    assert tried["rules"][0]["posts"][0]["matched"] == [0, 4]
    wrong = admin.post(f"{BASE}/rules/try", json={"text": RULES + "- {name: x}"})
    assert (wrong.status_code, wrong.json()["line"]) == (400, 2)

    saved = admin.put(f"{BASE}/rules", json={"text": more, "seen": 1, "apply": True})
    assert saved.json() == {"version": 2, "left_queue": 0}
    late = admin.put(f"{BASE}/rules", json={"text": "[]", "seen": 1})
    assert (late.status_code, late.json()["version"], late.json()["by"]) == (409, 2, "admin")
    assert [one["version"] for one in admin.get(f"{BASE}/rules/versions").json()] == [2, 1]
    assert ["new", more.splitlines()[1]] in admin.get(f"{BASE}/rules/versions/2").json()["difference"]
    assert admin.get(f"{BASE}/rules/versions/7").status_code == 404


def test_the_log_is_told_page_by_page_and_as_a_file(agora: Team) -> None:
    viewer = program(agora, Role.VIEWER)
    first = viewer.get(f"{BASE}/log", params={"limit": 2}).json()
    rest = viewer.get(f"{BASE}/log", params={"limit": 2, "before": first["before"]}).json()
    assert [one["post"] for one in first["entries"] + rest["entries"]] == [3, 2, 1] and rest["before"] is None
    assert viewer.get(f"{BASE}/log", params={"rule": "spam"}).json()["entries"][0]["matched"] == "0-4"
    assert viewer.get(f"{BASE}/log.csv", params={"rule": "spam"}).text.count("\r\n") == 2
    assert len(viewer.get(f"{BASE}/log.jsonl").content.splitlines()) == 3
    figures = viewer.get(f"{BASE}/figures").json()
    assert figures["by_hour"] and len(figures["places"]) == 6 * 24 + 14
    counts = viewer.get(f"{BASE}/transparency").json()
    assert (counts["collected"], counts["rejected_by_rules"], counts["reasons"]) == (3, 1, {"advertising": 1})


def test_reasons_and_authors_are_told_and_changed(agora: Team) -> None:
    admin = program(agora, Role.ADMIN)
    assert len(admin.get(f"{BASE}/reasons").json()) == 10
    own = [{"code": "rude", "it": "Villano", "en": "Rude"}]
    assert admin.put(f"{BASE}/reasons", json=own).json() == own
    assert len(admin.put(f"{BASE}/reasons", json=[]).json()) == 10
    (anna,) = admin.get(f"{BASE}/authors", params={"name": "@anna"}).json()
    admin.post(f"{BASE}/standings", json={"author": anna["id"], "stands": "trusted"})
    assert [(one["author"]["handle"], one["stands"]) for one in admin.get(f"{BASE}/standings").json()] == [
        ("anna", "trusted")
    ]
    assert admin.get(f"{BASE}/authors", params={"name": "@zoe"}).status_code == 400


def test_removals_and_additions_reach_the_rest_of_tagora(agora: Team) -> None:
    moderator = program(agora, Role.MODERATOR)
    assert moderator.post(f"{BASE}/removals/preview", json={"target": "@anna"}).json()["posts"] == 0
    assert agora.acts.done == []
    done = moderator.post(f"{BASE}/removals", json={"target": "@anna"})
    assert done.status_code == 201 and set(done.json()["letters"]) == {"it", "en"}
    assert moderator.post(f"{BASE}/additions", json={"url": "https://example.net/1"}).json()["post"] == 1
    assert agora.acts.done == [("remove", "@anna"), ("add", "https://example.net/1")]


@pytest.mark.parametrize(
    ("role", "method", "path", "body"),
    [
        (Role.VIEWER, "post", "/removals", {"target": "@anna"}),
        (Role.VIEWER, "post", "/additions", {"url": "https://example.net/1"}),
        (Role.MODERATOR, "put", "/rules", {"text": "[]", "seen": 1}),
        (Role.MODERATOR, "post", "/rules/try", {"text": "[]"}),
        (Role.MODERATOR, "put", "/reasons", []),
    ],
)
def test_each_needs_its_role(agora: Team, role: Role, method: str, path: str, body: Any) -> None:
    assert program(agora, role).request(method, BASE + path, json=body).status_code == 403
    assert agora.browser().request(method, BASE + path, json=body).status_code == 401
