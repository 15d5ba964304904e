"""Every command, from a folder with a config.yaml to what it prints, against the networks in a box."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from tagora.app.cli import COMMANDS
from tagora.core.clock import ManualClock, SystemClock
from tagora.sandbox import Sandbox, Script

from ..folder import Folder, contents, tagora
from .conftest import MINUTE

RULES = """\
- name: tables
  when: {words: [tavolo]}
  then: flag
"""


@pytest.fixture(scope="module")
def collected(few: Script, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sandbox]]:
    """A folder after its first round, for review first; to copy from."""
    with Sandbox(few, now=MINUTE) as box, pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _self: box.now)
        folder = Folder.of(tmp_path_factory.mktemp("collected") / "talk", box, policy="review_first")
        assert folder("collect", "--once").status == 0
        yield folder.path, box


@pytest.fixture
def mine(collected: tuple[Path, Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    path, box = collected
    monkeypatch.setattr(SystemClock, "now", lambda _self: box.now)
    shutil.copytree(path, tmp_path / "talk")
    return Folder.of(tmp_path / "talk", box, policy="review_first")


def number_of(folder: Folder, words: str) -> str:
    (found,) = [
        post for post in folder("list", "--json", "--limit", "500").json["posts"] if words in post["text"]
    ]  # fmt: skip
    return str(found["post"])


def standing(folder: Folder, words: str) -> str:
    (found,) = [post for post in folder("export").lines if words in post["text"]]
    return found["status"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_without_a_configuration(name: str) -> None:
    answer = tagora(name, "--help")
    assert answer.status == 0
    assert answer.out.startswith(f"Usage: tagora {name}")
    assert answer.err == ""


# --- setting up ------------------------------------------------------------------------------------------------------


def test_init_makes_a_configuration_that_loads_and_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.yaml"
    file.parent.mkdir()
    made = tagora("-c", file, "init", "--tag", "#mmgCasnocha", "--network", "mastodon", "--network", "x")
    assert made.status == 0
    assert sorted(contents(file.parent)) == ["config.yaml", "invitations/mmgcasnocha.md"]
    again = tagora("-c", file, "init", "--tag", "other")
    assert again.status == 2
    assert "exists already" in again.err
    offline = tagora("-c", file, "check", "--offline")
    assert "configuration: " in offline.out
    assert offline.status == 1, "the key for X is not there yet"
    assert "X_BEARER_TOKEN" in offline.out


def test_init_without_a_tag_says_what_to_add(tmp_path: Path) -> None:
    answer = tagora("-c", tmp_path / "config.yaml", "init")
    assert answer.status == 2
    assert "--tag" in answer.err


def test_migrate_sets_an_empty_store_up_and_does_nothing_twice(lonely: Folder) -> None:
    assert "empty → " in lonely("migrate").out
    assert "nothing to do" in lonely("migrate").out


def test_platforms_lists_all_with_keys_and_settings() -> None:
    told = {row["platform"]: row for row in tagora("platforms", "--json").json["platforms"]}
    assert list(told) == ["mastodon", "x", "facebook", "bluesky", "feed"]
    assert told["x"]["keys"] == ["bearer_token"]
    assert all(f"\n{name}" in "\n" + tagora("platforms").out for name in told)


def test_check_says_what_each_source_sees_and_what_x_will_cost_and_stores_nothing(mine: Folder) -> None:
    before = mine("export").out
    answer = mine("check", "--peek", "--json")
    assert answer.status == 0
    findings = answer.json["findings"]
    assert {"ok", "warning"} >= {finding["level"] for finding in findings}
    assert any("$" in finding["words"] for finding in findings if finding["about"] == "talk/x")
    assert any("#agoraTest" in one["text"] for one in answer.json["peek"])
    assert mine("export").out == before


# --- collecting ------------------------------------------------------------------------------------------------------


def test_collect_prints_a_row_a_source_and_brings_nothing_twice(
    folder: Callable[..., Folder], now: ManualClock
) -> None:
    mine = folder()
    first = mine("collect", "--once", "--json")
    assert first.status == 0
    fields = {"campaign", "platform", "name", "new", "updated", "seen", "gaps", "requests", "usd", "error"}
    assert all(fields <= set(row) for row in first.json["sources"])
    assert [row["platform"] for row in first.json["sources"]] == ["mastodon"] * 4 + ["x", "facebook"]
    held = mine("export").out
    assert sum(row["new"] for row in first.json["sources"]) == len(held.splitlines())
    assert mine("collect", "--once", "--json").json["sources"] == [], "nothing is due"
    again = mine("collect", "--once", "--now", "--json").json["sources"]
    assert [(row["new"], row["error"]) for row in again] == [(0, None)] * 6
    now.advance(timedelta(minutes=20))
    assert mine("collect", "--once").status == 0
    assert mine("export").out == held
    assert [row["name"] for row in mine("collect", "--now", "--source", "mastodon.uno", "--json").json["sources"]] == [
        "mastodon.uno"
    ]


def test_a_shell_without_the_keys_does_not_make_a_refused_account_look_well(
    folder: Callable[..., Folder], now: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = folder(only=("x",))
    mine.config["accounts"]["x-main"].pop("bearer_token_file")
    mine.config["accounts"]["x-main"]["bearer_token_env"] = "X_OF_THE_TEST"
    mine.write()
    monkeypatch.setenv("X_OF_THE_TEST", "wrong")
    assert mine("collect", "--once").status == 3
    monkeypatch.delenv("X_OF_THE_TEST")
    assert mine("status", "--json").json["troubles"][0]["kind"] == "key refused"
    monkeypatch.setenv("X_OF_THE_TEST", "another")
    assert mine("status", "--json").json["troubles"] == [], "a new key is a new beginning"


def test_status_counts_and_says_how_accounts_and_sources_fare(mine: Folder) -> None:
    told = mine("status", "--json").json
    assert {"posts", "threads", "pending", "approved", "rejected", "gaps", "accounts", "sources"} <= set(told)
    assert told["posts"] == told["pending"] == len(mine("export").lines)
    assert told["approved"] == told["rejected"] == 0
    assert all(one["state"] == "well" for one in [*told["accounts"].values(), *told["sources"]])
    words = mine("status").out
    assert f"talk: {told['posts']} posts in {told['threads']} threads" in words
    assert "answered on" in words


def test_sources_and_coverage_say_what_was_asked(mine: Folder) -> None:
    sources = mine("sources", "--json").json["sources"]
    assert len(sources) == 6
    assert all(one["due_at"] for one in sources)
    assert mine("sources").out.count("answered on") == 6
    assert mine("sources", "--retry", "mastodon.uno").status == 0
    assert mine("sources", "--retry", "nope").status == 2
    coverage = mine("coverage", "--json").json["sources"]
    assert [one["platform"] for one in coverage] == ["mastodon"] * 4 + ["x", "facebook"]
    assert all(one["coverage"][0]["asked"] for one in coverage)
    assert "all that the network gives" in mine("coverage").out
    assert "best effort" in mine("coverage", "--all").out


def test_export_gives_every_post_on_a_line_of_its_own(mine: Folder) -> None:
    posts = mine("export", "--format", "jsonl").lines
    fields = {
        "platform", "uri", "url", "reply_to", "root", "author", "published_at", "text", "hashtags", "status",
    }  # fmt: skip
    assert all(fields <= set(post) for post in posts)
    assert {post["platform"] for post in posts} == {"mastodon", "x", "facebook"}
    by_uri = {post["uri"]: post for post in posts}
    assert len(by_uri) == len(posts)
    answers = [post for post in posts if post["reply_to"]]
    assert answers
    assert all(post["root"] in by_uri and post["reply_to"] in by_uri for post in answers)
    assert mine("export", "--status", "approved").out == ""
    assert mine("export").out == mine("export").out


# --- reviewing -------------------------------------------------------------------------------------------------------


def test_list_shows_what_waits_page_by_page(mine: Folder) -> None:
    every = mine("list", "--json", "--limit", "500").json["posts"]
    first = mine("list", "--json", "--limit", "3").json
    rest = mine("list", "--json", "--limit", "500", "--after", first["after"]).json["posts"]
    assert [post["post"] for post in first["posts"] + rest] == [post["post"] for post in every]
    assert {post["network"] for post in mine("list", "--network", "x", "--json").json["posts"]} == {"x"}
    assert mine("list", "--status", "approved").out == "There is none.\n"


def test_the_line_for_the_next_page_goes_on_with_the_same_question(mine: Folder) -> None:
    mine("hold", *(str(post["post"]) for post in mine("list", "--json").json["posts"][:4]), "--by", "it's me")
    question = ("list", "--status", "pending", "--status", "held", "--newest", "--untagged", "--campaign", "talk")
    wanted = [f"#{post['post']} " for post in mine(*question, "--json").json["posts"]]
    told, said = mine(*question, "--limit", "2").out, ""
    while found := re.search("^There is more: tagora (.*)$", told, re.M):
        said += told
        told = tagora(*shlex.split(found[1])).out
    seen = re.findall(r"^#\d+ ", said + told, re.M)
    assert len(wanted) > 4 and seen == wanted


def test_a_post_is_approved_held_rejected_and_all_is_undone(mine: Folder) -> None:
    words = "E tu come fai?"
    number = number_of(mine, words)
    for command, stands in (("hold", "held"), ("approve", "approved"), ("reject", "rejected")):
        done = mine(command, number, "--by", "anna", "--json").json["decided"]
        assert [(str(one["post"]), one["after"]) for one in done] == [(number, stands)]
        assert standing(mine, words) == stands
        again = mine(command, number, "--by", "anna")
        assert again.status == 0
        assert f"was {stands} already" in again.out
    for stands in ("approved", "held", "pending"):
        assert mine("undo", "--by", "anna").status == 0
        assert standing(mine, words) == stands
    assert mine("undo", "--by", "anna").status != 0


def test_decisions_take_addresses_and_a_wrong_one_decides_nothing(mine: Folder) -> None:
    url = next(post["url"] for post in mine("export").lines if "E tu come fai?" in post["text"])
    wrong = mine("approve", url, "https://x.com/nobody/status/1", "--by", "anna")
    assert wrong.status in (2, 3)
    assert standing(mine, "E tu come fai?") == "pending"
    assert mine("approve", url, "--by", "anna").status == 0
    assert standing(mine, "E tu come fai?") == "approved"


def test_show_tells_the_conversation_the_decisions_and_the_notes(mine: Folder) -> None:
    number = number_of(mine, "E tu come fai?")
    mine("note", number, "ask her about the photo", "--by", "anna")
    mine("reject", number, "--by", "anna", "--reason", "off topic")
    told = mine("show", number).out
    assert "Pazienza & metodo" in told
    assert "E tu come fai?" in told
    assert "off topic" in told
    assert "note by anna" in told and "ask her about the photo" in told


def test_a_trusted_author_passes_and_a_blocked_one_does_not(mine: Folder) -> None:
    trusted = mine("trust", "@marcob", "--by", "anna")
    assert "trusted" in trusted.out and "left the queue" in trusted.out
    assert standing(mine, "Pazienza & metodo") == "approved"
    blocked = mine("block", "@sara_v", "--by", "anna", "--until", "2030-01-01")
    assert "blocked until 2030-01-01" in blocked.out
    assert standing(mine, "E tu come fai?") == "rejected"
    assert "lifted" in mine("block", "@sara_v", "--lift").out
    assert mine("trust", "@nobody").status != 0


def test_rules_are_loaded_shown_dumped_tried_and_applied(mine: Folder) -> None:
    assert "There are no rules" in mine("rules", "show").out
    assert mine("rules", "dump").out == "[]\n"
    file = mine.path / "rules.yaml"
    file.write_text(RULES, encoding="utf-8")
    tried = mine("rules", "test", file, "--json").json
    assert [(one["rule"], one["caught"]) for one in tried["rules"]] == [("tables", 1)]
    assert "version 1 is in force" in mine("rules", "load", file, "--by", "anna").out
    assert mine("rules", "dump").out == RULES
    assert "When it says “tavolo”, the post is flagged." in mine("rules", "show").out
    assert mine("rules", "apply").status == 0
    file.write_text(RULES.replace("words", "wrods"), encoding="utf-8")
    wrong = mine("rules", "load", file)
    assert wrong.status == 2
    assert "rules.yaml:2" in wrong.err
    assert mine("rules", "dump").out == RULES


# --- publishing ------------------------------------------------------------------------------------------------------


def test_what_is_approved_is_built_featured_stopped_resumed_and_withdrawn(mine: Folder) -> None:
    waiting = [str(post["post"]) for post in mine("list", "--json", "--limit", "500").json["posts"]]
    mine("approve", *waiting, "--by", "anna")
    first = mine("build", "--json")
    fields = {"written", "same_bytes", "skipped", "removed", "failed", "seconds"}
    assert first.status == 0
    assert fields <= set(first.json)
    assert first.json["written"] == len(mine.site())
    again = mine("build", "--json").json
    assert (again["written"], again["removed"], again["failed"]) == (0, 0, 0)
    full = mine("build", "--full", "--json").json
    assert (full["written"], full["failed"]) == (0, 0)
    pages = [path for path, content in mine.site().items() if b"E tu come fai?" in content]
    page = next(path for path in pages if path.endswith(".html"))
    assert mine("build", "--explain", page).status == 0

    url = next(post["url"] for post in mine("export").lines if "Pazienza & metodo" in post["text"])
    assert "featured" in mine("feature", url, "--by", "anna").out
    assert mine("build", "--json").json["written"] > 0
    assert mine("unfeature", url, "--by", "anna").status == 0

    assert "publishing stopped" in mine("publishing", "stop").out
    mine("build")
    stopped = mine.site()
    mine("reject", number_of_any(mine, "The slow kind."), "--by", "anna")
    mine("build")
    assert not any(b"The slow kind." in content for content in mine.site().values()), "withdrawals still pass"
    assert "publishing goes on" in mine("publishing", "resume").out
    assert mine("build").status == 0
    assert set(mine.site()) <= set(stopped)
    assert "flood brake is off" in mine("publishing", "release").out


def number_of_any(folder: Folder, words: str) -> str:
    listed = folder("list", "--status", "approved", "--json", "--limit", "500").json["posts"]
    return str(next(post["post"] for post in listed if words in post["text"]))


@pytest.mark.processes
def test_with_initials_people_on_facebook_are_cut_short_and_the_page_is_not(folder: Callable[..., Folder]) -> None:
    mine = folder(only=("facebook",))
    mine.campaign["sources"][0]["authors"] = "initials"
    mine.write()
    assert mine("collect", "--once").status == mine("build").status == 0
    (page,) = [
        content
        for content in mine.site().values()
        if "Sono 🐢 lenta".encode() in content and b'class="thread"' in content
    ]
    assert b"<bdi>Meet the Media Guru</bdi>" in page and b"<bdi>A. V.</bdi>" in page
    assert not any(b"<bdi>Anna Verdi</bdi>" in content for content in mine.site().values())


def _heeding_ctrl_c() -> None:
    """Where the tests themselves run in the background, a shell has switched it off for them and their children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_serve_shows_the_site_until_ctrl_c(mine: Folder) -> None:
    nothing = mine("serve")
    assert nothing.status == 2
    assert "tagora build" in nothing.err
    mine("build")
    command = [sys.executable, "-u", "-m", "tagora.app", "-c", str(mine.file), "serve", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_heeding_ctrl_c
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[0]
        with urlopen(address, timeout=20) as answer:
            assert b"Agor" in answer.read()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 0
    finally:
        process.kill()


def test_json_of_every_command_that_has_it_is_json_and_nothing_else(mine: Folder) -> None:
    commands = [["check", "--offline"], ["status"], ["sources"], ["coverage"], ["list"], ["build"], ["rules", "test"]]
    for command in commands:
        answer = mine(*command, "--json")
        assert answer.status == 0, command
        assert isinstance(json.loads(answer.out), dict)
