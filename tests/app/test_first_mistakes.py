"""What a newcomer gets wrong in the first hour: each is told in one sentence that says what, where and what to do."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..folder import Folder, tagora
from .test_bad_input import refused

# what stands in config.yaml -> what is said of it
SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "a title of nothing": ({"site": {"title": ""}}, "`site.title`: it is empty; write a value"),
    "no language": ({"site": {"languages": []}}, "`site.languages`: the list is empty; write at least 1 into it"),
    "a contact that is none": (
        {"legal": {"controller": "Us", "contact": "a"}},
        "`legal.contact`: write at least 3 characters",
    ),
    "the site where the configuration is": ({"site": {"out": "."}}, "`site.out`: readers would find the configuration"),
    "the site above it": ({"site": {"out": "/"}}, "`site.out`: readers would find the configuration"),
    "the site where the store is": (
        {"site": {"out": "var"}, "store": "sqlite:///var/tagora.db", "backup": {"folder": "backups"}},
        "`site.out`: readers would find the store",
    ),
    "the site where the backups are": (
        {"site": {"out": "var"}, "backup": {"folder": "var/backups"}},
        "`site.out`: readers would find the backups",
    ),
    "a store's other name": ({"store": "postgres://localhost/x"}, "postgresql+psycopg://user@host/database"),
    "whom networks may write to, of nothing": ({"contact": ""}, "`contact`: it is empty; write a mail or web address"),
    "a store with two slashes": ({"store": "sqlite://var/tagora.db"}, "Write three slashes: sqlite:///var/tagora.db."),
    "an address with a question in it": (
        {"site": {"base_url": "https://example.org/?page=agora"}},
        "`site.base_url`: write an address that pages can stand below",
    ),
    "a file that is not there": ({"include": ["more.yaml"]}, "more.yaml is not there. Write it, or take the line out."),
    "two places for a password": (
        {"publish": [{"to": "sftp://anna@host.example/site", "password_env": "A", "password_file": "b"}]},
        "`password_env` and `password_file` both say where the key stands. Take one of them out.",
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_first_configuration_is_told_what_is_wrong(name: str, lonely: Folder) -> None:
    changes, words = SETTINGS[name]
    lonely.config.update(changes)
    lonely.write()
    refused(lonely("build"), 2, "config.yaml:", words)


CAMPAIGN: dict[str, tuple[dict[str, Any], str]] = {
    "no tag": ({"hashtags": []}, "`campaigns[0].hashtags`: the list is empty"),
    "a slug with capitals": ({"slug": "Casnocha"}, "write small letters, digits and hyphens, like my-campaign"),
    "two places for a token": (
        {
            "sources": [
                {"platform": "mastodon", "base_url": "https://a.example", "token_env": "TOKEN", "token_file": "token"}
            ]
        },
        "`token_env` and `token_file` both say where the key stands",
    ),
    "a version of the interface": (
        {"sources": [{"platform": "facebook", "page": "1", "graph_version": "26"}]},
        "write a version, like v26.0",
    ),
}


@pytest.mark.parametrize("name", CAMPAIGN)
def test_a_first_campaign_is_told_what_is_wrong(name: str, lonely: Folder) -> None:
    changes, words = CAMPAIGN[name]
    lonely.campaign.update(changes)
    lonely.write()
    refused(lonely("status"), 2, "config.yaml:", words)


def test_a_language_in_words_is_told_in_the_invitation(lonely: Folder) -> None:
    (lonely.path / "invitation.md").write_text("---\ntitle: Che?\nlanguage: italiano\n---\nCiao\n", encoding="utf-8")
    refused(lonely("status"), 2, "invitation.md:3", "`language`: write a language's two letters, like it or en")


def test_a_configuration_without_a_source_is_told_when_it_should_collect(lonely: Folder) -> None:
    lonely.campaign["sources"] = []
    lonely.write()
    answer = lonely("collect")
    assert answer.status == 0 and "no source to ask" in answer.out and "--now" not in answer.out


# what is typed -> what is said of it
TYPED = {
    "without words": (("--date", "2026-11-12", "--permission", "mail"), "--text"),
    "without permission": (("--text", "Ciao", "--date", "2026-11-12"), "--permission"),
    "in a language by its name": (
        ("--text", "Ciao", "--date", "2026-11-12", "--permission", "mail", "--lang", "italiano"),
        "'italiano' is no code of a language",
    ),
    "without anything": ((), "Type it in: with --text, --date, --permission"),
}


@pytest.mark.parametrize("name", TYPED)
def test_what_is_missing_from_a_typed_post_is_named_by_its_option(name: str, lonely: Folder) -> None:
    options, words = TYPED[name]
    refused(lonely("add", "https://www.instagram.com/p/abc/", *options), 2, words)


def test_ports_and_hosts_that_cannot_be_are_refused(lonely: Folder) -> None:
    assert lonely("build").status == 0
    for command in (("serve", "--port", "99999"), ("run", "--serve", "99999")):
        answer = lonely(*command)
        assert answer.status == 2 and "not in the range 0<=x<=65535" in answer.err
    refused(lonely("serve", "--host", "192.0.2.1"), 2, "192.0.2.1 is no address of this machine")


def test_init_refuses_what_the_configuration_would_not_load(tmp_path: Path) -> None:
    answer = tagora("-c", tmp_path / "config.yaml", "init", "--tag", "agora", "--contact", "me")
    refused(answer, 2, "'me' is no mail address")
    assert list(tmp_path.iterdir()) == []


def test_init_asks_again_after_a_slip(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tagora.app", "-c", str(file), "init", "--network", "mastodon"]
    answers = ("two words", "#agora", "example.org/x", "https://example.org/x", "Us", "me", "me@example.org")
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, timeout=60, check=False)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Error: ") == 3
    text = file.read_text(encoding="utf-8")
    assert "hashtags: [agora]" in text and 'contact: "me@example.org"' in text


def test_check_names_the_sources_that_init_left_to_fill_in(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    networks = [word for name in ("feed", "bluesky", "facebook") for word in ("--network", name)]
    assert tagora("-c", file, "init", "--tag", "agora", *networks).status == 0
    told = tagora("-c", file, "check", "--offline").out
    for what in ("the url of feed", "the handle of bluesky", "the page of facebook"):
        assert f"warning  agora: {what}: to be filled in still" in told


def test_a_demo_is_not_played_where_a_file_stands(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine", encoding="utf-8")
    refused(tagora("demo", "--once", "--dir", tmp_path / "demo"), 2, "demo is no folder", "--dir")
    assert tagora("demo", "--once", "--port", "99999", "--dir", tmp_path / "demo").status == 2


def test_a_list_of_what_no_filter_lets_through_does_not_say_that_nothing_waits(lonely: Folder) -> None:
    assert lonely("list").out == "Nothing waits.\n"
    assert lonely("list", "--network", "myspace").out == "There is none.\n"


@pytest.mark.parametrize("command", ["forget", "optout"])
def test_nobody_is_forgotten_or_kept_out_by_an_empty_name(command: str, lonely: Folder) -> None:
    refused(
        lonely(command, " "), 2, "no post and no account is named" if command == "forget" else "no account is named"
    )
