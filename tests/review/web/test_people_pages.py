"""Signing in, invitations, the account and the team, as a browser without scripts uses them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from tagora.core.clock import ManualClock
from tagora.core.moderators import Role
from tagora.review import people, throttle
from tagora.storage import moderators
from tagora.storage.store import Store

from ...team import PASSWORD, Team, team

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
OTHER_PASSWORD = "sette nuvole e un violino"


@pytest.fixture
def agora(sqlite_store: Store, clock: ManualClock) -> Team:
    return team(sqlite_store, clock, "casnocha", "other")


def sign_in(client: TestClient, name: str = "Anna", password: str = PASSWORD, **fields: str) -> Any:
    return client.post("/signin", data={"name": name, "password": password, **fields})


def forms(html: str) -> list[dict[str, str]]:
    """Every form of a page: its hidden fields and where it goes."""
    found = []
    for form in re.findall(r"<form[^>]*>.*?</form>", html, re.S):
        inputs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
        action = re.search(r'<form[^>]* action="([^"]*)"', form)
        fields = {unescape(name): unescape(value) for name, value in inputs}
        found.append(fields | {"action": unescape(action[1]) if action else ""})
    return found


def send(client: TestClient, page: str, action: str, **fields: str) -> Any:
    """Sends the form of `page` that goes to `action`, as a browser does: with its hidden fields."""
    (form,) = [one for one in forms(client.get(page).text) if one["action"] == action]
    form.pop("action")
    return client.post(action, data={**form, **fields})


def person(client: TestClient) -> str | None:
    answer = client.get("/api/v1/me")
    return answer.json()["name"] if answer.status_code == 200 else None


# --- signing in ------------------------------------------------------------------------------------------------------


def test_people_sign_in_by_any_writing_of_their_name_and_come_back_to_where_they_were(agora: Team) -> None:
    agora.person("Anna Rossi", password=PASSWORD)
    client = agora.browser()

    page = client.get("/signin?next=/c/casnocha/posts/5")
    assert forms(page.text)[0]["next"] == "/c/casnocha/posts/5"
    answer = sign_in(client, "ANNA  rossi", next="/c/casnocha/posts/5")

    assert (answer.status_code, answer.headers["location"]) == (303, "/c/casnocha/posts/5")
    assert person(client) == "Anna Rossi"
    assert client.get("/signin?next=/help").headers["location"] == "/help"
    assert sign_in(agora.browser(), "Anna Rossi", next="https://evil.example/").headers["location"] == "/"


def test_the_answer_does_not_tell_whether_there_is_such_a_name(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    agora.person("Invited")
    gone = agora.person("Gone", password=PASSWORD)
    with agora.store.writing() as connection:
        people.disable(connection, gone, agora.clock.now())

    answers = [sign_in(agora.browser(), name, "not the password") for name in ("Anna", "Nobody", "Invited", "Gone", "")]
    answers.append(sign_in(agora.browser(), "Gone"))

    pages = {answer.text.replace(f'value="{name}"', "") for answer in answers for name in ("Anna", "Nobody")}
    assert {answer.status_code for answer in answers} == {401}
    told = {re.search(r'role="alert">([^<]*)', page)[1] for page in pages}  # type: ignore[index]
    assert len(told) == 1


def test_signing_in_from_another_site_is_refused(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    client = agora.browser(**{"Sec-Fetch-Site": "cross-site"})
    assert sign_in(client).status_code == 403
    assert "set-cookie" not in sign_in(client).headers


def test_guessing_is_slowed_down_and_never_for_more_than_a_minute(agora: Team, clock: ManualClock) -> None:
    agora.person("Anna", password=PASSWORD)
    waits = []
    for _ in range(20):
        answer = sign_in(agora.browser(), password="wrong password")
        if answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            clock.advance(waits[-1] * SECOND)
    assert waits[:7] == [1, 2, 4, 8, 16, 32, 60] and max(waits) == 60

    sign_in(agora.browser(), password="wrong password")
    answer = sign_in(agora.browser())
    assert answer.status_code == 429  # the right password does not help a stranger before the time
    assert "Try again in 60 s" in answer.text
    clock.advance(60 * SECOND)
    assert sign_in(agora.browser()).status_code == 303


def test_a_thousand_guesses_at_once_get_no_further_than_a_thousand_in_a_row(agora: Team) -> None:
    from concurrent.futures import ThreadPoolExecutor

    agora.person("Anna", password=PASSWORD)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: sign_in(agora.browser(), password="wrong").status_code, range(32)))
    assert answers.count(401) == throttle.FREE and answers.count(429) == 32 - throttle.FREE


def test_an_attack_never_slows_down_the_browser_somebody_uses(agora: Team, clock: ManualClock) -> None:
    agora.person("Anna", password=PASSWORD)
    own = agora.browser()
    assert sign_in(own).status_code == 303
    send(own, "/account", "/signout")

    for _ in range(40):  # a steady attack, as fast as it is let
        sign_in(agora.browser(), password="wrong password")
        clock.advance(5 * SECOND)

    assert sign_in(agora.browser()).status_code == 429
    assert sign_in(own).status_code == 303
    assert person(own) == "Anna"


def test_a_known_browser_has_waits_of_its_own(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    own = agora.browser()
    sign_in(own)
    for _ in range(throttle.FREE):
        assert sign_in(own, password="wrong password").status_code == 401
    assert sign_in(own).status_code == 429
    assert sign_in(agora.browser()).status_code == 303  # others do not feel it


def test_a_browser_is_known_for_those_who_signed_in_there_alone(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    agora.person("Mallory", password=PASSWORD)
    shared, theirs = agora.browser(), agora.browser()
    for name in ("Anna", "Mallory"):
        sign_in(shared, name)
    sign_in(theirs, "Mallory")

    for _ in range(throttle.FREE):
        sign_in(theirs, "Anna", "wrong password")  # counts as any stranger's
    assert sign_in(theirs, "Anna").status_code == 429
    assert sign_in(shared, "Anna").status_code == 303


def test_a_forged_mark_of_a_known_browser_is_worth_nothing(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    statuses = []
    for number in range(throttle.FREE + 1):
        client = agora.browser()
        client.cookies.set("tagora_browser", f"forged-browser-{number:04}." + "0" * 32, domain="127.0.0.1", path="/")
        statuses.append(sign_in(client, password="wrong password").status_code)
    assert statuses == [401] * throttle.FREE + [429]


def test_one_address_cannot_try_name_after_name(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    statuses = [sign_in(agora.browser(), f"name {n}", "wrong password").status_code for n in range(52)]
    assert statuses[: throttle.FREE_PER_ADDRESS] == [401] * throttle.FREE_PER_ADDRESS
    assert set(statuses[throttle.FREE_PER_ADDRESS :]) == {429}


def test_a_new_link_lets_in_past_any_throttle(agora: Team, clock: ManualClock) -> None:
    anna = agora.person("Anna", password=PASSWORD)
    for _ in range(throttle.FREE):
        sign_in(agora.browser(), password="wrong password")
    with agora.store.writing() as connection:
        token = people.invite(connection, anna, clock.now())

    client = agora.browser()
    answer = client.post(f"/invite/{token}", data={"password": OTHER_PASSWORD, "again": OTHER_PASSWORD})
    assert answer.status_code == 303 and person(client) == "Anna"


def test_signing_in_again_ends_the_session_the_browser_had(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    client, copy = agora.browser(), agora.browser()
    sign_in(client)
    copy.cookies.set("tagora_session", client.cookies["tagora_session"], domain="127.0.0.1", path="/")
    sign_in(client)
    assert person(client) == "Anna" and person(copy) is None


def test_signing_out_ends_the_session_not_only_the_cookie(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    client, copy = agora.browser(), agora.browser()
    sign_in(client)
    copy.cookies.set("tagora_session", client.cookies["tagora_session"], domain="127.0.0.1", path="/")

    assert client.post("/signout").status_code == 403  # from nowhere: no token
    answer = send(client, "/account", "/signout")

    assert answer.headers["location"] == "/signin"
    assert "tagora_session" not in client.cookies
    assert person(copy) is None
    assert client.post("/signout").headers["location"] == "/signin"


def test_passwords_are_kept_anew_when_the_way_of_keeping_them_was_strengthened(agora: Team) -> None:
    from argon2 import PasswordHasher

    anna = agora.person("Anna")
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with agora.store.writing() as connection:
        people.set_password(connection, anna, old)

    assert sign_in(agora.browser()).status_code == 303
    with agora.store.reading() as connection:
        held = moderators.password_of(connection, anna)
    assert held and held != old and "m=8,t=1" in held
    assert sign_in(agora.browser()).status_code == 303


# --- the session that ended in mid-work ------------------------------------------------------------------------------


def test_what_was_sent_after_the_session_ended_is_kept_and_offered_again(agora: Team, clock: ManualClock) -> None:
    agora.person("Anna", password=PASSWORD)
    client = agora.browser()
    sign_in(client)
    (form,) = [one for one in forms(client.get("/account").text) if one["action"] == "/account/languages"]
    clock.advance(timedelta(hours=13))

    refused = client.post("/account/languages", data={"csrf": form["csrf"], "languages": '"><b>it', "interface": "it"})
    assert refused.status_code == 401 and "kept on this page" in refused.text
    asked = sign_in(client, kept=forms(refused.text)[0]["kept"])
    assert asked.status_code == 200 and "Do it now" in asked.text and "<b>it" not in asked.text
    (again,) = [one for one in forms(asked.text) if one["action"] == "/account/languages"]
    assert again["languages"] == '"><b>it' and again["csrf"] != form["csrf"]

    done = client.post(again.pop("action"), data={**again, "languages": "it, en"})
    assert done.headers["location"] == "/account?said=languages"


def test_a_form_of_a_page_from_before_signing_in_again_is_offered_again(agora: Team, clock: ManualClock) -> None:
    agora.person("Anna", password=PASSWORD)
    client = agora.browser()
    sign_in(client)
    (form,) = [one for one in forms(client.get("/account").text) if one["action"] == "/account/languages"]
    clock.advance(SECOND)
    sign_in(client)

    asked = client.post("/account/languages", data={"csrf": form["csrf"], "languages": "it"})

    assert asked.status_code == 403
    (again,) = [one for one in forms(asked.text) if one["action"] == "/account/languages"]
    assert client.post(again.pop("action"), data=again).status_code == 303


def test_nothing_from_another_site_is_ever_offered_again(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    client = agora.browser(**{"Sec-Fetch-Site": "cross-site"})
    answer = client.post("/moderators", data={"name": "Mallory", "role": "admin"})
    assert answer.status_code == 303 and "Mallory" not in answer.text

    for kept in ('["https://evil.example", []]', '["//evil.example", []]', '["/api/v1/tokens", []]', "[", "[1]", '"x"'):
        assert sign_in(agora.browser(), kept=kept).status_code == 303


def test_passwords_are_never_written_back_into_a_page(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    client = agora.browser()
    answer = client.post("/account/password", data={"current": PASSWORD, "password": OTHER_PASSWORD})
    assert answer.status_code == 303
    wrong = sign_in(client, password="wrong password here")
    assert "wrong password here" not in wrong.text


# --- invitations -----------------------------------------------------------------------------------------------------


def test_a_link_lets_in_once_and_looking_does_not_use_it_up(agora: Team, clock: ManualClock) -> None:
    with agora.store.writing() as connection:
        _, token = people.add(connection, "Anna", Role.MODERATOR, clock.now())
    client, late = agora.browser(), agora.browser()
    for _ in range(3):
        page = client.get(f"/invite/{token}")
        assert page.status_code == 200 and "Anna" in page.text

    twice = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert client.post(f"/invite/{token}", data={**twice, "again": "another one, long enough"}).status_code == 400
    assert client.post(f"/invite/{token}", data={"password": "short", "again": "short"}).status_code == 400
    answer = client.post(f"/invite/{token}", data=twice)

    assert answer.status_code == 303 and person(client) == "Anna"
    for method in ("GET", "POST"):
        refused = late.request(method, f"/invite/{token}", data=twice if method == "POST" else None)
        assert refused.status_code == 410 and "used already" in refused.text
    assert person(late) is None
    assert sign_in(late, "Anna", OTHER_PASSWORD).status_code == 303


def test_a_link_ends_after_a_week_and_when_a_newer_one_is_made(agora: Team, clock: ManualClock) -> None:
    with agora.store.writing() as connection:
        anna, first = people.add(connection, "Anna", Role.MODERATOR, clock.now())
        second = people.invite(connection, anna.id, clock.now())
    client = agora.browser()

    assert client.get(f"/invite/{first}").status_code == 410
    clock.advance(timedelta(days=7) - SECOND)
    assert client.get(f"/invite/{second}").status_code == 200
    clock.advance(SECOND)
    assert client.get(f"/invite/{second}").status_code == 410
    assert client.get("/invite/nothing-like-it").status_code == 410


# --- the account -----------------------------------------------------------------------------------------------------


def test_a_new_password_needs_the_present_one_and_signs_out_everywhere_else(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    here, elsewhere = agora.browser(), agora.browser()
    for client in (here, elsewhere):
        sign_in(client)
    fresh = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}

    wrong = send(here, "/account", "/account/password", current="not the present one", **fresh)
    assert wrong.status_code == 400 and "not your present password" in wrong.text
    done = send(here, "/account", "/account/password", current=PASSWORD, **fresh)

    assert done.headers["location"] == "/account?said=password"
    assert person(here) == "Anna" and person(elsewhere) is None
    assert "everywhere else you are signed out" in here.get("/account?said=password").text
    assert sign_in(agora.browser()).status_code == 401


def test_the_present_password_cannot_be_guessed_in_an_open_browser(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    client = agora.browser()
    sign_in(client)
    fresh = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    statuses = [
        send(client, "/account", "/account/password", current=f"guess {n}", **fresh).status_code for n in range(6)
    ]
    assert statuses == [400] * 5 + [429]


def test_people_see_where_they_are_signed_in_and_end_it(agora: Team) -> None:
    agora.person("Anna", password=PASSWORD)
    here, phone, desk = agora.browser(), agora.browser(**{"User-Agent": "Phone <b>"}), agora.browser()
    for client in (here, phone, desk):
        sign_in(client)

    page = here.get("/account").text
    assert "Phone &lt;b&gt;" in page and "this browser" in page
    (ends,) = [one["id"] for one in here.get("/api/v1/sessions").json() if one["agent"] == "Phone <b>"]
    assert send(here, "/account", f"/account/sessions/{ends}/end").status_code == 303
    assert person(phone) is None and person(desk) == "Anna"
    assert send(here, "/account", "/account/sessions/end").status_code == 303
    assert person(desk) is None and person(here) == "Anna"


def test_nobody_ends_the_sessions_of_others(agora: Team) -> None:
    anna, bert = agora.signed_in("Anna"), agora.signed_in("Bert")
    (other,) = bert.get("/api/v1/sessions").json()
    assert anna.post(f"/account/sessions/{other['id']}/end").status_code == 404
    assert anna.delete(f"/api/v1/sessions/{other['id']}").status_code == 404
    assert person(bert) == "Bert"


def test_a_token_is_shown_once_and_ends_on_its_last_day(agora: Team, clock: ManualClock) -> None:
    client = agora.signed_in("Anna")
    page = send(client, "/account", "/account/tokens", label="<i>export", until="2026-11-24").text
    token = re.search(r"tagora_[\w-]{40,}", page)
    assert token and "&lt;i&gt;export" in page
    assert token[0] not in client.get("/account").text

    program = agora.browser(Authorization=f"Bearer {token[0]}")
    clock.set(clock.now().replace(day=24, hour=22, minute=59))  # 23:59 in Rome
    assert person(program) == "Anna"
    clock.advance(MINUTE)
    assert person(program) is None
    for wrong in ({"label": "x", "until": "yesterday"}, {"label": " "}, {"label": "x", "until": "2026-11-01"}):
        client = agora.signed_in("Anna")
        assert send(client, "/account", "/account/tokens", **wrong).status_code == 400


def test_languages_and_the_interface_are_kept(agora: Team) -> None:
    client = agora.signed_in("Anna")
    assert '<html lang="en"' in client.get("/account", headers={"Accept-Language": "en"}).text
    send(client, "/account", "/account/languages", languages="IT; en, pt-BR it", interface="it")

    assert client.get("/api/v1/me").json()["languages"] == ["it", "en", "pt"]
    page = client.get("/account", headers={"Accept-Language": "en"}).text
    assert '<html lang="it"' in page and "Lingue" in page
    assert send(client, "/account", "/account/languages", languages="1337").status_code == 400
    assert send(client, "/account", "/account/languages", languages="it", interface="xx").status_code == 400
    assert client.patch("/api/v1/me", json={"interface": "browser", "languages": []}).json()["interface"] is None


def test_keys_can_be_changed_and_switched_off_and_never_do_two_things(agora: Team) -> None:
    client = agora.signed_in("Anna")
    send(client, "/account", "/account/keys", **{"key-approve": "Y", "key-next": ""})
    me = client.get("/api/v1/me").json()
    assert (me["keys"]["approve"], me["keys"]["next"], me["letters"]) == ("y", "j", False)

    twice = send(client, "/account", "/account/keys", **{"key-approve": "j", "letters": "on"})
    assert twice.status_code == 400 and "two things" in twice.text
    assert client.patch("/api/v1/me", json={"keys": {"approve": "ab"}}).status_code == 400
    assert client.patch("/api/v1/me", json={"keys": {"launch": "l"}}).status_code == 400
    assert client.patch("/api/v1/me", json={"letters": True}).json()["keys"]["approve"] == "y"


# --- the team --------------------------------------------------------------------------------------------------------


def test_only_admins_of_everything_look_after_the_team(agora: Team) -> None:
    for name, role, own in (
        ("V", Role.VIEWER, {}),
        ("M", Role.MODERATOR, {}),
        ("A", None, {"casnocha": Role.ADMIN, "other": Role.ADMIN}),
    ):
        client = agora.signed_in(name, role, roles=own)
        assert client.get("/moderators").status_code == 403
        assert client.post("/moderators", data={"name": "Heir", "role": "admin"}).status_code == 403
        assert client.get("/api/v1/moderators").status_code == 403
        assert client.patch("/api/v1/moderators/1", json={"role": "admin"}).status_code == 403
    assert agora.signed_in("Chief", Role.ADMIN).get("/moderators").status_code == 200


def test_an_admin_adds_somebody_with_roles_of_their_own_and_gets_the_link(agora: Team) -> None:
    chief = agora.signed_in("Chief", Role.ADMIN)
    page = send(
        chief,
        "/moderators",
        "/moderators",
        name="La Talpa",
        role="",
        languages="it, en",
        mail="talpa@example.org",
        **{"role-other": "moderator"},
    )
    link = re.search(r"http://127.0.0.1:8001(/invite/[\w-]+)", page.text)
    assert link

    mole = agora.browser()
    mole.post(link[1], data={"password": OTHER_PASSWORD, "again": OTHER_PASSWORD})
    me = mole.get("/api/v1/me").json()
    assert [(one["slug"], one["role"]) for one in me["campaigns"]] == [("other", "moderator")]
    assert me["languages"] == ["it", "en"]
    assert "La Talpa" in chief.get("/moderators").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "chíef", "role": "viewer"}, "of that name already"),
        ({"name": "rule", "role": "viewer"}, "cannot be a moderator"),
        ({"name": "Tagora", "role": "viewer"}, "cannot be a moderator"),
        ({"name": "an\u202ena", "role": "viewer"}, "cannot be a moderator"),
        ({"name": " ", "role": "viewer"}, "cannot be a moderator"),
        ({"name": "Bert", "role": ""}, "needs a role"),
        ({"name": "Bert", "role": "emperor"}, "no such role"),
        ({"name": "Bert", "role": "viewer", "mail": "nowhere"}, "no mail address"),
        ({"name": "Bert", "role": "viewer", "languages": "1"}, "languages is none"),
    ],
)
def test_what_cannot_be_is_said_in_words(agora: Team, fields: dict[str, str], sentence: str) -> None:
    chief = agora.signed_in("Chief", Role.ADMIN)
    answer = send(chief, "/moderators", "/moderators", **fields)
    assert answer.status_code == 400 and sentence in unescape(answer.text)
    assert len(chief.get("/api/v1/moderators").json()) == 1


def test_an_admin_disables_enables_and_makes_new_links(agora: Team) -> None:
    chief, anna = agora.signed_in("Chief", Role.ADMIN), agora.signed_in("Anna")
    number = anna.get("/api/v1/me").json()["id"]
    page = f"/moderators/{number}"

    assert send(chief, page, f"{page}/disable").headers["location"] == f"{page}?said=disabled"
    assert person(anna) is None
    assert chief.post(f"{page}/link").status_code == 400
    assert send(chief, page, f"{page}/enable").status_code == 303
    assert "/invite/" in send(chief, page, f"{page}/link").text
    assert chief.get("/moderators/999").status_code == 404
    assert chief.post("/moderators/999/link").status_code == 404


def test_roles_change_at_once(agora: Team) -> None:
    chief, anna = agora.signed_in("Chief", Role.ADMIN), agora.signed_in("Anna")
    number = anna.get("/api/v1/me").json()["id"]
    page = f"/moderators/{number}"

    send(chief, page, f"{page}/roles", role="viewer", **{"role-casnocha": "admin"})
    campaigns = {one["slug"]: one["role"] for one in anna.get("/api/v1/me").json()["campaigns"]}
    assert campaigns == {"casnocha": "admin", "other": "viewer"}
    told = chief.patch(f"/api/v1{page}", json={"roles": {"other": "moderator"}, "role": None}).json()
    assert (told["role"], told["roles"]) == (None, {"other": "moderator"})
    assert chief.patch(f"/api/v1{page}", json={"roles": {"nothing": "admin"}}).status_code == 404


def test_the_last_admin_stays(agora: Team) -> None:
    chief = agora.person("Chief", Role.ADMIN, password=PASSWORD)
    agora.person("Invited", Role.ADMIN)  # who never followed the link cannot look after anything
    client = agora.browser()
    sign_in(client, "Chief")
    page = f"/moderators/{chief}"

    for action, fields in (("disable", {}), ("roles", {"role": "viewer"})):
        answer = send(client, page, f"{page}/{action}", **fields)
        assert answer.status_code == 400 and "nobody else could look after the team" in answer.text
    agora.person("Second", Role.ADMIN, password=PASSWORD)
    assert send(client, page, f"{page}/disable").status_code == 303
