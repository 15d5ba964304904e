"""Moderators, their links, sessions, tokens and failed sign-ins as the store keeps them, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tagora.core.moderators import Role
from tagora.storage import moderators, sessions
from tagora.storage.store import Connection, Store

from ..agora import campaign
from ..make import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def digest(name: str) -> bytes:
    return name.encode().ljust(32, b".")


@pytest.fixture
def anna(store: Store) -> int:
    with store.writing() as connection:
        return moderators.add(connection, "Ànna", Role.MODERATOR, NOON)


def start(connection: Connection, moderator_id: int, name: str = "a") -> sessions.Session:
    return sessions.start(connection, moderator_id, digest(name), "Firefox", NOON, NOON + 30 * DAY)


def test_a_moderator_comes_back_as_added_whatever_the_writing_of_the_name(store: Store) -> None:
    with store.writing() as connection:
        here, there = campaign(connection, "here"), campaign(connection, "there")
        added = moderators.add(
            connection, "Ànna", None, NOON, roles={here: Role.ADMIN}, mail="a@example.org", languages=("it", "en")
        )
        moderators.add(connection, "Bert", Role.VIEWER, NOON)
    with store.reading() as connection:
        found = moderators.by_name(connection, "ANNA")
        assert found == moderators.by_id(connection, added)
        assert [one.name for one in moderators.every(connection)] == ["Ànna", "Bert"]
        assert moderators.by_name(connection, "Carla") is None
    assert found and (found.name, found.role, found.roles) == ("Ànna", None, {here: Role.ADMIN})
    assert (found.mail, found.languages, found.made_at, found.has_password) == (
        "a@example.org", ("it", "en"), NOON, False,
    )  # fmt: skip
    assert found.may(Role.ADMIN, here) and not found.may(Role.VIEWER, there)


def test_roles_and_settings_are_replaced_as_a_whole(store: Store, anna: int) -> None:
    with store.writing() as connection:
        here, there = campaign(connection, "here"), campaign(connection, "there")
        moderators.set_roles(connection, anna, Role.ADMIN, {here: Role.VIEWER})
        moderators.set_roles(connection, anna, Role.VIEWER, {there: Role.MODERATOR})
        moderators.set_languages(connection, anna, ("de",), "it")
        moderators.set_keys(connection, anna, {"approve": "y"})
        moderators.set_password(connection, anna, "hash")
        moderators.set_disabled(connection, anna, NOON)
        found = moderators.by_id(connection, anna)
        assert found
        assert (found.role, found.roles) == (Role.VIEWER, {there: Role.MODERATOR})
        assert (found.languages, found.interface, found.keys) == (("de",), "it", {"approve": "y"})
        assert (found.has_password, found.disabled_at) == (True, NOON)
        assert moderators.password_of(connection, anna) == "hash"
        assert not found.may(Role.VIEWER, there)


def test_only_the_newest_link_is_kept_and_used_ones_stay_used(store: Store, anna: int) -> None:
    with store.writing() as connection:
        moderators.add_invite(connection, anna, digest("first"), NOON, NOON + DAY)
        moderators.use_invite(connection, digest("first"), NOON)
        moderators.add_invite(connection, anna, digest("second"), NOON, NOON + DAY)
        moderators.add_invite(connection, anna, digest("third"), NOON, NOON + DAY)
        first, second, third = (moderators.invite_by(connection, digest(n)) for n in ("first", "second", "third"))
    assert first and first.used_at == NOON
    assert second is None
    assert third == moderators.Invite(anna, NOON, NOON + DAY, None)


def test_a_session_is_found_by_its_token_and_by_the_one_before(store: Store, anna: int) -> None:
    with store.writing() as connection:
        made = start(connection, anna)
        assert sessions.by_digest(connection, digest("a")) == (made, False)
        assert sessions.rotate(connection, made, digest("a"), digest("b"), NOON + HOUR)

        for name, former in (("b", False), ("a", True)):
            found = sessions.by_digest(connection, digest(name))
            assert found and found[1] is former and found[0].rotated_at == NOON + HOUR
        assert sessions.by_digest(connection, digest("c")) is None


def test_of_two_requests_that_change_the_token_one_wins(store: Store, anna: int) -> None:
    with store.writing() as connection:
        made = start(connection, anna)
        assert sessions.rotate(connection, made, digest("a"), digest("b"), NOON + HOUR)
        assert not sessions.rotate(connection, made, digest("a"), digest("c"), NOON + HOUR)
        assert sessions.by_digest(connection, digest("c")) is None


def test_sessions_end_one_by_one_all_but_one_and_when_they_are_over(store: Store, anna: int) -> None:
    with store.writing() as connection:
        bert = moderators.add(connection, "Bert", Role.VIEWER, NOON)
        made = [start(connection, anna, name) for name in "abc"]
        others = start(connection, bert, "d")
        assert not sessions.end(connection, bert, made[0].id)
        assert sessions.end(connection, anna, made[0].id)
        sessions.end_all(connection, anna, but=made[1].id)
        assert [one.id for one in sessions.sessions_of(connection, anna)] == [made[1].id]
        sessions.end_all(connection, anna)
        assert sessions.sessions_of(connection, anna) == []
        assert sessions.sessions_of(connection, bert) == [others]
        sessions.start(connection, anna, digest("e"), None, NOON + 30 * DAY, NOON + 60 * DAY)
        assert sessions.sessions_of(connection, bert) == []


def test_tokens_are_found_touched_and_ended(store: Store, anna: int) -> None:
    with store.writing() as connection:
        first = sessions.add_token(connection, anna, digest("t"), "export", NOON, NOON + DAY)
        sessions.add_token(connection, anna, digest("u"), "bot", NOON, None)
        sessions.touch_token(connection, first, NOON + HOUR)
        found = sessions.token_by_digest(connection, digest("t"))
        assert found == sessions.ApiToken(first, anna, "export", NOON, NOON + DAY, NOON + HOUR)
        assert not sessions.end_token(connection, anna + 1, first)
        assert sessions.end_token(connection, anna, first)
        assert [one.label for one in sessions.tokens_of(connection, anna)] == ["bot"]
        sessions.end_tokens(connection, anna)
        assert sessions.token_by_digest(connection, digest("u")) is None


def test_failures_are_counted_by_bucket_forgiven_and_forgotten(store: Store) -> None:
    with store.writing() as connection:
        name, address = digest("name"), digest("address")
        ids = [sessions.add_failures(connection, [name, address], NOON + n * HOUR, NOON - DAY) for n in range(3)]
        sessions.forgive(connection, ids[2][:1])
        found = sessions.failures(connection, [name, address, digest("other")], NOON)
        assert {bucket: len(times) for bucket, times in found.items()} == {name: 1, address: 2, digest("other"): 0}
        sessions.add_failures(connection, [name], NOON + 3 * HOUR, keep_since=NOON + 2 * HOUR)
        assert sessions.failures(connection, [name, address], NOON - DAY) == {name: [NOON + 3 * HOUR], address: []}
