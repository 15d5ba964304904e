"""Troubles are told by mail and webhook, to real servers on this machine, over TLS too, and stand in the banner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from tagora.app.health import telling
from tagora.app.health.glance import glance
from tagora.app.health.telling import look, tell_troubles
from tagora.app.reviewing import PlaceActs
from tagora.app.sending import NotTold, send_by_smtp
from tagora.app.workplace import Workplace, open_workplace
from tagora.core.clock import ManualClock
from tagora.storage import running, sources
from tagora.storage.troubles import channel

from ...agora import arrive
from ...make import NOON, sighting
from ..outside import Mailbox, Receiver, certificate, mail_server

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SECRETS = ("pass-word", "a-secret-of-the-test", "not for others’ logs")


@pytest.fixture
def settled(
    tmp_path: Path, clock: ManualClock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Workplace]]:
    """A workplace whose mail goes to this mailbox."""
    monkeypatch.setenv("HOOK_SECRET", "a-secret-of-the-test")
    (tmp_path / "mail.key").write_text("pass-word\n")
    opened: list[Any] = []

    def make(mailbox: Mailbox, tls: str = "none", host: str = "127.0.0.1") -> Workplace:
        file = tmp_path / "config.yaml"
        file.write_text(f"""\
store: sqlite:///store.db
timezone: Europe/Rome
site: {{title: Agorà, languages: [it, en], search: false}}
review: {{public_url: "https://review.example.org/"}}
alerts:
  oldest_pending: 6h
  webhook: {{url: "{receiver.url}", secret_env: HOOK_SECRET}}
  mail:
    {{host: {host}, port: {mailbox.port}, tls: {tls}, user: team, password_file: mail.key,
     sender: agora@example.org, to: [anna@example.org, bert@example.org]}}
campaigns:
  - slug: casnocha
    hashtags: [mmgCasnocha]
    sources: [{{platform: mastodon, base_url: "https://social.example"}}]
  - {{slug: other, hashtags: [other]}}
""")
        place = open_workplace(file, clock)
        opened.append(place)
        return place.__enter__()

    yield make
    for place in opened:
        place.__exit__(None, None, None)


@pytest.fixture
def place(settled: Callable[..., Workplace], mailbox: Mailbox) -> Workplace:
    return settled(mailbox)


def comes(place: Workplace, *names: str, slug: str = "casnocha") -> None:
    with place.store.writing() as connection:
        seen = [sighting(name, text="not for others’ logs") for name in names]
        arrive(connection, place.ids[slug].campaign_id, seen, place.clock.now())


def fails(place: Workplace, problem: str = "the token was cancelled") -> None:
    account = place.sources[0].account
    with place.store.writing() as connection:
        sources.ail(connection, account, problem, place.clock.now())


def recovers(place: Workplace) -> None:
    with place.store.writing() as connection:
        sources.recover(connection, place.sources[0].account)


def test_what_begins_and_what_is_over_is_told_by_mail_and_webhook_once_each(
    place: Workplace, mailbox: Mailbox, receiver: Receiver, clock: ManualClock
) -> None:
    fails(place)
    assert [tell_troubles(place) for _ in range(3)] == [2, 0, 0]
    clock.advance(HOUR)
    recovers(place)
    tell_troubles(place)
    clock.advance(HOUR)
    assert tell_troubles(place) == 2
    begun, over = mailbox.mails
    assert begun["Subject"].startswith("Agorà: social.example ha smesso di rispondere lun 23 nov, 13:00: the token was")
    assert begun["To"] == "anna@example.org, bert@example.org" and begun["Auto-Submitted"] == "auto-generated"
    assert "tagora sources --retry casnocha/social.example" in begun.get_content()
    assert "Risolto:" in over.get_content() and "social.example" in over["Subject"]
    first, second = (orjson.loads(body) for _, body in receiver.got)
    assert first["event"] == "troubles" and [one["kind"] for one in first["begun"]] == ["key refused"]
    assert [one["about"] for one in second["ended"]] == ["casnocha/social.example"] and not second["begun"]
    assert receiver.got[0][0]["x-tagora-signature"].startswith("sha256=")


def test_no_secret_and_nothing_that_posts_say_is_in_it(
    place: Workplace, mailbox: Mailbox, receiver: Receiver, clock: ManualClock
) -> None:
    comes(place, "1", "2")
    clock.advance(7 * HOUR)
    tell_troubles(place)
    (mail,) = mailbox.mails
    assert "2 in tutto, il più vecchio da lun 23 nov, 13:00" in mail.get_content()
    assert "https://review.example.org/c/casnocha/?order=oldest" in mail.get_content()
    told = mail.as_string() + mail.get_content() + str(receiver.got)
    assert not [secret for secret in SECRETS if secret in told]


def test_a_mail_server_that_refuses_is_a_trouble_itself_told_by_the_webhook_and_tried_again(
    place: Workplace, mailbox: Mailbox, receiver: Receiver, clock: ManualClock
) -> None:
    fails(place)
    mailbox.refuse = True
    with pytest.raises(NotTold, match=r"by mail: the mail server 127\.0\.0\.1 did not take it \(451\)"):
        tell_troubles(place)
    assert len(receiver.got) == 1, "the other way has its turn"
    for _ in range(4):
        clock.advance(16 * MINUTE)
        with pytest.raises(NotTold):
            tell_troubles(place)
    with place.store.reading() as connection:
        kinds = [one.kind for one in look(place, connection)]
    assert kinds == ["key refused", "mail fails"]
    assert [one["kind"] for _, body in receiver.got for one in orjson.loads(body)["begun"]] == kinds
    mailbox.refuse = False
    clock.advance(HOUR)
    tell_troubles(place)
    assert len(mailbox.mails) == 1 and "casnocha/social.example" in mailbox.mails[0].get_content()


def test_a_password_that_is_not_there_is_a_failure_like_any_other(
    place: Workplace, receiver: Receiver, tmp_path: Path
) -> None:
    (tmp_path / "mail.key").unlink()
    fails(place)
    with pytest.raises(NotTold, match=r"mail\.key cannot be read"):
        tell_troubles(place)
    assert len(receiver.got) == 1


def test_killed_between_sending_and_noting_the_same_mail_is_sent_again(
    place: Workplace, mailbox: Mailbox, receiver: Receiver, clock: ManualClock
) -> None:
    """Mail programs and receivers know it by its Message-ID and its delivery."""
    fails(place)

    def killed(*what: Any) -> None:
        send_by_smtp(*what)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell_troubles(place, send=killed)
    clock.advance(5 * MINUTE)
    recovers(place)
    tell_troubles(place)
    once, again = mailbox.mails
    assert once["Message-ID"] == again["Message-ID"] and once.as_bytes() == again.as_bytes()
    with place.store.reading() as connection:
        assert channel(connection, "mail").notice is None


def test_killed_before_sending_nothing_is_lost(place: Workplace, mailbox: Mailbox, clock: ManualClock) -> None:
    fails(place)

    def killed(*_what: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell_troubles(place, send=killed)
    clock.advance(5 * MINUTE)
    tell_troubles(place)
    assert len(mailbox.mails) == 1


def test_two_that_tell_at_once_send_one_mail(place: Workplace, mailbox: Mailbox) -> None:
    fails(place)
    inside, other = threading.Event(), threading.Event()

    def slow(*what: Any) -> None:
        inside.set()
        other.wait(10)
        send_by_smtp(*what)

    first = threading.Thread(target=lambda: tell_troubles(place, send=slow))
    first.start()
    inside.wait(10)
    tell_troubles(place)
    other.set()
    first.join(10)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_over_tls_and_only_to_a_server_with_a_certificate_that_is_trusted(
    tls: str, settled: Callable[..., Workplace], tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificate(tmp_path)
    with mail_server(tls, made) as mailbox:
        place = settled(mailbox, tls)
        fails(place)
        with pytest.raises(NotTold, match="SSLCertVerificationError"):
            tell_troubles(place)
        assert mailbox.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(made))
        clock.advance(HOUR)
        tell_troubles(place)
        assert len(mailbox.mails) == 1
        assert mailbox.mails[0]["Subject"].startswith("Agorà: ")


def test_a_server_that_offers_no_tls_gets_no_password(settled: Callable[..., Workplace], mailbox: Mailbox) -> None:
    place = settled(mailbox, "starttls")
    fails(place)
    with pytest.raises(NotTold, match="SMTPNotSupportedError"):
        tell_troubles(place)
    assert mailbox.mails == []


def test_the_banner_tells_the_same_in_the_readers_language(place: Workplace, clock: ManualClock) -> None:
    fails(place)
    comes(place, "1", slug="other")
    clock.advance(7 * HOUR)
    acts = PlaceActs(place, rebuilding=True)
    with place.store.reading() as connection:
        found = look(place, connection)
    for language in ("it", "en"):
        told = acts.troubles(language)
        assert [one.kind for one in told] == [one.kind for one in found if one.severity != "note"]
    assert [(one.bad, one.campaign) for one in told if one.kind == "waiting"] == [(False, "other")]


def test_pages_look_at_most_once_in_some_seconds(place: Workplace) -> None:
    seconds = [100.0]
    assert glance(place, lambda: seconds[0]) == []
    fails(place)
    seconds[0] += 9
    assert glance(place, lambda: seconds[0]) == []
    seconds[0] += 1
    assert [one.kind for one in glance(place, lambda: seconds[0])] == ["key refused"]


def test_a_run_that_was_killed_is_told_by_whoever_looks(place: Workplace, mailbox: Mailbox, clock: ManualClock) -> None:
    with place.store.writing() as connection:
        running.take(connection, "somebody", "host, process 12", NOON)
    clock.advance(30 * MINUTE)
    tell_troubles(place)
    assert "`tagora run` (host, process 12) non dà segni di vita" in mailbox.mails[0].get_content()


def test_a_subject_stays_on_one_line_and_short() -> None:
    from tagora.app.health.words import Speech
    from tagora.storage.troubles import Line, Notice

    line = Line("k", "k", "a", "fault", None, "Line one\nBcc: somebody@example.org " + "word " * 60)
    said = telling.subject(Notice(1, NOON, (line,)), "Agora\r\n", Speech("en", "UTC"))
    assert "\n" not in said and "\r" not in said and len(said) <= telling.SUBJECT + 2
