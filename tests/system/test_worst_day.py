"""The worst day of a campaign, played through by the commands that a person types. Its transcript is
docs/worst-day.md: TAGORA_TRANSCRIPT=1 writes it anew."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from zoneinfo import ZoneInfo

import pytest

from tagora.core.clock import ManualClock, SystemClock
from tagora.sandbox import SMALL, Sandbox, Script, load_script
from tagora.sandbox.script import Network, Person, Post

from ..app.outside import Mailbox, mail_server
from ..folder import Folder

DOCUMENT = Path(__file__).parents[2] / "docs" / "worst-day.md"
MORNING = 1_440 + 5  # minutes of the script: 09:05 in Rome
WAVE = range(1_560, 1_600)  # minutes, five posts in each
ZONE = ZoneInfo("Europe/Rome")
SPAM = "Guadagna 500 euro al giorno da casa, scrivimi in privato #agoraTest"
LATE_COMMENTS = (("anna", 1_470, "Prima delle dieci"), ("bruno", 1_510, "Mentre nessuno ascoltava"))
REMOVED = "x2"
RULES = [
    {"name": "wave", "when": {"near_duplicates": {"at_least": 3, "hours": 24}}, "then": "hold", "reason": "spam"},
    {"name": "tagged", "when": {"tagged": True}, "then": "accept"},
]


def with_spam(script: Script) -> Script:
    """The small discussion, and a wave of advertising by twenty new accounts of one server."""
    people = tuple(
        Person(f"spam{n}", Network.MASTODON, f"offerte{n}", f"Offerte {n}", server="mastodon.social") for n in range(20)
    )
    posts = tuple(
        Post(f"s{minute}-{n}", people[n * 4 % 20].key, Network.MASTODON, minute, f"{SPAM} {minute % 7}{n}", lang="it")
        for minute in WAVE
        for n in range(5)
    )
    comments = tuple(
        Post(f"late{n}", by, Network.FACEBOOK, at, text, lang="it", reply_to="f1", page="1234567890")
        for n, (by, at, text) in enumerate(LATE_COMMENTS)
    )
    return replace(script, people=(*script.people, *people), posts=(*script.posts, *comments, *posts))


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(with_spam(load_script(SMALL)), now=MORNING, enforce_limits=False) as box:
        yield box


@pytest.fixture
def now(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    clock = ManualClock(box.now)
    monkeypatch.setattr(SystemClock, "now", lambda _self: clock.now())
    return clock


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made


class Day:
    """Types commands, and writes down what was seen."""

    def __init__(self, folder: Folder, box: Sandbox, now: ManualClock, mailbox: Mailbox) -> None:
        self.folder = folder
        self.box = box
        self._now = now
        self._mailbox = mailbox
        self._read = 0
        self.written: list[str] = []

    def at(self, hour: int, minute: int, title: str, *words: str) -> None:
        """It is that time in Rome; what happens is told in `words`."""
        local = self._now.now().astimezone(ZONE).replace(hour=hour, minute=minute, second=0, microsecond=0)
        self.box.set_time(local)
        self._now.set(local)
        self.written += [f"## {local:%H:%M} {title}", *words]

    def tell(self, *words: str) -> None:
        self.written += words

    def types(self, command: str, status: int = 0, *, shown: bool = True) -> str:
        """A command, and what it answers."""
        answer = self.folder(*shlex.split(command))
        assert answer.status == status, f"{command}: {answer.status}\n{answer.out}{answer.err}"
        said = (answer.out + answer.err).strip()
        if command.startswith("collect"):  # whoever is quicker comes first
            said = "\n".join(sorted(said.splitlines()))
        if shown:
            lines = f"$ tagora {command}\n{self._plain(said)}".strip()
            self.written.append(indent(lines, "    "))
        return answer.out

    def mail(self) -> str:
        """The mail that came since the last look."""
        (mail,) = self._mailbox.mails[self._read :]
        self._read += 1
        text = mail.get_content().strip()
        shown = f"To: {mail['To']}\nSubject: {mail['Subject']}\n\n{self._plain(text)}"
        self.written.append("\n".join(f"> {line}".rstrip() for line in shown.splitlines()))
        return text

    def _plain(self, text: str) -> str:
        """Without what differs from machine to machine."""
        text = text.replace(str(self.folder.path.parent), "/srv")
        text = re.sub(r"\b\d[\d.,]* (?:kB|MB|GB)\b", "… MB", text)
        return re.sub(r"127\.0\.0\.1:\d+", "network.example", text)

    def document(self) -> str:
        return "\n\n".join(self.written) + "\n"


def test_the_worst_day_ends_with_everything_in_its_place(
    box: Sandbox, now: ManualClock, mailbox: Mailbox, tmp_path: Path
) -> None:
    folder = Folder.of(tmp_path / "tagora", box, rules=RULES)
    folder.config["backup"] = {"folder": str(tmp_path / "other-disk")}
    folder.config["alerts"] = {
        "mail": {"host": "127.0.0.1", "port": mailbox.port, "tls": "none", "sender": "agora@example.org",
                 "user": "team", "password_file": "mail.key", "to": ["anna@example.org"]}
    }  # fmt: skip
    (folder.path / "mail.key").write_text("pass-word")
    folder.write()
    day = Day(folder, box, now, mailbox)
    try:
        day.at(9, 5, "All is well")
        day.types("collect")
        day.types("collect")
        day.types("build")
        day.types("backup")
        day.types("status --tell")
        day.at(10, 0, "A token dies")
        box.fault("expired_token", "graph", count=None)
        day.types("collect --now", 1)
        day.types("status --tell")
        day.mail()
        day.at(10, 30, "Fixed")
        box.clear_faults()
        day.types("sources --retry all")
        day.types("collect")
        day.at(11, 45, "wave")
        day.types("collect --now", 1)
        day.types("status --tell")
        day.mail()
        day.types("list --limit 3")
        day.types("list --rule wave --status held --limit 3")
        numbers = [
            str(item["post"])
            for item in json.loads(
                day.types("list --rule wave --status held --status pending --limit 500 --json", shown=False)
            )["posts"]
        ]
        day.types(f"reject --reason pubblicità {' '.join(numbers)}", shown=False)
        day.types("publishing release")
        day.types("build")
        day.types("status")
        day.at(12, 30, "removal")
        day.types(f"forget {box.post_url(REMOVED)} --yes")
        day.at(14, 0, "budget")
        folder.config["accounts"]["x-main"]["budget"] = {"usd_per_month": 0.2}
        folder.write()
        day.types("collect --now", 1)
        day.types("status --tell")
        day.mail()
    finally:
        print(day.document())
