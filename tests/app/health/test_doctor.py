"""`tagora doctor` looks at everything, names what is wrong and says what to do; what is broken hides nothing else."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from tagora.app.checking import Finding, Level
from tagora.app.health import doctor
from tagora.app.health.doctor import examine
from tagora.app.health.web import Watched
from tagora.app.reviewing import serving_review, surroundings
from tagora.app.workplace import open_workplace
from tagora.core.clock import ManualClock
from tagora.sandbox import Sandbox
from tagora.storage import running, sources
from tagora.storage.soundness import try_writing
from tagora.storage.store import Store
from tagora.storage.tables import meta

from ...folder import Folder
from ..outside import Mailbox, Receiver


def said(folder: Folder, clock: ManualClock, **given: bool) -> list[Finding]:
    return list(examine(folder.file, clock, **given))


def about(found: list[Finding], name: str) -> list[Finding]:
    return [one for one in found if one.about == name]


def test_an_installation_that_is_fit_is_told_so_line_by_line(
    folder: Callable[..., Folder], now: ManualClock, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = folder(only=("mastodon",))
    for key in mine.path.glob("*.key"):
        key.chmod(0o600)
    assert mine("collect", "--once").status == 0 and mine("build").status == 0
    assert mine("moderators", "add", "Vera", "--role", "admin").status == 0 and mine("backup").status == 0
    monkeypatch.setattr(doctor, "server_time", lambda _address: now.now())
    with open_workplace(mine.file, now) as place, place.store.writing() as connection:
        running.take(connection, "me", "host, process 1", now.now())
    found = said(mine, now)
    assert [one for one in found if one.level is Level.FAULT] == []
    told = {one.about for one in found if one.level is Level.WELL}
    assert {"configuration", "keys", "store", "run", "review", "disk", "site", "backup", "clock"} <= told
    assert {f"talk/{server.host}" for server in box.script.servers} <= told
    warned = [one.about for one in found if one.level is Level.WARNING and not one.words.startswith("does not see")]
    assert warned == ["alerts"], "nobody is told of troubles"


def test_it_prints_lines_for_people_and_json_for_machines(lonely: Folder) -> None:
    answer = lonely("doctor", "--offline")
    assert answer.status == 0
    assert "ok       store: " in answer.out and answer.out.splitlines()[-1].startswith("0 faults, ")
    told = lonely("doctor", "--offline", "--json").json
    assert told["fit"] is True
    assert {"level", "about", "words", "todo"} == set(told["findings"][0])


def test_a_wrong_configuration_is_named_with_its_line(lonely: Folder, tmp_path: Path) -> None:
    lonely.config["sight"] = {}
    lonely.write()
    answer = lonely("doctor")
    assert answer.status == 2
    assert "fault    configuration: " in answer.out and "`sight` is not known" in answer.out


def test_a_damaged_store_is_named_with_what_to_do(lonely: Folder) -> None:
    (lonely.path / "tagora.db").write_bytes(b"this was a store once" * 400)
    answer = lonely("doctor", "--offline")
    assert answer.status == 3
    assert "damaged or is no SQLite store" in answer.out and "tagora restore latest" in answer.out


def test_trying_to_write_leaves_nothing(store: Store) -> None:
    for _ in range(2):
        try_writing(store)
    with store.reading() as connection:
        assert connection.execute(select(meta.c.key).where(meta.c.key == "trial")).all() == []


def test_a_missing_key_is_named_and_the_other_networks_are_asked(
    folder: Callable[..., Folder], now: ManualClock, box: Sandbox
) -> None:
    mine = folder(only=("mastodon", "facebook"))
    (mine.path / f"{box.script.pages[0].id}.key").unlink()
    found = said(mine, now)
    (fault,) = [one for one in found if one.level is Level.FAULT and one.about != "clock"]
    assert "cannot be read" in fault.words and fault.about.startswith("talk/facebook")
    assert about(found, f"talk/{box.script.servers[0].host}")


def test_a_key_that_everybody_may_read_is_told(folder: Callable[..., Folder], now: ManualClock, box: Sandbox) -> None:
    mine = folder(only=("mastodon",))
    name = f"{box.script.servers[0].host}.key"
    (mine.path / name).chmod(0o644)
    (told,) = about(said(mine, now, ask=False), name)
    assert told.level is Level.WARNING and told.todo == f"Run: chmod 600 {name}"


def test_asking_is_booked_and_stays_within_the_budget(
    folder: Callable[..., Folder], now: ManualClock, box: Sandbox
) -> None:
    mine = folder(only=("x",))
    mine.config["accounts"]["x-main"]["budget"] = {"requests_per_day": 1}
    mine.write()
    first = about(said(mine, now), "talk/x")
    assert [one.level for one in first] == [Level.WELL] and "in the last" in first[0].words
    before = len(box.requests)
    second = [one for one in about(said(mine, now), "talk/x") if "not asked" in one.words]
    assert [one.level for one in second] == [Level.WARNING]
    assert len(box.requests) == before, "no call was made that the budget does not allow"


def test_a_network_that_wants_a_pause_is_not_asked(
    folder: Callable[..., Folder], now: ManualClock, box: Sandbox
) -> None:
    mine = folder(only=("mastodon",))
    with open_workplace(mine.file, now) as place:
        name = place.sources[0].name
        with place.store.writing() as connection:
            sources.rest(connection, place.sources[0].account, "a pause", now.now() + timedelta(hours=1))
    assert any("not asked: it rests until" in one.words for one in about(said(mine, now), f"talk/{name}"))


@pytest.mark.parametrize(
    ("off", "level"), [(2, Level.WELL), (90, Level.WARNING), (-3600, Level.FAULT), (None, Level.WARNING)]
)
def test_a_clock_that_is_wrong_is_told(
    off: int | None, level: Level, lonely: Folder, now: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lonely.config.setdefault("site", {})["base_url"] = "https://agora.example/"
    lonely.write()
    theirs = None if off is None else now.now() + timedelta(seconds=off)
    monkeypatch.setattr(doctor, "server_time", lambda _address: theirs)
    (told,) = about(said(lonely, now), "clock")
    assert told.level is level


def test_a_clock_is_not_compared_with_itself(lonely: Folder, now: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "server_time", lambda _address: now.now())
    lonely.campaign["sources"] = []
    lonely.write()
    (told,) = about(said(lonely, now), "clock")
    assert told.level is Level.WARNING and "not compared" in told.words


def test_where_the_site_is_published_to_is_looked_at_and_nothing_is_written(
    folder: Callable[..., Folder], now: ManualClock, tmp_path: Path
) -> None:
    mine = folder(only=())
    (tmp_path / "www").mkdir()
    far = {"name": "far", "to": "s3://agora/x", "key_file": "no.key", "key_id_env": "NO_SUCH_KEY_ID"}
    mine.config["publish"] = [{"to": str(tmp_path / "www")}, far]
    mine.write()
    found = said(mine, now)
    (here,), (there,) = about(found, "publish folder"), about(found, "publish far")
    assert here.level is Level.WELL and "never published to yet" in here.words
    assert there.level is Level.FAULT and ("NO_SUCH_KEY_ID" in there.words or "no.key" in there.words)
    assert list((tmp_path / "www").iterdir()) == []


def test_the_running_review_app_is_asked_how_it_is(lonely: Folder, now: ManualClock) -> None:
    with open_workplace(lonely.file, now) as place:
        with place.store.writing() as connection:
            running.take(connection, "me", f"{socket.gethostname()}, process 1", now.now())
        port = free_port()
        for host in ("127.0.0.1", "0.0.0.0"):
            lonely.config["review"] = {"host": host, "port": port, "public_url": "https://review.example.org/"}
            lonely.write()
            (nothing,) = [one for one in about(said(lonely, now), "review") if "answers" in one.words]
            assert nothing.level is Level.FAULT and f"http://127.0.0.1:{port}/healthz" in nothing.words
        with serving_review(lambda: surroundings(place), "127.0.0.1", port, Watched(lambda: place)):
            assert any("says that it is well" in one.words for one in about(said(lonely, now), "review"))
        with serving_review(lambda: surroundings(place), "127.0.0.1", port, Watched(lambda: place, lambda: "_live")):
            (told,) = [one for one in about(said(lonely, now), "review") if "says: " in one.words]
            assert told.level is Level.FAULT and "the schedule stands still" in told.words


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_the_time_of_a_real_server_is_read(receiver: Receiver) -> None:
    theirs = doctor.server_time(receiver.url)
    assert theirs is not None and theirs.tzinfo is not None
    assert doctor.server_time("http://127.0.0.1:1/") is None


def settled(lonely: Folder, mailbox: Mailbox, receiver: Receiver) -> Folder:
    (lonely.path / "mail.key").write_text("pass-word\n")
    (lonely.path / "hook.key").write_text("a-secret\n")
    lonely.config["alerts"] = {
        "mail": {"host": "127.0.0.1", "port": mailbox.port, "tls": "none", "user": "team",
                 "password_file": "mail.key", "sender": "agora@example.org", "to": ["anna@example.org"]},
        "webhook": {"url": receiver.url, "secret_file": "hook.key"},
    }  # fmt: skip
    lonely.write()
    return lonely


def test_mail_and_webhook_are_tried_and_get_a_message_only_when_asked_to(
    lonely: Folder, mailbox: Mailbox, receiver: Receiver, now: ManualClock
) -> None:
    mine = settled(lonely, mailbox, receiver)
    found = said(mine, now)
    assert [one.level for one in about(found, "mail") + about(found, "alerts.webhook")] == [Level.WELL, Level.WELL]
    assert mailbox.mails == [] and receiver.got == []
    said(mine, now, send=True)
    (mail,), ((headers, body),) = mailbox.mails, receiver.got
    assert mail["To"] == "anna@example.org" and "to try it" in mail["Subject"]
    assert orjson.loads(body)["event"] == "trial" and headers["x-tagora-signature"].startswith("sha256=")


def test_a_mail_server_that_does_not_know_us_is_told_without_the_password(
    lonely: Folder, mailbox: Mailbox, receiver: Receiver, now: ManualClock
) -> None:
    mine = settled(lonely, mailbox, receiver)
    (mine.path / "mail.key").write_text("a-wrong-one\n")
    receiver.status = 500
    found = said(mine, now, send=True)
    assert [one.level for one in about(found, "mail") + about(found, "alerts.webhook")] == [Level.FAULT, Level.FAULT]
    assert "does not take mail (535)" in about(found, "mail")[0].words
    assert "it answered 500" in about(found, "alerts.webhook")[0].words
    assert not any(secret in str(found) for secret in ("a-wrong-one", "a-secret"))


def test_the_troubles_of_status_are_among_it(lonely: Folder, now: ManualClock) -> None:
    with open_workplace(lonely.file, now) as place, place.store.writing() as connection:
        running.take(connection, "somebody", "host, process 12", now.now() - timedelta(hours=1))
    (told,) = about(said(lonely, now), "run")
    assert told.level is Level.FAULT and told.todo == "Start it again: tagora run"
