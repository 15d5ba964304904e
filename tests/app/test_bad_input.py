"""Whatever is wrong with what comes in: one sentence that says what, where and what to do; the right exit status; the
rest goes on, and nothing is lost."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, event

from tagora.collector import session
from tagora.collector.plan import SourcePlan
from tagora.core.clock import ManualClock
from tagora.sandbox import SMALL, Sandbox, parse_script
from tagora.sandbox.web import Answer as WireAnswer

from ..folder import Answer, Folder, contents, keys, tagora

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp; ]]>--> \u202e{{7*7}}{% raw %}"
MakeFolder = Callable[..., Folder]


def refused(answer: Answer, status: int, *words: str) -> None:
    """One line on stderr that holds these words, nothing else, and this exit status."""
    assert answer.status == status, answer.err
    assert answer.err.startswith("tagora: ")
    assert answer.err.count("\n") == 1, "one sentence or two, on one line"
    assert "Traceback" not in answer.err
    assert "fault in the program" not in answer.err
    missing = [word for word in words if word not in answer.err]
    assert missing == [], answer.err


# --- the configuration -----------------------------------------------------------------------------------------------

TEXTS = {
    "a tab": ("store: a\n\tb: c\n", "config.yaml:2", "not valid YAML"),
    "a bracket left open": ("store: [a\nsite: {\n", "config.yaml:1", "not valid YAML"),
    "a quote left open": ("contact: 'a\nsite: b\n", "config.yaml:1", "not valid YAML"),
    "a tag with its sign": ("store: [#agora]\nsite: b\n", "config.yaml:1", "# begins a comment"),
    "a colon forgotten": ("timezone: UTC\ncontact a@b.example\nsite: b\n", "config.yaml:2", "not valid YAML"),
    "a value forgotten": ("store:\n", "config.yaml:1", "`store`: it is empty"),
    "a language we do not speak": (
        "site: {languages: [de]}\n",
        "config.yaml:1",
        "`site.languages[0]`: write 'it' or 'en'",
    ),
    "a list": ("- a\n- b\n", "config.yaml:1", "`key: value`"),
    "a key twice": ("store: sqlite:///a.db\nstore: sqlite:///b.db\n", "config.yaml:2", "'store' stands twice"),
    "a bare word": ("hello", "config.yaml:1", "`key: value`"),
    "a key that is no word": ("1: a\n", "config.yaml:1", "the key 1 is not a word"),
    "a date that never was": ("timezone: UTC\nstore: 2026-02-31\n", "config.yaml:2", "quotes"),
    "an object of a program": ("store: !!python/object/apply:os.system [ls]\n", "config.yaml:1", "`store`"),
    "endless aliases": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{n}: &{n} [{','.join(['*' + before] * 10)}]\n" for before, n in zip("abcdef", "bcdefg", strict=True)
        ),
        "config.yaml:1",
        "more than 100000 values",
    ),
    "ten thousand brackets": ("a: " + "[" * 10_000 + "]" * 10_000, "config.yaml", "nesting is too deep"),
    "an unknown key": ("stroe: sqlite:///a.db\n", "config.yaml:1", "the key `stroe` is not known"),
    "no such zone": ("timezone: Europe/Roma\n", "config.yaml:1", "`timezone`", "Europe/Rome"),
    "a contact of two lines": ('contact: "a\\nX-Evil: 1"\n', "config.yaml:1", "`contact`"),
    "no web address": ("site: {base_url: example.org}\n", "config.yaml:1", "`site.base_url`", "https://"),
    "a store of no kind": ("store: tagora.db\n", "config.yaml:1", "`store`", "sqlite:///var/tagora.db"),
    "a store of another kind": ("store: mysql://anna:geheim@localhost/x\n", "config.yaml:1", "'mysql'", "PostgreSQL"),
    "a port of letters": ("store: postgresql+psycopg://anna:geheim@localhost:abc/x\n", "config.yaml:1", "`store`"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_wrong_configuration_is_refused_with_its_line(name: str, lonely: Folder) -> None:
    text, *words = TEXTS[name]
    lonely.file.write_text(text, encoding="utf-8")
    answer = lonely("status")
    refused(answer, 2, *words)
    assert "geheim" not in answer.err
    assert sorted(file.name for file in lonely.path.iterdir()) == ["config.yaml", "invitation.md"], "nothing was made"


@pytest.mark.parametrize("raw", [b"contact: \xff\xfe", b"\0\0\0"], ids=["latin", "zeros"])
def test_a_configuration_that_is_no_text_is_refused(raw: bytes, lonely: Folder) -> None:
    lonely.file.write_bytes(raw)
    refused(lonely("status"), 2, "config.yaml")


def test_a_configuration_of_megabytes_is_refused_unread(lonely: Folder) -> None:
    lonely.file.write_bytes(b"# " + b"x" * 3_000_000)
    refused(lonely("status"), 2, "config.yaml is larger than 2 MB")


# path in the campaign -> the value -> what is said
CAMPAIGN = {
    "an unknown key": ({"hashtag": ["a"]}, "`campaigns[0].hashtag` is not known"),
    "a tag of two words": ({"hashtags": ["agora test"]}, "'agora test' cannot be a hashtag"),
    "a slug that leaves": ({"slug": "../x"}, "`campaigns[0].slug`"),
    "an invitation that is not there": ({"invitation": "nowhere.md"}, "nowhere.md is not there"),
    "an invitation that is a folder": ({"invitation": "."}, "is a folder"),
    "an opener without a scheme": ({"openers": ["www.facebook.com/1"]}, "`campaigns[0].openers"),
    "an unknown policy": ({"policy": "publish"}, "`campaigns[0].policy`"),
    "a rule of unknown words": ({"rules": [{"name": "a", "when": {"wrods": ["x"]}, "then": "hold"}]}, "`wrods`"),
    "a rule that is no pattern": ({"rules": [{"name": "a", "when": {"regex": "(("}, "then": "hold"}]}, "'(('"),
    "an unknown network": ({"sources": [{"platform": "mastodn"}]}, "no platform 'mastodn'"),
    "an unknown account": ({"sources": [{"platform": "x", "account": "y"}]}, "no account 'y'"),
    "an unknown setting": (
        {"sources": [{"platform": "facebook", "page": "1", "pge": 1}]},
        "`campaigns[0].sources[0].pge`",
    ),
    "a budget without a unit": ({"sources": [{"platform": "x", "budget": 30}]}, "`key: value`"),
    "a network of many servers without an address": ({"sources": [{"platform": "mastodon"}]}, "`base_url` is missing"),
    "a page by its name": ({"sources": [{"platform": "facebook", "page": "piazza"}]}, "the Page's number"),
    "a source at no address": ({"sources": [{"platform": "mastodon", "base_url": "javascript:1"}]}, "base_url"),
    "a time in words": (
        {"sources": [{"platform": "mastodon", "base_url": "https://a.example", "every": "often"}]},
        "30s",
    ),
    "a share of more than all": (
        {"sources": [{"platform": "x", "recheck_share": 50}]},
        "recheck_share`: write 1 or less",
    ),
    "a network whose duty is not kept": (
        {"sources": [{"platform": "x", "recheck_every": "never"}]},
        "`recheck_every` does not keep to what X asks for: what is shown must be looked up again at least every 30d",
    ),
    "grace beyond the network's duty": (
        {"sources": [{"platform": "x", "recheck_grace": "31d"}]},
        "`recheck_grace` does not keep to what X asks for",
    ),
    "look-ups in words": (
        {"sources": [{"platform": "x", "recheck_every": "often"}]},
        "recheck_every`: write never, 1d, or a list like [1d until 7d, 7d until 91d, 30d]",
    ),
    "a ceiling below nothing": (
        {"sources": [{"platform": "x", "budget": {"usd_per_day": -1}}]},
        "usd_per_day`: write 0 or more",
    ),
}


@pytest.mark.parametrize("name", CAMPAIGN)
def test_a_wrong_campaign_is_refused_with_line_and_key(name: str, lonely: Folder) -> None:
    changes, words = CAMPAIGN[name]
    lonely.campaign.update(changes)
    lonely.write()
    refused(lonely("collect"), 2, "config.yaml:", words)
    assert not (lonely.path / "tagora.db").exists()


def test_a_key_written_into_the_configuration_is_refused_and_never_echoed(lonely: Folder) -> None:
    lonely.campaign["sources"] = [
        {"platform": "mastodon", "base_url": "https://mastodon.example", "token": "geheim-123"},
    ]
    lonely.write()
    answer = lonely("collect")
    refused(answer, 2, "config.yaml:", "`token` must not stand in the configuration", "token_env")
    assert "geheim" not in answer.out + answer.err


def test_a_configuration_that_is_a_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    refused(tagora("-c", tmp_path, "status"), 2, "is a folder")


def test_a_slug_that_the_site_needs_itself_is_told_by_check(lonely: Folder) -> None:
    lonely.campaign["slug"] = "about"
    lonely.write()
    answer = lonely("check", "--offline")
    assert answer.status == 1 and "fault    about: a campaign cannot have the slug 'about'" in answer.out


def test_check_names_what_init_left_to_fill_in(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    assert tagora("-c", file, "init", "--tag", "agora", "--network", "mastodon").status == 0
    told = tagora("-c", file, "check", "--offline").out
    for key in ("contact", "legal.controller", "legal.contact"):
        assert f"warning  {key}: to be filled in still" in told
    assert "warning  agora: its invitation is to be written still" in told
    file.write_text("timezone: UTC\n", encoding="utf-8")
    assert "warning  campaigns: there is none" in tagora("-c", file, "check", "--offline").out


def test_a_mistake_of_usage_has_status_2(lonely: Folder) -> None:
    assert tagora("status", "--jsn").status == 2
    assert tagora("-c", lonely.path / "none.yaml", "status").status == 2
    assert lonely("list", "--campaign", "nope").status == 2
    assert lonely("collect", "--source", "nope").status == 2
    assert lonely("list", "--after", "nope").status == 2


# --- folders, disks, stores ------------------------------------------------------------------------------------------

# setting -> value -> (command, exit status): a file stands where a folder is needed
NO_FOLDER = {
    "store": ("sqlite:///invitation.md/tagora.db", "status", 3),
    "secret_file": ("invitation.md/withdrawals.key", "status", 3),
    "site": ({"out": "invitation.md/site"}, "build", 3),
}


@pytest.mark.parametrize("setting", NO_FOLDER)
def test_a_folder_that_cannot_be_made_is_named(setting: str, lonely: Folder) -> None:
    value, command, status = NO_FOLDER[setting]
    lonely.config[setting] = value
    lonely.write()
    refused(lonely(command), status, "invitation.md")


def test_a_store_that_is_a_folder_is_refused(lonely: Folder) -> None:
    lonely.config["store"] = "sqlite:///."
    lonely.write()
    refused(lonely("status"), 3, "cannot be opened")


def test_a_withdrawal_key_that_is_none_is_refused_and_left_alone(lonely: Folder) -> None:
    file = lonely.path / "withdrawals.key"
    file.write_text("not a key", encoding="utf-8")
    refused(lonely("status"), 2, "withdrawals.key", "does not hold a withdrawal key")
    assert file.read_text(encoding="utf-8") == "not a key"


def test_a_file_that_is_no_store_is_refused_and_left_alone(lonely: Folder) -> None:
    file = lonely.path / "tagora.db"
    file.write_text("a letter to Anna " * 500, encoding="utf-8")
    refused(lonely("status"), 3, "tagora.db", "is no SQLite store", "tagora restore latest")
    assert file.read_text(encoding="utf-8").startswith("a letter to Anna")


def test_a_database_of_something_else_is_refused_and_left_alone(lonely: Folder) -> None:
    with closing(sqlite3.connect(lonely.path / "tagora.db")) as other, other:
        other.execute("CREATE TABLE address (name)")
    refused(lonely("collect"), 3, "tables of something else (address)")
    with closing(sqlite3.connect(lonely.path / "tagora.db")) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("address",)]


@pytest.mark.parametrize("command", ["status", "collect", "build", "migrate"])
def test_a_store_of_a_newer_version_is_refused(command: str, lonely: Folder) -> None:
    assert lonely("status").status == 0
    with closing(sqlite3.connect(lonely.path / "tagora.db")) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(lonely(command), 3, "newer than this program", "9999", "Install the newer tagora")


def test_a_damaged_store_is_told_from_an_empty_one(lonely: Folder) -> None:
    assert lonely("status").status == 0
    file = lonely.path / "tagora.db"
    with closing(sqlite3.connect(file)) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    for command in ("status", "collect", "build"):
        refused(lonely(command), 3, "is damaged", "tagora restore latest")


def test_a_database_that_is_not_reached_is_named_without_its_password(lonely: Folder) -> None:
    lonely.config["store"] = "postgresql+psycopg://anna:geheim@127.0.0.1:9/tagora"
    lonely.write()
    answer = lonely("status")
    refused(answer, 3, "cannot be reached", "127.0.0.1", "`store:`")
    assert "geheim" not in answer.err


@contextmanager
def room(pages: int) -> Iterator[None]:
    """Every SQLite store may grow to so many pages: then its disk is full."""

    def limit(driver_connection: Any, _record: object) -> None:
        if isinstance(driver_connection, sqlite3.Connection):
            driver_connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def test_a_full_disk_loses_nothing_and_the_next_run_goes_on(folder: MakeFolder, now: ManualClock) -> None:
    mine = folder(only=("mastodon", "x"))
    assert mine("status").status == 0
    with closing(sqlite3.connect(mine.path / "tagora.db")) as store:
        size = store.execute("PRAGMA page_count").fetchone()[0]
    with room(size + 2):
        answer = mine("collect", "--once", "--json")
    assert answer.status in (1, 3)
    assert any("is full. Free some space" in (one["error"] or "") for one in answer.json["sources"])
    with closing(sqlite3.connect(mine.path / "tagora.db")) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    now.advance(timedelta(minutes=11))  # the leases that could not be given back run out
    assert mine("collect", "--now").status == 0
    other = Folder(mine.path.parent / "other", mine.config)
    for file in mine.path.glob("*.key"):
        (other.path / file.name).write_bytes(file.read_bytes())
    assert other("collect", "--now").status == 0
    assert sorted(mine("export").lines, key=str) == sorted(other("export").lines, key=str)


def test_a_disk_that_fills_while_building_is_named_and_the_next_build_completes(
    folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = folder(only=("x",))
    assert mine("collect").status == 0
    pages: list[int] = []

    def filling(real: Callable[[Any, bytes], int]) -> Callable[[Any, bytes], int]:
        def write(where: Any, data: bytes) -> int:
            if data.startswith(b"<!doctype html>"):
                pages.append(len(data))
                if len(pages) > 5:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(where, data)

        return write

    with monkeypatch.context() as patch:  # whichever way the pages are written
        patch.setattr(os, "write", filling(os.write))
        patch.setattr(Path, "write_bytes", filling(Path.write_bytes))
        refused(mine("build"), 3, "No space left", "Make room")
    assert mine("build").status == 0
    repaired = mine.site()
    mine.config["site"]["out"] = "other"
    mine.write()
    assert mine("build").status == 0
    assert repaired == mine.site()


def test_a_file_larger_than_allowed_is_no_traceback_in_a_real_process(lonely: Folder) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from tagora.app.cli import main; main(sys.argv[1:])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "-c", str(lonely.file), "status"], capture_output=True, text=True, check=False
    )
    refused(Answer(ended.returncode, ended.stdout, ended.stderr), 3, "tagora.db")


# --- networks --------------------------------------------------------------------------------------------------------


def wrong_answers(answer: Answer) -> dict[str, str | None]:
    return {one["platform"]: one["error"] for one in answer.json["sources"]}


FAULTS: dict[str, dict[str, Any]] = {
    "expired_token": {},
    "forbidden": {},
    "wrong_shape": {},
    "html": {},
    "broken_json": {},
    "cut_body": {},
    "giant_body": {"size": 30 * 1024 * 1024},
    "server_error": {},
    "rate_limit": {"seconds": 60},
    "hang": {"seconds": 20},
}


PATIENCE = ("x.client.TIMEOUT", "mastodon.wire.READ_SECONDS", "facebook.client.TIMEOUTS")


@pytest.mark.parametrize("kind", FAULTS)
def test_what_a_network_does_is_one_sentence_and_the_next_run_goes_on(
    kind: str, folder: MakeFolder, box: Sandbox, now: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "hang":
        for where in PATIENCE:
            value = (0.3, 0.3) if where.endswith(("TIMEOUT", "TIMEOUTS")) else 0.3
            monkeypatch.setattr(f"tagora.collector.platforms.{where}", value)
    mine = folder()
    mine.campaign["sources"] = [one for one in mine.campaign["sources"] if one.get("name") in (None, "mastodon.uno")]
    mine.write()
    box.fault(kind, count=None, **FAULTS[kind])
    answer = mine("collect", "--once", "--json")
    assert answer.status == 3
    for error in wrong_answers(answer).values():
        assert error is not None
        assert error.endswith(".")
        assert "\n" not in error
    assert "Traceback" not in answer.err
    assert all(one["state"] != "well" for one in mine("status", "--json").json["sources"])
    box.clear_faults()
    now.advance(timedelta(minutes=20))
    assert mine("sources", "--retry", "all").status == 0  # a person mended it
    again = mine("collect", "--once", "--json")
    assert again.status == 0
    assert all(one["seen"] for one in again.json["sources"])
    no_secret_in(mine, box, answer, again)


def test_one_network_that_fails_keeps_no_other_waiting_and_the_status_is_1(folder: MakeFolder, box: Sandbox) -> None:
    mine = folder()
    box.fault("server_error", "x", count=None)
    answer = mine("collect", "--once", "--json")
    assert answer.status == 1
    assert [one["platform"] for one in answer.json["sources"] if one["error"]] == ["x"]
    assert mine("status", "--json").json["posts"] > 5


def test_a_network_that_is_not_there_is_one_sentence(folder: MakeFolder) -> None:
    mine = folder()
    mine.config["accounts"]["x-main"]["base_url"] = "http://127.0.0.1:9/x"
    for source in mine.campaign["sources"]:
        if source["platform"] != "x":
            source["base_url"] = "http://127.0.0.1:9/there"
    mine.campaign["sources"] = [one for one in mine.campaign["sources"] if one.get("name") in (None, "mastodon.uno")]
    mine.write()
    answer = mine("collect", "--once", "--json")
    assert answer.status == 3
    assert all(error and error.endswith(".") for error in wrong_answers(answer).values())
    checked = mine("check")
    assert checked.status == 1
    assert checked.out.count("\nfault ") == 3


def test_a_missing_key_stops_its_source_alone_and_is_not_asked_for_every_second(
    folder: MakeFolder, now: ManualClock
) -> None:
    mine = folder()
    (mine.path / "mastodon.uno.key").unlink()
    answer = mine("collect", "--once", "--json")
    assert answer.status == 1
    errors = {one["name"]: one["error"] for one in answer.json["sources"] if one["error"]}
    assert list(errors) == ["mastodon.uno"]
    assert "mastodon.uno.key cannot be read" in errors["mastodon.uno"]
    assert "config.yaml:" in errors["mastodon.uno"]
    state = next(one for one in mine("sources", "--json").json["sources"] if one["name"] == "mastodon.uno")
    assert state["state"] == "failing"
    assert state["due_at"] > now.now().isoformat()
    assert mine("check", "--offline").status == 1
    (mine.path / "mastodon.uno.key").write_text("mastodon.uno-user-secret", encoding="utf-8")
    mended = mine("collect", "--once", "--json")  # at once: the key is another
    assert [one["name"] for one in mended.json["sources"] if one["seen"]] == ["mastodon.uno"]


def test_a_fault_of_the_program_in_one_source_is_told_and_the_others_go_on(
    folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = session.Session

    def breaks(plan: SourcePlan, *rest: Any) -> Any:
        if plan.platform == "facebook":
            raise ZeroDivisionError("words of a post")
        return real(plan, *rest)

    mine = folder()
    monkeypatch.setattr(session, "Session", breaks)
    answer = mine("collect", "--once", "--json")
    assert answer.status == 1
    errors = {one["platform"]: one["error"] for one in answer.json["sources"] if one["error"]}
    assert list(errors) == ["facebook"]
    assert "a fault in the program itself (ZeroDivisionError)" in errors["facebook"]
    assert "words of a post" not in answer.out + answer.err


# --- items -----------------------------------------------------------------------------------------------------------


def tamper(box: Sandbox, network: str, change: Callable[[Any], Any]) -> None:
    """The network's tag timeline says what `change` makes of it."""
    there = box.networks[network]

    class Tampered:
        name = there.name
        posts_to = there.posts_to
        fault_answer = there.fault_answer

        def answer(self, request: Any, minute: int) -> WireAnswer:
            told = there.answer(request, minute)
            if "/timelines/tag/" not in request.path or told.status != 200:
                return told
            return replace(told, body=json.dumps(change(json.loads(told.body))).encode())

    box.networks[network] = Tampered()  # type: ignore[assignment]


BAD_ITEMS: dict[str, Any] = {
    "nothing": None,
    "a number": 7,
    "an empty thing": {},
    "a list": [[]],
    "an id only": {"id": "1"},
    "ids of all kinds": {"id": {"a": 1}, "uri": 5, "url": [], "created_at": "2026-11-02T09:00:00Z", "account": "anna"},
    "a date that never was": {"id": "2", "uri": "https://a.example/1", "created_at": "99999-99-99T99:99:99Z"},
    "a date before time": {"id": "3", "uri": "https://a.example/1", "created_at": "-0001-01-01T00:00:00Z"},
    "a number without end": {"id": 10**400, "uri": "https://a.example/1", "created_at": 10**400, "account": {}},
    "an address that runs": {
        "id": "4",
        "uri": "javascript:alert(1)",
        "url": "data:text/html,x",
        "account": {"id": "5"},
    },
    "a half of a letter": {"id": "\ud800", "uri": "https://a.example/\ud800", "content": "\udfff\0"},
}


def test_bad_items_among_good_ones_are_counted_and_the_others_are_stored(folder: MakeFolder, box: Sandbox) -> None:
    mine = folder(only=("mastodon",))
    mine.campaign["sources"] = mine.campaign["sources"][:1]
    mine.write()
    tamper(box, "mastodon.uno", lambda page: [page[0], *BAD_ITEMS.values(), *page[1:]] if page else page)
    answer = mine("collect", "--once", "--json")
    (told,) = answer.json["sources"]
    assert (answer.status, told["error"]) == (0, None)
    assert sum(told["refused"].values()) >= len(BAD_ITEMS)
    texts = [post["text"] for post in mine("export").lines]
    assert any(text.startswith("🌿🌿") for text in texts)
    assert "Foto del mio tavolo #AGORATEST" in texts
    assert mine("build").status == 0


def test_hostile_words_names_and_a_megabyte_of_text_are_shown_as_words_only(tmp_path: Path, monkeypatch: Any) -> None:
    script = yaml.safe_load(SMALL.read_text(encoding="utf-8"))
    for person in script["people"]:
        person["name"] = HOSTILE
        if person["key"] == "giulia":
            person["handle"] = "../../../etc/passwd"
    media = [{"alt": HOSTILE}]
    script["posts"] = [
        {"key": "a", "by": "giulia", "at": 10, "text": f"{HOSTILE} #agoraTest", "warning": HOSTILE, "media": media},
        {"key": "b", "by": "tom", "at": 11, "text": "x" * 1_000_000 + " #agoraTest"},
        {"key": "c", "by": "tom", "at": 12, "text": "\0\x07\x1b[31m e" + "\u0301" * 500 + " #agoraTest"},
        {"key": "d", "by": "marco", "at": 13, "text": f"{HOSTILE} #agoraTest", "media": media},
        {"key": "e", "by": "page", "page": "1234567890", "at": 5, "text": f"{HOSTILE} #agoraTest"},
        {"key": "f", "by": "anna", "at": 6, "text": HOSTILE, "reply_to": "e"},
    ]
    with Sandbox(parse_script(script), now=1_000) as box:
        monkeypatch.setattr("tagora.core.clock.SystemClock.now", lambda _self: box.now)
        mine = Folder.of(tmp_path / "campaign", box)
        assert mine("collect", "--once").status == 0
    assert mine("build").status == 0
    posts = mine("export").lines
    assert len(posts) == 6
    assert max(len(post["text"]) for post in posts) > 10_000
    listed = mine("list", "--status", "approved").out
    assert "\x1b" not in listed and "\u202e" not in listed
    site = mine.site()
    assert all(".." not in path for path in site)
    for path, page in site.items():
        if path.endswith((".html", ".atom", ".xml")):
            assert b"<script>alert" not in page, path
            assert b"<img src=x" not in page, path
        if path.endswith(".json"):
            shown = "".join(item.get("content_html", "") for item in json.loads(page).get("items", ()))
            assert "<script" not in shown and "<img src=x" not in shown


def test_a_mistyped_tag_is_noticed_after_a_week(folder: MakeFolder, box: Sandbox, now: ManualClock) -> None:
    mine = folder(only=("mastodon",), hashtags=["agoraTset"])
    mine.campaign["sources"] = mine.campaign["sources"][:1]
    mine.write()
    assert mine("collect", "--once").status == 0
    assert "spelled so" not in mine("status").out
    now.advance(timedelta(days=7, minutes=1))
    assert mine("collect", "--once").status == 0
    assert "No post in 7 days: is #agoraTset spelled so?" in mine("status").out
    assert [one["hint"] for one in mine("status", "--json").json["sources"]] == [
        "No post in 7 days: is #agoraTset spelled so?"
    ]


# --- secrets ---------------------------------------------------------------------------------------------------------


def no_secret_in(mine: Folder, box: Sandbox, *answers: Answer) -> None:
    """No key stands in what was printed or in any file but its own; compressed payloads included."""
    secrets = [key.encode() for key in keys(box).values()]
    for answer in answers:
        assert not any(secret in (answer.out + answer.err).encode() for secret in secrets)
    for name, content in contents(mine.path).items():
        if not name.endswith(".key"):
            assert not any(secret in content for secret in secrets), name
    with closing(sqlite3.connect(mine.path / "tagora.db")) as store:
        for (body,) in store.execute("SELECT body FROM payload"):
            assert not any(secret in zlib.decompress(body) for secret in secrets)


def test_no_key_is_in_anything_printed_stored_or_published(folder: MakeFolder, box: Sandbox) -> None:
    mine = folder()
    commands = [["collect"], ["build"], ["check"], ["status"], ["sources"], ["coverage", "--all"], ["export"]]
    no_secret_in(mine, box, *(mine("--debug", *command) for command in commands))
    (wrong,) = [tagora("--debug", "-c", mine.file, "list", "--campaign", "talk")]
    assert wrong.status == 0


@pytest.mark.parametrize(
    ("network", "said"), [("x", "X answers nothing without a bearer token"), ("facebook", "Facebook")]
)
def test_a_source_that_cannot_be_asked_without_a_key_is_told_before_it_is_asked(
    folder: MakeFolder, network: str, said: str
) -> None:
    mine = folder(only=(network,))
    for settings in (*mine.config["accounts"].values(), *mine.campaign["sources"]):
        for name in ("bearer_token_file", "token_file"):
            settings.pop(name, None)
    mine.write()
    answer = mine("check", "--offline")
    assert answer.status == 1
    assert said in answer.out
