"""The team's rules without the web: passwords, waits, known browsers, links."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from tagora.core.config import ReviewConfig
from tagora.core.errors import UsageError
from tagora.core.moderators import Role
from tagora.review import people, throttle
from tagora.review.passwords import Passwords, check_password
from tagora.storage.store import Store

from ..make import NOON
from ..team import QUICK

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("Anna", "elevenchars", "too short"),
        ("Anna", "", "too short"),
        ("Anna", "x" * 1_001, "too long"),
        ("annamariarossi", "AnnaMariaRossi", "little more than the name"),
        ("Anna Maria Rossi", "ànna maria rossi 1", "little more than the name"),
        ("Anna", "aaaaaaaaaaaa", "repeats"),
        ("Anna", "123123123123", "repeats"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words(name: str, password: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        check_password(password, name)


@pytest.mark.parametrize(
    "password", ["quattro cavalli sul balcone", "anna e i suoi quattro cavalli", "pässwörter sind läng"]
)
def test_length_is_all_that_a_password_needs(password: str) -> None:
    check_password(password, "Anna")


def test_a_password_is_the_same_from_every_keyboard() -> None:
    hashed = QUICK.hashed("caffe\u0301 e cornetto")
    assert QUICK.match(hashed, "caff\u00e9 e cornetto")
    assert not QUICK.match(hashed, "caffe e cornetto")


def test_passwords_are_kept_by_argon2id_with_its_own_salt() -> None:
    first, second = (Passwords().hashed("quattro cavalli sul balcone") for _ in range(2))
    assert first.startswith("$argon2id$") and first != second


def test_without_a_person_the_same_work_is_done_and_never_matches() -> None:
    worked: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            worked.append(str(hash))
            return super().verify(hash, password)

    passwords = Passwords(Watched(time_cost=1, memory_cost=8, parallelism=1))
    assert not passwords.match(None, "whatever it may be")
    assert len(worked) == 1 and worked[0].startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert not passwords.match("no hash at all", "whatever it may be")


@given(st.lists(st.floats(0, 900), max_size=80), st.integers(1, 60))
def test_nobody_ever_waits_longer_than_a_minute(ago: list[float], free: int) -> None:
    bucket = throttle.Bucket(b"b" * 32, free)
    failures = {bucket.digest: sorted(NOON - timedelta(seconds=one) for one in ago)}
    wait = throttle.wait([bucket], failures, NOON)
    assert wait <= throttle.LONGEST
    assert len(ago) >= free or wait == throttle.NOTHING
    assert throttle.wait([bucket], failures, NOON + throttle.LONGEST) <= throttle.NOTHING


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=200))
def test_a_browser_without_its_mark_is_nobodys(name: str, address: str, cookie: str) -> None:
    assert throttle.known_browser(KEY, cookie, 1) is None
    assert len({bucket.digest for bucket in throttle.buckets(name, address, None)}) == (2 if address else 1)


def test_a_mark_holds_for_one_person_and_one_key() -> None:
    cookie = throttle.know_browser(KEY, None, 1)
    assert throttle.known_browser(KEY, cookie, 1)
    assert throttle.known_browser(KEY, cookie, 2) is None
    assert throttle.known_browser(b"other" * 8, cookie, 1) is None


def test_a_browser_stays_known_to_the_last_people_who_shared_it() -> None:
    cookie = None
    for person in range(1, 21):
        cookie = throttle.know_browser(KEY, cookie, person)
        cookie = throttle.know_browser(KEY, cookie, person)
    known = [person for person in range(1, 21) if throttle.known_browser(KEY, cookie, person)]
    assert known == list(range(21 - throttle.KNOWN_PEOPLE, 21))
    assert cookie and len(cookie) < 400


def test_a_household_of_ipv6_addresses_is_one_address() -> None:
    def bucket(address: str) -> bytes:
        return throttle.buckets("anna", address, None)[1].digest

    assert bucket("2001:db8:1:2::1") == bucket("2001:db8:1:2:ffff::9") != bucket("2001:db8:1:3::1")
    assert bucket("::ffff:192.0.2.1") == bucket("192.0.2.1") != bucket("192.0.2.2")


@pytest.mark.parametrize(
    ("settings", "base", "start"),
    [
        ({}, None, "http://127.0.0.1:8001/invite/"),
        ({"host": "0.0.0.0", "port": 9000}, None, "http://127.0.0.1:9000/invite/"),
        ({"host": "::1"}, None, "http://[::1]:8001/invite/"),
        ({}, "http://localhost:8123/", "http://localhost:8123/invite/"),
        ({"public_url": "https://review.example.org/"}, "http://x/", "https://review.example.org/invite/"),
    ],
)
def test_a_link_leads_to_where_people_reach_the_app(settings: dict[str, object], base: str | None, start: str) -> None:
    assert people.invite_link(ReviewConfig.model_validate(settings), "token", base) == start + "token"


def test_two_people_cannot_follow_one_link(sqlite_store: Store) -> None:
    with sqlite_store.writing() as connection:
        anna, token = people.add(connection, "Anna", Role.VIEWER, NOON)
        assert people.invited(connection, token, NOON) == anna
        people.follow_invite(connection, token, "hash", NOON)
        with pytest.raises(people.LinkEnded):
            people.follow_invite(connection, token, "other", NOON)


def test_neither_links_nor_tokens_stand_in_the_store(sqlite_store: Store) -> None:
    from tagora.review import signing_in

    with sqlite_store.writing() as connection:
        anna, link = people.add(connection, "Anna", Role.VIEWER, NOON)
        session = signing_in.start(connection, anna.id, None, NOON).fresh
        _, token = signing_in.make_token(connection, anna.id, "export", NOON, None)
    sqlite_store.close()
    assert sqlite_store.path and session
    kept = b"".join(file.read_bytes() for file in sqlite_store.path.parent.glob("store.db*"))
    assert b"Anna" in kept
    for secret in (link, session, token, token.removeprefix(signing_in.TOKEN_MARK)):
        assert secret.encode() not in kept
