"""New posts that wait are told to a real receiver on this machine: signed, told again rather than lost."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from tagora.app.alerting import Teller, measure, tell_webhook
from tagora.app.config_file import load
from tagora.app.sending import NotTold, post_by_http
from tagora.app.workplace import Workplace, open_workplace
from tagora.core.clock import ManualClock
from tagora.core.decisions import Verdict
from tagora.core.errors import ConfigError
from tagora.review.deciding import decide
from tagora.storage.figures import samples

from ..agora import arrive
from ..make import NOON, sighting
from .outside import Mailbox, Receiver

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SECRET = "a-secret-of-the-test"


@pytest.fixture
def place(
    tmp_path: Path, clock: ManualClock, receiver: Receiver, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workplace]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    (tmp_path / "mail.key").write_text("pass-word\n")
    file = tmp_path / "config.yaml"
    file.write_text(f"""\
store: sqlite:///store.db
timezone: Europe/Rome
site: {{title: Agorà, languages: [it, en], search: false}}
review:
  public_url: https://review.example.org/
  webhook: {{url: "{receiver.url}", secret_env: HOOK_SECRET}}
alerts:
  oldest_pending: 6h
  mail:
    {{host: 127.0.0.1, port: {mailbox.port}, tls: none, user: team, password_file: mail.key,
     sender: agora@example.org, to: [anna@example.org, bert@example.org]}}
campaigns:
  - {{slug: casnocha, hashtags: [mmgCasnocha]}}
  - {{slug: other, hashtags: [other]}}
""")
    with open_workplace(file, clock) as opened:
        yield opened


def comes(place: Workplace, *names: str, slug: str = "casnocha") -> list[int]:
    with place.store.writing() as connection:
        seen = [sighting(name, text="not for others’ logs") for name in names]
        return arrive(connection, place.ids[slug].campaign_id, seen, place.clock.now())


# --- the webhook -----------------------------------------------------------------------------------------------------


def test_a_new_receiver_is_told_of_what_comes_from_now_on(place: Workplace, receiver: Receiver) -> None:
    comes(place, "before")
    assert tell_webhook(place) == 0
    ids = comes(place, "1", "2") + comes(place, "3", slug="other")
    assert tell_webhook(place) == 3
    assert tell_webhook(place) == 0
    assert receiver.posts == ids and len(receiver.got) == 2
    body = orjson.loads(receiver.got[0][1])
    assert (body["event"], body["campaign"]) == ("pending", "casnocha")
    assert body["posts"][0]["review"] == f"https://review.example.org/c/casnocha/posts/{ids[0]}"
    assert b"not for others" not in receiver.got[0][1]


def test_what_is_told_is_signed_with_its_time(place: Workplace, receiver: Receiver) -> None:
    tell_webhook(place)
    comes(place, "1")
    tell_webhook(place)
    ((headers, body),) = receiver.got
    at = headers["x-tagora-timestamp"]
    assert at == str(int(NOON.timestamp()))
    expected = hmac.new(SECRET.encode(), at.encode() + b"." + body, sha256).hexdigest()
    assert headers["x-tagora-signature"] == f"sha256={expected}"


def test_posts_that_wait_no_longer_are_not_told(place: Workplace, receiver: Receiver) -> None:
    tell_webhook(place)
    ids = comes(place, "1", "2")
    with place.store.writing() as connection:
        decide(connection, place.ids["casnocha"].campaign_id, ids[:1], Verdict.APPROVE, "anna", NOON)
    tell_webhook(place)
    assert receiver.posts == ids[1:]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_receiver_that_fails_is_asked_less_and_less_often_and_loses_nothing(
    place: Workplace, receiver: Receiver, clock: ManualClock, status: int
) -> None:
    tell_webhook(place)
    receiver.status = status
    first = comes(place, "1")
    tried = []
    for minute in range(64):
        before = len(receiver.got)
        with suppress(NotTold):
            tell_webhook(place)
        if len(receiver.got) > before:
            tried.append(minute)
        clock.advance(MINUTE)
    assert tried == [0, 1, 3, 7, 15, 31, 63]
    clock.advance(24 * HOUR)
    with pytest.raises(NotTold, match=f"it answered {status}") as failed:
        tell_webhook(place)
    assert receiver.url not in str(failed.value)  # it may hold a key
    second = comes(place, "2")
    receiver.status, receiver.got = 200, []
    clock.advance(24 * HOUR)
    assert tell_webhook(place) == 2
    assert receiver.posts == first + second


def test_killed_between_telling_and_noting_it_is_told_again(place: Workplace, receiver: Receiver) -> None:
    tell_webhook(place)
    ids = comes(place, "1")

    def killed(*what: Any) -> int:
        post_by_http(*what)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell_webhook(place, killed)
    assert tell_webhook(place) == 1
    assert receiver.posts == ids * 2
    assert len({orjson.loads(body)["delivery"] for _, body in receiver.got}) == 1  # by which it is known again
    assert tell_webhook(place) == 0


def test_a_campaign_that_cannot_be_told_keeps_nobody_else_waiting(
    place: Workplace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_webhook(place)
    comes(place, "1")
    other = comes(place, "2", slug="other")

    def picky(url: str, body: bytes, headers: Any) -> int:
        return 500 if b'"casnocha"' in body else post_by_http(url, body, headers)

    with pytest.raises(NotTold, match="casnocha"):
        tell_webhook(place, picky)
    assert receiver.posts == other


def test_many_posts_go_in_several_deliveries(
    place: Workplace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tagora.review.telling.AT_ONCE", 4)
    tell_webhook(place)
    ids = comes(place, *map(str, range(10)))
    assert tell_webhook(place) == 10
    assert receiver.posts == ids and len(receiver.got) == 3


def test_nobody_answering_is_a_failure_like_any_other(place: Workplace, receiver: Receiver) -> None:
    tell_webhook(place)
    comes(place, "1")
    url = place.loaded.config.review.webhook
    assert url
    with pytest.raises(NotTold, match=r"no answer \(ConnectionError\)"):
        tell_webhook(place, lambda _url, body, headers: post_by_http("http://127.0.0.1:1/", body, headers))


def test_queues_are_measured_once_an_hour(place: Workplace, clock: ManualClock) -> None:
    comes(place, "1")
    for _ in range(4):
        measure(place)
        clock.advance(20 * MINUTE)
    with place.store.reading() as connection:
        measured = samples(connection, place.ids["casnocha"].campaign_id, NOON)
        assert [(one.at, one.pending) for one in measured] == [(NOON, 1), (NOON + HOUR, 1)]


def test_what_fails_is_told_once_and_keeps_the_others_from_nothing(
    place: Workplace, receiver: Receiver, mailbox: Mailbox, clock: ManualClock, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("HOOK_SECRET")
    comes(place, "1")
    teller = Teller()
    for _ in range(5):
        clock.advance(7 * HOUR)
        teller.look(place)
    said = [record.message for record in caplog.records if record.name == "tagora.alerts"]
    assert len(said) == 1 and "HOOK_SECRET is not set" in said[0]
    assert len(mailbox.mails) == 2, "one at the beginning, one a day later: the others were told all the same"
    assert receiver.got == []


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("review: {webhook: {url: https://example.org/, secret: abc}}", "`secret` must not stand in the configuration"),
        ("review: {webhook: {url: https://example.org/}}", "secret_env or secret_file"),
        ("review: {webhook: {url: 'ftp://example.org/', secret_env: X}}", "full web address"),
        ("alerts: {mail: {host: x, sender: a@b, to: [c@d], user: u}}", "a user needs password_env or password_file"),
        ("alerts: {mail: {host: x, sender: a@b, to: [c@d], password: p}}", "`password` must not stand"),
        ("alerts: {mail: {host: x, tls: none, sender: a@b, to: [c@d]}}", "only for a server on this machine"),
        ("alerts: {mail: {host: x, sender: 'a@b\\nBcc: e@f', to: [c@d]}}", "write a mail address"),
        ("alerts: {oldest_pending: soon}", "write a number and a unit"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml:1") as refused:
        load(file)
    assert said in str(refused.value)
