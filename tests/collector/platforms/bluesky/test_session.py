"""The session: begun seldom, renewed, kept from other eyes."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tagora.collector.contract import Cursor, Page, Tag
from tagora.collector.platforms.bluesky.config import BlueskyConfig
from tagora.collector.platforms.bluesky.session import Held, Keeper
from tagora.core.clock import ManualClock
from tagora.core.errors import AuthError, ConfigError, RateLimited
from tagora.sandbox.script import Script
from tagora.sandbox.server import Sandbox

from .scripts import config, connected, script

TAG = Tag(("agora",))
LOGIN, RENEWAL, SEARCH = "createSession", "refreshSession", "searchPosts"


@pytest.fixture(scope="module")
def discussion() -> Script:
    return script(further=3)


@pytest.fixture
def box(discussion: Script) -> Iterator[Sandbox]:
    with Sandbox(discussion, now=300) as box:
        yield box


def search(box: Sandbox, settings: BlueskyConfig, clock: ManualClock | None = None) -> list[Page]:
    with connected(box, settings, clock) as fetch:
        return list(fetch(TAG, Cursor()))


def asked(box: Sandbox) -> list[str]:
    names = [request.path.rpartition(".")[2] for request in box.requests]
    box.forget_requests()
    return names


def in_file(box: Sandbox, folder: Path, **more: int) -> BlueskyConfig:
    return config(box, session_file=folder / "keys" / "bluesky.session", **more)


def test_a_session_in_a_file_serves_the_next_run_and_only_its_owner_can_read_it(box: Sandbox, tmp_path: Path) -> None:
    settings = in_file(box, tmp_path)
    search(box, settings)
    assert asked(box) == [LOGIN, SEARCH]
    search(box, settings)
    assert asked(box) == [SEARCH]
    assert settings.session_file
    assert stat.S_IMODE(settings.session_file.stat().st_mode) == 0o600
    assert box.tokens.bluesky.app_password not in settings.session_file.read_text()


def test_a_session_without_a_file_lives_as_long_as_the_process(box: Sandbox) -> None:
    search(box, config(box))
    search(box, config(box))
    assert asked(box) == [LOGIN, SEARCH, SEARCH]


def test_an_expired_session_is_renewed_without_signing_in(box: Sandbox, tmp_path: Path) -> None:
    settings = in_file(box, tmp_path)
    search(box, settings)
    box.advance(180)
    asked(box)
    found = [raw for page in search(box, settings) for raw in page.items]
    assert asked(box) == [SEARCH, RENEWAL, SEARCH]
    assert found


def test_a_session_that_cannot_be_renewed_is_begun_anew(box: Sandbox, tmp_path: Path) -> None:
    settings = in_file(box, tmp_path)
    search(box, settings)
    box.networks["bluesky"].sessions.end_all()  # type: ignore[attr-defined]
    asked(box)
    search(box, settings)
    assert asked(box) == [SEARCH, RENEWAL, LOGIN, SEARCH]


def test_another_process_that_renewed_meanwhile_saves_the_sign_in(box: Sandbox, tmp_path: Path) -> None:
    settings = in_file(box, tmp_path)
    search(box, settings)
    with connected(box, settings) as slow:
        box.advance(180)
        search(box, settings)
        asked(box)
        list(slow(TAG, Cursor()))
    assert asked(box) == [SEARCH, SEARCH]


def test_signing_in_stops_at_the_daily_limit_until_the_first_is_a_day_old(box: Sandbox, tmp_path: Path) -> None:
    settings = in_file(box, tmp_path, logins_per_day=2)
    clock = ManualClock(box.now)
    first = clock.now()
    for _ in range(2):
        search(box, settings, clock)
        box.networks["bluesky"].sessions.end_all()  # type: ignore[attr-defined]
        clock.advance(timedelta(hours=1))
    with pytest.raises(RateLimited) as stopped:
        search(box, settings, clock)
    assert stopped.value.until == first + timedelta(days=1)
    clock.set(first + timedelta(days=1, minutes=1))
    assert search(box, settings, clock)


def test_a_wrong_password_tells_a_person_and_counts_as_a_try(box: Sandbox, tmp_path: Path) -> None:
    settings = in_file(box, tmp_path, logins_per_day=1)
    wrong = {"app_password": "wrong-password"}
    with pytest.raises(AuthError, match="sign in"), connected(box, settings, keys=wrong) as fetch:
        list(fetch(TAG, Cursor()))
    with pytest.raises(RateLimited), connected(box, settings, keys=wrong) as fetch:
        list(fetch(TAG, Cursor()))


def test_without_an_account_the_search_says_what_is_missing(box: Sandbox) -> None:
    with pytest.raises(AuthError, match="app_password_env"), connected(box, config(box, handle=None)) as fetch:
        list(fetch(TAG, Cursor()))
    assert asked(box) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"account": 1}', "\x00", "9" * 10_000])
def test_a_damaged_file_counts_as_none(text: str, box: Sandbox, tmp_path: Path) -> None:
    settings = in_file(box, tmp_path)
    assert settings.session_file
    settings.session_file.parent.mkdir()
    settings.session_file.write_text(text)
    search(box, settings)
    assert asked(box) == [LOGIN, SEARCH]


def test_a_file_of_another_account_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "session"
    Keeper(file, "https://a.example", "anna", "one").write(Held("access", "refresh"))
    assert Keeper(file, "https://a.example", "anna", "one").read().access == "access"
    a, b = "https://a.example", "https://b.example"
    others = [(b, "anna", "one"), (a, "otto", "one"), (a, "anna", "two")]
    for other in others:
        assert Keeper(file, *other).read() == Held()


def test_a_file_that_cannot_be_written_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    with pytest.raises(ConfigError, match="session"):
        Keeper(tmp_path / "blocked" / "session", "s", "h", "p").write(Held())


def test_tokens_are_not_shown_when_printed() -> None:
    assert "secret" not in repr(Held("secret-a", "secret-b"))
