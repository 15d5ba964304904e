"""Who gets in, what each may do, and what the browser is told: real cookies, a real store, a clock set by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from tagora.core.clock import ManualClock
from tagora.core.moderators import Role
from tagora.review import people, signing_in
from tagora.review.web import agents
from tagora.review.web.access import Administering, Moderating, Viewing, safe_next
from tagora.storage import moderators, sessions
from tagora.storage.store import Store

from ...team import HOME, Team, team

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def agora(sqlite_store: Store, clock: ManualClock) -> Team:
    made = team(sqlite_store, clock, "casnocha", "other")

    @made.app.get("/c/{slug}/look")
    def look(at: Viewing) -> str:
        return at.campaign.slug

    @made.app.post("/c/{slug}/settle")
    def decide(at: Moderating) -> str:
        return at.visitor.name

    @made.app.post("/api/v1/c/{slug}/rules")
    def rules(at: Administering) -> str:
        return at.visitor.name

    return made


def token_in(client: Any) -> str | None:
    return client.cookies.get("tagora_session")


def test_strangers_are_sent_to_sign_in_and_programs_are_told(agora: Team) -> None:
    stranger = agora.browser()

    page = stranger.get("/c/casnocha/look?x=1&y=2")
    assert (page.status_code, page.headers["location"]) == (303, "/signin?next=%2Fc%2Fcasnocha%2Flook%3Fx%3D1%26y%3D2")
    told = stranger.get("/api/v1/me")
    assert (told.status_code, told.json()["signin"], told.headers["www-authenticate"]) == (401, "/signin", "Bearer")
    assert "not signed in" in told.json()["error"]


def test_what_changes_something_needs_the_sessions_csrf_token(agora: Team) -> None:
    anna, bert = agora.signed_in("Anna"), agora.signed_in("Bert")
    mine, others = anna.headers.pop("X-Tagora-CSRF"), bert.headers["X-Tagora-CSRF"]

    assert anna.post("/c/casnocha/settle").status_code == 403
    assert anna.post("/c/casnocha/settle", data={"csrf": others}).status_code == 403
    assert anna.post("/c/casnocha/settle", data={"csrf": "è"}).status_code == 403
    assert anna.post("/c/casnocha/settle", data={"csrf": mine}).json() == "Anna"
    assert anna.post("/c/casnocha/settle", files={"csrf": (None, mine)}).json() == "Anna"
    assert anna.post("/c/casnocha/settle", headers={"X-Tagora-CSRF": mine}).json() == "Anna"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8001"}, 200),
    ],
)
def test_a_right_token_from_another_site_is_refused_all_the_same(
    agora: Team, headers: dict[str, str], status: int
) -> None:
    assert agora.signed_in("Anna").post("/c/casnocha/settle", headers=headers).status_code == status


def test_each_role_may_do_what_the_one_below_it_may(agora: Team) -> None:
    for role, decides, rules in ((Role.VIEWER, 403, 403), (Role.MODERATOR, 200, 403), (Role.ADMIN, 200, 200)):
        client = agora.signed_in(role.value, role)
        assert client.get("/c/casnocha/look").status_code == 200
        assert client.post("/c/casnocha/settle").status_code == decides
        assert client.post("/api/v1/c/casnocha/rules").status_code == rules
    refused = agora.signed_in("viewer").post("/api/v1/c/casnocha/rules")
    assert "only admins" in refused.json()["error"]


def test_roles_of_a_campaign_go_before_the_role_everywhere(agora: Team) -> None:
    guest = agora.signed_in("Guest", None, roles={"other": Role.MODERATOR})
    lesser = agora.signed_in("Lesser", Role.ADMIN, roles={"casnocha": Role.VIEWER})

    assert guest.get("/c/casnocha/look").status_code == 404  # not even told that there is one
    assert guest.get("/c/casnocha/look").status_code == guest.get("/c/nothing/look").status_code
    assert guest.post("/c/other/settle").status_code == 200
    assert [one["slug"] for one in guest.get("/api/v1/me").json()["campaigns"]] == ["other"]
    assert lesser.post("/c/casnocha/settle").status_code == 403
    assert lesser.post("/c/other/settle").status_code == 200


def test_a_session_ends_when_it_is_unused_for_long(agora: Team, clock: ManualClock) -> None:
    anna = agora.signed_in("Anna")

    for _ in range(3):
        clock.advance(11 * HOUR)
        assert anna.get("/c/casnocha/look").status_code == 200
    clock.advance(12 * HOUR)
    assert anna.get("/c/casnocha/look").status_code == 303


def test_a_session_ends_after_thirty_days_however_much_it_is_used(agora: Team, clock: ManualClock) -> None:
    anna = agora.signed_in("Anna")

    for _ in range(30 * 24 // 10):
        assert anna.get("/c/casnocha/look").status_code == 200
        clock.advance(10 * HOUR)
    assert anna.get("/c/casnocha/look").status_code == 303


def test_the_token_changes_every_hour_and_open_pages_go_on(agora: Team, clock: ManualClock) -> None:
    anna = agora.signed_in("Anna")
    first, csrf = token_in(anna), anna.headers["X-Tagora-CSRF"]

    clock.advance(59 * MINUTE)
    anna.get("/c/casnocha/look")
    assert token_in(anna) == first
    clock.advance(MINUTE)
    anna.get("/c/casnocha/look")

    assert token_in(anna) != first
    assert anna.post("/c/casnocha/settle").status_code == 200  # with the form of the page that was open before
    assert anna.get("/api/v1/me").json()["csrf"] == csrf


def test_the_former_token_holds_for_a_minute_then_no_more(agora: Team, clock: ManualClock) -> None:
    anna, late = agora.signed_in("Anna"), agora.browser()
    late.cookies.set("tagora_session", token_in(anna) or "", domain="127.0.0.1", path="/")
    clock.advance(HOUR)
    anna.get("/c/casnocha/look")
    anna.get("/c/casnocha/look")  # now the new token was used

    assert late.get("/c/casnocha/look").status_code == 200
    assert "set-cookie" not in late.get("/c/casnocha/look").headers
    clock.advance(timedelta(seconds=61))
    assert late.get("/c/casnocha/look").status_code == 303
    assert anna.get("/c/casnocha/look").status_code == 200


def test_an_answer_lost_with_the_new_token_signs_nobody_out(agora: Team, clock: ManualClock) -> None:
    anna = agora.signed_in("Anna")
    first = token_in(anna) or ""
    clock.advance(HOUR)
    anna.get("/c/casnocha/look")

    anna.cookies.clear()  # the answer never came
    anna.cookies.set("tagora_session", first, domain="127.0.0.1", path="/")
    clock.advance(5 * MINUTE)

    assert anna.get("/c/casnocha/look").status_code == 200
    assert token_in(anna) != first
    assert anna.get("/c/casnocha/look").status_code == 200


def test_using_a_session_writes_at_most_once_a_minute(agora: Team, clock: ManualClock) -> None:
    anna = agora.signed_in("Anna")
    seen = []
    for _ in range(5):
        clock.advance(timedelta(seconds=30))
        anna.get("/c/casnocha/look")
        with agora.store.reading() as connection:
            found = moderators.by_name(connection, "anna")
            assert found
            seen.append(sessions.sessions_of(connection, found.id)[0].seen_at)
    assert len(set(seen)) == 3


def test_somebody_disabled_loses_everything_at_once(agora: Team, clock: ManualClock) -> None:
    anna = agora.signed_in("Anna")
    token = anna.post("/api/v1/tokens", json={"label": "export"}).json()["token"]
    program = agora.browser(Authorization=f"Bearer {token}")
    assert program.get("/api/v1/me").json()["name"] == "Anna"

    with agora.store.writing() as connection:
        found = people.named(connection, "Anna")
        people.disable(connection, found.id, clock.now())

    assert anna.get("/c/casnocha/look").status_code == 303
    assert program.get("/api/v1/me").status_code == 401
    with agora.store.writing() as connection:
        people.enable(connection, found.id)
    assert anna.get("/c/casnocha/look").status_code == 303
    assert program.get("/api/v1/me").status_code == 401


def test_a_token_speaks_for_its_person_to_the_api_alone(agora: Team) -> None:
    anna = agora.signed_in("Anna", Role.ADMIN)
    token = anna.post("/api/v1/tokens", json={"label": "bot"}).json()["token"]
    program = agora.browser(Authorization=f"Bearer {token}")

    assert token.startswith("tagora_")
    assert program.post("/api/v1/c/casnocha/rules").json() == "Anna"  # no CSRF token: no browser sends this by itself
    assert program.get("/c/casnocha/look").status_code == 303
    assert program.post("/api/v1/tokens", json={"label": "heir"}).status_code == 403
    assert agora.browser(Authorization="Bearer tagora_wrong").get("/api/v1/me").status_code == 401
    (told,) = anna.get("/api/v1/tokens").json()
    assert told["label"] == "bot" and told["used_at"] and "token" not in told


def test_a_token_ends_on_its_day_and_when_it_is_ended(agora: Team, clock: ManualClock) -> None:
    anna = agora.signed_in("Anna")
    ends = (clock.now() + HOUR).isoformat()
    short = anna.post("/api/v1/tokens", json={"label": "short", "ends_at": ends}).json()
    long = anna.post("/api/v1/tokens", json={"label": "long"}).json()

    def known(token: str) -> bool:
        return agora.browser(Authorization=f"Bearer {token}").get("/api/v1/me").status_code == 200

    assert known(short["token"]) and known(long["token"])
    clock.advance(HOUR)
    assert not known(short["token"]) and known(long["token"])
    assert agora.signed_in("Bert").delete(f"/api/v1/tokens/{long['id']}").status_code == 404
    assert anna.delete(f"/api/v1/tokens/{long['id']}").status_code == 204
    assert not known(long["token"])


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "/signout",
        "/signin?next=/x",
        "/api/v1/me",
        "/x\r\nSet-Cookie: a=b",
        "",
        None,
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(wanted: str | None) -> None:
    assert safe_next(wanted) == "/"


def test_paths_of_ours_are_returned_to() -> None:
    assert safe_next("/c/casnocha/posts/5?order=oldest&lang=it") == "/c/casnocha/posts/5?order=oldest&lang=it"


def test_ended_sessions_never_share_a_csrf_token_with_later_ones(agora: Team, clock: ManualClock) -> None:
    anna = agora.signed_in("Anna")
    with agora.store.writing() as connection:
        found = people.named(connection, "Anna")
        (first,) = sessions.sessions_of(connection, found.id)
        sessions.end_all(connection, found.id)
        clock.advance(timedelta(seconds=1))
        signing_in.start(connection, found.id, None, clock.now())
        assert sessions.sessions_of(connection, found.id)[0].id == first.id  # ids are given anew

    assert agora.signed_in("Bert").headers["X-Tagora-CSRF"] != anna.headers["X-Tagora-CSRF"]


def test_behind_a_proxy_the_public_address_is_ours(sqlite_store: Store, clock: ManualClock) -> None:
    agora = team(sqlite_store, clock, public_url="https://review.example.org")
    client = agora.browser(Origin="https://review.example.org")
    agora.person("Anna", password="quattro cavalli sul balcone")

    answer = client.post("/signin", data={"name": "Anna", "password": "quattro cavalli sul balcone"})

    assert answer.status_code == 303
    for cookie in answer.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-tagora_")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; ")), cookie
        assert "Domain" not in cookie


def test_every_answer_carries_the_policy_also_that_of_a_fault(agora: Team) -> None:
    @agora.app.get("/broken")
    def broken() -> str:
        raise RuntimeError

    client = TestClient(agora.app, base_url=HOME, follow_redirects=False, raise_server_exceptions=False)
    for path, status in (
        ("/broken", 500),
        ("/nowhere", 404),
        ("/signin", 200),
        ("/c/x/look", 303),
        ("/api/v1/me", 401),
    ):
        answer = client.get(path)
        assert answer.status_code == status
        assert "script-src 'self'" in answer.headers["content-security-policy"], path
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", None),
        (None, None),
    ],
)
def test_browsers_are_called_by_the_names_people_know(agent: str | None, words: str | None) -> None:
    assert agents.told(agent) == words


def test_knowing_who_asks_takes_two_questions_to_the_store_and_no_writing(agora: Team, clock: ManualClock) -> None:
    anna = agora.signed_in("Anna")
    program = agora.browser(
        Authorization=f"Bearer {anna.post('/api/v1/tokens', json={'label': 'bot'}).json()['token']}"
    )
    for client in (anna, program):
        client.get("/api/v1/me")
        asked: list[str] = []
        listen(agora.store, asked)
        assert client.get("/api/v1/me").status_code == 200
        assert [statement.split()[0] for statement in asked] == ["BEGIN", "SELECT", "SELECT"]


def test_the_description_of_the_interface_tells_how_to_show_a_token(agora: Team) -> None:
    told = agora.browser().get("/api/v1/openapi.json").json()
    assert told["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert told["paths"]["/api/v1/me"]["get"]["security"] == [{"HTTPBearer": []}]


def listen(store: Store, asked: list[str]) -> None:
    """Notes every statement from now on."""

    @event.listens_for(store.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)
